package conceptmodel

import (
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/projection"
)

var _ conceptual.State = (*state)(nil)

// state is the tables as the rules of package conceptual see them, for one event.
type state struct {
	*model
	tx *projection.Tx
}

// key makes the key of a row from its ids.
var key = projection.MakeKey

// Space implements conceptual.State.
func (s *state) Space(id string) (*conceptual.Space, bool) { return s.spaces.Get(s.tx, key(id)) }

// PutSpace implements conceptual.State.
func (s *state) PutSpace(row *conceptual.Space) { s.spaces.Put(s.tx, key(row.ID), row) }

// Concept implements conceptual.State.
func (s *state) Concept(id string) (*conceptual.Concept, bool) {
	return s.concepts.Get(s.tx, key(id))
}

// PutConcept implements conceptual.State.
func (s *state) PutConcept(row *conceptual.Concept) { s.concepts.Put(s.tx, key(row.ID), row) }

// Placement implements conceptual.State.
func (s *state) Placement(space, concept string) (*conceptual.Placement, bool) {
	return s.placements.Get(s.tx, key(space, concept))
}

// PutPlacement implements conceptual.State.
func (s *state) PutPlacement(row *conceptual.Placement) {
	put(s, s.placements, key(row.SpaceID, row.ConceptID), row, s.placed, key(row.ConceptID, row.SpaceID))
}

// Embedding implements conceptual.State.
func (s *state) Embedding(entity, model string) (*conceptual.Embedding, bool) {
	return s.embeddings.Get(s.tx, key(entity, model))
}

// PutEmbedding implements conceptual.State.
func (s *state) PutEmbedding(row *conceptual.Embedding, v conceptual.Vector) {
	s.embeddings.Put(s.tx, key(row.EntityID, row.Model), row)
	s.vectors.Put(s.tx, key(row.Model, row.EntityID), &vector{v})
}

// Category implements conceptual.State.
func (s *state) Category(id string) (*conceptual.Category, bool) {
	return s.categories.Get(s.tx, key(id))
}

// PutCategory implements conceptual.State. The index changes by who came and who went.
func (s *state) PutCategory(row *conceptual.Category) {
	var before []string
	if old, ok := s.Category(row.ID); ok {
		before = old.Members
	}
	for _, entity := range before {
		if _, stays := slices.BinarySearch(row.Members, entity); !stays {
			s.member.Delete(s.tx, key(entity, row.ID))
		}
	}
	for _, entity := range row.Members {
		if _, was := slices.BinarySearch(before, entity); !was {
			s.member.Put(s.tx, key(entity, row.ID), &present{})
		}
	}
	s.categories.Put(s.tx, key(row.ID), row)
}

// PutSimilarity implements conceptual.State. An entity that is compared with itself is found as it is.
func (s *state) PutSimilarity(row *conceptual.Similarity) {
	at := key(row.A, row.B, row.Kind)
	if row.A == row.B {
		s.similarities.Put(s.tx, at, row)
		return
	}
	put(s, s.similarities, at, row, s.similar, key(row.B, row.A, row.Kind))
}

// PutRelation implements conceptual.State.
func (s *state) PutRelation(row *conceptual.Relation) {
	put(s, s.relations, key(row.Source, row.Target, row.Kind), row, s.related, key(row.Target, row.Source, row.Kind))
}

// put stores a row, and its place in an index where the row is new.
func put[V any](
	s *state, rows projection.Table[V], at projection.Key, row *V, index projection.Table[present], in projection.Key,
) {
	if _, known := rows.Get(s.tx, at); !known {
		index.Put(s.tx, in, &present{})
	}
	rows.Put(s.tx, at, row)
}

// StaleIn implements conceptual.State.
func (s *state) StaleIn(entity string) []string {
	var out []string
	s.second(s.tx, s.staleIn, entity, func(space string) bool {
		out = append(out, space)
		return true
	})
	return out
}

// PutStale implements conceptual.State.
func (s *state) PutStale(row *conceptual.Stale) {
	put(s, s.stale, key(row.SpaceID, row.EntityID), row, s.staleIn, key(row.EntityID, row.SpaceID))
}

// DeleteStale implements conceptual.State.
func (s *state) DeleteStale(space, entity string) {
	s.stale.Delete(s.tx, key(space, entity))
	s.staleIn.Delete(s.tx, key(entity, space))
}

// Anomaly implements conceptual.State.
func (s *state) Anomaly(code conceptual.Anomaly, subject string) {
	s.tx.Anomaly(string(code), subject)
}

// second calls yield for the second part of the keys of an index that begin with first, rising, until it returns
// false.
func (m *model) second(r projection.Reader, index projection.Table[present], first string, yield func(string) bool) {
	prefix := key(first)
	index.Scan(r, prefix, "", func(at projection.Key, _ *present) bool {
		id, _, err := at[len(prefix):].CutText()
		return err != nil || yield(id) // a key without it is for Check to find
	})
}
