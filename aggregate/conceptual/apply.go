package conceptual

import (
	"maps"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Apply changes the state by what an event says. It is total: every change has a result in every state, and what the
// state did not expect is an anomaly. The result depends on nothing but the arguments and what the state answers. A
// nil change, as Decode returns it for unknown types, changes nothing.
func Apply(s State, e *eventlog.Event, c Change) {
	if c == nil {
		return
	}
	c.apply(scope{State: s, seq: e.Seq, at: e.Occurred})
}

// scope is the state, seen by one event.
type scope struct {
	State

	seq eventlog.Seq
	at  eventlog.Time
}

func (Transient) apply(scope) {}

func (c *EmbeddingCalculated) apply(s scope) {
	next := c.Embedding
	next.Seq, next.UpdatedAt = s.seq, s.at
	if row, ok := s.Embedding(next.EntityID, next.Model); ok && row.Dimensions != next.Dimensions {
		s.Anomaly(VectorLengthChanged, next.EntityID)
	}
	s.PutEmbedding(&next, c.Vector)
	for _, space := range s.StaleIn(next.EntityID) {
		s.DeleteStale(space, next.EntityID)
	}
}

func (c *SimilarityComputed) apply(s scope) {
	next := c.Similarity
	next.UpdatedAt = s.at
	s.PutSimilarity(&next)
}

func (c *CategoryFormed) apply(s scope) {
	next := Category{ID: c.Category, CreatedAt: s.at}
	if row, ok := s.Category(c.Category); ok {
		next = *row
	}
	stated(&next.SpaceID, c.Space)
	stated(&next.Name, c.Name)
	stated(&next.Description, c.Description)
	stated(&next.Prototype, c.Prototype)
	stated(&next.Confidence, c.Confidence)
	if c.ConvexRegion != nil {
		next.ConvexRegion = c.ConvexRegion
	}
	if p := c.PrototypePoint.Point; p != nil {
		next.PrototypePoint = p.Coordinates
	}
	if c.PrototypePoint.NotFinite {
		s.Anomaly(NumberNotFinite, c.Category)
	}
	c.members(s, &next)
	next.UpdatedAt = s.at
	s.PutCategory(&next)
}

// members replaces the list where there is one; a count alone leaves it as it is.
func (c *CategoryFormed) members(s scope, next *Category) {
	if c.Unnamed > 0 {
		s.Anomaly(MemberWithoutID, c.Category)
	}
	if c.Listed {
		next.Listed, next.Members, next.StatedCount = true, c.Members, nil
	}
	if c.Count != nil {
		next.StatedCount = c.Count
		if next.Listed && *c.Count != uint64(len(next.Members)) {
			s.Anomaly(MemberCountMismatch, c.Category)
		}
	}
}

// stated takes over what an event states.
func stated[T any](to **T, value *T) {
	if value != nil {
		*to = value
	}
}

// merged returns the union of two maps, where the second wins. Neither is changed.
func merged(old, over map[string]eventlog.Value) map[string]eventlog.Value {
	switch {
	case len(over) == 0:
		return old
	case len(old) == 0:
		return over
	}
	out := make(map[string]eventlog.Value, len(old)+len(over))
	maps.Copy(out, old)
	maps.Copy(out, over)
	return out
}
