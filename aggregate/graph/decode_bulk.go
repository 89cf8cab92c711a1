package graph

import (
	"strconv"

	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func decodeNodesAdded(r *reader, m *members, graph string) Change {
	if m.code.nodes.IsNull() {
		r.missing("nodes")
	}
	c := r.nodes(m, graph)
	return &c
}

func decodeEdgesAdded(r *reader, m *members, graph string) Change {
	if m.code.edges.IsNull() {
		r.missing("edges")
	}
	c := r.edges(m, graph)
	return &c
}

func decodeGraphSnapshot(r *reader, m *members, graph string) Change {
	for _, f := range [...]field{{"nodes", m.code.nodes}, {"edges", m.code.edges}} {
		if f.value.IsNull() {
			r.missing(f.name) // a snapshot that has none says so with an empty list
		}
	}
	return &GraphSnapshot{
		Graph:    graph,
		Nodes:    r.nodes(m, graph),
		Edges:    r.edges(m, graph),
		Metadata: r.opaqueMap("metadata", m.metadata),
		Stated:   !m.metadata.IsNull(),
	}
}

func (r *reader) nodes(m *members, graph string) NodesAdded {
	c := NodesAdded{Graph: graph}
	c.EmptyIDs = r.elements("nodes", m.code.nodes, func(r *reader, m *members) {
		if n := readNode(r, m, graph, field{"id", m.id}, field{"node_id", m.nodeID}); r.err == nil {
			c.Nodes = append(c.Nodes, n)
		}
	})
	return c
}

func (r *reader) edges(m *members, graph string) EdgesAdded {
	c := EdgesAdded{Graph: graph}
	c.EmptyIDs = r.elements("edges", m.code.edges, func(r *reader, m *members) {
		if e := readEdge(r, m, graph, field{"id", m.id}, field{"edge_id", m.edgeID}); r.err == nil {
			c.Edges = append(c.Edges, e)
		}
	})
	return c
}

// elements reads the objects of a list, each with a reader of its own. It returns how many have an empty id, which is no
// error of the list; any other error is.
func (r *reader) elements(name string, v eventlog.Value, read func(r *reader, m *members)) (empty int) {
	if v.IsNull() {
		return 0
	}
	i := 0
	r.fail(name, v.Array(func(element eventlog.Value) *eventlog.FieldError {
		var m members
		if err := readMembers(element, &m); err != nil {
			return err.In(strconv.Itoa(i))
		}
		var inner reader
		read(&inner, &m)
		switch {
		case inner.err == nil:
		case inner.err.Code == eventlog.CodeEmptyID:
			empty++
		default:
			return inner.err.In(strconv.Itoa(i))
		}
		i++
		return nil
	}))
	return empty
}

// visual puts the color and size that a node has by itself where the document has them: in a component.
func visual(m *members) eventlog.Value {
	if m.code.color.IsNull() && m.code.size.IsNull() {
		return nil
	}
	out := eventlog.Value(`{"Visual":{`)
	for _, f := range [...]field{{"color", m.code.color}, {"size", m.code.size}} {
		if f.value.IsNull() {
			continue
		}
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
		out = append(strconv.AppendQuote(out, f.name), ':')
		out = append(out, f.value.Compact()...)
	}
	return append(out, `}}`...)
}

// relationshipWeight is what a relationship says about how strong an edge is: the member of its kind, or 1 where its kind
// has none. It is nil for what is none of the five kinds, and for a name alone.
func (r *reader) relationshipWeight(v eventlog.Value) *float32 {
	kind, content, _ := serde.Variant(v)
	if content == nil {
		return nil
	}
	var member string
	switch kind {
	case "Dependency":
		member = "strength"
	case "Similarity":
		member = "score"
	case "Hierarchy", "Association", "Flow":
		return new(float32(1))
	default:
		return nil
	}
	var weight *float32
	r.fail("relationship", content.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		if name != member || value.IsNull() {
			return nil
		}
		f, err := value.Float32()
		if err != nil {
			return err.In(name)
		}
		weight = &f
		return nil
	}).InIfAny(kind))
	return weight
}
