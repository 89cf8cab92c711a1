package graphmodel

import (
	"context"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// search is a question for the nodes of a graph.
type search struct {
	graph   string
	filters []filter
	order   order // nil = sorted by id
}

func (m *model) findNodes(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	s := search{graph: p.ID("graph_id"), filters: p.filters("filters"), order: p.order("sort_by")}
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	return m.find(ctx, v, s, r)
}

// findInRadius answers the nodes that stand in a ball, which has its surface, the nearest first.
func (m *model) findInRadius(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	s := search{graph: p.ID("graph_id"), filters: p.filters("filters")}
	center, radius := p.center("center"), p.radius("radius")
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	s.order = order{center}
	s.filters = append(s.filters, func(_ *graph.Graph, n *graph.Node) bool {
		return n.Position != nil && squaredDistance(&center, n.Position) <= radius*radius
	})
	return m.find(ctx, v, s, r)
}

func (p params) center(name string) (at [3]float64) {
	v := p.Value(name)
	if v.IsNull() {
		p.Refuse(name, eventlog.Refuse(eventlog.CodeMissingField, ""))
		return at
	}
	at, err := readOrigin(v)
	p.Refuse(name, err)
	return at
}

// radius returns a distance that must be there, and not be negative.
func (p params) radius(name string) float64 {
	f := p.Float(name)
	switch {
	case f == nil:
		p.Refuse(name, eventlog.Refuse(eventlog.CodeMissingField, ""))
		return 0
	case *f < 0:
		p.Refuse(name, eventlog.Refuse(eventlog.CodeOutOfRange, ""))
	}
	return float64(*f)
}

func (m *model) find(ctx context.Context, v *projection.View, s search, r projection.Request) (projection.Answer, error) {
	if s.order != nil && (r.Offset > maxRanked || r.Offset+r.Limit > maxRanked) {
		return projection.Answer{}, projection.Fail(projection.BadRequest,
			"a list that is sorted by distance is served up to item %d; narrow it with ByPosition", maxRanked)
	}
	g, err := m.graph(v, s.graph)
	if err != nil {
		return projection.Answer{}, err
	}
	if s.order != nil {
		return m.findNearest(ctx, v, s, g, r)
	}
	return m.findInOrder(ctx, v, s, g, r)
}

func (s *search) matches(g *graph.Graph, n *graph.Node) bool {
	return !slices.ContainsFunc(s.filters, func(f filter) bool { return !f(g, n) })
}

// findInOrder answers by id. Where every node matches, the graph's own count is the total, and the walk ends with the page.
func (m *model) findInOrder(
	ctx context.Context, v *projection.View, s search, g *graph.Graph, r projection.Request,
) (projection.Answer, error) {
	p := ask.NewPage[NodeView](ctx, r)
	m.nodes.Scan(v, projection.MakeKey(s.graph), "", func(_ projection.Key, n *graph.Node) bool {
		if s.matches(g, n) && p.Turn() {
			p.Take(nodeView(n), nodeSize(n))
		}
		return p.On() && !(len(s.filters) == 0 && p.Full())
	})
	if len(s.filters) == 0 {
		p.Total = int(g.NodeCount) //nolint:gosec // counts rows that exist
	}
	return p.Answer()
}

// findNearest answers by distance, nodes without a position last. It holds the ids up to the page's end, and no others.
func (m *model) findNearest(
	ctx context.Context, v *projection.View, s search, g *graph.Graph, r projection.Request,
) (projection.Answer, error) {
	w := ask.NewWalk(ctx)
	keep := r.Offset + r.Limit
	var best []ranked
	total := 0
	m.nodes.Scan(v, projection.MakeKey(s.graph), "", func(_ projection.Key, n *graph.Node) bool {
		if s.matches(g, n) {
			total++
			best = append(best, s.order.rank(n))
			if len(best) >= 2*keep {
				best = nearest(best, keep)
			}
		}
		return w.On()
	})
	if err := w.Err(); err != nil {
		return projection.Answer{}, err
	}
	best = nearest(best, keep)
	p := ask.NewPage[NodeView](ctx, projection.Request{Limit: r.Limit})
	for _, one := range best[min(r.Offset, len(best)):] {
		n, ok := m.nodes.Get(v, projection.MakeKey(s.graph, one.id))
		if !ok || !p.On() {
			break
		}
		p.Take(nodeView(n), nodeSize(n))
	}
	p.Total = total
	return p.Answer()
}
