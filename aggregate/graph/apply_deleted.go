package graph

import "slices"

func (c *NodeDeleted) apply(s scope) {
	row, ok := s.Node(c.Graph, c.Node)
	if !ok {
		s.Anomaly(AbsentNodeDeleted, c.Node)
		if edges := c.cascade(s, false); edges > 0 {
			s.touch(0, -edges)
		}
		return
	}
	next, _ := s.open()
	s.DeleteNode(c.Graph, c.Node)
	edges := c.cascade(s, c.MayReturn)
	next.NodeCount = added(next.NodeCount, -1)
	next.EdgeCount = added(next.EdgeCount, -edges)
	if c.MayReturn {
		next.Removed = &Removed{Node: c.Node, CreatedAt: row.CreatedAt, Edges: added(0, edges)}
	}
	s.PutGraph(&next)
}

// cascade removes the edges that begin or end at the node, by our own adjacency, and then those that only the event
// lists. The former are held back where the node may return. It returns how many were removed.
func (c *NodeDeleted) cascade(s scope, mayReturn bool) int {
	removed := 0
	for _, id := range s.Incident(c.Graph, c.Node) {
		edge, ok := s.Edge(c.Graph, id)
		if !ok {
			continue
		}
		if _, listed := slices.BinarySearch(c.ConnectedEdges, id); c.Listed && !listed {
			s.Anomaly(UnlistedEdge, id)
		}
		s.DeleteEdge(c.Graph, id)
		if mayReturn {
			s.Hold(edge)
		}
		removed++
	}
	for _, id := range c.ConnectedEdges {
		if _, ok := s.Edge(c.Graph, id); ok {
			s.Anomaly(UnrelatedEdge, id)
			s.DeleteEdge(c.Graph, id)
			removed++
		}
	}
	return removed
}

// putBack restores what the change before took away with a node, if it is this one, and returns how many edges that was.
// The node is the one that there was, changed.
func (s scope) putBack(n *Node) int {
	g, ok := s.Graph(n.GraphID)
	if !ok || g.Removed == nil || g.Removed.Node != n.ID {
		return 0
	}
	s.Anomaly(NodeReturned, n.ID)
	n.CreatedAt = g.Removed.CreatedAt
	edges := s.Held(n.GraphID)
	for _, e := range edges {
		s.PutEdge(e)
	}
	return len(edges)
}

// forget ends holding back the edges of a node that did not return with the next change.
func (s scope) forget(row *Graph) {
	if row.Removed != nil && row.Removed.Edges > 0 {
		s.Release(row.ID)
	}
}
