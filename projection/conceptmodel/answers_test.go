package conceptmodel_test

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

var update = flag.Bool("update", false, "write the answers under testdata anew")

const (
	findSimilar   = "conceptual.find_similar"
	getSpace      = "conceptual.get_space"
	getEntity     = "conceptual.get_entity"
	getConcept    = "conceptual.get_concept"
	getCategories = "conceptual.get_categories"
)

// questions are asked after testdata/life.jsonl; testdata/answers holds what each must be answered with.
var questions = []struct {
	name, subject, params string
	offset, limit         int
}{
	{name: "space-recalibrated", subject: getSpace, params: `{"space_id":"space-ai-ml"}`},
	{name: "space-created", subject: getSpace, params: `{"space_id":{"id":"colours"},"surplus":1}`},
	{name: "space-without-stale", subject: getSpace, params: `{"space_id":"space-ai-ml","include_stale":false}`},
	{name: "space-unknown", subject: getSpace, params: `{"space_id":"nope"}`},
	{name: "space-without-id", subject: getSpace},
	{name: "space-wrong-id", subject: getSpace, params: `{"space_id":7}`},

	{name: "entity", subject: getEntity, params: `{"entity_id":"concept-cnn"}`},
	{name: "entity-without-vectors", subject: getEntity, params: `{"concept_id":"concept-rnn","include_vectors":false}`},
	{name: "entity-without-model-twin", subject: getEntity, params: `{"entity_id":"nothing"}`},
	{name: "entity-member-only", subject: getEntity, params: `{"entity_id":"red"}`},
	{name: "entity-unknown", subject: getEntity, params: `{"entity_id":"broken"}`},

	{name: "concept-defined", subject: getConcept, params: `{"concept_id":"order"}`},
	{name: "concept-dangling", subject: getConcept, params: `{"concept_id":"customer"}`},
	{name: "concept-placed", subject: getConcept, params: `{"concept_id":"green"}`},
	{name: "concept-without-point", subject: getConcept, params: `{"concept_id":"blue"}`},
	{name: "concept-mentioned", subject: getConcept, params: `{"concept_id":"concept-cnn"}`},
	{name: "concept-unknown", subject: getConcept, params: `{"concept_id":"nope"}`},

	{name: "categories", subject: getCategories, params: `{}`},
	{name: "categories-of-space", subject: getCategories, params: `{"space_id":"colours","include_members":false,"filters":[]}`},
	{name: "categories-of-another-space", subject: getCategories, params: `{"space_id":"space-ai-ml","include_members":false}`},
	{name: "categories-page", subject: getCategories, offset: 1, limit: 1},
	{name: "categories-behind-the-end", subject: getCategories, offset: 9, limit: 1},
	{name: "categories-of-unknown-space", subject: getCategories, params: `{"space_id":"nope"}`},
	{name: "categories-filtered", subject: getCategories, params: `{"filters":["ByConfidence"]}`},

	{name: "similar-entity", subject: findSimilar,
		params: `{"entity_id":"concept-transformer","similarity_threshold":0.5,"max_results":10,"similarity_type":"Cosine"}`},
	{name: "similar-target", subject: findSimilar, params: `{"space_id":"space-ai-ml","target_concept":"concept-transformer",
		"similarity_metric":"Cosine","threshold":0.0,"max_results":2,"include_scores":true,"filter_criteria":null}`},
	{name: "similar-target-wins", subject: findSimilar, params: `{"entity_id":"red","target_concept":"concept-transformer","max_results":1}`},
	{name: "similar-paged", subject: findSimilar, params: `{"entity_id":"concept-transformer"}`, offset: 1, limit: 1},
	{name: "similar-behind-the-end", subject: findSimilar, params: `{"entity_id":"concept-transformer"}`, offset: 9},
	{name: "similar-without-scores", subject: findSimilar,
		params: `{"entity_id":"concept-transformer","max_results":9,"include_scores":false}`},
	{name: "similar-euclidean", subject: findSimilar,
		params: `{"entity_id":"concept-transformer","max_results":9,"similarity_type":"euclidean"}`},
	{name: "similar-manhattan", subject: findSimilar,
		params: `{"entity_id":"concept-transformer","max_results":9,"similarity_type":{"Manhattan":{}}}`},
	{name: "similar-to-zero", subject: findSimilar, params: `{"entity_id":"nothing","max_results":9}`},
	{name: "similar-newest-model", subject: findSimilar, params: `{"entity_id":"concept-cnn","max_results":9}`},
	{name: "similar-named-model", subject: findSimilar,
		params: `{"entity_id":"concept-cnn","max_results":9,"embedding_model":"all-MiniLM-L6-v2"}`},
	{name: "similar-in-space", subject: findSimilar, params: `{"target_concept":"red","space_id":"colours","max_results":9}`},
	{name: "similar-points-weighted", subject: findSimilar,
		params: `{"target_concept":"red","space_id":"colours","max_results":9,"similarity_metric":"WeightedEuclidean"}`},
	{name: "similar-points-without-embedding", subject: findSimilar,
		params: `{"target_concept":"green","space_id":"colours","max_results":9,"similarity_metric":"Manhattan"}`},
	{name: "similar-weighted-embeddings", subject: findSimilar,
		params: `{"target_concept":"red","space_id":"colours","embedding_model":"tiny","similarity_metric":"weighted_euclidean"}`},
	{name: "similar-by-category", subject: findSimilar,
		params: `{"target_concept":"concept-transformer","filter_criteria":[{"ByCategory":"category-1"}]}`},
	{name: "similar-by-category-name", subject: findSimilar, params: `{"space_id":"space-ai-ml","target_concept":"concept-transformer",
		"similarity_metric":"Cosine","threshold":0.0,"max_results":10,"include_scores":true,
		"filter_criteria":[{"ByCategory":"Deep Learning"}]}`},
	{name: "similar-by-property", subject: findSimilar,
		params: `{"target_concept":"concept-transformer","filter_criteria":{"ByProperty":{"key":"depth","min_value":12}}}`},
	{name: "similar-by-inferred-property", subject: findSimilar, params: `{"target_concept":"concept-transformer",
		"filter_criteria":[{"ByProperty":{"key":"depth","min_value":null,"max_value":3.0}},{"ByCategory":"category-1"}]}`},
	{name: "similar-by-unknown-category", subject: findSimilar,
		params: `{"target_concept":"concept-transformer","filter_criteria":[{"ByCategory":"nope"}]}`},
	{name: "similar-by-unknown-criterion", subject: findSimilar,
		params: `{"target_concept":"concept-transformer","filter_criteria":[{"ByAge":1}]}`},
	{name: "similar-by-wrong-property", subject: findSimilar,
		params: `{"target_concept":"concept-transformer","filter_criteria":[{"ByProperty":{"min_value":1}}]}`},
	{name: "similar-of-nobody", subject: findSimilar, params: `{"entity_id":"nope"}`},
	{name: "similar-by-wrong-model", subject: findSimilar, params: `{"entity_id":"red","embedding_model":"nope"}`},
	{name: "similar-in-unknown-space", subject: findSimilar, params: `{"target_concept":"red","space_id":"nope"}`},
	{name: "similar-weighted-nowhere", subject: findSimilar,
		params: `{"entity_id":"red","similarity_type":"WeightedEuclidean"}`},
	{name: "similar-weighted-too-few", subject: findSimilar,
		params: `{"entity_id":"concept-cnn","space_id":"space-ai-ml","similarity_type":"WeightedEuclidean"}`},
	{name: "similar-unknown-metric", subject: findSimilar, params: `{"entity_id":"red","similarity_type":"Contextual"}`},
	{name: "similar-too-many", subject: findSimilar, params: `{"entity_id":"red","max_results":10001}`},
	{name: "similar-none", subject: findSimilar, params: `{"entity_id":"red","max_results":0}`},
	{name: "similar-too-deep", subject: findSimilar, params: `{"entity_id":"red"}`, offset: math.MaxInt},
	{name: "similar-without-target", subject: findSimilar, params: `{"similarity_threshold":0.5}`},
}

func TestAnswers(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life(t)...)
	m.commit()
	for _, q := range questions {
		t.Run(q.name, func(t *testing.T) {
			got := text(t, m.ask(q.subject, projection.Request{
				Params: eventlog.Value(q.params), Offset: q.offset, Limit: q.limit,
			}))
			wantFile(t, filepath.Join("testdata", "answers", q.name+".json"), got)
		})
	}
}

func wantFile(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestEveryAnswerIsAskedFor keeps files of questions that are gone from staying.
func TestEveryAnswerIsAskedFor(t *testing.T) {
	asked := map[string]bool{}
	for _, q := range questions {
		asked[q.name] = true
	}
	files, err := filepath.Glob("testdata/answers/*.json")
	if err != nil || len(files) != len(questions) {
		t.Errorf("%d files for %d questions, %v", len(files), len(questions), err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".json"); !asked[name] {
			t.Errorf("%s belongs to no question", f)
		}
	}
}
