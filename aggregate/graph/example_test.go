package graph_test

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func Example() {
	var state graphtest.State
	for _, e := range []eventlog.Event{
		{Type: "edge_created", AggregateID: "g", Occurred: 1, Payload: eventlog.Value(`{"edge_id":"e","source":"a","target":"b"}`)},
		{Type: "node_created", AggregateID: "g", Occurred: 2, Payload: eventlog.Value(`{"node_id":"a","position":[1,2]}`)},
		{Type: "graph_created", AggregateID: "g", Occurred: 3, Payload: eventlog.Value(`{"name":"Late"}`)},
	} {
		change, err := graph.Decode(&e)
		if err != nil {
			fmt.Println(err)
			continue
		}
		graph.Apply(&state, &e, change)
	}
	for _, row := range state.Lines() {
		fmt.Println(row)
	}
	for _, a := range state.Anomalies {
		fmt.Println(a.Code, a.Subject)
	}
	// Output:
	// graph g name=Late 1 nodes 1 edges @3,3
	// node g/a at=(1,2,0) @2,2
	// edge g/e a->b @1,1
	// dangling_edge e
	// unknown_graph g
}
