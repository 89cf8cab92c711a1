package conceptual_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/aggregate/conceptual/conceptualtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// The numbers are those of the known contradictions in CIM's sources. What each is, its scenarios say.

func TestTrap50And60NamesThatAreNotKnownAreNoErrors(t *testing.T) {
	for _, kind := range []string{"", "embedding_exploded", "EmbeddingCalculated", "conceptual.embedding_calculated", "performance",
		"batch_progress "} {
		e := event(t, fact{kind, `{"entity_id":"e","embedding_vector":[1]}`}, 1)
		c, err := conceptual.Decode(e)
		if c != nil || err != nil || conceptual.Known(e) {
			t.Errorf("%q: Decode = %v, %v, Known = %v; want nothing at all", kind, c, err, conceptual.Known(e))
		}
		var s conceptualtest.State
		conceptual.Apply(&s, e, c)
		if len(s.Lines())+len(s.Anomalies) > 0 {
			t.Errorf("%q changed the state: %q, %v", kind, s.Lines(), s.Anomalies)
		}
	}
}

// TestTrap50NameAndCanonicalType reads an event by its producer's name, by its canonical type where nobody knows
// the name, and without a name.
func TestTrap50NameAndCanonicalType(t *testing.T) {
	for _, e := range []eventlog.Event{
		{Type: "similarity_computed", Name: "similarity_updated"},
		{Type: "similarity_updated", Name: "similarity_updated"},
		{Type: "similarity_computed", Name: "some_new_name"},
		{Type: "similarity_computed"},
	} {
		e.Payload = eventlog.Value(`{"concept_a":"a","concept_b":"b","new_similarity":0.5}`)
		var s conceptualtest.State
		apply(t, &s, &e)
		if diff := cmp.Diff([]string{"similarity A=a B=b Score=0.5"}, s.Lines()); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", e.Type, e.Name, diff)
		}
	}
}

func TestTrap53IdsInObjects(t *testing.T) {
	runAll(t, []scenario{{
		name: "are the same ids",
		given: []fact{
			{"embedding_calculated", `{"entity_id":{"id":"e"},"embedding_vector":[1]}`},
			{"category_formed", `{"category_id":{"value":"k"},"member_entities":[{"id":"e"}]}`},
		},
		when: []fact{
			{"embedding_calculated", `{"entity_id":"e","embedding_vector":[2]}`},
			{"category_formed", `{"category_id":"k","member_entities":["e"]}`},
		},
		then: []string{
			"embedding EntityID=e Dimensions=1 Seq=3 UpdatedAt=3 [2]",
			"category ID=k Listed=true Members=[e] CreatedAt=2 UpdatedAt=4",
		},
	}})
}

func TestTrap57NullInAVectorRefusesTheEvent(t *testing.T) {
	const embedding = "embedding_calculated"
	for _, c := range []struct{ kind, payload, field string }{
		{embedding, `{"entity_id":"e","embedding_vector":[1.0,null,2.0]}`, "payload.embedding_vector.1"},
		{embedding, `{"entity_id":"e","embedding_vector":[[1.0,null],2,null]}`, "payload.embedding_vector.0.1"},
		{embedding, `{"entity_id":"e","embedding_vector":null}`, "payload.embedding_vector"},
		{embedding, `{"entity_id":"e","embedding_vector":[1.0,1e39]}`, "payload.embedding_vector.1"},
		{embedding, `{"entity_id":"e","embedding_vector":[1.0,"2"]}`, "payload.embedding_vector.1"},
		{embedding, `{"entity_id":"e","embedding_vector":[1],"confidence_score":"x"}`, "payload.confidence_score"},
		{"similarity_computed", `{"entity_a":"a","entity_b":"b","similarity_score":null}`, "payload.similarity_score"},
		{"properties_added", `{"concept_id":"c","properties":[["p",null]]}`, "payload.properties.0.1"},
		{"property_inferred", `{"concept_id":"c","property_name":"p","inferred_value":null}`, "payload.inferred_value"},
	} {
		got, err := conceptual.Decode(event(t, fact{c.kind, c.payload}, 1))
		if got != nil || err == nil || err.Field != c.field {
			t.Errorf("%s %s: %v, %v; want a refusal of %s", c.kind, c.payload, got, err, c.field)
		}
	}
}

