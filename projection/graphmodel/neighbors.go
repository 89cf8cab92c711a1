package graphmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

func (m *model) getNeighbors(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	graphID, start, depth := p.ID("graph_id"), p.ID("node_id"), p.Number("max_depth", 1)
	along, kinds := p.along("direction"), p.kinds("edge_types")
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	if _, err := m.node(v, graphID, start); err != nil {
		return projection.Answer{}, err
	}
	x := m.expand(ctx, v, graphID)
	x.along, x.kinds, x.advice = along, kinds, "ask with a smaller max_depth, a direction or edge_types"
	x.most = 1 + maxVisited // the start is found, and left out
	steps, err := x.from([]string{start}, depth)
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
