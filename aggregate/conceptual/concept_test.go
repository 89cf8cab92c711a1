package conceptual_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
)

func TestConceptAdded(t *testing.T) {
	mapped := fact{"concept_added<concept_mapped",
		`{"space_id":"s","concept_id":"c","position":{"coordinates":[0.5,0.1]},"metadata":{"k": [1.0]}}`}
	rows := []string{
		`space ID=s ConceptCount=1 UpdatedAt=1`, `concept ID=c Known=true Metadata={k:[1.0]} CreatedAt=1 UpdatedAt=1`,
		`placement SpaceID=s ConceptID=c Point=(Coordinates=[0.5 0.1]) CreatedAt=1 UpdatedAt=1`,
	}
	runAll(t, []scenario{
		{name: "a concept that is mapped makes its space", when: []fact{mapped}, then: rows},
		{
			name: "a point with nalgebra's vector and a map of dimensions",
			when: []fact{{"concept_added", `{"space_id":"s","concept_id":"c",
				"point":{"coordinates":[[0.5,0.1],2,null],"dimension_map":{"d1": 0},"id":null}}`}},
			then: []string{
				`space ID=s ConceptCount=1 UpdatedAt=1`, `concept ID=c Known=true CreatedAt=1 UpdatedAt=1`,
				`placement SpaceID=s ConceptID=c Point=(Coordinates=[0.5 0.1] DimensionMap={"d1":0}) CreatedAt=1 UpdatedAt=1`,
			},
		},
		{
			name:  "again: counted once, what is not stated stays, what is stated is merged or replaced",
			given: []fact{mapped},
			when: []fact{{"concept_added", `{"space_id":"s","concept_id":"c","name":"C","description":"D","metadata":{"l":2},
				"properties":{"p":{"any":null}}}`}},
			then: []string{
				`space ID=s ConceptCount=1 UpdatedAt=2`,
				`concept ID=c Known=true Name=C Definition=D Properties={p:{"any":null}} Metadata={k:[1.0],l:2} CreatedAt=1 UpdatedAt=2`,
				`placement SpaceID=s ConceptID=c Point=(Coordinates=[0.5 0.1]) CreatedAt=1 UpdatedAt=2`,
			},
		},
		{
			name:  "in two spaces it is one concept with two places",
			given: []fact{mapped},
			when:  []fact{{"concept_added", `{"space_id":"t","concept_id":"c","position":[1]}`}},
			then: []string{
				rows[0], `space ID=t ConceptCount=1 UpdatedAt=2`, `concept ID=c Known=true Metadata={k:[1.0]} CreatedAt=1 UpdatedAt=2`,
				rows[2], `placement SpaceID=t ConceptID=c Point=(Coordinates=[1]) CreatedAt=2 UpdatedAt=2`,
			},
		},
		{
			name: "without a space, as cim-graph defines it",
			when: []fact{{"concept_added<concept_defined", `{"concept_id":"c","name":"C","definition":"D","position":[1]}`}},
			then: []string{`concept ID=c Known=true Name=C Definition=D CreatedAt=1 UpdatedAt=1`},

			anomalies: record(conceptual.PointWithoutSpace, "c"),
		},
	})
}

func TestConceptMoved(t *testing.T) {
	added := fact{"concept_added", `{"space_id":"s","concept_id":"c"}`}
	runAll(t, []scenario{
		{
			name:  "it lies elsewhere",
			given: []fact{added},
			when:  []fact{{"concept_moved", `{"space_id":"s","concept_id":"c","new_position":{"coordinates":[2,3]}}`}},
			then: []string{
				`space ID=s ConceptCount=1 UpdatedAt=2`, `concept ID=c Known=true CreatedAt=1 UpdatedAt=1`,
				`placement SpaceID=s ConceptID=c Point=(Coordinates=[2 3]) CreatedAt=1 UpdatedAt=2`,
			},
		},
		{
			name: "one that is not there is there from now on",
			when: []fact{{"concept_moved", `{"space_id":"s","concept_id":"c","position":[2]}`}},
			then: []string{
				`space ID=s ConceptCount=1 UpdatedAt=1`, `placement SpaceID=s ConceptID=c Point=(Coordinates=[2]) CreatedAt=1 UpdatedAt=1`,
			},
			anomalies: record(conceptual.UnknownConcept, "c"),
		},
	})
}

func TestConceptDescribed(t *testing.T) {
	defined := fact{"concept_added<concept_defined", `{"concept_id":"c","name":"C"}`}
	runAll(t, []scenario{
		{
			name:  "properties are merged key by key, as received",
			given: []fact{defined, {"properties_added", `{"concept_id":"c","properties":[["a",0.5],["b",1.0]]}`}},
			when:  []fact{{"properties_added", `{"concept_id":"c","properties":[["b",2],["",1e300]]}`}},
			then:  []string{`concept ID=c Known=true Name=C Properties={:1e300,a:0.5,b:2} CreatedAt=1 UpdatedAt=3`},
		},
		{
			name:  "inferred properties are sorted, the last one counts",
			given: []fact{defined},
			when: []fact{
				{"property_inferred", `{"concept_id":"c","property_name":"z","inferred_value":1}`},
				{"property_inferred", `{"concept_id":"c","property_name":"a","inferred_value":0.2,"confidence":0.7}`},
				{"property_inferred", `{"concept_id":"c","property_name":"z","inferred_value":2,"confidence":null}`},
			},
			then: []string{`concept ID=c Known=true Name=C Inferred=[(Name=a Value=0.2 Confidence=0.7) (Name=z Value=2)] CreatedAt=1 UpdatedAt=4`},
		},
		{
			name: "a concept that was never added is made, once, and becomes known later",
			when: []fact{
				{"properties_added", `{"concept_id":"c","properties":[["a",1]]}`},
				{"property_inferred", `{"concept_id":"c","property_name":"b","inferred_value":2}`},
				defined,
			},
			then:      []string{`concept ID=c Known=true Name=C Properties={a:1} Inferred=[(Name=b Value=2)] CreatedAt=3 UpdatedAt=3`},
			anomalies: record(conceptual.UnknownConcept, "c"),
		},
	})
}

func TestRelationAdded(t *testing.T) {
	placed := fact{"relation_added", `{"source_concept":"order","target_concept":"customer","relation_type":"placed_by","strength":1.0}`}
	row := `relation Source=order Target=customer Kind=placed_by Type="placed_by" Strength=1 UpdatedAt=1`
	runAll(t, []scenario{
		{name: "between concepts that nobody defined", when: []fact{placed}, then: []string{row}},
		{
			name:  "the same again replaces, another type or direction is another relation",
			given: []fact{placed},
			when: []fact{
				{"relation_added", `{"source_concept":"customer","target_concept":"order","relation_type":"placed_by"}`},
				{"relation_added", `{"source_concept":"order","target_concept":"customer","relation_type":{"Custom":"x"},"strength":0.3}`},
				{"relation_added", `{"source_concept":"order","target_concept":"customer","relation_type":"placed_by","strength":0.5}`},
			},
			then: []string{
				`relation Source=customer Target=order Kind=placed_by Type="placed_by" UpdatedAt=2`,
				`relation Source=order Target=customer Kind=Custom Type={"Custom":"x"} Strength=0.3 UpdatedAt=3`,
				`relation Source=order Target=customer Kind=placed_by Type="placed_by" Strength=0.5 UpdatedAt=4`,
			},
		},
	})
}
