package conceptual

import (
	"cmp"
	"slices"
)

// concept returns a copy of a concept's row that may be changed, or a new one, and whether it was there.
func (s scope) concept(id string) (Concept, bool) {
	if row, ok := s.Concept(id); ok {
		return *row, true
	}
	return Concept{ID: id}, false
}

func (c *ConceptAdded) apply(s scope) {
	next, _ := s.concept(c.Concept)
	if !next.Known {
		next.Known, next.CreatedAt = true, s.at
	}
	stated(&next.Name, c.Name)
	stated(&next.Definition, c.Definition)
	next.Properties = merged(next.Properties, c.Properties)
	next.Metadata = merged(next.Metadata, c.Metadata)
	next.UpdatedAt = s.at
	s.PutConcept(&next)
	if c.Position.NotFinite {
		s.Anomaly(NumberNotFinite, c.Concept)
	}
	switch {
	case c.Space != "":
		s.place(c.Space, c.Concept, c.Position)
	case c.Position.Point != nil:
		s.Anomaly(PointWithoutSpace, c.Concept)
	}
}

// place puts a concept into a space, where it may be already, and tells whether it was.
func (s scope) place(space, concept string, at Position) (existed bool) {
	next := Placement{SpaceID: space, ConceptID: concept, CreatedAt: s.at}
	row, existed := s.Placement(space, concept)
	if existed {
		next = *row
	}
	if at.Point != nil {
		next.Point = at.Point
	}
	next.UpdatedAt = s.at
	s.PutPlacement(&next)
	in := s.space(space)
	if !existed {
		in.ConceptCount++
	}
	in.UpdatedAt = s.at
	s.PutSpace(&in)
	return existed
}

func (c *ConceptMoved) apply(s scope) {
	if c.Position.NotFinite {
		s.Anomaly(NumberNotFinite, c.Concept)
		return
	}
	if !s.place(c.Space, c.Concept, c.Position) {
		s.Anomaly(UnknownConcept, c.Concept)
	}
}

func (c *PropertiesAdded) apply(s scope) {
	s.describe(c.Concept, func(next *Concept) { next.Properties = merged(next.Properties, c.Properties) })
}

func (c *PropertyInferred) apply(s scope) {
	s.describe(c.Concept, func(next *Concept) {
		all := slices.Clone(next.Inferred)
		i, known := slices.BinarySearchFunc(all, c.Inference.Name, func(have Inference, name string) int {
			return cmp.Compare(have.Name, name)
		})
		if known {
			all[i] = c.Inference
		} else {
			all = slices.Insert(all, i, c.Inference)
		}
		next.Inferred = all
	})
}

// describe changes a concept's row, which is made where it is not there.
func (s scope) describe(id string, change func(next *Concept)) {
	next, existed := s.concept(id)
	if !existed {
		s.Anomaly(UnknownConcept, id)
	}
	change(&next)
	next.UpdatedAt = s.at
	s.PutConcept(&next)
}

func (c *RelationAdded) apply(s scope) {
	next := c.Relation
	next.UpdatedAt = s.at
	s.PutRelation(&next)
}
