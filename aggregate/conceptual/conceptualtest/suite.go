package conceptualtest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// Reading is what the suite asks beside the interface: everything that is in the state, as a State of its own.
type Reading interface {
	conceptual.State

	// All returns every row that was put and not deleted.
	All() *State
}

// All implements Reading.
func (s *State) All() *State { return s }

// TestState runs a state through what conceptual.State promises. open returns an empty one, which need not be
// closed by the suite; it is called once a case.
func TestState(t *testing.T, open func(t *testing.T) Reading) {
	t.Helper()
	for _, c := range stateCases {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			c.run(t, s)
			if err := s.All().Check(); c.whole && err != nil {
				t.Error(err)
			}
		})
	}
}

var stateCases = []struct {
	name  string
	run   func(t *testing.T, s Reading)
	whole bool // the rows agree with each other in the end
}{
	{"nothing is found in an empty state", func(t *testing.T, s Reading) { emptyState(t, s) }, true},
	{"a row is returned as it was put", rowsReturn, false},
	{"a row that is put again replaces the first", rowsReplace, false},
	{"an entity has an embedding by each model", modelsAreApart, true},
	{"a pair has a similarity by each type", typesAreApart, true},
	{"marks are found by entity, sorted", marksSorted, true},
	{"deleting a mark that is not there does nothing", func(t *testing.T, s Reading) {
		s.DeleteStale("s", "e")
		emptyState(t, s)
	}, true},
	{"ids may hold any character", hostileIDs, false},
	{"an anomaly changes no row", func(t *testing.T, s Reading) {
		s.Anomaly(conceptual.UnknownConcept, "c")
		emptyState(t, s)
	}, true},
}

func emptyState(t *testing.T, s Reading) {
	t.Helper()
	if row, ok := s.Space("s"); ok {
		t.Errorf("Space found %+v", row)
	}
	if row, ok := s.Concept("c"); ok {
		t.Errorf("Concept found %+v", row)
	}
	if row, ok := s.Placement("s", "c"); ok {
		t.Errorf("Placement found %+v", row)
	}
	if row, ok := s.Embedding("e", "m"); ok {
		t.Errorf("Embedding found %+v", row)
	}
	if row, ok := s.Category("k"); ok {
		t.Errorf("Category found %+v", row)
	}
	wantStale(t, s, "e")
	if all := s.All().Lines(); len(all) > 0 {
		t.Errorf("an empty state has the rows %q", all)
	}
}

func rowsReturn(t *testing.T, s Reading) {
	putAll(s)
	all := s.All()
	wantRow(t, fullSpace())(s.Space("s"))
	wantRow(t, fullConcept())(s.Concept("c"))
	wantRow(t, fullPlacement())(s.Placement("s", "c"))
	wantRow(t, fullEmbedding())(s.Embedding("e", "m"))
	wantRow(t, fullCategory())(s.Category("k"))
	wantRow(t, fullSimilarity())(all.similarities.get("a", "b", "Cosine"))
	wantRow(t, fullRelation())(all.relations.get("c", "d", "is_a"))
	wantRow(t, &conceptual.Stale{SpaceID: "s", EntityID: "e", Since: -1})(all.stale.get("s", "e"))
	if v, ok := all.Vector("e", "m"); !ok || !slices.Equal(v, fullVector) {
		t.Errorf("the vector is %v, %v", v, ok)
	}
}

