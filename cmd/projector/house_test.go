package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/thecowboyai/cim-projector/"

// imports is the import table: what the code of a folder, tests aside, may import of this module and of others. A folder that
// is not in it fails. Rules are by the longest matching prefix; "…" stands for everything below.
var imports = map[string]struct {
	module []string // folders of this module
	others []string // modules of others, by prefix; nil = the standard library alone
	banned []string // packages of the standard library that it may not use
}{
	"eventlog":                {others: []string{"github.com/go-json-experiment/json"}, banned: []string{"os", "net", "time.Now"}},
	"eventlog/eventlogtest":   {module: []string{"eventlog"}},
	"eventlog/memlog":         {module: []string{"eventlog"}},
	"eventlog/filelog":        {module: []string{"eventlog"}},
	"eventlog/natslog":        {module: []string{"eventlog"}, others: []string{"github.com/nats-io/"}},
	"eventlog/publish":        {module: []string{"eventlog", "eventlog/filelog"}, others: []string{"github.com/nats-io/"}},
	"eventlog/streams":        {module: []string{"eventlog", "eventlog/natslog"}, others: []string{"github.com/nats-io/"}},
	"eventlog/embedded":       {others: []string{"github.com/nats-io/", "github.com/gofrs/flock"}},
	"aggregate/…":             {module: []string{"eventlog", "aggregate/…"}, banned: []string{"os", "net", "sync", "math/rand", "math/rand/v2", "crypto/rand", "time.Now"}},
	"snapshotstore/natsshelf": {module: []string{"snapshotstore"}, others: []string{"github.com/nats-io/"}},
	"snapshotstore":           {module: []string{"eventlog"}, others: []string{"github.com/klauspost/compress"}, banned: []string{"net", "math/rand"}},
	"projection": {
		module: []string{"eventlog", "snapshotstore"},
		others: []string{"go.etcd.io/bbolt", "github.com/vmihailenco/msgpack", "github.com/tidwall/btree", "github.com/gofrs/flock"},
	},
	"projection/…": {module: []string{"eventlog", "aggregate/…", "projection/…", "projection"}, others: []string{"pgregory.net/rapid"}, banned: []string{"net", "math/rand"}},
	"engine": {
		module: []string{"eventlog", "projection", "snapshotstore"},
		others: []string{"golang.org/x/sync", "github.com/nats-io/"},
	},
	"cmd/…": {
		module: []string{"engine", "projection/…", "projection", "snapshotstore/…", "snapshotstore", "eventlog/…", "eventlog", "cmd/…"},
		others: []string{"github.com/nats-io/", "github.com/spf13/", "github.com/goccy/go-yaml", "github.com/vbauerster/mpb", "github.com/synadia-io/orbit.go", "golang.org/x/term"},
	},
}

// source is one Go file of the module.
type source struct {
	folder string // "eventlog/natslog"
	name   string
	text   string
	file   *ast.File
	set    *token.FileSet
}

func (s *source) test() bool {
	return strings.HasSuffix(s.name, "_test.go") || isTestFolder(s.folder) && s.name != "doc.go"
}

// sources reads every Go file. It reads the files themselves, so that a cached result does not outlive a change.
func sources(t *testing.T) []*source {
	t.Helper()
	root := filepath.Join("..", "..")
	var out []*source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != root) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		s, err := read(root, name)
		out = append(out, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(root, name string) (*source, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(root, name)
	if err != nil {
		return nil, err
	}
	s := &source{folder: path.Dir(filepath.ToSlash(rel)), name: filepath.Base(name), text: string(text), set: token.NewFileSet()}
	s.file, err = parser.ParseFile(s.set, rel, text, parser.ParseComments)
	return s, err
}

func TestImportsGoOneWay(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || isTestFolder(s.folder) {
			continue
		}
		key := ruleOf(s.folder)
		rule, ok := imports[key]
		if !ok {
			t.Errorf("%s has no rule in the import table", s.folder)
			continue
		}
		for _, spec := range s.file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if own, ok := strings.CutPrefix(name, module); ok {
				if !covered(rule.module, own) {
					t.Errorf("%s/%s imports %s, which the import table does not allow", s.folder, s.name, own)
				}
			} else if strings.Contains(strings.Split(name, "/")[0], ".") {
				if !slices.ContainsFunc(rule.others, func(p string) bool { return strings.HasPrefix(name, p) }) {
					t.Errorf("%s/%s imports %s, which the import table does not allow", s.folder, s.name, name)
				}
			} else if slices.Contains(rule.banned, name) || slices.Contains(rule.banned, strings.Split(name, "/")[0]) {
				t.Errorf("%s/%s imports %s, which has no place there", s.folder, s.name, name)
			}
		}
		if slices.Contains(rule.banned, "time.Now") && strings.Contains(s.text, "time.Now") {
			t.Errorf("%s/%s asks for the time", s.folder, s.name)
		}
	}
}

