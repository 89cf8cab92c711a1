package graph_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
)

func TestNodeCreated(t *testing.T) {
	full := fact{"node_created", `{"graph_id":"g","node_id":"a","node_type":{"Concept": {"name":"N"}},
		"position":{"x":0.10000000149011612,"y":-1.5,"z":2},"conceptual_point":{"dims":[1.0]},
		"components":[{"Metadata":{"k": 1}},"Unit"],"metadata":{"rank":1.0,"big":18446744073709551615, "none": null}}`}
	row := `node g/a type={"Concept":{"name":"N"}} kind=Concept at=(0.1,-1.5,2) components=[{"Metadata":{"k":1}},"Unit"] ` +
		`metadata={big:18446744073709551615,none:null,rank:1.0} point={"dims":[1.0]} `
	runAll(t, []scenario{
		{
			name:  "all is kept: f32 typed, the rest as received",
			given: []fact{graphG},
			when:  []fact{full},
			then:  []string{"graph g 1 nodes 0 edges @1,2", row + "@2,2"},
		},
		{
			name:  "an id alone is enough, and null is absent",
			given: []fact{graphG},
			when: []fact{{"node_created", `{"graph_id":"g","node_id":"a","node_type":null,"position":null,
				"conceptual_point":null,"components":null,"metadata":null}`}},
			then: []string{"graph g 1 nodes 0 edges @1,2", "node g/a @2,2"},
		},
		{
			name:  "empty lists and objects are nil",
			given: []fact{graphG},
			when:  []fact{{"node_created", `{"graph_id":"g","node_id":"a","components":[],"metadata":{}}`}},
			then:  []string{"graph g 1 nodes 0 edges @1,2", "node g/a @2,2"},
		},
		{
			name:  "a duplicate overwrites everything but when it was created",
			given: []fact{graphG, full},
			when:  []fact{{"node_created", `{"graph_id":"g","node_id":"a","node_type":"Start"}`}},
			then:  []string{"graph g 1 nodes 0 edges @1,3", `node g/a type="Start" kind=Start @2,3`},

			anomalies: record(graph.DuplicateNode, "a"),
		},
		{
			name:  "a position that is not finite leaves none",
			given: []fact{graphG},
			when:  []fact{{"node_created", `{"graph_id":"g","node_id":"a","position":{"x":1,"y":null,"z":0}}`}},
			then:  []string{"graph g 1 nodes 0 edges @1,2", "node g/a @2,2"},

			anomalies: record(graph.PositionNotFinite, "a"),
		},
		{
			name:  "in a duplicate it leaves the former one",
			given: []fact{graphG, {"node_created", `{"graph_id":"g","node_id":"a","position":[1,2,3]}`}},
			when:  []fact{{"node_created", `{"graph_id":"g","node_id":"a","position":[1,null,3]}`}},
			then:  []string{"graph g 1 nodes 0 edges @1,3", "node g/a at=(1,2,3) @2,3"},

			anomalies: append(record(graph.DuplicateNode, "a"), record(graph.PositionNotFinite, "a")...),
		},
	})
}

func TestNodeUpdated(t *testing.T) {
	node := fact{"node_created", `{"graph_id":"g","node_id":"a","node_type":"Start","position":[1,2,3],
		"metadata":{"keep":1,"change":2}}`}
	runAll(t, []scenario{
		{
			name:  "metadata is merged key by key, the position replaced",
			given: []fact{graphG, node},
			when: []fact{{"node_updated", `{"graph_id":"g","node_id":"a","changes":{"position":{"x":4,"y":5,"z":6},
				"metadata":{"change":{"x": 1},"add":null},"component_updates":[]},"old_values":{"change":2},
				"new_values":{"ignored":1},"reason":"UserEdit"}`}},
			then: []string{
				"graph g 1 nodes 0 edges @1,3",
				`node g/a type="Start" kind=Start at=(4,5,6) metadata={add:null,change:{"x":1},keep:1} @2,3`,
			},
		},
		{
			name:  "what is absent or null is kept",
			given: []fact{graphG, node},
			when: []fact{
				{"node_updated", `{"graph_id":"g","node_id":"a","changes":{"position":null,"metadata":null,"component_updates":null}}`},
				{"node_updated", `{"graph_id":"g","node_id":"a","changes":{}}`},
				{"node_updated", `{"graph_id":"g","node_id":"a","changes":{"metadata":{}}}`},
			},
			then: []string{
				"graph g 1 nodes 0 edges @1,5",
				`node g/a type="Start" kind=Start at=(1,2,3) metadata={change:2,keep:1} @2,5`,
			},
		},
		{
			name:  "a position that is not finite is left out, the rest applied",
			given: []fact{graphG, node},
			when: []fact{{"node_updated", `{"graph_id":"g","node_id":"a","changes":{"position":{"x":null,"y":5,"z":6},
				"metadata":{"add":1}}}`}},
			then: []string{
				"graph g 1 nodes 0 edges @1,3",
				`node g/a type="Start" kind=Start at=(1,2,3) metadata={add:1,change:2,keep:1} @2,3`,
			},
			anomalies: record(graph.PositionNotFinite, "a"),
		},
		{
			name:  "a node that does not exist is not made",
			given: []fact{graphG},
			when:  []fact{{"node_updated", `{"graph_id":"g","node_id":"a","changes":{"metadata":{"k":1}}}`}},
			then:  []string{"graph g 0 nodes 0 edges @1,1"},

			anomalies: record(graph.UnknownNode, "a"),
		},
	})
}

