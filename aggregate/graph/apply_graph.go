package graph

import "slices"

// apply fills a placeholder, and overwrites the attributes of a known graph: what it does not state is gone, but for
// what other events alone state.
func (c *GraphCreated) apply(s scope) {
	next, ok := s.open()
	if ok && next.Known {
		s.Anomaly(DuplicateGraph, c.Graph)
	} else {
		next.CreatedAt = s.at
	}
	next.Known = true
	next.Name = c.Name
	next.Description = c.Description
	next.GraphType = c.GraphType
	next.Owner = c.Owner
	next.AccessPolicy = c.AccessPolicy
	next.ConceptualSpaceID = c.ConceptualSpaceID
	if c.Metadata != nil {
		next.Metadata = c.Metadata
	}
	if c.Tags != nil {
		next.Tags = c.Tags
	}
	s.PutGraph(&next)
}

// attribute changes the row of a graph that exists.
func (s scope) attribute(change func(g *Graph)) {
	if _, ok := s.Graph(s.graph); !ok {
		s.Anomaly(AbsentGraph, s.graph)
		return
	}
	next, _ := s.open()
	change(&next)
	s.PutGraph(&next)
}

func (c *GraphUpdated) apply(s scope) {
	s.attribute(func(g *Graph) {
		if c.Name != nil {
			g.Name = c.Name
		}
		if c.Description != nil {
			g.Description = c.Description
		}
		g.Metadata = merged(g.Metadata, c.Metadata)
	})
}

func (c *GraphTagged) apply(s scope) {
	row, ok := s.Graph(c.Graph)
	if !ok {
		s.Anomaly(AbsentGraph, c.Graph)
		return
	}
	i, has := slices.BinarySearch(row.Tags, c.Tag)
	switch {
	case has && !c.Removed:
		s.Anomaly(DuplicateTag, c.Graph)
		return
	case !has && c.Removed:
		s.Anomaly(UnknownTag, c.Graph)
		return
	}
	next, _ := s.open()
	switch {
	case !c.Removed:
		next.Tags = slices.Concat(row.Tags[:i], []string{c.Tag}, row.Tags[i:])
	case len(row.Tags) == 1:
		next.Tags = nil
	default:
		next.Tags = slices.Concat(row.Tags[:i], row.Tags[i+1:])
	}
	s.PutGraph(&next)
}

func (c *MetadataUpdated) apply(s scope) {
	s.attribute(func(g *Graph) {
		if c.Value == nil {
			g.Metadata = without(g.Metadata, c.Field)
		} else {
			g.Metadata = merged(g.Metadata, object{c.Field: c.Value})
		}
	})
}

func (c *LayoutChanged) apply(s scope) {
	s.attribute(func(g *Graph) { g.Layout = c.Layout })
}

// apply does not record that an archived graph changes where it is archived again.
func (c *GraphArchived) apply(s scope) {
	row, ok := s.Graph(c.Graph)
	if !ok {
		s.Anomaly(AbsentGraph, c.Graph)
		return
	}
	s.forget(row)
	next := *row
	next.Archived, next.Removed, next.UpdatedAt = true, nil, s.at
	s.PutGraph(&next)
}

func (c *GraphDeleted) apply(s scope) {
	if _, ok := s.Graph(c.Graph); !ok {
		s.Anomaly(AbsentGraph, c.Graph)
		return
	}
	s.DeleteContent(c.Graph)
	s.DeleteGraph(c.Graph)
}

func (c *GraphCleared) apply(s scope) {
	s.attribute(func(g *Graph) {
		s.DeleteContent(c.Graph)
		g.NodeCount, g.EdgeCount = 0, 0
	})
}
