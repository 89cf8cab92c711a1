package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// entry is one line of a configuration file.
type entry struct {
	text string
	line int
}

// readConfigFile reads a file of settings: one YAML mapping from names to values. It refuses a name that is no setting, a name
// that stands there twice, and a value of several parts, each with its line.
func readConfigFile(path string) (map[string]entry, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, wrongUsage("the configuration file cannot be read: %w", err)
	}
	file, err := parser.ParseBytes(raw, 0)
	if err != nil {
		return nil, wrongUsage("%s: %s", path, yamlProblem(err))
	}
	out := map[string]entry{}
	for _, doc := range file.Docs {
		if err := readMapping(path, doc.Body, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// yamlProblem says in one line what the parser found.
func yamlProblem(err error) string {
	if syntax, ok := errors.AsType[yaml.Error](err); ok && syntax.GetToken() != nil {
		return fmt.Sprintf("line %d: %s", syntax.GetToken().Position.Line, syntax.GetMessage())
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}

func readMapping(path string, body ast.Node, out map[string]entry) error {
	var values []*ast.MappingValueNode
	switch n := body.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return nil
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return wrongUsage("%s: line %d: expected settings such as \"stream: CIM_EVENTS\"", path, body.GetToken().Position.Line)
	}
	for _, v := range values {
		key := v.Key.GetToken()
		name, line := key.Value, key.Position.Line
		if !isSetting(name) {
			return wrongUsage("%s: line %d: there is no setting %q; see: projector config", path, line, name)
		}
		text, set, ok := scalar(v.Value)
		if !ok {
			return wrongUsage("%s: line %d: %s takes one value", path, line, name)
		}
		if set {
			out[name] = entry{text: text, line: line}
		}
	}
	return nil
}

func isSetting(name string) bool {
	for _, s := range allSettings() {
		if s.name == name {
			return true
		}
	}
	return false
}

// scalar returns the text of a plain value, whether it is there at all (null is not), and whether it is plain.
func scalar(n ast.Node) (text string, set, ok bool) {
	switch v := n.(type) {
	case *ast.NullNode:
		return "", false, true
	case *ast.StringNode:
		return v.Value, true, true
	case *ast.LiteralNode:
		return strings.TrimSpace(v.Value.Value), true, true
	case ast.ScalarNode:
		return v.GetToken().Value, true, true
	}
	return "", false, false
}