func TestNodeDeleted(t *testing.T) {
	runAll(t, []scenario{
		{
			name:  "a lonely node",
			given: []fact{graphG, nodeA, nodeB},
			when:  []fact{{"node_deleted", `{"graph_id":"g","node_id":"a","node_type":"Start","connected_edges":[],"reason":"X"}`}},
			then:  []string{"graph g 1 nodes 0 edges @1,4", "node g/b @3,3"},
		},
		{
			name:  "a second deletion does nothing",
			given: []fact{graphG, nodeA, goneA},
			when:  []fact{goneA},
			then:  []string{"graph g 0 nodes 0 edges @1,3"},

			anomalies: record(graph.AbsentNodeDeleted, "a"),
		},
		{
			name:  "a node that is not there takes its edges with it all the same",
			given: []fact{graphG, nodeB, edgeAB, edgeBA},
			when:  []fact{goneA},
			then:  []string{"graph g 1 nodes 0 edges @1,5", "node g/b @2,2"},

			anomalies: record(graph.AbsentNodeDeleted, "a"),
		},
		{
			name:  "edges of other graphs stay",
			given: []fact{graphG, nodeA, {"edge_created", `{"graph_id":"h","edge_id":"ab","source":"a","target":"a"}`}},
			when:  []fact{{"node_deleted", `{"graph_id":"g","node_id":"a","connected_edges":["ab"]}`}},
			then: []string{
				"graph g 0 nodes 0 edges @1,4", "graph h placeholder 0 nodes 1 edges @0,3", "edge h/ab a->a @3,3",
			},
		},
	})
}

func TestNodeMoved(t *testing.T) {
	given := []fact{graphG, {"node_created", `{"graph_id":"g","node_id":"a","position":[1,2,3],"metadata":{"k":1}}`}}
	runAll(t, []scenario{
		{
			name:  "the position alone changes",
			given: given,
			when: []fact{{"node_moved", `{"graph_id":"g","node_id":"a","old_position":{"x":0,"y":0,"z":0},
				"new_position":{"x":9.5,"y":8,"z":7},"velocity":null}`}},
			then: []string{"graph g 1 nodes 0 edges @1,3", "node g/a at=(9.5,8,7) metadata={k:1} @2,3"},
		},
		{
			name:  "a position that is not finite changes nothing",
			given: given,
			when:  []fact{{"node_moved", `{"graph_id":"g","node_id":"a","new_position":{"x":9,"y":8,"z":null}}`}},
			then:  []string{"graph g 1 nodes 0 edges @1,2", "node g/a at=(1,2,3) metadata={k:1} @2,2"},

			anomalies: record(graph.PositionNotFinite, "a"),
		},
		{
			name:  "an unknown node is not made",
			given: given,
			when:  []fact{{"node_moved", `{"graph_id":"g","node_id":"z","new_position":{"x":9,"y":8,"z":7}}`}},
			then:  []string{"graph g 1 nodes 0 edges @1,2", "node g/a at=(1,2,3) metadata={k:1} @2,2"},

			anomalies: record(graph.UnknownNode, "z"),
		},
	})
}

func TestLayoutCalculated(t *testing.T) {
	given := []fact{graphG, nodeA, nodeB}
	runAll(t, []scenario{
		{
			name:  "all known nodes are placed, in any order",
			given: given,
			when: []fact{{"layout_calculated", `{"graph_id":"g","layout_algorithm":{"Circular":{"radius":10.0}},
				"node_positions":{"b":[4,5,6],"a":{"x":1,"y":2}},"layout_metrics":{},"calculation_time_ms":42}`}},
			then: []string{"graph g 2 nodes 0 edges @1,4", "node g/a at=(1,2,0) @2,4", "node g/b at=(4,5,6) @3,4"},
		},
		{
			name:  "one that is not finite keeps its position, the others are placed",
			given: append(given, fact{"node_moved", `{"graph_id":"g","node_id":"a","new_position":[7,7,7]}`}),
			when: []fact{{"layout_calculated", `{"graph_id":"g","node_positions":{"a":{"x":null,"y":null,"z":null},
				"b":{"x":1,"y":2,"z":3}}}`}},
			then: []string{"graph g 2 nodes 0 edges @1,5", "node g/a at=(7,7,7) @2,4", "node g/b at=(1,2,3) @3,5"},

			anomalies: record(graph.PositionNotFinite, "a"),
		},
		{
			name:  "a null position is not finite",
			given: given,
			when:  []fact{{"layout_calculated", `{"graph_id":"g","node_positions":{"a":null}}`}},
			then:  []string{"graph g 2 nodes 0 edges @1,3", "node g/a @2,2", "node g/b @3,3"},

			anomalies: record(graph.PositionNotFinite, "a"),
		},
		{
			name:  "without positions nothing is placed",
			given: given,
			when: []fact{
				{"layout_calculated", `{"graph_id":"g","layout_algorithm":"Grid"}`},
				{"layout_calculated", `{"graph_id":"g","node_positions":{}}`},
			},
			then: []string{"graph g 2 nodes 0 edges @1,3", "node g/a @2,2", "node g/b @3,3"},

			anomalies: record(graph.LayoutWithoutPositions, "g"),
		},
	})
}
