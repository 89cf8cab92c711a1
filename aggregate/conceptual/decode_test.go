package conceptual_test

import (
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// everyEvent has one event of every type and name that is known and not transient.
var everyEvent = []fact{
	{"space_created", `{"space_id":"s","name":"S","dimensions":[{"name":"a","weight":1},{"name":"b"}]}`},
	{"concept_added", `{"space_id":"s","concept_id":"c","position":[1,2]}`},
	{"embedding_calculated", `{"entity_id":"e","embedding_model":"m","embedding_vector":[1.0,0.5]}`},
	{"similarity_computed", `{"entity_a":"e","entity_b":"f","similarity_score":0.5,"similarity_type":"Cosine"}`},
	{"category_formed", `{"category_id":"k","member_entities":["e","f"],"member_count":2,"prototype":{"coordinates":[[1.0],1,null]}}`},
	{"space_recalibrated", `{"space_id":"s","dimension_changes":[{"Add":{"name":"x"}},{"ModifyWeight":{"name":"a","new_weight":2}},` +
		`{"ModifyRange":{"name":"x","new_range":{"start":0,"end":1}}},{"Remove":"b"}],"affected_entities":["e"]}`},
	{"dimension_added<quality_dimension_added", `{"space_id":"s","dimension_id":"d","dimension":{"name":"y"}}`},
	{"space_recalibrated<metric_updated", `{"space_id":"s","new_metric":{"dimension_weights":[{"Constant":1.5}]}}`},
	{"space_recalibrated<dimension_weights_removed", `{"space_id":"s","removed_weights":[]}`},
	{"space_recalibrated<dimension_weights_added", `{"space_id":"s","weights":[{"Attentional":{"current_weight":2}},3]}`},
	{"concept_moved", `{"space_id":"s","concept_id":"c","new_position":{"coordinates":[3,4],"dimension_map":{"a":0}}}`},
	{"properties_added", `{"concept_id":"c","properties":[["p",0.5]]}`},
	{"property_inferred", `{"concept_id":"c","property_name":"q","inferred_value":0.2,"confidence":0.7}`},
	{"relation_added", `{"source_concept":"c","target_concept":"d","relation_type":"r","strength":1.0}`},
	{"category_formed<region_added", `{"space_id":"s","region":{"id":"r","prototype":{"id":"e"},"member_points":["e"]}}`},
	{"concept_added<concept_defined", `{"concept_id":"d","name":"D","definition":"x","metadata":{"k":1}}`},
}

func TestDecodeRefuses(t *testing.T) {
	long := strings.Repeat("x", eventlog.MaxIDBytes+1)
	for _, c := range []struct {
		kind, payload, field string
		code                 eventlog.Code
	}{
		{"embedding_calculated", `null`, "payload", eventlog.CodeMissingField},
		{"embedding_calculated", `[1]`, "payload", eventlog.CodeWrongType},
		{"embedding_calculated", `{"embedding_vector":[1]}`, "payload.entity_id", eventlog.CodeMissingField},
		{"embedding_calculated", `{"entity_id":"","embedding_vector":[1]}`, "payload.entity_id", eventlog.CodeEmptyID},
		{"embedding_calculated", `{"concept_id":7,"embedding_vector":[1]}`, "payload.concept_id", eventlog.CodeWrongType},
		{"embedding_calculated", `{"entity_id":"e"}`, "payload.embedding_vector", eventlog.CodeMissingField},
		{"embedding_calculated", `{"entity_id":"e","embedding_vector":{}}`, "payload.embedding_vector", eventlog.CodeWrongType},
		{"embedding_calculated", `{"entity_id":"e","embedding_vector":[[1],2,null]}`, "payload.embedding_vector.1", eventlog.CodeOutOfRange},
		{"embedding_calculated", `{"entity_id":"e","embedding_vector":[[1],1.0,null]}`, "payload.embedding_vector.1", eventlog.CodeWrongType},
		{"embedding_calculated", `{"entity_id":"e","embedding_vector":[[1],1,1]}`, "payload.embedding_vector", eventlog.CodeWrongType},
		{"embedding_calculated", `{"entity_id":"e","embedding_vector":[[1],1]}`, "payload.embedding_vector", eventlog.CodeWrongType},
		{"embedding_calculated", `{"entity_id":"e","embedding_vector":[1],"embedding_model":"` + long + `"}`, "payload.embedding_model", eventlog.CodeTooLong},
		{"embedding_calculated", `{"entity_id":"e","embedding_vector":[1],"embedding_model":5}`, "payload.embedding_model", eventlog.CodeWrongType},
		{"embedding_calculated", `{"entity_id":"e","embedding_vector":[1],"computation_time_ms":-1}`, "payload.computation_time_ms", eventlog.CodeOutOfRange},
		{"similarity_computed", `{"entity_a":"a","similarity_score":1}`, "payload.entity_b", eventlog.CodeMissingField},
		{"similarity_computed", `{"entity_a":"a","entity_b":"b"}`, "payload.similarity_score", eventlog.CodeMissingField},
		{"similarity_computed", `{"entity_a":"a","entity_b":"b","similarity":1,"similarity_type":5}`, "payload.similarity_type", eventlog.CodeWrongType},
		{"similarity_computed", `{"entity_a":"a","entity_b":"b","similarity":1,"threshold_exceeded":1}`, "payload.threshold_exceeded", eventlog.CodeWrongType},
		{"category_formed", `{"member_entities":[]}`, "payload.category_id", eventlog.CodeMissingField},
		{"category_formed", `{"category_id":"k","member_entities":["a",5]}`, "payload.member_entities.1", eventlog.CodeWrongType},
		{"category_formed", `{"category_id":"k","member_entities":"a"}`, "payload.member_entities", eventlog.CodeWrongType},
		{"category_formed", `{"category_id":"k","prototype":{}}`, "payload.prototype.coordinates", eventlog.CodeMissingField},
		{"category_formed", `{"category_id":"k","prototype":{"id":"a","coordinates":["x"]}}`, "payload.prototype.coordinates.0", eventlog.CodeWrongType},
		{"category_formed", `{"category_id":"k","member_count":1.5}`, "payload.member_count", eventlog.CodeWrongType},
		{"region_added", `{"region":{"id":9}}`, "payload.region.id", eventlog.CodeWrongType},
		{"space_created", `{}`, "payload.space_id", eventlog.CodeMissingField},
		{"space_created", `{"space_id":"s","dimensions":[{"name":"a"},{}]}`, "payload.dimensions.1.name", eventlog.CodeMissingField},
		{"space_created", `{"space_id":"s","dimension_ids":["a",""]}`, "payload.dimension_ids.1", eventlog.CodeEmptyID},
		{"space_recalibrated", `{"space_id":"s","dimension_changes":{}}`, "payload.dimension_changes", eventlog.CodeWrongType},
		{"space_recalibrated", `{"space_id":"s","dimension_changes":[{"Add":{"name":"a","range":{"start":0}}}]}`,
			"payload.dimension_changes.0.Add.range.end", eventlog.CodeMissingField},
		{"space_recalibrated", `{"space_id":"s","dimension_changes":[{"ModifyWeight":{"name":"a"}}]}`,
			"payload.dimension_changes.0.ModifyWeight.new_weight", eventlog.CodeMissingField},
		{"space_recalibrated", `{"space_id":"s","dimension_changes":[{"ModifyWeight":{"name":"a","new_weight":1e39}}]}`,
			"payload.dimension_changes.0.ModifyWeight.new_weight", eventlog.CodeOutOfRange},
		{"space_recalibrated", `{"space_id":"s","dimension_changes":[{"ModifyRange":{"name":"a"}}]}`,
			"payload.dimension_changes.0.ModifyRange.new_range", eventlog.CodeMissingField},
		{"space_recalibrated", `{"space_id":"s","dimension_changes":[{"ModifyRange":5}]}`,
			"payload.dimension_changes.0.ModifyRange", eventlog.CodeWrongType},
		{"space_recalibrated", `{"space_id":"s","dimension_changes":[{"Remove":""}]}`,
			"payload.dimension_changes.0.Remove", eventlog.CodeEmptyID},
		{"space_recalibrated", `{"space_id":"s","affected_entities":["a",null]}`, "payload.affected_entities.1", eventlog.CodeWrongType},
		{"metric_updated", `{"space_id":"s"}`, "payload.new_metric", eventlog.CodeMissingField},
		{"weights_added", `{"space_id":"s"}`, "payload.weights", eventlog.CodeMissingField},
		{"dimension_added", `{"space_id":"s","dimension":{"id":"d"}}`, "payload.name", eventlog.CodeMissingField},
		{"dimension_added", `{"space_id":"s","dimension":{"name":"a","weight":"x"}}`, "payload.dimension.weight", eventlog.CodeWrongType},
		{"concept_added", `{"space_id":"s"}`, "payload.concept_id", eventlog.CodeMissingField},
		{"concept_added", `{"concept_id":"c","position":{"x":1}}`, "payload.position.coordinates", eventlog.CodeMissingField},
		{"concept_added", `{"concept_id":"c","metadata":[]}`, "payload.metadata", eventlog.CodeWrongType},
		{"concept_moved", `{"concept_id":"c","position":[1]}`, "payload.space_id", eventlog.CodeMissingField},
		{"concept_moved", `{"concept_id":"c","space_id":"s"}`, "payload.new_position", eventlog.CodeMissingField},
		{"properties_added", `{"concept_id":"c"}`, "payload.properties", eventlog.CodeMissingField},
		{"properties_added", `{"concept_id":"c","properties":[["a",1,2]]}`, "payload.properties.0", eventlog.CodeWrongType},
		{"properties_added", `{"concept_id":"c","properties":[["a"]]}`, "payload.properties.0.1", eventlog.CodeMissingField},
		{"properties_added", `{"concept_id":"c","properties":[["a",1],["b","x"]]}`, "payload.properties.1.1", eventlog.CodeWrongType},
		{"properties_added", `{"concept_id":"c","properties":[[5,1]]}`, "payload.properties.0.0", eventlog.CodeWrongType},
		{"property_inferred", `{"concept_id":"c","inferred_value":1}`, "payload.property_name", eventlog.CodeMissingField},
		{"property_inferred", `{"concept_id":"c","property_name":"p","inferred_value":1e999}`, "payload.inferred_value", eventlog.CodeOutOfRange},
		{"relation_added", `{"source_concept":"c"}`, "payload.target_concept", eventlog.CodeMissingField},
		{"relation_added", `{"source_concept":"c","target_concept":"d","relation_type":{}}`, "payload.relation_type", eventlog.CodeWrongType},
	} {
		got, err := conceptual.Decode(event(t, fact{c.kind, c.payload}, 1))
		if got != nil || err == nil || err.Field != c.field || err.Code != c.code {
			t.Errorf("%s %.80s: %v, %v; want %s at %s", c.kind, c.payload, got, err, c.code, c.field)
		}
	}
}

// TestChangeHoldsNothingOfTheBody overwrites the body after decoding, and finds the change unharmed.
func TestChangeHoldsNothingOfTheBody(t *testing.T) {
	for i, f := range everyEvent {
		e := event(t, f, i+1)
		want := after(t, e, false)
		if got := after(t, e, true); got != want {
			t.Errorf("%s: %s, want %s", f.kind, got, want)
		}
	}
}

// TestSpaceOfTheEnvelope reads events of spaces that do not name their space.
func TestSpaceOfTheEnvelope(t *testing.T) {
	for _, f := range []fact{
		{"space_created", `{}`}, {"space_recalibrated", `{"space_id":null}`}, {"metric_updated", `{"new_metric":"M"}`},
		{"dimension_added", `{"dimension":{"id":"d","name":"n"}}`},
		{"concept_moved", `{"concept_id":"c","position":[1]}`},
	} {
		e := event(t, f, 1)
		e.AggregateID = "s"
		c, err := conceptual.Decode(e)
		if err != nil || !strings.Contains(strings.Join(c.Owners(), " "), "s") {
			t.Errorf("%s: %v, %v; want the space s", f.kind, c, err)
		}
	}
}
