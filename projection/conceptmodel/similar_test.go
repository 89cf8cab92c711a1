package conceptmodel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/conceptmodel"
)

// similar asks for the likes of a target, and returns ids with scores.
func (m *models) similar(params string) map[string]float32 {
	m.t.Helper()
	got := m.ask(findSimilar, projection.Request{Params: eventlog.Value(params)})
	if got.Error != nil {
		m.t.Fatal(got.Error)
	}
	out := map[string]float32{}
	for _, one := range got.Data.([]conceptmodel.SimilarityMatch) {
		out[one.EntityID] = *one.SimilarityScore
	}
	return out
}

// TestDocumentNumbers holds the scores of the document's embeddings against numbers that were computed by hand.
func TestDocumentNumbers(t *testing.T) {
	raw, err := os.ReadFile("testdata/numbers.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Cosine, Euclidean map[string]float64 }
	if err := json.Unmarshal(raw, &want); err != nil || len(want.Cosine) != 3 || len(want.Euclidean) != 3 {
		t.Fatal(want, err)
	}
	m := open(t, t.TempDir())
	m.apply(life(t)[:6]...)
	m.commit()
	for pair := range want.Cosine {
		a, b, _ := strings.Cut(pair, "-")
		for _, ends := range [][2]string{{a, b}, {b, a}} {
			question := `{"entity_id":"concept-` + ends[0] + `","max_results":9,"similarity_type":%q}`
			cosine := float64(m.similar(fmt.Sprintf(question, "Cosine"))["concept-"+ends[1]])
			distance := 1/float64(m.similar(fmt.Sprintf(question, "Euclidean"))["concept-"+ends[1]]) - 1
			if math.Abs(cosine-want.Cosine[pair]) > 1e-6 || math.Abs(distance-want.Euclidean[pair]) > 1e-6 {
				t.Errorf("%s: %v and %v, want %v and %v", ends, cosine, distance, want.Cosine[pair], want.Euclidean[pair])
			}
		}
	}
}

// TestTrap74TwoShapes asks the same in both shapes.
func TestTrap74TwoShapes(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life(t)...)
	m.commit()
	one := m.similar(`{"entity_id":"concept-transformer","similarity_threshold":0.0,"max_results":10,"similarity_type":"Euclidean"}`)
	two := m.similar(`{"space_id":"space-ai-ml","target_concept":"concept-transformer","similarity_metric":"Euclidean",
		"threshold":0.0,"max_results":10,"include_scores":true}`)
	if diff := cmp.Diff(one, two); diff != "" || len(one) != 3 {
		t.Errorf("the two shapes differ:\n%s", diff)
	}
}

// TestModelsAndLengthsAreNotCompared puts vectors of other models and lengths beside the target's.
func TestModelsAndLengthsAreNotCompared(t *testing.T) {
	m := open(t, t.TempDir())
	for i, p := range []string{
		`{"entity_id":"a","embedding_model":"m","embedding_vector":[1,0]}`,
		`{"entity_id":"b","embedding_model":"m","embedding_vector":[1,0]}`,
		`{"entity_id":"c","embedding_model":"m","embedding_vector":[1,0,0]}`,
		`{"entity_id":"d","embedding_model":"mm","embedding_vector":[1,0]}`,
		`{"entity_id":"e","embedding_vector":[1,0]}`,
		`{"entity_id":"f","embedding_model":"m","embedding_vector":[]}`,
	} {
		m.apply(event(i+1, "embedding_calculated", p))
	}
	m.commit()
	for question, want := range map[string]map[string]float32{
		`{"entity_id":"a","max_results":9}`:                      {"b": 1},
		`{"entity_id":"e","max_results":9}`:                      {},
		`{"entity_id":"f","max_results":9}`:                      {},
		`{"entity_id":"a","max_results":9,"threshold":1.0}`:      {"b": 1},
		`{"entity_id":"a","max_results":9,"threshold":1.000001}`: {},
	} {
		if diff := cmp.Diff(want, m.similar(question)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", question, diff)
		}
	}
}

