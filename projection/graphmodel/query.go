package graphmodel

import (
	"context"
	"fmt"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/projection"
)

// Queries implements projection.Querier.
func (m *model) Queries() []projection.Query {
	return []projection.Query{
		{Subject: "graph.list", Answer: m.list},
		{Subject: "graph.get_graph", Answer: m.getGraph},
		{Subject: "graph.get_node", Answer: m.getNode},
		{Subject: "graph.find_nodes", Answer: m.findNodes},
		{Subject: "graph.get_neighbors", Answer: m.getNeighbors},
	}
}

// patience is after how many rows a walk looks at its context.
const patience = 256

// walk counts the rows that a question has read, and says when it has to end.
type walk struct {
	ctx  context.Context
	rows int
	err  error
}

// on tells whether the walk may go on.
func (w *walk) on() bool {
	if w.rows%patience == 0 && w.err == nil && w.ctx.Err() != nil {
		w.err = fmt.Errorf("graphmodel: the question was ended after %d rows: %w", w.rows, context.Cause(w.ctx))
	}
	w.rows++
	return w.err == nil
}

// graph returns a graph, or the error that names it.
func (m *model) graph(v *projection.View, id string) (*graph.Graph, error) {
	g, ok := m.graphs.Get(v, projection.MakeKey(id))
	if !ok {
		return nil, notFound("graph_id", id, "no graph %q is known at this position", id)
	}
	return g, nil
}

// node returns a node, or the error that names it or its graph.
func (m *model) node(v *projection.View, graphID, id string) (*graph.Node, error) {
	n, ok := m.nodes.Get(v, projection.MakeKey(graphID, id))
	if ok {
		return n, nil
	}
	if _, err := m.graph(v, graphID); err != nil {
		return nil, err
	}
	return nil, notFound("node_id", id, "graph %q has no node %q at this position", graphID, id)
}

func notFound(field, id, format string, args ...any) error {
	err := projection.Fail(projection.NotFound, format, args...)
	err.Details = map[string]any{field: id}
	return err
}

func (m *model) list(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	w := &walk{ctx: ctx}
	p := newPage[GraphSummary](r)
	m.graphs.Scan(v, "", "", func(_ projection.Key, g *graph.Graph) bool {
		if p.turn() {
			p.take(summary(g), len(g.GraphType)+len(g.AccessPolicy))
		}
		return w.on()
	})
	return p.answer(w.err)
}

func (m *model) getGraph(_ context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	id := p.id("graph_id")
	if err := p.failure(); err != nil {
		return projection.Answer{}, err
	}
	g, err := m.graph(v, id)
	if err != nil {
		return projection.Answer{}, err
	}
	return projection.Answer{Data: summary(g)}, nil
}

func (m *model) getNode(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	graphID, id := p.id("graph_id"), p.id("node_id")
	withEdges, withComponents := p.flag("include_edges", false), p.flag("include_components", true)
	if err := p.failure(); err != nil {
		return projection.Answer{}, err
	}
	n, err := m.node(v, graphID, id)
	if err != nil {
		return projection.Answer{}, err
	}
	out := nodeView(n)
	if !withComponents {
		out.Components, out.Modifications = nil, nil
	}
	if withEdges {
		if out.Edges, err = m.edgesOf(ctx, v, n); err != nil {
			return projection.Answer{}, err
		}
	}
	return projection.Answer{Data: out}, nil
}

// edgesOf returns all edges that begin or end at a node that exists, by id.
func (m *model) edgesOf(ctx context.Context, v *projection.View, n *graph.Node) ([]EdgeView, error) {
	w := &walk{ctx: ctx}
	p := newPage[EdgeView](projection.Request{Limit: maxEdges})
	exists := map[string]bool{n.ID: true}
	m.incident(v, n.GraphID, n.ID, func(id string, end *adjacent) bool {
		e, ok := m.edges.Get(v, projection.MakeKey(n.GraphID, id))
		if !ok {
			return w.on() // the view keeps the error, or Check finds it
		}
		if !p.turn() {
			p.tooLarge("node %q of graph %q has more than %d edges; ask for its neighbours by pages", n.ID, n.GraphID, maxEdges)
			return false
		}
		known, asked := exists[end.Other]
		if !asked {
			_, known = m.nodes.Get(v, projection.MakeKey(n.GraphID, end.Other))
			exists[end.Other] = known
		}
		p.take(edgeView(e, !known), len(e.EdgeType)+sizeOf(e.Properties))
		return w.on() && p.err == nil
	})
	_, err := p.answer(w.err)
	return p.items, err
}

// maxEdges is how many edges an answer holds beside a node.
const maxEdges = projection.MaxLimit
