package graphtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// Lines returns one line a row, graphs before nodes before edges, each by id, with everything that the row holds and was
// ever set. The numbers behind @ are the nanoseconds of CreatedAt and UpdatedAt.
func (s *State) Lines() []string {
	var out []string
	for _, g := range s.Graphs() {
		out = append(out, graphLine(&g))
	}
	for _, n := range s.Nodes() {
		out = append(out, nodeLine(&n))
	}
	for _, e := range s.Edges() {
		out = append(out, edgeLine("edge", &e))
	}
	for _, e := range s.HeldEdges() {
		out = append(out, edgeLine("held", &e))
	}
	return out
}

func graphLine(g *graph.Graph) string {
	l := line{"graph " + g.ID}
	if !g.Known {
		l.add("placeholder", "")
	}
	if g.Archived {
		l.add("archived", "")
	}
	text(&l, "name", g.Name)
	text(&l, "description", g.Description)
	l.value("type", g.GraphType)
	text(&l, "owner", g.Owner)
	l.value("policy", g.AccessPolicy)
	text(&l, "space", g.ConceptualSpaceID)
	l.object("metadata", g.Metadata)
	if g.Tags != nil {
		l.add("tags", strings.Join(g.Tags, ","))
	}
	l.value("layout", g.Layout)
	if r := g.Removed; r != nil {
		l.add("removed", fmt.Sprintf("%s@%d+%d", r.Node, r.CreatedAt, r.Edges))
	}
	return l.end(fmt.Sprintf("%d nodes %d edges", g.NodeCount, g.EdgeCount), g.CreatedAt, g.UpdatedAt)
}

func nodeLine(n *graph.Node) string {
	l := line{"node " + n.GraphID + "/" + n.ID}
	l.value("type", n.NodeType)
	if n.Kind != "" {
		l.add("kind", n.Kind)
	}
	if p := n.Position; p != nil {
		l.add("at", fmt.Sprintf("(%v,%v,%v)", p.X, p.Y, p.Z))
	}
	l.list("components", n.Components)
	l.list("modifications", n.Modifications)
	l.object("metadata", n.Metadata)
	l.value("point", n.ConceptualPoint)
	text(&l, "label", n.Label)
	l.value("content", n.Content)
	return l.end("", n.CreatedAt, n.UpdatedAt)
}

func edgeLine(what string, e *graph.Edge) string {
	l := line{what + " " + e.GraphID + "/" + e.ID + " " + e.Source + "->" + e.Target}
	l.value("type", e.EdgeType)
	if e.Kind != "" {
		l.add("kind", e.Kind)
	}
	text(&l, "weight", e.Weight)
	l.object("properties", e.Properties)
	text(&l, "distance", e.SemanticDistance)
	text(&l, "label", e.Label)
	l.value("relationship", e.Relationship)
	return l.end("", e.CreatedAt, e.UpdatedAt)
}

// line is the parts of one line.
type line []string

func (l *line) add(name, value string) {
	if value == "" {
		*l = append(*l, name)
		return
	}
	*l = append(*l, name+"="+value)
}

func text[T any](l *line, name string, p *T) {
	if p != nil {
		l.add(name, fmt.Sprint(*p))
	}
}

func (l *line) value(name string, v eventlog.Value) {
	if v != nil {
		l.add(name, string(v))
	}
}

func (l *line) list(name string, list []eventlog.Value) {
	if list == nil {
		return
	}
	var parts []string
	for _, v := range list {
		parts = append(parts, string(v))
	}
	l.add(name, "["+strings.Join(parts, ",")+"]")
}

func (l *line) object(name string, m map[string]eventlog.Value) {
	if m == nil {
		return
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, k+":"+string(m[k]))
	}
	l.add(name, "{"+strings.Join(parts, ",")+"}")
}

func (l *line) end(counts string, created, updated eventlog.Time) string {
	if counts != "" {
		l.add(counts, "")
	}
	return strings.Join(*l, " ") + fmt.Sprintf(" @%d,%d", created, updated)
}
