package graphmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/projection"
)

var _ graph.State = (*state)(nil)

// prepared is a decoded event, and the keys that applying it needs in any case: they are made beside it, in parallel, and once.
type prepared struct {
	change   graph.Change
	graph    string
	id       string         // of the node or edge that the event is about; "" where there is not just one
	graphKey projection.Key // of graph
	key      projection.Key // of id: nodes and edges have the same keys, each in their own table
}

func prepare(c graph.Change) *prepared {
	p := &prepared{change: c, graph: c.GraphID(), id: subject(c)}
	if p.graph != "" {
		p.graphKey = projection.MakeKey(p.graph)
	}
	if p.id != "" {
		p.key = projection.MakeKey(p.graph, p.id)
	}
	return p
}

// subject returns the one node or edge that a change is about, or "".
func subject(c graph.Change) string {
	switch c := c.(type) {
	case *graph.NodeMoved:
		return c.Node
	case *graph.NodeUpdated:
		return c.Node
	case *graph.NodeCreated:
		return c.Node
	case *graph.NodeDeleted:
		return c.Node
	case *graph.EdgeCreated:
		return c.Edge
	case *graph.EdgeUpdated:
		return c.Edge
	case *graph.EdgeDeleted:
		return c.Edge
	case *graph.EdgeReversed:
		return c.Edge
	}
	return ""
}

// state is the tables as the rules of package graph see them, for one event.
type state struct {
	*model
	*prepared
	tx *projection.Tx

	// The edge that was looked up last: putting or deleting it needs the row that the rules have just asked for.
	edgeKey projection.Key
	edge    *graph.Edge
}

// graphRow returns the key of a graph.
func (s *state) graphRow(id string) projection.Key {
	if id == s.prepared.graph {
		return s.graphKey
	}
	return projection.MakeKey(id)
}

// row returns the key of a node or edge.
func (s *state) row(graphID, id string) projection.Key {
	if id == s.id && graphID == s.prepared.graph {
		return s.key
	}
	return projection.MakeKey(graphID, id)
}

// Graph implements graph.State.
func (s *state) Graph(id string) (*graph.Graph, bool) { return s.graphs.Get(s.tx, s.graphRow(id)) }

// PutGraph implements graph.State.
func (s *state) PutGraph(g *graph.Graph) { s.graphs.Put(s.tx, s.graphRow(g.ID), g) }

// Node implements graph.State.
func (s *state) Node(graphID, node string) (*graph.Node, bool) {
	return s.nodes.Get(s.tx, s.row(graphID, node))
}

// PutNode implements graph.State.
func (s *state) PutNode(n *graph.Node) { s.nodes.Put(s.tx, s.row(n.GraphID, n.ID), n) }

// DeleteNode implements graph.State.
func (s *state) DeleteNode(graphID, node string) { s.nodes.Delete(s.tx, s.row(graphID, node)) }

// Edge implements graph.State.
func (s *state) Edge(graphID, edge string) (*graph.Edge, bool) {
	if key := s.row(graphID, edge); key != s.edgeKey {
		row, _ := s.edges.Get(s.tx, key)
		s.edgeKey, s.edge = key, row
	}
	return s.edge, s.edge != nil
}

// PutEdge implements graph.State. Adjacency changes only where the ends do.
func (s *state) PutEdge(e *graph.Edge) {
	old, ok := s.Edge(e.GraphID, e.ID)
	moved := ok && (old.Source != e.Source || old.Target != e.Target)
	if moved {
		s.unlink(old)
	}
	if moved || !ok {
		s.link(e)
	}
	s.edges.Put(s.tx, s.edgeKey, e)
	s.edge = e
}

// DeleteEdge implements graph.State.
func (s *state) DeleteEdge(graphID, edge string) {
	old, ok := s.Edge(graphID, edge)
	if !ok {
		return
	}
	s.unlink(old)
	s.edges.Delete(s.tx, s.edgeKey)
	s.edge = nil
}

// Incident implements graph.State.
func (s *state) Incident(graphID, node string) []string {
	var out []string
	s.incident(s.tx, graphID, node, func(edge string, _ *adjacent) bool {
		out = append(out, edge)
		return true
	})
	return out
}

// DeleteContent implements graph.State: one range of each table, however many rows that is.
func (s *state) DeleteContent(graphID string) {
	prefix := s.graphRow(graphID)
	s.nodes.DeleteRange(s.tx, prefix)
	s.edges.DeleteRange(s.tx, prefix)
	s.adjacency.DeleteRange(s.tx, prefix)
	s.held.DeleteRange(s.tx, prefix)
	s.edgeKey, s.edge = "", nil
}

// DeleteGraph implements graph.State.
func (s *state) DeleteGraph(id string) { s.graphs.Delete(s.tx, s.graphRow(id)) }

// Hold implements graph.State.
func (s *state) Hold(e *graph.Edge) { s.held.Put(s.tx, s.row(e.GraphID, e.ID), e) }

// Held implements graph.State.
func (s *state) Held(graphID string) []*graph.Edge {
	var out []*graph.Edge
	s.held.Scan(s.tx, s.graphRow(graphID), "", func(_ projection.Key, e *graph.Edge) bool {
		out = append(out, e)
		return true
	})
	return out
}

// Release implements graph.State.
func (s *state) Release(graphID string) { s.held.DeleteRange(s.tx, s.graphRow(graphID)) }

// Anomaly implements graph.State.
func (s *state) Anomaly(code graph.Anomaly, subject string) { s.tx.Anomaly(string(code), subject) }
