package conceptual_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
)

func TestEmbeddingCalculated(t *testing.T) {
	first := fact{"embedding_calculated", `{"entity_id":"e","entity_type":"Concept","embedding_model":"m",
		"embedding_vector":[1.0, -0.5,0.10000000149011612],"confidence_score":0.949999988079071,"computation_time_ms":12}`}
	runAll(t, []scenario{
		{
			name: "all is kept, numbers as float32",
			when: []fact{first},
			then: []string{`embedding EntityID=e Model=m EntityType="Concept" Dimensions=3 Confidence=0.95 ComputationMS=12 ` +
				`Seq=1 UpdatedAt=1 [1 -0.5 0.1]`},
		},
		{
			name:  "the later event wins, and leaves nothing of the former",
			given: []fact{first},
			when:  []fact{{"embedding_calculated", `{"concept_id":{"id":"e"},"embedding_model":"m","embedding_vector":[0,0,1]}`}},
			then:  []string{`embedding EntityID=e Model=m Dimensions=3 Seq=2 UpdatedAt=2 [0 0 1]`},
		},
		{
			name: "models are apart, and have lengths of their own",
			when: []fact{
				first,
				{"embedding_calculated", `{"entity_id":"e","embedding_model":"n","embedding_vector":[2]}`},
				{"embedding_calculated", `{"entity_id":"e","embedding_model":null,"embedding_vector":[]}`},
			},
			then: []string{
				`embedding EntityID=e Seq=3 UpdatedAt=3 []`,
				`embedding EntityID=e Model=m EntityType="Concept" Dimensions=3 Confidence=0.95 ComputationMS=12 ` +
					`Seq=1 UpdatedAt=1 [1 -0.5 0.1]`,
				`embedding EntityID=e Model=n Dimensions=1 Seq=2 UpdatedAt=2 [2]`,
			},
		},
		{
			name:  "another length by the same model is remarkable",
			given: []fact{first},
			when:  []fact{{"embedding_calculated", `{"entity_id":"e","embedding_model":"m","embedding_vector":[2]}`}},
			then:  []string{`embedding EntityID=e Model=m Dimensions=1 Seq=2 UpdatedAt=2 [2]`},

			anomalies: record(conceptual.VectorLengthChanged, "e"),
		},
		{
			name: "a vector may be nalgebra's triple",
			when: []fact{{"embedding_calculated", `{"entity_id":"e","embedding_vector":[[1.5,2],2,null]}`}},
			then: []string{`embedding EntityID=e Dimensions=2 Seq=1 UpdatedAt=1 [1.5 2]`},
		},
		{
			name: "it ends staleness, in every space, of this entity alone",
			given: []fact{
				{"space_recalibrated", `{"space_id":"s","affected_entities":["e","f"]}`},
				{"space_recalibrated", `{"space_id":"t","affected_entities":["e"]}`},
			},
			when: []fact{{"embedding_calculated", `{"entity_id":"e","embedding_vector":[1]}`}},
			then: []string{
				"space ID=s UpdatedAt=1", "space ID=t UpdatedAt=2",
				"embedding EntityID=e Dimensions=1 Seq=3 UpdatedAt=3 [1]", "stale SpaceID=s EntityID=f Since=1",
			},
		},
	})
}

func TestSimilarityComputed(t *testing.T) {
	row := `similarity A=a B=b Kind=Cosine Type="Cosine" Score=0.6 `
	computed := fact{"similarity_computed",
		`{"entity_a":"b","entity_b":"a","similarity_score":0.6000000238418579,"similarity_type":"Cosine","threshold_exceeded":false}`}
	runAll(t, []scenario{
		{
			name: "a pair has no order",
			when: []fact{computed},
			then: []string{row + `ThresholdExceeded=false UpdatedAt=1`},
		},
		{
			name:  "the other way round is the same pair",
			given: []fact{computed},
			when: []fact{{"similarity_computed",
				`{"entity_a":"a","entity_b":"b","similarity_score":0.25,"similarity_type":"Cosine"}`}},
			then: []string{`similarity A=a B=b Kind=Cosine Type="Cosine" Score=0.25 UpdatedAt=2`},
		},
		{
			name:  "another type is another similarity, and so is none",
			given: []fact{computed},
			when: []fact{
				{"similarity_computed<similarity_updated", `{"concept_a":"a","concept_b":"b","new_similarity":0.5}`},
				{"similarity_computed<similarity_calculated", `{"concept1":"b","concept2":"a","similarity":1,"metric":{"Weighted": {"w":[1.0]}}}`},
			},
			then: []string{
				`similarity A=a B=b Score=0.5 UpdatedAt=2`, row + `ThresholdExceeded=false UpdatedAt=1`,
				`similarity A=a B=b Kind=Weighted Type={"Weighted":{"w":[1.0]}} Score=1 UpdatedAt=3`,
			},
		},
		{
			name: "an entity can be compared with itself",
			when: []fact{{"similarity_computed", `{"entity_a":"a","entity_b":"a","similarity_score":1}`}},
			then: []string{`similarity A=a B=a Score=1 UpdatedAt=1`},
		},
	})
}