func rowsReplace(t *testing.T, s Reading) {
	putAll(s)
	space, concept := &conceptual.Space{ID: "s"}, &conceptual.Concept{ID: "c"}
	placement := &conceptual.Placement{SpaceID: "s", ConceptID: "c"}
	embedding := &conceptual.Embedding{EntityID: "e", Model: "m", Dimensions: 1}
	category := &conceptual.Category{ID: "k", Listed: true, Members: []string{"b", "z"}}
	similarity := &conceptual.Similarity{A: "a", B: "b", Kind: "Cosine"}
	s.PutSpace(space)
	s.PutConcept(concept)
	s.PutPlacement(placement)
	s.PutEmbedding(embedding, conceptual.MakeVector(7))
	s.PutCategory(category)
	s.PutSimilarity(similarity)
	s.PutRelation(&conceptual.Relation{Source: "c", Target: "d", Kind: "is_a"})
	wantRow(t, space)(s.Space("s"))
	wantRow(t, concept)(s.Concept("c"))
	wantRow(t, placement)(s.Placement("s", "c"))
	wantRow(t, embedding)(s.Embedding("e", "m"))
	wantRow(t, category)(s.Category("k"))
	all := s.All()
	if v, _ := all.Vector("e", "m"); !slices.Equal(v, conceptual.MakeVector(7)) {
		t.Errorf("the vector is %v", v.Floats())
	}
	if n := len(all.Similarities()) + len(all.Relations()); n != 2 {
		t.Errorf("%d similarities and relations, want one of each", n)
	}
}

func modelsAreApart(t *testing.T, s Reading) {
	for i, model := range []string{"", "m", "n"} {
		s.PutEmbedding(&conceptual.Embedding{EntityID: "e", Model: model, Dimensions: uint32(i)},
			conceptual.MakeVector(make([]float32, i)...))
	}
	for i, model := range []string{"", "m", "n"} {
		wantRow(t, &conceptual.Embedding{EntityID: "e", Model: model, Dimensions: uint32(i)})(s.Embedding("e", model))
	}
	if _, ok := s.Embedding("m", "e"); ok {
		t.Error("entity and model are interchanged")
	}
}

func typesAreApart(t *testing.T, s Reading) {
	for _, kind := range []string{"Cosine", "", "Euclidean"} {
		s.PutSimilarity(&conceptual.Similarity{A: "a", B: "b", Kind: kind})
		s.PutSimilarity(&conceptual.Similarity{A: "a", B: "a", Kind: kind})
	}
	if n := len(s.All().Similarities()); n != 6 {
		t.Errorf("%d similarities, want 6", n)
	}
}

func marksSorted(t *testing.T, s Reading) {
	for _, space := range []string{"s2", "s10", "s1"} {
		s.PutStale(&conceptual.Stale{SpaceID: space, EntityID: "e"})
		s.PutStale(&conceptual.Stale{SpaceID: space, EntityID: "e2"})
	}
	before := s.StaleIn("e")
	s.DeleteStale("s10", "e")
	wantStale(t, s, "e", "s1", "s2")
	wantStale(t, s, "e2", "s1", "s10", "s2")
	if want := []string{"s1", "s10", "s2"}; !slices.Equal(before, want) {
		t.Errorf("what StaleIn returned before a deletion is now %q, want %q", before, want)
	}
	s.PutStale(&conceptual.Stale{SpaceID: "s10", EntityID: "e", Since: 5})
	wantStale(t, s, "e", "s1", "s10", "s2")
}

func hostileIDs(t *testing.T, s Reading) {
	ids := []string{"a", "a\x00", "a\x00b", "a/b", "a.b", "\x00", "ä", "\U0010ffff", "a b"}
	for _, x := range ids {
		for _, y := range ids {
			s.PutPlacement(&conceptual.Placement{SpaceID: x, ConceptID: y, CreatedAt: 1})
			s.PutEmbedding(&conceptual.Embedding{EntityID: x, Model: y}, nil)
			s.PutStale(&conceptual.Stale{SpaceID: x, EntityID: y})
		}
	}
	slices.Sort(ids)
	for _, x := range ids {
		for _, y := range ids {
			wantRow(t, &conceptual.Placement{SpaceID: x, ConceptID: y, CreatedAt: 1})(s.Placement(x, y))
			wantRow(t, &conceptual.Embedding{EntityID: x, Model: y})(s.Embedding(x, y))
		}
		wantStale(t, s, x, ids...)
	}
}

func wantRow[T any](t *testing.T, want *T) func(*T, bool) {
	return func(got *T, ok bool) {
		t.Helper()
		switch {
		case !ok:
			t.Errorf("nothing found, want %+v", *want)
		case !reflect.DeepEqual(got, want):
			t.Errorf("got %+v, want %+v", *got, *want)
		}
	}
}