func TestTrap57NullElsewhereKeepsTheFormerNumber(t *testing.T) {
	given := []fact{
		{"space_created", `{"space_id":"s","dimensions":[{"name":"a","weight":2,"range":{"start":1,"end":2}}]}`},
		{"concept_added", `{"space_id":"s","concept_id":"c","position":[1,2]}`},
	}
	then := func(n int) []string {
		return []string{
			fmt.Sprintf(`space ID=s Known=true Dimensions=[(Name=a Range=1..2 Weight=2)] ConceptCount=1 CreatedAt=1 UpdatedAt=%d`, n),
			`concept ID=c Known=true CreatedAt=2 UpdatedAt=2`,
			`placement SpaceID=s ConceptID=c Point=(Coordinates=[1 2]) CreatedAt=2 UpdatedAt=2`,
		}
	}
	change := func(c string) []fact {
		return []fact{{"space_recalibrated", `{"space_id":"s","dimension_changes":[` + c + `]}`}}
	}
	runAll(t, []scenario{
		{
			name: "weight", given: given, when: change(`{"ModifyWeight":{"name":"a","new_weight":null}}`), then: then(3),
			anomalies: record(conceptual.NumberNotFinite, "a"),
		},
		{
			name: "range", given: given, when: change(`{"ModifyRange":{"name":"a","new_range":null}}`), then: then(3),
			anomalies: record(conceptual.NumberNotFinite, "a"),
		},
		{
			name: "an end of it", given: given, then: then(3),
			when:      change(`{"ModifyRange":{"name":"a","new_range":{"start":null,"end":1}}}`),
			anomalies: record(conceptual.NumberNotFinite, "a"),
		},
		{
			name: "coordinate of a move", given: given, then: then(2),
			when:      []fact{{"concept_moved", `{"space_id":"s","concept_id":"c","position":[5,null]}`}},
			anomalies: record(conceptual.NumberNotFinite, "c"),
		},
		{
			name: "a move to nowhere makes nothing",
			when: []fact{{"concept_moved", `{"space_id":"s","concept_id":"c","position":[[null],1,null]}`}},

			anomalies: record(conceptual.NumberNotFinite, "c"),
		},
		{
			name:  "a new dimension has no range, and never zero",
			given: []fact{{"space_created", `{"space_id":"s"}`}},
			when:  change(`{"Add":{"name":"a","weight":null,"range":{"start":0,"end":null}}}`),
			then:  []string{`space ID=s Known=true Dimensions=[(Name=a)] CreatedAt=1 UpdatedAt=2`},

			anomalies: record(conceptual.NumberNotFinite, "a"),
		},
	})
}

func TestTrap58NumbersAreLossless(t *testing.T) {
	runAll(t, []scenario{{
		name: "what is not typed keeps its digits, u64 all its bits",
		when: []fact{
			{"properties_added", `{"concept_id":"c","properties":{"n":18446744073709551615,"f":0.10000000149011612}}`},
			{"embedding_calculated", `{"entity_id":"e","embedding_vector":[0.10000000149011612,0.1],"computation_time_ms":18446744073709551615}`},
		},
		then: []string{
			`concept ID=c Properties={f:0.10000000149011612,n:18446744073709551615} UpdatedAt=1`,
			`embedding EntityID=e Dimensions=2 ComputationMS=18446744073709551615 Seq=2 UpdatedAt=2 [0.1 0.1]`,
		},
		anomalies: record(conceptual.UnknownConcept, "c"),
	}})
}

