package graphmodel

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// maxRanked is how far into a list that is sorted by distance a page may reach: its ids are held while all nodes go by.
const maxRanked = 50_000

// search is a find_nodes question.
type search struct {
	graph   string
	filters []filter
	near    *[3]float64 // the point that distances are measured from; nil = sorted by id
}

func readSearch(r projection.Request) (search, error) {
	p := readParams(r)
	s := search{graph: p.ID("graph_id")}
	s.filters = p.filters("filters")
	s.near = p.order("sort_by")
	if err := p.Err(); err != nil {
		return search{}, err
	}
	if s.near != nil && (r.Offset > maxRanked || r.Offset+r.Limit > maxRanked) {
		return search{}, projection.Fail(projection.BadRequest,
			"a list that is sorted by distance is served up to item %d; narrow it with ByPosition", maxRanked)
	}
	return s, nil
}

func (s *search) matches(n *graph.Node) bool {
	for _, f := range s.filters {
		if !f(n) {
			return false
		}
	}
	return true
}

func (m *model) findNodes(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	s, err := readSearch(r)
	if err != nil {
		return projection.Answer{}, err
	}
	g, err := m.graph(v, s.graph)
	if err != nil {
		return projection.Answer{}, err
	}
	if s.near != nil {
		return m.findNearest(ctx, v, s, r)
	}
	return m.findInOrder(ctx, v, s, g, r)
}

// findInOrder answers by id. Where every node matches, the graph's own count is the total, and the walk ends with the page.
func (m *model) findInOrder(
	ctx context.Context, v *projection.View, s search, g *graph.Graph, r projection.Request,
) (projection.Answer, error) {
	p := ask.NewPage[NodeView](ctx, r)
	m.nodes.Scan(v, projection.MakeKey(s.graph), "", func(_ projection.Key, n *graph.Node) bool {
		if s.matches(n) && p.Turn() {
			p.Take(nodeView(n), nodeSize(n))
		}
		return p.On() && !(len(s.filters) == 0 && p.Full())
	})
	if len(s.filters) == 0 {
		p.Total = int(g.NodeCount) //nolint:gosec // counts rows that exist
	}
	return p.Answer()
}

// ranked is a node and its place in the order.
type ranked struct {
	distance float64 // squared
	id       string
}

func compareRanked(a, b ranked) int {
	return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.id, b.id))
}

// findNearest answers by distance, nodes without a position last. It holds the ids up to the page's end, and no others.
func (m *model) findNearest(ctx context.Context, v *projection.View, s search, r projection.Request) (projection.Answer, error) {
	w := ask.NewWalk(ctx)
	keep := r.Offset + r.Limit
	var best []ranked
	total := 0
	m.nodes.Scan(v, projection.MakeKey(s.graph), "", func(_ projection.Key, n *graph.Node) bool {
		if s.matches(n) {
			total++
			best = append(best, ranked{distance: squaredDistance(s.near, n.Position), id: n.ID})
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
	ids := make([]string, 0, r.Limit)
	for _, one := range best[min(r.Offset, len(best)):] {
		ids = append(ids, one.id)
	}
	p := ask.NewPage[NodeView](ctx, projection.Request{Limit: r.Limit})
	for _, id := range ids {
		n, ok := m.nodes.Get(v, projection.MakeKey(s.graph, id))
		if !ok || !p.On() {
			break
		}
		p.Take(nodeView(n), nodeSize(n))
	}
	p.Total = total
	return p.Answer()
}

// nearest sorts and returns the first few.
func nearest(all []ranked, keep int) []ranked {
	slices.SortFunc(all, compareRanked)
	clear(all[min(keep, len(all)):]) // the ids behind are not held any longer
	return all[:min(keep, len(all))]
}

// squaredDistance is infinite for a node without a position. Each product is rounded by itself, so that every platform sorts
// alike.
func squaredDistance(from *[3]float64, to *graph.Point) float64 {
	if to == nil {
		return math.Inf(1)
	}
	x, y, z := float64(to.X)-from[0], float64(to.Y)-from[1], float64(to.Z)-from[2]
	return float64(x*x) + float64(y*y) + float64(z*z)
}

// order reads sort_by: nothing for the order by id, {"ByDistance":position}, or a list of at most one of these.
func (p params) order(name string) *[3]float64 {
	v := p.Value(name)
	if v.IsArray() {
		p.List(name, func(i int, only eventlog.Value) *eventlog.FieldError {
			if v = only; i > 0 {
				return eventlog.Refuse(eventlog.CodeWrongType, "")
			}
			return nil
		})
	}
	if v.IsNull() || string(v) == "[]" {
		return nil
	}
	tag, content, err := ask.Variant(v)
	switch {
	case err != nil:
		p.Refuse(name, err)
	case tag != "ByDistance":
		p.Unsupported(name, tag, "ByDistance")
	default:
		at, err := readOrigin(content)
		if err == nil {
			return &at
		}
		p.Refuse(name, err.In(tag))
	}
	return nil
}

// readOrigin reads a point that distances are measured from. z may be left out, and is then 0.
func readOrigin(v eventlog.Value) (at [3]float64, err *eventlog.FieldError) {
	p, err := readPoint(v)
	if err != nil {
		return at, err
	}
	for i, axis := range p {
		switch {
		case axis != nil:
			at[i] = float64(*axis)
		case i < 2:
			return at, eventlog.Refuse(eventlog.CodeMissingField, axisNames[i])
		}
	}
	return at, nil
}
