package graphmodel

import (
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// filter tells whether a node of a graph is looked for.
type filter func(g *graph.Graph, n *graph.Node) bool

// filters reads a list of filters, all of which a node has to pass.
func (p params) filters(name string) []filter {
	var out []filter
	p.List(name, func(i int, v eventlog.Value) *eventlog.FieldError {
		tag, content, err := ask.Variant(v)
		if err != nil {
			return err
		}
		read, ok := filterReaders[tag]
		if !ok {
			p.Unsupported(ask.Place(name, i), tag, filterNames...)
			return nil
		}
		f, err := read(content)
		if err != nil {
			return err.In(tag)
		}
		out = append(out, f)
		return nil
	})
	return out
}

var filterReaders = map[string]func(eventlog.Value) (filter, *eventlog.FieldError){
	"ByType":        readByType,
	"ByPosition":    readByPosition,
	"ByMetadata":    readByMetadata,
	"ByComponent":   readByComponent,
	"ByAccessLevel": readByAccessLevel,
}

// filterNames are in the order of CIM's document.
var filterNames = []string{"ByType", "ByPosition", "ByMetadata", "ByComponent", "ByAccessLevel"}

// readByType takes a type as a name or with its content: only the name counts.
func readByType(v eventlog.Value) (filter, *eventlog.FieldError) {
	kind, _, err := ask.Variant(v)
	return func(_ *graph.Graph, n *graph.Node) bool { return n.Kind == kind }, err
}

func readByComponent(v eventlog.Value) (filter, *eventlog.FieldError) {
	kind, _, err := ask.Variant(v)
	return func(_ *graph.Graph, n *graph.Node) bool {
		return slices.ContainsFunc(n.Components, func(c eventlog.Value) bool { return serde.Kind(c) == kind })
	}, err
}

// readByAccessLevel takes a level as a name or with its content: only the name counts. A node's own metadata wins over the graph's
// policy; null there states nothing.
func readByAccessLevel(v eventlog.Value) (filter, *eventlog.FieldError) {
	level, _, err := ask.Variant(v)
	return func(g *graph.Graph, n *graph.Node) bool {
		if own := n.Metadata["access_level"]; !own.IsNull() {
			return serde.Kind(own) == level
		}
		return serde.Kind(g.AccessPolicy) == level
	}, err
}

func readByMetadata(v eventlog.Value) (filter, *eventlog.FieldError) {
	var key, want eventlog.Value
	err := v.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		switch name {
		case "key":
			key = value
		case "value":
			want = value.Compact()
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case key == nil:
		return nil, eventlog.Refuse(eventlog.CodeMissingField, "key")
	case want == nil:
		return nil, eventlog.Refuse(eventlog.CodeMissingField, "value")
	}
	name, err := key.Text()
	if err != nil {
		return nil, err.In("key")
	}
	return func(_ *graph.Graph, n *graph.Node) bool {
		have, ok := n.Metadata[name]
		return ok && equal(have, want)
	}, nil
}

// readByPosition reads a box {"min":position,"max":position}. Its faces belong to it. A coordinate that is absent or null, which
// is how infinity is written, does not bound.
func readByPosition(v eventlog.Value) (filter, *eventlog.FieldError) {
	var low, high point
	err := v.Object(func(name string, value eventlog.Value) (err *eventlog.FieldError) {
		switch name {
		case "min":
			low, err = readPoint(value)
		case "max":
			high, err = readPoint(value)
		default:
			return nil
		}
		if err != nil {
			return err.In(name)
		}
		return nil
	})
	return func(_ *graph.Graph, n *graph.Node) bool {
		if n.Position == nil {
			return false
		}
		for i, at := range [3]float32{n.Position.X, n.Position.Y, n.Position.Z} {
			if low[i] != nil && at < *low[i] || high[i] != nil && at > *high[i] {
				return false
			}
		}
		return true
	}, err
}
