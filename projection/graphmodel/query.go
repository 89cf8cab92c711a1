package graphmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// Queries implements projection.Querier.
func (m *model) Queries() []projection.Query {
	return []projection.Query{
		{Subject: "graph.list", Answer: m.list},
		{Subject: "graph.get_graph", Answer: m.getGraph},
		{Subject: "graph.get_node", Answer: m.getNode},
		{Subject: "graph.find_nodes", Answer: m.findNodes},
		{Subject: "graph.find_nodes_in_radius", Answer: m.findInRadius},
		{Subject: "graph.get_neighbors", Answer: m.getNeighbors},
		{Subject: "graph.get_subgraph", Answer: m.getSubgraph},
	}
}

// graph returns a graph, or the error that names it.
func (m *model) graph(v *projection.View, id string) (*graph.Graph, error) {
	g, ok := m.graphs.Get(v, projection.MakeKey(id))
	if !ok {
		return nil, ask.NotFound("graph_id", id, "no graph %q is known at this position", id)
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
	return nil, ask.NotFound("node_id", id, "graph %q has no node %q at this position", graphID, id)
}

func (m *model) list(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := ask.NewPage[GraphSummary](ctx, r)
	m.graphs.Scan(v, "", "", func(_ projection.Key, g *graph.Graph) bool {
		if p.Turn() {
			p.Take(summary(g), graphSize(g))
		}
		return p.On()
	})
	return p.Answer()
}

func (m *model) getGraph(_ context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	id := p.ID("graph_id")
	if err := p.Err(); err != nil {
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
	graphID, id := p.ID("graph_id"), p.ID("node_id")
	withEdges, withComponents := p.Flag("include_edges", false), p.Flag("include_components", true)
	if err := p.Err(); err != nil {
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
	p := ask.NewPage[EdgeView](ctx, projection.Request{Limit: maxEdges})
	exists := map[string]bool{n.ID: true}
	m.incident(v, n.GraphID, n.ID, func(id string, end *adjacent) bool {
		e, ok := m.edges.Get(v, projection.MakeKey(n.GraphID, id))
		if !ok {
			return p.On() // the view keeps the error, or Check finds it
		}
		if !p.Turn() {
			p.TooLarge("node %q of graph %q has more than %d edges; ask for its neighbours by pages", n.ID, n.GraphID, maxEdges)
			return false
		}
		known, asked := exists[end.Other]
		if !asked {
			_, known = m.nodes.Get(v, projection.MakeKey(n.GraphID, end.Other))
			exists[end.Other] = known
		}
		p.Take(edgeView(e, !known), edgeSize(e))
		return p.On()
	})
	return p.Items, p.Err()
}

// maxEdges is how many edges an answer holds beside a node.
const maxEdges = projection.MaxLimit