// isTestFolder tells whether a package exists for tests alone.
func isTestFolder(folder string) bool { return strings.HasSuffix(folder, "test") }

// ruleOf returns the key of the rule for a folder: its own, or that of the nearest folder above with "…".
func ruleOf(folder string) string {
	if _, ok := imports[folder]; ok {
		return folder
	}
	for dir := folder; dir != "."; dir = path.Dir(dir) {
		if _, ok := imports[path.Dir(dir)+"/…"]; ok {
			return path.Dir(dir) + "/…"
		}
	}
	return folder
}

func covered(allowed []string, folder string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		dir, below := strings.CutSuffix(a, "/…")
		return a == folder || below && strings.HasPrefix(folder, dir+"/")
	})
}

func TestTopLevelFolders(t *testing.T) {
	want := []string{"aggregate", "cmd", "engine", "eventlog", "projection", "snapshotstore"}
	var got []string
	for _, s := range sources(t) {
		if top := strings.Split(s.folder, "/")[0]; !slices.Contains(got, top) {
			got = append(got, top)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("Go packages stand in %v, want %v", got, want)
	}
}

func TestEveryPackageIsDescribed(t *testing.T) {
	described := map[string]bool{}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		doc := s.file.Doc.Text()
		if s.file.Name.Name == "main" {
			described[s.folder] = described[s.folder] || strings.HasPrefix(doc, "Command ")
		} else {
			described[s.folder] = described[s.folder] || s.name == "doc.go" && strings.HasPrefix(doc, "Package "+s.file.Name.Name+" ")
		}
	}
	for folder, ok := range described {
		if !ok {
			t.Errorf(`%s has no doc.go that begins "Package …", or no "Command …"`, folder)
		}
	}
}

// The hard stops for lengths: a reader should hold a function in one view, and a file in one sitting.
const (
	functionLines = 70
	fileLines     = 500
)

func TestNothingIsTooLong(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		if n := strings.Count(s.text, "\n"); n > fileLines {
			t.Errorf("%s/%s has %d lines, the most is %d", s.folder, s.name, n, fileLines)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1; n > functionLines {
				t.Errorf("%s/%s: %s has %d lines, the most is %d", s.folder, s.name, f.Name.Name, n, functionLines)
			}
		}
	}
}

// habits are what no linter knows.
var habits = []struct {
	pattern *regexp.Regexp
	tests   bool // applies to tests
	code    bool // applies to the rest
	why     string
}{
	{regexp.MustCompile(`time\.Sleep\(`), true, true, "sleeps; wait on an observer, a channel or a context, or use testing/synctest"},
	{regexp.MustCompile(`\bt\.Skip(f|Now)?\(`), true, false, "skips a test"},
	{regexp.MustCompile(`\.Error\(\) [!=]=|strings\.Contains\(err`), true, true, "compares an error's text"},
	{regexp.MustCompile(`\b(TODO|FIXME)\b`), true, true, "is not finished"},
	{regexp.MustCompile(`\bfmt\.Print`), false, true, "prints past the command's output"},
}

func TestHabits(t *testing.T) {
	for _, s := range sources(t) {
		if s.name == "house_test.go" {
			continue
		}
		for _, h := range habits {
			if s.test() && !h.tests || !s.test() && !h.code {
				continue
			}
			for _, at := range h.pattern.FindAllStringIndex(s.text, -1) {
				if !s.inBubble(at[0]) {
					t.Errorf("%s/%s:%d %s", s.folder, s.name, strings.Count(s.text[:at[0]], "\n")+1, h.why)
				}
			}
		}
	}
}

// inBubble tells whether a place in the text lies inside of a call of synctest.Test, where time is not the machine's.
func (s *source) inBubble(at int) (in bool) {
	pos := s.file.FileStart + token.Pos(at)
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if ok && call.Pos() <= pos && pos < call.End() {
			f, ok := call.Fun.(*ast.SelectorExpr)
			in = in || ok && f.Sel.Name == "Test" && fmt.Sprint(f.X) == "synctest"
		}
		return !in
	})
	return in
}
