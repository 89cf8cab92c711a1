package graph

func (c *NodeCreated) apply(s scope) {
	isNew, edges := c.put(s)
	if isNew {
		s.touch(1, edges)
	} else {
		s.touch(0, 0)
	}
}

// put stores the node and tells whether it is new, and how many edges came back with it. The graph's row is left to the
// caller.
func (c *NodeCreated) put(s scope) (isNew bool, edges int) {
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
		Label:           c.Label,
		Content:         c.Content,
	}
	row, exists := s.Node(c.Graph, c.Node)
	switch {
	case exists:
		s.Anomaly(DuplicateNode, c.Node)
		next.CreatedAt = row.CreatedAt
	case c.Returns:
		edges = s.putBack(&next)
	}
	if c.Position.NotFinite {
		s.Anomaly(PositionNotFinite, c.Node)
		if exists {
			next.Position = row.Position
		}
	}
	s.PutNode(&next)
	return !exists, edges
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
	if c.ReplacesMetadata {
		next.Metadata = c.Metadata
	}
	if c.Label != nil {
		next.Label = c.Label
	}
	if c.Content != nil {
		next.Content = c.Content
	}
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

func (c *NodeMoved) apply(s scope) {
	if s.move(c.Node, c.Position) {
		s.touch(0, 0)
	}
}

func (c *LayoutCalculated) apply(s scope) {
	if c.Missing {
		s.Anomaly(LayoutWithoutPositions, c.Graph)
	}
	s.emptyIDs(c.EmptyIDs)
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
