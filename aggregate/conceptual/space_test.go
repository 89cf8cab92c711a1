package conceptual_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
)

var (
	spaceS = fact{"space_created", `{"space_id":"s","name":"S"}`}
	addHue = fact{"space_recalibrated", `{"space_id":"s","dimension_changes":[{"Add":{"name":"hue","dimension_type":"Circular",
		"range":{"start":0.0,"end":360.0},"weight":0.699999988079071,"description":"h"}}]}`}
	hue = `(Name=hue Type="Circular" Kind=Circular Range=0..360 Weight=0.7 Description=h)`
)

func TestSpaceCreated(t *testing.T) {
	runAll(t, []scenario{
		{
			name: "the document's space",
			when: []fact{{"space_created", `{"space_id":"s","name":"S","description":"D","embedding_model":"m","created_by":"u",
				"distance_metric":{"Contextual": {}},"access_policy":"Private","dimensions":[{"name":"size","weight":2},{"name":"hue"}]}`}},
			then: []string{`space ID=s Known=true Name=S Description=D Dimensions=[(Name=size Weight=2) (Name=hue)] ` +
				`DistanceMetric={"Contextual":{}} EmbeddingModel=m CreatedBy=u AccessPolicy="Private" CreatedAt=1 UpdatedAt=1`},
		},
		{
			name: "the space of cim-domain-conceptualspaces",
			when: []fact{{"space_created<conceptual_space_created", `{"space_id":"s","name":"S","dimension_ids":["d1","d2","d3","d4"],
				"metric":{"dimension_weights":[{"Constant":0.5},{"Contextual":{"base_weight":2.0,"context_modifiers":{}}},
				{"Attentional":{"current_weight":3.0,"min_weight":0.0,"max_weight":9.0}},{"Odd":1}],"minkowski_p":2.0}}`}},
			then: []string{`space ID=s Known=true Name=S Dimensions=[(ID=d1 Name=d1 Weight=0.5) (ID=d2 Name=d2 Weight=2) ` +
				`(ID=d3 Name=d3 Weight=3) (ID=d4 Name=d4)] DistanceMetric={"dimension_weights":[{"Constant":0.5},` +
				`{"Contextual":{"base_weight":2.0,"context_modifiers":{}}},{"Attentional":{"current_weight":3.0,"min_weight":0.0,` +
				`"max_weight":9.0}},{"Odd":1}],"minkowski_p":2.0} CreatedAt=1 UpdatedAt=1`},
		},
		{
			name:  "a second creation states anew, and wipes nothing",
			given: []fact{spaceS, addHue, {"concept_added", `{"space_id":"s","concept_id":"c"}`}},
			when:  []fact{{"space_created", `{"id":{"id":"s"},"description":"D","dimension_ids":["hue","x"]}`}},
			then: []string{
				`space ID=s Known=true Name=S Description=D Dimensions=[` + hue + ` (ID=x Name=x)] ConceptCount=1 CreatedAt=1 UpdatedAt=4`,
				`concept ID=c Known=true CreatedAt=3 UpdatedAt=3`, `placement SpaceID=s ConceptID=c CreatedAt=3 UpdatedAt=3`,
			},
			anomalies: record(conceptual.DuplicateSpace, "s"),
		},
		{
			name:  "a space that was only mentioned becomes known",
			given: []fact{addHue},
			when:  []fact{spaceS},
			then:  []string{`space ID=s Known=true Name=S Dimensions=[` + hue + `] CreatedAt=2 UpdatedAt=2`},
		},
	})
}

func TestSpaceRecalibrated(t *testing.T) {
	changed := func(changes string) []fact {
		return []fact{{"space_recalibrated", `{"space_id":"s","dimension_changes":[` + changes + `]}`}}
	}
	s := func(dimensions string) []string {
		return []string{`space ID=s Known=true Name=S ` + dimensions + `CreatedAt=1 UpdatedAt=3`}
	}
	given := []fact{spaceS, addHue}
	runAll(t, []scenario{
		{
			name: "it can be the first that is heard of a space",
			when: []fact{addHue},
			then: []string{`space ID=s Dimensions=[` + hue + `] UpdatedAt=1`},
		},
		{
			name: "Add of a name that is there replaces it, in its place", given: given,
			when: changed(`{"Add":{"name":"size"}},{"Add":{"name":"hue","weight":1}}`),
			then: s(`Dimensions=[(Name=hue Weight=1) (Name=size)] `),
		},
		{name: "Remove", given: given, when: changed(`{"Remove":"hue"}`), then: s(``)},
		{
			name: "Remove of what is not there does nothing", given: given, when: changed(`{"Remove":"size"}`),
			then: s(`Dimensions=[` + hue + `] `),
		},
		{
			name: "ModifyWeight", given: given, when: changed(`{"ModifyWeight":{"name":"hue","new_weight":1.2000000476837158}}`),
			then: s(`Dimensions=[(Name=hue Type="Circular" Kind=Circular Range=0..360 Weight=1.2 Description=h)] `),
		},
		{
			name: "ModifyRange", given: given, when: changed(`{"ModifyRange":{"name":"hue","new_range":{"start":-1.0,"end":1.0}}}`),
			then: s(`Dimensions=[(Name=hue Type="Circular" Kind=Circular Range=-1..1 Weight=0.7 Description=h)] `),
		},
		{
			name: "changes of dimensions that are not there, or of no known kind, are left out, and the others count", given: given,
			when: changed(`{"ModifyWeight":{"name":"size","new_weight":1}},{"ModifyRange":{"name":"size","new_range":{"start":0,"end":1}}},` +
				`"Shuffle",{"Rename":{"name":"hue"}},{"Add":{"name":"size"}}`),
			then: s(`Dimensions=[` + hue + ` (Name=size)] `),
			anomalies: append(record(conceptual.UnknownDimension, "size", "size"),
				record(conceptual.UnknownDimensionChange, "s", "s")...),
		},
		{
			name: "they work in their order", given: given,
			when: changed(`{"Add":{"name":"size","weight":1}},{"ModifyWeight":{"name":"size","new_weight":2}},{"Remove":"size"},` +
				`{"ModifyWeight":{"name":"size","new_weight":3}}`),
			then:      s(`Dimensions=[` + hue + `] `),
			anomalies: record(conceptual.UnknownDimension, "size"),
		},
		{
			name: "the space can be the envelope's, and entities are stale once", given: given,
			when: []fact{{"space_recalibrated", `{"id":"s","affected_entities":["b",{"id":"a"},"b"]}`}},
			then: append(s(`Dimensions=[`+hue+`] `), "stale SpaceID=s EntityID=a Since=3", "stale SpaceID=s EntityID=b Since=3"),
		},
		{
			name:  "an entity that is affected again is stale since then",
			given: []fact{{"space_recalibrated", `{"space_id":"s","affected_entities":["a"]}`}},
			when:  []fact{{"space_recalibrated", `{"space_id":"s","affected_entities":["a"]}`}},
			then:  []string{"space ID=s UpdatedAt=2", "stale SpaceID=s EntityID=a Since=2"},
		},
	})
}