func TestCategoryFormed(t *testing.T) {
	full := fact{"category_formed", `{"category_id":"k","category_name":"K","member_entities":["c","a","c","b"],"prototype_entity":"a",
		"convex_region":{"boundaries": [{"normal":[1.0],"offset":0.0}]},"confidence":0.800000011920929}`}
	rest := `Prototype=a ConvexRegion={"boundaries":[{"normal":[1.0],"offset":0.0}]} Confidence=0.8 CreatedAt=1 `
	runAll(t, []scenario{
		{
			name: "all is kept, members sorted, each once",
			when: []fact{full},
			then: []string{`category ID=k Name=K Listed=true Members=[a b c] ` + rest + `UpdatedAt=1`},
		},
		{
			name:  "a later list replaces the former, and what is not stated stays",
			given: []fact{full},
			when:  []fact{{"category_formed", `{"category_id":"k","category_name":"L","member_entities":["d","b"]}`}},
			then:  []string{`category ID=k Name=L Listed=true Members=[b d] ` + rest + `UpdatedAt=2`},
		},
		{
			name:  "an empty list empties it",
			given: []fact{full},
			when:  []fact{{"category_formed", `{"category_id":"k","member_entities":[],"member_count":0}`}},
			then:  []string{`category ID=k Name=K Listed=true StatedCount=0 ` + rest + `UpdatedAt=2`},
		},
		{
			name: "a region of the older code",
			when: []fact{{"category_formed<region_defined",
				`{"space_id":"s","region_id":"r","name":"R","prototype":"a","member_concepts":[{"id":"b"},"a"]}`}},
			then: []string{`category ID=r SpaceID=s Name=R Listed=true Members=[a b] Prototype=a CreatedAt=1 UpdatedAt=1`},
		},
		{
			name: "a region that is an object of its own, with nalgebra's vectors",
			when: []fact{{"category_formed<region_added", `{"space_id":"s","region":{"id":"r","name":"R","description":"D",
				"prototype":{"coordinates":[[0.9,0.1],2,null],"dimension_map":{},"id":null},"boundaries":[],
				"member_points":[{"coordinates":[[1.0],1,null],"id":"p"},{"coordinates":[[1.0],1,null],"id":null},[1.0]]}}`}},
			then: []string{`category ID=r SpaceID=s Name=R Description=D Listed=true Members=[p] PrototypePoint=[0.9 0.1] ` +
				`ConvexRegion={"id":"r","name":"R","description":"D","prototype":{"coordinates":[[0.9,0.1],2,null],` +
				`"dimension_map":{},"id":null},"boundaries":[],"member_points":[{"coordinates":[[1.0],1,null],"id":"p"},` +
				`{"coordinates":[[1.0],1,null],"id":null},[1.0]]} CreatedAt=1 UpdatedAt=1`},

			anomalies: record(conceptual.MemberWithoutID, "r"),
		},
		{
			name: "a prototype can be an entity with a point, or an entity in an object",
			when: []fact{
				{"category_formed<region_formed", `{"id":"k","prototype":{"id":"a","coordinates":[1]}}`},
				{"category_formed", `{"category_id":"l","prototype_entity":{"value":"b"}}`},
			},
			then: []string{
				`category ID=k Prototype=a PrototypePoint=[1] CreatedAt=1 UpdatedAt=1`,
				`category ID=l Prototype=b CreatedAt=2 UpdatedAt=2`,
			},
		},
		{
			name:  "a prototype that is not finite keeps the former one",
			given: []fact{{"category_formed", `{"category_id":"k","prototype":[1]}`}},
			when:  []fact{{"category_formed", `{"category_id":"k","prototype":[null]}`}},
			then:  []string{`category ID=k PrototypePoint=[1] CreatedAt=1 UpdatedAt=2`},

			anomalies: record(conceptual.NumberNotFinite, "k"),
		},
	})
}

func TestTransientEventsChangeNothing(t *testing.T) {
	runAll(t, []scenario{{
		name: "whatever their payload is",
		when: []fact{
			{"category_suggested", `{"category_name":"K","coherence_score":0.5}`},
			{"batch_progress", `{"processed_count":1,"total_count":2,"completed":false}`},
			{"category_discovery_progress", `{}`},
			{"performance.embedding_calculation", `null`},
			{"performance.similarity_search", `[1]`},
		},
	}})
}
