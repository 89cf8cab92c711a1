package graph

func (c *EdgeCreated) apply(s scope) {
	next := Edge{
		GraphID:          c.Graph,
		ID:               c.Edge,
		Source:           c.Source,
		Target:           c.Target,
		EdgeType:         c.EdgeType,
		Kind:             c.Kind,
		Weight:           c.Weight,
		Properties:       c.Properties,
		SemanticDistance: c.SemanticDistance,
		CreatedAt:        s.at,
		UpdatedAt:        s.at,
	}
	added := 1
	if row, ok := s.Edge(c.Graph, c.Edge); ok {
		s.Anomaly(DuplicateEdge, c.Edge)
		next.CreatedAt = row.CreatedAt
		added = 0
	}
	if !s.exists(c.Source) || !s.exists(c.Target) {
		s.Anomaly(DanglingEdge, c.Edge)
	}
	s.PutEdge(&next)
	s.touch(0, added)
}

func (s scope) exists(node string) bool {
	_, ok := s.Node(s.graph, node)
	return ok
}

func (c *EdgeUpdated) apply(s scope) {
	row, ok := s.Edge(c.Graph, c.Edge)
	if !ok {
		s.Anomaly(UnknownEdge, c.Edge)
		return
	}
	next := *row
	if c.EdgeType != nil {
		next.EdgeType, next.Kind = c.EdgeType, c.Kind
	}
	if c.Weight != nil {
		next.Weight = c.Weight
	}
	if len(c.NewProperties) > 0 {
		next.Properties = c.NewProperties
	} else {
		next.Properties = merged(row.Properties, c.Properties)
	}
	next.UpdatedAt = s.at
	s.PutEdge(&next)
	s.touch(0, 0)
}

func (c *EdgeDeleted) apply(s scope) {
	if _, ok := s.Edge(c.Graph, c.Edge); !ok {
		s.Anomaly(AbsentEdgeDeleted, c.Edge)
		return
	}
	s.DeleteEdge(c.Graph, c.Edge)
	s.touch(0, -1)
}
