package conceptual_test

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/aggregate/conceptual/conceptualtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func Example() {
	var state conceptualtest.State
	for _, e := range []eventlog.Event{
		{Type: "space_recalibrated", Seq: 1, Occurred: 1, Payload: eventlog.Value(
			`{"space_id":"colours","dimension_changes":[{"Add":{"name":"hue","weight":0.7}}],"affected_entities":["red","blue"]}`)},
		{Type: "embedding_calculated", Seq: 2, Occurred: 2, Payload: eventlog.Value(
			`{"entity_id":"red","embedding_model":"tiny","embedding_vector":[1.0,0.10000000149011612]}`)},
	} {
		change, err := conceptual.Decode(&e)
		if err != nil {
			fmt.Println(err)
			continue
		}
		conceptual.Apply(&state, &e, change)
	}
	for _, row := range state.Lines() {
		fmt.Println(row)
	}
	// Output:
	// space ID=colours Dimensions=[(Name=hue Weight=0.7)] UpdatedAt=1
	// embedding EntityID=red Model=tiny Dimensions=2 Seq=2 UpdatedAt=2 [1 0.1]
	// stale SpaceID=colours EntityID=blue Since=1
}
