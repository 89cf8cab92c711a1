package conceptual_test

import (
	"slices"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
)

func TestOwners(t *testing.T) {
	for _, c := range []struct {
		kind, payload string
		want          []string
	}{
		{"embedding_calculated", `{"concept_id":"e","embedding_vector":[1]}`, []string{"e"}},
		{"similarity_computed", `{"entity_a":"b","entity_b":"a","similarity":1}`, []string{"a", "b"}},
		{"similarity_computed", `{"entity_a":"a","entity_b":"a","similarity":1}`, []string{"a"}},
		{"category_formed", `{"category_id":"k","member_entities":["a"]}`, []string{"k"}},
		{"region_added", `{"region":{"id":"r"}}`, []string{"r"}},
		{"space_created", `{"id":"s"}`, []string{"s"}},
		{"space_recalibrated", `{"space_id":"s","affected_entities":["z","a","s"]}`, []string{"s", "a", "z"}},
		{"metric_updated", `{"new_metric":1}`, []string{"agg"}},
		{"concept_added", `{"concept_id":"c","space_id":"a"}`, []string{"c", "a"}},
		{"concept_defined", `{"concept_id":"c"}`, []string{"c"}},
		{"concept_moved", `{"concept_id":"c","space_id":"s","position":[1]}`, []string{"c", "s"}},
		{"properties_added", `{"concept_id":"c","properties":[]}`, []string{"c"}},
		{"property_inferred", `{"concept_id":"c","property_name":"p","inferred_value":1}`, []string{"c"}},
		{"relation_added", `{"source_concept":"z","target_concept":"a"}`, []string{"z"}},
		{"batch_progress", `{}`, nil},
		{"unheard_of", `{}`, nil},
		{"embedding_calculated", `{"entity_id":"e"}`, nil},
	} {
		e := event(t, fact{c.kind, c.payload}, 1)
		e.AggregateID = "agg"
		if got := conceptual.Owners(e); !slices.Equal(got, c.want) {
			t.Errorf("%s %s belongs to %q, want %q", c.kind, c.payload, got, c.want)
		}
	}
}

func TestOwner(t *testing.T) {
	for _, c := range []struct{ name, kind, payload, aggregate, want string }{
		{"the lesser of a pair", "similarity_computed", `{"entity_a":"b","entity_b":"a","similarity":1}`, "agg", "a"},
		{"a payload that is refused still has an owner", "embedding_calculated", `{"entity_id":"e"}`, "agg", "e"},
		{"half a pair is refused, and belongs to whom it names", "similarity_computed", `{"entity_b":"b"}`, "", "b"},
		{"an id that is none is passed over", "embedding_calculated", `{"entity_id":5,"concept_id":"c"}`, "agg", "c"},
		{"so are all of them", "category_formed", `{"category_id":5}`, "agg", "agg"},
		{"a payload that is no object", "space_recalibrated", `[1]`, "agg", "agg"},
		{"a transient event", "batch_progress", `{}`, "agg", "agg"},
		{"a type that is not known", "unheard_of", `{"space_id":"s"}`, "agg", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := event(t, fact{c.kind, c.payload}, 1)
			e.AggregateID = c.aggregate
			if got := conceptual.Owner(e); got != c.want {
				t.Errorf("Owner = %q, want %q", got, c.want)
			}
		})
	}
}