func TestOlderRecalibrations(t *testing.T) {
	two := fact{"space_created", `{"space_id":"s","dimensions":[{"name":"a","weight":1},{"name":"b","weight":2}]}`}
	s := func(rest string) []string { return []string{`space ID=s Known=true ` + rest} }
	runAll(t, []scenario{
		{
			name:  "a dimension, in an object of its own, with an identifier",
			given: []fact{two},
			when: []fact{{"dimension_added<quality_dimension_added", `{"space_id":"s","dimension_id":"d","dimension":{"id":"other",
				"name":"c","dimension_type":"Ordinal","range":{"start":0,"end":1},"metric":"Euclidean","weight":3}}`}},
			then: s(`Dimensions=[(Name=a Weight=1) (Name=b Weight=2) (ID=d Name=c Type="Ordinal" Kind=Ordinal Range=0..1 Weight=3)] ` +
				`CreatedAt=1 UpdatedAt=2`),
		},
		{
			name:  "a dimension takes the place of one that was only known by its identifier",
			given: []fact{{"space_created", `{"space_id":"s","dimension_ids":["d","e"]}`}},
			when:  []fact{{"dimension_added", `{"space_id":"s","dimension_id":"d","name":"c"}`}},
			then:  s(`Dimensions=[(ID=d Name=c) (ID=e Name=e)] CreatedAt=1 UpdatedAt=2`),
		},
		{
			name:  "the metric",
			given: []fact{two},
			when:  []fact{{"space_recalibrated<metric_updated", `{"space_id":"s","old_metric":null,"new_metric":"Manhattan"}`}},
			then:  s(`Dimensions=[(Name=a Weight=1) (Name=b Weight=2)] DistanceMetric="Manhattan" CreatedAt=1 UpdatedAt=2`),
		},
		{
			name:  "a metric with weights",
			given: []fact{two},
			when:  []fact{{"space_recalibrated<metric_updated", `{"space_id":"s","new_metric":{"dimension_weights":[5,null]}}`}},
			then:  s(`Dimensions=[(Name=a Weight=5) (Name=b)] DistanceMetric={"dimension_weights":[5,null]} CreatedAt=1 UpdatedAt=2`),
		},
		{
			name:  "weights removed",
			given: []fact{two},
			when:  []fact{{"space_recalibrated<dimension_weights_removed", `{"space_id":"s","removed_weights":[1],"reason":"r"}`}},
			then:  s(`Dimensions=[(Name=a) (Name=b)] CreatedAt=1 UpdatedAt=2`),
		},
		{
			name:  "and added",
			given: []fact{two},
			when: []fact{
				{"space_recalibrated<weights_removed", `{"space_id":"s"}`},
				{"space_recalibrated<dimension_weights_added", `{"space_id":"s","weights":[{"Constant":3},4.5],"reason":"r"}`},
			},
			then: s(`Dimensions=[(Name=a Weight=3) (Name=b Weight=4.5)] CreatedAt=1 UpdatedAt=3`),
		},
		{
			name:  "too many weights, and too few",
			given: []fact{two},
			when: []fact{
				{"space_recalibrated<weights_added", `{"space_id":"s","weights":[3,4,5]}`},
				{"space_recalibrated<weights_added", `{"space_id":"s","weights":[6]}`},
			},
			then:      s(`Dimensions=[(Name=a Weight=6) (Name=b Weight=4)] CreatedAt=1 UpdatedAt=3`),
			anomalies: record(conceptual.WeightCountMismatch, "s", "s"),
		},
		{
			name: "weights of a space without dimensions",
			when: []fact{{"space_recalibrated<weights_added", `{"space_id":"s","weights":[1]}`}},
			then: []string{"space ID=s UpdatedAt=1"},

			anomalies: record(conceptual.WeightCountMismatch, "s"),
		},
	})
}
