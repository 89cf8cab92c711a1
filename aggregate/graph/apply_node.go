package graph

import "slices"

func (c *NodeCreated) apply(s scope) {
	next := Node{
		GraphID:         c.Graph,
		ID:              c.Node,
		NodeType:        c.NodeType,
		Kind:            c.Kind,
		Position:        c.Position.Point,
		Components:      c.Components,
		Metadata:        c.Metadata,
		ConceptualPoint: c.ConceptualPoint,
		CreatedAt:       s.at,
		UpdatedAt:       s.at,
	}
	row, exists := s.Node(c.Graph, c.Node)
	added := 1
	if exists {
		s.Anomaly(DuplicateNode, c.Node)
		next.CreatedAt = row.CreatedAt
		added = 0
	}
	if c.Position.NotFinite {
		s.Anomaly(PositionNotFinite, c.Node)
		if exists {
			next.Position = row.Position
		}
	}
	s.PutNode(&next)
	s.touch(added, 0)
}

func (c *NodeUpdated) apply(s scope) {
	row, ok := s.Node(c.Graph, c.Node)
	if !ok {
		s.Anomaly(UnknownNode, c.Node)
		return
	}
	next := *row
	next.place(s, c.Position)
	next.Metadata = merged(row.Metadata, c.Metadata)
	if len(c.ComponentUpdates) > 0 {
		next.updateComponents(s, c.ComponentUpdates)
	}
	next.UpdatedAt = s.at
	s.PutNode(&next)
	s.touch(0, 0)
}

// place sets the position where there is one, and keeps the former where it is not finite.
func (n *Node) place(s scope, p Placement) {
	if p.NotFinite {
		s.Anomaly(PositionNotFinite, n.ID)
	}
	if p.Point != nil {
		n.Position = p.Point
	}
}

func (n *Node) updateComponents(s scope, updates []ComponentUpdate) {
	c := openComponents(n)
	for _, u := range updates {
		if code := c.update(u); code != "" {
			s.Anomaly(code, n.ID)
		}
	}
	n.Components, n.Modifications = values(c.list), values(c.modifications)
}

func (c *NodeDeleted) apply(s scope) {
	nodes := 0
	if _, ok := s.Node(c.Graph, c.Node); ok {
		s.DeleteNode(c.Graph, c.Node)
		nodes = -1
	} else {
		s.Anomaly(AbsentNodeDeleted, c.Node)
	}
	edges := c.cascade(s)
	if nodes != 0 || edges != 0 {
		s.touch(nodes, edges)
	}
}

// cascade removes the edges that begin or end at the node, by our own adjacency, and then those that only the event
// lists. It returns the change in the number of edges.
func (c *NodeDeleted) cascade(s scope) int {
	removed := 0
	for _, edge := range s.Incident(c.Graph, c.Node) {
		if _, ok := s.Edge(c.Graph, edge); !ok {
			continue
		}
		if _, listed := slices.BinarySearch(c.ConnectedEdges, edge); c.Listed && !listed {
			s.Anomaly(UnlistedEdge, edge)
		}
		s.DeleteEdge(c.Graph, edge)
		removed++
	}
	for _, edge := range c.ConnectedEdges {
		if _, ok := s.Edge(c.Graph, edge); ok {
			s.Anomaly(UnrelatedEdge, edge)
			s.DeleteEdge(c.Graph, edge)
			removed++
		}
	}
	return -removed
}

func (c *NodeMoved) apply(s scope) {
	if s.move(c.Node, c.Position) {
		s.touch(0, 0)
	}
}

func (c *LayoutCalculated) apply(s scope) {
	if c.Missing {
		s.Anomaly(LayoutWithoutPositions, c.Graph)
	}
	changed := false
	for _, p := range c.Positions {
		changed = s.move(p.Node, p.Position) || changed
	}
	if changed {
		s.touch(0, 0)
	}
}

// move places a node that exists, and tells whether its row changed.
func (s scope) move(node string, p Placement) bool {
	row, ok := s.Node(s.graph, node)
	if !ok {
		s.Anomaly(UnknownNode, node)
		return false
	}
	if p.Point == nil {
		s.Anomaly(PositionNotFinite, node)
		return false
	}
	next := *row
	next.Position = p.Point
	next.UpdatedAt = s.at
	s.PutNode(&next)
	return true
}
