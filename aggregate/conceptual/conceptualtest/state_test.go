package conceptualtest_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/aggregate/conceptual/conceptualtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestState(t *testing.T) {
	conceptualtest.TestState(t, func(*testing.T) conceptualtest.Reading { return new(conceptualtest.State) })
}

// TestCheckFinds proves that Check is not blind. Each damage is the only one.
func TestCheckFinds(t *testing.T) {
	concept := &conceptual.Concept{ID: "c", Metadata: map[string]eventlog.Value{"k": eventlog.Value("1")}}
	for _, c := range []struct {
		name   string
		damage func(s *conceptualtest.State)
	}{
		{"a changed row", func(*conceptualtest.State) { concept.Metadata["k"][0] = '2' }},
		{"a changed row that was replaced", func(s *conceptualtest.State) {
			concept.Metadata["k"][0] = '2'
			s.PutConcept(&conceptual.Concept{ID: "c"})
		}},
		{"a wrong count", func(s *conceptualtest.State) { s.PutSpace(&conceptual.Space{ID: "s", ConceptCount: 2}) }},
		{"a placement without a space", func(s *conceptualtest.State) {
			s.PutPlacement(&conceptual.Placement{SpaceID: "t", ConceptID: "c"})
		}},
		{"an empty list", func(s *conceptualtest.State) {
			s.PutSpace(&conceptual.Space{ID: "s", ConceptCount: 1, Dimensions: []conceptual.Dimension{}})
		}},
		{"another length", func(s *conceptualtest.State) {
			s.PutEmbedding(&conceptual.Embedding{EntityID: "e", Dimensions: 2}, conceptual.MakeVector(1))
		}},
		{"half a number", func(s *conceptualtest.State) {
			s.PutEmbedding(&conceptual.Embedding{EntityID: "e", Dimensions: 1}, conceptual.Vector{1, 2, 3, 4, 5})
		}},
		{"members that are not sorted", func(s *conceptualtest.State) {
			s.PutCategory(&conceptual.Category{ID: "k", Members: []string{"b", "a"}})
		}},
		{"a member twice", func(s *conceptualtest.State) {
			s.PutCategory(&conceptual.Category{ID: "k", Members: []string{"a", "a"}})
		}},
		{"a pair the wrong way", func(s *conceptualtest.State) { s.PutSimilarity(&conceptual.Similarity{A: "b", B: "a"}) }},
		{"inferred properties that are not sorted", func(s *conceptualtest.State) {
			s.PutConcept(&conceptual.Concept{ID: "d", Inferred: []conceptual.Inference{{Name: "b"}, {Name: "a"}}})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			concept.Metadata["k"][0] = '1'
			var s conceptualtest.State
			s.PutSpace(&conceptual.Space{ID: "s", ConceptCount: 1})
			s.PutPlacement(&conceptual.Placement{SpaceID: "s", ConceptID: "c"})
			s.PutConcept(concept)
			if err := s.Check(); err != nil {
				t.Fatalf("before the damage: %v", err)
			}
			c.damage(&s)
			if s.Check() == nil {
				t.Error("Check found nothing")
			}
		})
	}
}