func wantStale(t *testing.T, s conceptual.State, entity string, want ...string) {
	t.Helper()
	if got := s.StaleIn(entity); !slices.Equal(got, want) {
		t.Errorf("StaleIn(%q) = %q, want %q", entity, got, want)
	}
}

func putAll(s conceptual.State) {
	s.PutSpace(fullSpace())
	s.PutConcept(fullConcept())
	s.PutPlacement(fullPlacement())
	s.PutEmbedding(fullEmbedding(), fullVector)
	s.PutCategory(fullCategory())
	s.PutSimilarity(fullSimilarity())
	s.PutRelation(fullRelation())
	s.PutStale(&conceptual.Stale{SpaceID: "s", EntityID: "e", Since: -1})
}

var fullVector = conceptual.MakeVector(0.1, -0, 3e38)

func fullSpace() *conceptual.Space {
	return &conceptual.Space{
		ID: "s", Known: true, Name: new("n"), Description: new(""), EmbeddingModel: new("m"), CreatedBy: new("u"),
		Dimensions: []conceptual.Dimension{
			{ID: new("i"), Name: "hue", Type: eventlog.Value(`"Circular"`), Kind: "Circular",
				Range: &conceptual.Range{Start: -1, End: 360}, Weight: new(float32(0.7)), Description: new("d")},
			{Name: "bare"},
		},
		DistanceMetric: eventlog.Value(`{"minkowski_p":2.0}`), AccessPolicy: eventlog.Value(`"Private"`),
		ConceptCount: 1<<64 - 1, CreatedAt: -3, UpdatedAt: 1<<63 - 1,
	}
}

func fullConcept() *conceptual.Concept {
	return &conceptual.Concept{
		ID: "c", Known: true, Name: new("n"), Definition: new("d"),
		Properties: map[string]eventlog.Value{"": eventlog.Value("1e400"), "k": eventlog.Value("null")},
		Inferred:   []conceptual.Inference{{Name: "r", Value: 0.2, Confidence: new(0.7)}, {Name: "s"}},
		Metadata:   map[string]eventlog.Value{"m": eventlog.Value("[]")}, CreatedAt: 1, UpdatedAt: 2,
	}
}

func fullPlacement() *conceptual.Placement {
	return &conceptual.Placement{
		SpaceID: "s", ConceptID: "c", CreatedAt: 1, UpdatedAt: 2,
		Point: &conceptual.Point{Coordinates: []float64{0.1, -1e300}, DimensionMap: eventlog.Value(`{"d":0}`)},
	}
}

func fullEmbedding() *conceptual.Embedding {
	return &conceptual.Embedding{
		EntityID: "e", Model: "m", EntityType: eventlog.Value(`"Concept"`), Dimensions: 3, Confidence: new(float32(0.5)),
		ComputationMS: new(uint64(1<<64 - 1)), Seq: 1<<64 - 1, UpdatedAt: 4,
	}
}

func fullCategory() *conceptual.Category {
	return &conceptual.Category{
		ID: "k", SpaceID: new("s"), Name: new("n"), Description: new("d"), Listed: true, Members: []string{"a", "b"},
		StatedCount: new(uint64(3)), Prototype: new("a"), PrototypePoint: []float64{0.9, 0.1},
		ConvexRegion: eventlog.Value(`{"boundaries":[]}`), Confidence: new(float32(0.8)), CreatedAt: 1, UpdatedAt: 2,
	}
}

func fullSimilarity() *conceptual.Similarity {
	return &conceptual.Similarity{
		A: "a", B: "b", Kind: "Cosine", Type: eventlog.Value(`"Cosine"`), Score: 0.6,
		ThresholdExceeded: new(false), UpdatedAt: 9,
	}
}

func fullRelation() *conceptual.Relation {
	return &conceptual.Relation{
		Source: "c", Target: "d", Kind: "is_a", Type: eventlog.Value(`"is_a"`), Strength: new(1.0), UpdatedAt: 9,
	}
}
