package graphmodel

import (
	"context"
	"maps"
	"slices"

	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// Subgraph is a part of a graph as it is answered: nodes, and the edges that begin and end at them.
type Subgraph struct {
	Nodes []NodeView `json:"nodes"` // by id
	Edges []EdgeView `json:"edges"` // by id
}

// layouts are the algorithms that CIM knows. None is computed: the positions in an answer are those that events stated.
var layouts = []string{"ForceDirected", "Hierarchical", "Circular"}

// region is a get_subgraph question.
type region struct {
	graph        string
	centers      []string // sorted, each once
	radius       uint64
	withMetadata bool
}

func readRegion(r projection.Request) (region, error) {
	p := readParams(r)
	q := region{
		graph:        p.ID("graph_id"),
		centers:      p.IDs("center_nodes"),
		radius:       p.Number("radius", 1),
		withMetadata: p.Flag("include_metadata", true),
	}
	p.layout("layout_algorithm")
	if err := p.Err(); err != nil {
		return region{}, err
	}
	if len(q.centers) > maxVisited {
		err := projection.Fail(projection.BadRequest, "center_nodes has %d ids, the most is %d", len(q.centers), maxVisited)
		err.Details = map[string]any{"field": "center_nodes", "most": maxVisited}
		return region{}, err
	}
	slices.Sort(q.centers)
	q.centers = slices.Compact(q.centers)
	return q, nil
}

// layout refuses an algorithm that nobody knows: it may well be a member in the wrong place.
func (p params) layout(name string) {
	v := p.Value(name)
	if v.IsNull() {
		return
	}
	tag, _, err := ask.Variant(v)
	if err != nil {
		p.Refuse(name, err)
	} else if !slices.Contains(layouts, tag) {
		p.Unsupported(name, tag, layouts...)
	}
}

func (m *model) getSubgraph(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	q, err := readRegion(r)
	if err != nil {
		return projection.Answer{}, err
	}
	if err := m.centersExist(v, &q); err != nil {
		return projection.Answer{}, err
	}
	x := m.expand(ctx, v, q.graph)
	x.advice = "ask with a smaller radius or fewer center_nodes"
	if _, err := x.from(q.centers, q.radius); err != nil {
		return projection.Answer{}, err
	}
	ids := slices.Sorted(maps.Keys(x.found))
	out := Subgraph{Nodes: x.inside(ids, q.withMetadata), Edges: x.within(ids)}
	return projection.Answer{Data: out}, x.Err()
}

// centersExist returns the error that names all centers which are no nodes: an answer around the others would be one to another
// question.
func (m *model) centersExist(v *projection.View, q *region) error {
	if _, err := m.graph(v, q.graph); err != nil {
		return err
	}
	var unknown []string
	for _, id := range q.centers {
		if _, ok := m.nodes.Get(v, projection.MakeKey(q.graph, id)); !ok {
			unknown = append(unknown, id)
		}
	}
	if unknown == nil {
		return nil
	}
	return ask.NotFound("center_nodes", unknown,
		"graph %q has no node at this position by %d of the ids in center_nodes; ask without them", q.graph, len(unknown))
}

// inside returns the nodes that the walk found, in the order of their ids.
func (x *expansion) inside(ids []string, withMetadata bool) []NodeView {
	all := ask.NewList[NodeView](x.Walk, maxVisited, x.advice)
	for _, id := range ids {
		n, ok := x.nodes.Get(x.view, projection.MakeKey(x.graph, id))
		if !ok {
			continue // the view keeps the error
		}
		view, size := nodeView(n), nodeSize(n)
		if !withMetadata {
			view.Metadata, size = nil, size-ask.SizeOf(n.Metadata)
		}
		if !all.Take(view, size) || !x.On() {
			break
		}
	}
	return all.Items
}

// within returns the edges between nodes that the walk found, by id.
func (x *expansion) within(nodes []string) []EdgeView {
	var ids []string
	for _, node := range nodes {
		x.cross(node, func(edge string, end *adjacent) {
			if end.Direction&outgoing == 0 || !x.found[end.Other] {
				return // an edge is taken where it begins
			}
			if ids = append(ids, edge); len(ids) > maxEdges {
				x.TooLarge("more than %d edges lie between the nodes that near; %s", maxEdges, x.advice)
			}
		})
	}
	slices.Sort(ids)
	all := ask.NewList[EdgeView](x.Walk, maxEdges, x.advice)
	for _, id := range ids {
		e, ok := x.edges.Get(x.view, projection.MakeKey(x.graph, id))
		if ok && !all.Take(edgeView(e, false), edgeSize(e)) || !x.On() {
			break
		}
	}
	return all.Items
}
