package conceptmodel_test

import (
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/conceptmodel"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

type damage = conceptmodel.Damage

// TestCheckFinds proves that Check is not blind.
func TestCheckFinds(t *testing.T) {
	const model = "all-MiniLM-L6-v2"
	for _, c := range []struct {
		name, want string
		do         func(d *damage)
	}{
		{"a space that counts wrong", `counts 7 concepts and has 4`,
			func(d *damage) { d.PutSpace(&conceptual.Space{ID: "colours", ConceptCount: 7}) }},
		{"a space under another key", `stands under the key`,
			func(d *damage) { d.SpaceUnder(projection.MakeKey("x"), &conceptual.Space{ID: "y"}) }},
		{"a space with an empty list", `space "z" has an empty list`,
			func(d *damage) { d.PutSpace(&conceptual.Space{ID: "z", Dimensions: []conceptual.Dimension{}}) }},
		{"a concept with an empty object", `concept "z" has an empty list or object`,
			func(d *damage) {
				d.PutConcept(&conceptual.Concept{ID: "z", Properties: map[string]eventlog.Value{}})
			}},
		{"inferred properties that are not sorted", `not sorted`,
			func(d *damage) {
				d.PutConcept(&conceptual.Concept{ID: "z", Inferred: []conceptual.Inference{{Name: "b"}, {Name: "a"}}})
			}},
		{"a placement without its space", `lies in space "nowhere", which has no row`,
			func(d *damage) { d.PutPlacement(&conceptual.Placement{SpaceID: "nowhere", ConceptID: "red"}) }},
		{"a placement that is gone", `the index placed has ["red" "colours"]`, func(d *damage) { d.Drop("placement", "colours", "red") }},
		{"a placement without its index", `the index placed lacks ["red" "colours"]`,
			func(d *damage) { d.DropIndex("placed", "red", "colours") }},
		{"an embedding without a vector", `has no vector`, func(d *damage) { d.Drop("vector", model, "concept-cnn") }},
		{"a vector without an embedding", `belongs to no embedding`, func(d *damage) { d.Drop("embedding", "concept-cnn", model) }},
		{"a vector of another length", `has 1 numbers, its embedding says 3`,
			func(d *damage) { d.Vector(model, "concept-cnn", conceptual.MakeVector(1)) }},
		{"half a number", `not a list of finite numbers`,
			func(d *damage) { d.Vector(model, "concept-cnn", conceptual.Vector{1, 2, 3}) }},
		{"what is not a number", `not a list of finite numbers`,
			func(d *damage) { d.Vector(model, "concept-cnn", conceptual.Vector(strings.Repeat("\xff", 12))) }},
		{"a similarity without its index", `the index similar lacks ["concept-transformer" "concept-cnn" "Cosine"]`,
			func(d *damage) { d.DropIndex("similar", "concept-transformer", "concept-cnn", "Cosine") }},
		{"a similarity that is gone", `the index similar has`,
			func(d *damage) { d.Drop("similarity", "concept-cnn", "concept-transformer", "Cosine") }},
		{"a similarity the wrong way", `stands the wrong way`,
			func(d *damage) { d.Similarity(&conceptual.Similarity{A: "z", B: "a"}) }},
		{"an entity that is like itself, twice", `the index similar has ["a" "a" ""]`, func(d *damage) {
			d.Similarity(&conceptual.Similarity{A: "a", B: "a"})
			d.Index("similar", "a", "a", "")
		}},
		{"a relation without its index", `the index related lacks ["customer" "order" "placed_by"]`,
			func(d *damage) { d.DropIndex("related", "customer", "order", "placed_by") }},
		{"a relation that is gone", `the index related has`, func(d *damage) { d.Drop("relation", "order", "customer", "placed_by") }},
		{"a member without its index", `the index member lacks ["concept-cnn" "category-1"]`,
			func(d *damage) { d.DropIndex("member", "concept-cnn", "category-1") }},
		{"a member that left", `the index member has ["zz" "category-1"]`, func(d *damage) { d.Index("member", "zz", "category-1") }},
		{"a category that is gone", `the index member has`, func(d *damage) { d.Drop("category", "category-1") }},
		{"members that are not sorted", `not sorted, each once`, func(d *damage) {
			d.PutCategory(&conceptual.Category{ID: "k", Members: []string{"b", "a"}})
		}},
		{"an empty list of members", `or an empty list`,
			func(d *damage) { d.Category(&conceptual.Category{ID: "k", Members: []string{}}) }},
		{"a mark without its index", `the index stale_in lacks ["concept-cnn" "space-ai-ml"]`,
			func(d *damage) { d.DropIndex("stale_in", "concept-cnn", "space-ai-ml") }},
		{"a mark that is gone", `the index stale_in has`, func(d *damage) { d.Drop("stale", "space-ai-ml", "concept-cnn") }},
		{"a mark in a space that is not there", `is stale in space "nowhere", which has no row`,
			func(d *damage) { d.PutStale(&conceptual.Stale{SpaceID: "nowhere", EntityID: "e"}) }},
		{"half a key", `stands under the key`, func(d *damage) { d.IndexKey("placed", projection.MakeKey("a")+"b") }},
		{"a key with too little", `the index stale_in has ["a"]`, func(d *damage) { d.Index("stale_in", "a") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := problems(t, c.do); !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("Check = %q, want a sentence with %q", got, c.want)
			}
		})
	}
	if got := problems(t, func(*damage) {}); got != nil {
		t.Errorf("undamaged: Check = %q, want nothing", got)
	}
}

func TestCheckEnds(t *testing.T) {
	got := problems(t, func(d *damage) {
		for i := range 3 * conceptmodel.MaxProblems {
			d.Index("placed", "a", strings.Repeat("x", i))
		}
	})
	if len(got) != conceptmodel.MaxProblems {
		t.Errorf("%d problems, want %d", len(got), conceptmodel.MaxProblems)
	}
}

// problems is what Check says after a life and some damage.
func problems(t *testing.T, do func(d *damage)) []string {
	t.Helper()
	store, err := projection.Open(projection.Config{
		Dir: t.TempDir(), Worker: "test", Projections: []projection.Projection{conceptmodel.NewDamaged(do)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	history := life(t)
	projectiontest.Commit(t, store.GroupOf(conceptmodel.Name), append(history, event(len(history)+1, "damage", `{}`))...)
	v, err := store.View(conceptmodel.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	return v.Check()
}