func TestTrap72SpacesNeedNoCreation(t *testing.T) {
	runAll(t, []scenario{{
		name: "whatever comes first makes the space; entities and categories have none",
		when: []fact{
			{"embedding_calculated", `{"entity_id":"e","embedding_vector":[1]}`},
			{"category_formed", `{"category_id":"k","member_entities":["e"]}`},
			{"space_recalibrated", `{"space_id":"s"}`},
			{"concept_added", `{"concept_id":"e","space_id":"t"}`},
			{"dimension_added", `{"space_id":"u","name":"a"}`},
			{"space_recalibrated<metric_updated", `{"space_id":"v","new_metric":"M"}`},
		},
		then: []string{
			`space ID=s UpdatedAt=3`, `space ID=t ConceptCount=1 UpdatedAt=4`, `space ID=u Dimensions=[(Name=a)] UpdatedAt=5`,
			`space ID=v DistanceMetric="M" UpdatedAt=6`, `concept ID=e Known=true CreatedAt=4 UpdatedAt=4`,
			`placement SpaceID=t ConceptID=e CreatedAt=4 UpdatedAt=4`, `embedding EntityID=e Dimensions=1 Seq=1 UpdatedAt=1 [1]`,
			`category ID=k Listed=true Members=[e] CreatedAt=2 UpdatedAt=2`,
		},
	}})
}

func TestTrap73CountAloneClearsNoMembers(t *testing.T) {
	formed := fact{"category_formed", `{"category_id":"k","member_entities":["a","b"]}`}
	runAll(t, []scenario{
		{
			name: "the same count", given: []fact{formed},
			when: []fact{{"category_formed", `{"category_id":"k","category_name":"K","member_count":2}`}},
			then: []string{`category ID=k Name=K Listed=true Members=[a b] StatedCount=2 CreatedAt=1 UpdatedAt=2`},
		},
		{
			name: "another count", given: []fact{formed},
			when: []fact{{"category_formed", `{"category_id":"k","member_entities":null,"member_count":3}`}},
			then: []string{`category ID=k Listed=true Members=[a b] StatedCount=3 CreatedAt=1 UpdatedAt=2`},

			anomalies: record(conceptual.MemberCountMismatch, "k"),
		},
		{
			name: "a count before the members",
			when: []fact{{"category_formed", `{"category_id":"k","member_count":3}`}, formed},
			then: []string{`category ID=k Listed=true Members=[a b] CreatedAt=1 UpdatedAt=2`},
		},
		{
			name: "affected_dimensions that are changes, names, or a number",
			when: []fact{
				{"space_recalibrated", `{"space_id":"s","affected_dimensions":[{"Add":{"name":"a"}},"b"]}`},
				{"space_recalibrated", `{"space_id":"s","affected_dimensions":7}`},
				{"space_recalibrated", `{"space_id":"s","affected_dimensions":["a"]}`},
			},
			then: []string{`space ID=s Dimensions=[(Name=a)] UpdatedAt=3`},
		},
	})
}

func TestTrap88OrderTolerance(t *testing.T) {
	runAll(t, []scenario{
		{
			name: "properties, a move and a relation before the concept",
			when: []fact{
				{"relation_added", `{"source_concept":"c","target_concept":"d","relation_type":"r"}`},
				{"properties_added", `{"concept_id":"c","properties":[["p",1]]}`},
				{"concept_moved", `{"space_id":"s","concept_id":"c","position":[1]}`},
				{"concept_added", `{"space_id":"s","concept_id":"c","name":"C"}`},
				spaceS,
			},
			then: []string{
				`space ID=s Known=true Name=S ConceptCount=1 CreatedAt=5 UpdatedAt=5`,
				`concept ID=c Known=true Name=C Properties={p:1} CreatedAt=4 UpdatedAt=4`,
				`placement SpaceID=s ConceptID=c Point=(Coordinates=[1]) CreatedAt=3 UpdatedAt=4`,
				`relation Source=c Target=d Kind=r Type="r" UpdatedAt=1`,
			},
			anomalies: record(conceptual.UnknownConcept, "c", "c"),
		},
	})
}
