package graphmodel

import (
	"context"
	"slices"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// maxVisited is how many nodes a walk over neighbours may find before the question is refused.
const maxVisited = 10_000

// expansion is a breadth-first walk. It goes along edges in one direction or both, from nodes that exist to nodes that
// exist; what it holds is the ids that it has found.
type expansion struct {
	*ask.Walk
	*model
	view  *projection.View
	graph string
	along direction
	kinds map[string]bool // of edges; nil = all
	found map[string]bool // nodes, the start among them
}

// step is a found node.
type step struct {
	id    string
	depth int
}

func (m *model) getNeighbors(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	graphID, start, depth := p.ID("graph_id"), p.ID("node_id"), p.Number("max_depth", 1)
	x := &expansion{
		Walk: ask.NewWalk(ctx), model: m, view: v, graph: graphID, along: p.along("direction"), kinds: p.kinds("edge_types"),
	}
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	if _, err := m.node(v, graphID, start); err != nil {
		return projection.Answer{}, err
	}
	steps, err := x.from(start, depth)
	if err != nil {
		return projection.Answer{}, err
	}
	out := ask.NewPage[Neighbor](ctx, r)
	for _, s := range steps {
		if !out.Turn() {
			continue
		}
		if n, ok := m.nodes.Get(v, projection.MakeKey(graphID, s.id)); ok && out.On() {
			out.Take(Neighbor{NodeView: nodeView(n), Depth: s.depth}, nodeSize(n))
		}
	}
	return out.Answer()
}

// from returns all nodes up to a depth, by depth and id.
func (x *expansion) from(start string, depth uint64) ([]step, error) {
	x.found = map[string]bool{start: true}
	var out []step
	level := []string{start}
	for at := 1; uint64(at) <= depth && len(level) > 0; at++ { //nolint:gosec // at is positive
		var next []string
		for _, id := range level {
			next = x.around(id, next)
		}
		if err := x.Err(); err != nil {
			return nil, err
		}
		slices.Sort(next)
		for _, id := range next {
			out = append(out, step{id: id, depth: at})
		}
		level = next
	}
	return out, nil
}

// around adds to next the nodes one edge away that were not found before.
func (x *expansion) around(id string, next []string) []string {
	x.incident(x.view, x.graph, id, func(edge string, end *adjacent) bool {
		if x.leads(edge, end) {
			x.found[end.Other] = true
			next = append(next, end.Other)
			if len(x.found) > maxVisited+1 {
				x.TooLarge("more than %d nodes are that near; ask with a smaller max_depth, a direction or edge_types", maxVisited)
			}
		}
		return x.On()
	})
	return next
}

// leads tells whether an edge leads to a node that is new.
func (x *expansion) leads(edge string, end *adjacent) bool {
	if end.Direction&x.along == 0 || x.found[end.Other] {
		return false
	}
	if x.kinds != nil {
		e, ok := x.edges.Get(x.view, projection.MakeKey(x.graph, edge))
		if !ok || !x.kinds[e.Kind] {
			return false
		}
	}
	_, exists := x.nodes.Get(x.view, projection.MakeKey(x.graph, end.Other))
	return exists
}

// along reads a direction; both where it is absent.
func (p params) along(name string) direction {
	v := p.Value(name)
	if v.IsNull() {
		return both
	}
	tag, _, err := ask.Variant(v)
	p.Refuse(name, err)
	switch tag {
	case "Incoming":
		return incoming
	case "Outgoing":
		return outgoing
	case "Both":
		return both
	}
	if err == nil {
		p.Unsupported(name, tag, "Incoming", "Outgoing", "Both")
	}
	return both
}

// kinds reads types of edges, as names or with their contents: only the names count. An empty list is none at all.
func (p params) kinds(name string) map[string]bool {
	var out map[string]bool
	p.List(name, func(_ int, v eventlog.Value) *eventlog.FieldError {
		kind, _, err := ask.Variant(v)
		if err != nil {
			return err
		}
		if out == nil {
			out = map[string]bool{}
		}
		out[kind] = true
		return nil
	})
	return out
}
