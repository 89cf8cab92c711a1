package conceptualtest

import (
	"maps"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
)

var _ conceptual.State = (*State)(nil)

// Key is what a row stands under: up to three ids.
type Key [3]string

// Record is an anomaly as it was recorded.
type Record struct {
	Code    conceptual.Anomaly
	Subject string
}

// State is a conceptual.State in memory. The zero value is empty and ready.
type State struct {
	// Anomalies are all that were recorded, in order.
	Anomalies []Record

	spaces       table[conceptual.Space]
	concepts     table[conceptual.Concept]
	placements   table[conceptual.Placement]
	embeddings   table[conceptual.Embedding]
	vectors      table[conceptual.Vector]
	similarities table[conceptual.Similarity]
	categories   table[conceptual.Category]
	relations    table[conceptual.Relation]
	stale        table[conceptual.Stale]
}

// table holds rows as they were put, and a copy of each made at that moment.
type table[T any] struct {
	rows    map[Key]kept[T]
	changed []error // of rows that are no longer there
}

type kept[T any] struct{ row, copy *T }

func (t *table[T]) get(k ...string) (*T, bool) {
	r, ok := t.rows[key(k)]
	return r.row, ok
}

func (t *table[T]) put(row *T, k ...string) {
	t.remove(k...)
	if t.rows == nil {
		t.rows = map[Key]kept[T]{}
	}
	t.rows[key(k)] = kept[T]{row, clone(row)}
}

// remove takes a row out, after a last look at whether it is still what was put.
func (t *table[T]) remove(k ...string) {
	if r, ok := t.rows[key(k)]; ok {
		if err := unchanged(key(k), r); err != nil {
			t.changed = append(t.changed, err)
		}
		delete(t.rows, key(k))
	}
}

func (t *table[T]) keys() []Key {
	return slices.SortedFunc(maps.Keys(t.rows), func(a, b Key) int { return slices.Compare(a[:], b[:]) })
}

func (t *table[T]) all() []T {
	var out []T
	for _, k := range t.keys() {
		out = append(out, *clone(t.rows[k].row))
	}
	return out
}

func key(parts []string) (k Key) {
	copy(k[:], parts)
	return k
}

// Space implements conceptual.State.
func (s *State) Space(id string) (*conceptual.Space, bool) { return s.spaces.get(id) }

// PutSpace implements conceptual.State.
func (s *State) PutSpace(row *conceptual.Space) { s.spaces.put(row, row.ID) }

// Concept implements conceptual.State.
func (s *State) Concept(id string) (*conceptual.Concept, bool) { return s.concepts.get(id) }

// PutConcept implements conceptual.State.
func (s *State) PutConcept(row *conceptual.Concept) { s.concepts.put(row, row.ID) }

// Placement implements conceptual.State.
func (s *State) Placement(space, concept string) (*conceptual.Placement, bool) {
	return s.placements.get(space, concept)
}

// PutPlacement implements conceptual.State.
func (s *State) PutPlacement(row *conceptual.Placement) {
	s.placements.put(row, row.SpaceID, row.ConceptID)
}

// Embedding implements conceptual.State.
func (s *State) Embedding(entity, model string) (*conceptual.Embedding, bool) {
	return s.embeddings.get(entity, model)
}

// PutEmbedding implements conceptual.State.
func (s *State) PutEmbedding(row *conceptual.Embedding, v conceptual.Vector) {
	s.embeddings.put(row, row.EntityID, row.Model)
	s.vectors.put(&v, row.EntityID, row.Model)
}

// Vector returns the vector of an entity and a model.
func (s *State) Vector(entity, model string) (conceptual.Vector, bool) {
	v, ok := s.vectors.get(entity, model)
	if !ok {
		return nil, false
	}
	return *v, true
}

// Category implements conceptual.State.
func (s *State) Category(id string) (*conceptual.Category, bool) { return s.categories.get(id) }

// PutCategory implements conceptual.State.
func (s *State) PutCategory(row *conceptual.Category) { s.categories.put(row, row.ID) }

// PutSimilarity implements conceptual.State.
func (s *State) PutSimilarity(row *conceptual.Similarity) {
	s.similarities.put(row, row.A, row.B, row.Kind)
}

// PutRelation implements conceptual.State.
func (s *State) PutRelation(row *conceptual.Relation) {
	s.relations.put(row, row.Source, row.Target, row.Kind)
}

// StaleIn implements conceptual.State.
func (s *State) StaleIn(entity string) []string {
	var out []string
	for _, k := range s.stale.keys() {
		if k[1] == entity {
			out = append(out, k[0])
		}
	}
	return out
}

// PutStale implements conceptual.State.
func (s *State) PutStale(row *conceptual.Stale) { s.stale.put(row, row.SpaceID, row.EntityID) }

// DeleteStale implements conceptual.State.
func (s *State) DeleteStale(space, entity string) { s.stale.remove(space, entity) }

// Anomaly implements conceptual.State.
func (s *State) Anomaly(code conceptual.Anomaly, subject string) {
	s.Anomalies = append(s.Anomalies, Record{code, subject})
}

// Spaces returns copies of all rows of spaces, by id.
func (s *State) Spaces() []conceptual.Space { return s.spaces.all() }

// Concepts returns copies of all rows of concepts, by id.
func (s *State) Concepts() []conceptual.Concept { return s.concepts.all() }

// Placements returns copies of all rows of placements, by space and concept.
func (s *State) Placements() []conceptual.Placement { return s.placements.all() }

// Embeddings returns copies of all rows of embeddings, by entity and model.
func (s *State) Embeddings() []conceptual.Embedding { return s.embeddings.all() }

// Similarities returns copies of all rows of similarities, by both entities and type.
func (s *State) Similarities() []conceptual.Similarity { return s.similarities.all() }

// Categories returns copies of all rows of categories, by id.
func (s *State) Categories() []conceptual.Category { return s.categories.all() }

// Relations returns copies of all rows of relations, by both concepts and type.
func (s *State) Relations() []conceptual.Relation { return s.relations.all() }

// Stale returns copies of all marks, by space and entity.
func (s *State) Stale() []conceptual.Stale { return s.stale.all() }
