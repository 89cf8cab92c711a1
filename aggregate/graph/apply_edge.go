package graph

import (
	"bytes"

	"github.com/thecowboyai/cim-projector/aggregate/serde"
)

func (c *EdgeCreated) apply(s scope) {
	if c.put(s) {
		s.touch(0, 1)
	} else {
		s.touch(0, 0)
	}
}

// put stores the edge and tells whether it is new. The graph's row is left to the caller.
func (c *EdgeCreated) put(s scope) (isNew bool) {
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
		Label:            c.Label,
		Relationship:     c.Relationship,
		CreatedAt:        s.at,
		UpdatedAt:        s.at,
	}
	row, exists := s.Edge(c.Graph, c.Edge)
	if exists {
		s.Anomaly(DuplicateEdge, c.Edge)
		next.CreatedAt = row.CreatedAt
	}
	if !s.exists(c.Source) || !s.exists(c.Target) {
		s.Anomaly(DanglingEdge, c.Edge)
	}
	s.PutEdge(&next)
	return !exists
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
	next.relate(c)
	if c.EdgeType != nil {
		next.EdgeType, next.Kind = c.EdgeType, c.Kind
	}
	if c.Label != nil {
		next.Label = c.Label
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

// relate sets the relationship where there is one. The edge's type follows it where it was the relationship before.
func (e *Edge) relate(c *EdgeUpdated) {
	if c.Relationship == nil {
		return
	}
	if e.EdgeType == nil || bytes.Equal(e.EdgeType, e.Relationship) {
		e.EdgeType, e.Kind = c.Relationship, serde.Kind(c.Relationship)
	}
	e.Relationship = c.Relationship
}

func (c *EdgeReversed) apply(s scope) {
	row, ok := s.Edge(c.Graph, c.Edge)
	switch {
	case !ok:
		s.Anomaly(UnknownEdge, c.Edge)
		return
	case row.Source != c.Source || row.Target != c.Target:
		s.Anomaly(EdgeEndsDiffer, c.Edge)
		return
	}
	next := *row
	next.Source, next.Target = row.Target, row.Source
	next.UpdatedAt = s.at
	s.PutEdge(&next)
	s.touch(0, 0)
}