// many stores n entities, each less like the first than the one before.
func many(t testing.TB, n int) *models {
	t.Helper()
	m := open(t, t.TempDir())
	for i := range n {
		m.apply(event(i+1, "embedding_calculated", fmt.Sprintf(
			`{"entity_id":"e%06d","embedding_model":"m","embedding_vector":[1,%d]}`, n-i, n-i)))
	}
	m.commit()
	return m
}

// TestPages puts the pages together and finds everybody once, in order.
func TestPages(t *testing.T) {
	const n, limit = 100, 7
	m := many(t, n)
	var ids []string
	for offset := 0; offset < n+limit; offset += limit {
		got := m.ask(findSimilar, projection.Request{
			Params: eventlog.Value(`{"entity_id":"e000001","similarity_type":"Manhattan"}`), Offset: offset, Limit: limit,
		})
		if got.Error != nil || *got.Total != n-1 {
			t.Fatalf("at %d: %+v, want a total of %d", offset, got, n-1)
		}
		for _, one := range got.Data.([]conceptmodel.SimilarityMatch) {
			ids = append(ids, one.EntityID)
		}
	}
	if len(ids) != n-1 || ids[0] != "e000002" || !slices.IsSorted(ids) {
		t.Errorf("%d ids: %q", len(ids), ids)
	}
}

// TestEndedQuestions asks with a context that is over.
func TestEndedQuestions(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life(t)...)
	m.commit()
	why := errors.New("the asker went away")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for _, c := range []struct{ subject, params string }{
		{findSimilar, `{"entity_id":"concept-cnn"}`},
		{findSimilar, `{"entity_id":"concept-cnn","embedding_model":"tiny"}`},
		{findSimilar, `{"target_concept":"green","space_id":"colours"}`},
		{getSpace, `{"space_id":"space-ai-ml"}`},
		{getEntity, `{"entity_id":"concept-cnn"}`},
		{getConcept, `{"concept_id":"order"}`},
		{getCategories, `{}`},
	} {
		m.view(func(v *projection.View) {
			_, err := query(t, v, c.subject).Answer(ctx, v, projection.Request{Params: eventlog.Value(c.params), Limit: 50})
			if !errors.Is(err, why) {
				t.Errorf("%s %s answered %v, want the reason why it was ended", c.subject, c.params, err)
			}
		})
	}
}

// TestBounds asks for just as much as an answer may hold, and for one more.
func TestBounds(t *testing.T) {
	const most = conceptmodel.MaxBeside
	m := open(t, t.TempDir())
	affected := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`"e%06d"`, i))
		}
		return `{"space_id":"s","affected_entities":[` + strings.Join(list, ",") + `]}`
	}
	for i, n := range []int{most, most + 1} {
		m.apply(event(i+1, "space_recalibrated", affected(n)))
		m.commit()
		got := m.ask(getSpace, projection.Request{Params: eventlog.Value(`{"space_id":"s"}`)})
		if tooLarge := got.Error != nil && got.Error.Code == projection.TooLarge; tooLarge != (n > most) {
			t.Errorf("with %d stale entities: %v", n, got.Error)
		}
	}
	if got := m.ask(getSpace, projection.Request{Params: eventlog.Value(`{"space_id":"s","include_stale":false}`)}); got.Error != nil {
		t.Errorf("without them: %v", got.Error)
	}
}

// TestOwner asks to whom events belong, through the projection.
func TestOwner(t *testing.T) {
	owned := conceptmodel.New().(projection.Owned)
	for _, c := range []struct{ kind, payload, want string }{
		{"similarity_computed", `{"entity_a":"b","entity_b":"a","similarity_score":1}`, "a"},
		{"embedding_calculated", `{"entity_id":"e"}`, "e"}, // refused by Decode, and belongs all the same
		{"metric_updated", `{"new_metric":"M"}`, "agg"},
		{"unheard_of", `{"space_id":"s"}`, ""},
	} {
		r := event(1, c.kind, c.payload)
		e, err := eventlog.Decode(&r)
		if err != nil {
			t.Fatal(err)
		}
		if got := owned.Owner(&projection.Event{Event: &e}); got != c.want {
			t.Errorf("%s %s belongs to %q, want %q", c.kind, c.payload, got, c.want)
		}
	}
}
