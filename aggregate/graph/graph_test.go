package graph_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
)

func TestGraphCreated(t *testing.T) {
	full := fact{"graph_created", `{"graph_id":"g","graph_type": "Workflow","name":"N","description":"D","owner":"o",
		"access_policy": {"Shared": ["u"]},"conceptual_space_id":"s"}`}
	runAll(t, []scenario{
		{
			name: "all attributes are kept, opaque ones compacted",
			when: []fact{full},
			then: []string{
				`graph g name=N description=D type="Workflow" owner=o policy={"Shared":["u"]} space=s 0 nodes 0 edges @1,1`,
			},
		},
		{
			name: "an id alone is enough, and null is absent",
			when: []fact{{"graph_created", `{"graph_id":"g","name":null,"description":null,"graph_type":null,"owner":null,
				"access_policy":null,"conceptual_space_id":null}`}},
			then: []string{"graph g 0 nodes 0 edges @1,1"},
		},
		{
			name:  "a placeholder is filled, and its content stays",
			given: []fact{nodeA, nodeB, edgeAB},
			when:  []fact{full},
			then: []string{
				`graph g name=N description=D type="Workflow" owner=o policy={"Shared":["u"]} space=s 2 nodes 1 edges @4,4`,
				"node g/a @1,1", "node g/b @2,2", "edge g/ab a->b @3,3",
			},
		},
		{
			name:  "a second creation overwrites attributes, and wipes nothing",
			given: []fact{full, nodeA},
			when:  []fact{{"graph_created", `{"graph_id":"g","name":"M"}`}},
			then:  []string{"graph g name=M 1 nodes 0 edges @1,3", "node g/a @2,2"},

			anomalies: record(graph.DuplicateGraph, "g"),
		},
	})
}

func TestTransientEventsChangeNothing(t *testing.T) {
	runAll(t, []scenario{{
		name:  "whatever their payload is",
		given: []fact{graphG},
		when: []fact{
			{"layout_progress", `{"graph_id":"g","completion_percentage":50.0,"completed":false}`},
			{"user_presence_updated", `{"graph_id":"h","user_id":"u","presence_info":{"selected_nodes":["a"]}}`},
			{"performance.slow_operation", `{"operation_type":"x","duration_ms":1}`},
			{"performance.memory_usage", `null`},
		},
		then: []string{"graph g 0 nodes 0 edges @1,1"},
	}})
}

func TestPlaceholder(t *testing.T) {
	placeholder := "graph g placeholder 1 nodes 0 edges @0,1"
	runAll(t, []scenario{
		{
			name: "a node of an unknown graph makes one, once",
			when: []fact{nodeA, nodeB},
			then: []string{"graph g placeholder 2 nodes 0 edges @0,2", "node g/a @1,1", "node g/b @2,2"},

			anomalies: record(graph.UnknownGraph, "g"),
		},
		{
			name: "so does an edge",
			when: []fact{edgeAB},
			then: []string{"graph g placeholder 0 nodes 1 edges @0,1", "edge g/ab a->b @1,1"},

			anomalies: append(record(graph.DanglingEdge, "ab"), record(graph.UnknownGraph, "g")...),
		},
		{
			name:  "events about unknown things make none",
			given: []fact{nodeA},
			when: []fact{
				{"node_updated", `{"graph_id":"h","node_id":"n1","changes":{"metadata":{"k":1}}}`},
				{"node_deleted", `{"graph_id":"h","node_id":"n2","connected_edges":["e0"]}`},
				{"node_moved", `{"graph_id":"h","node_id":"n3","new_position":{"x":1,"y":2}}`},
				{"layout_calculated", `{"graph_id":"h","node_positions":{"n4":{"x":1,"y":2}}}`},
				{"edge_updated", `{"graph_id":"h","edge_id":"e5","changes":{"weight":1.0}}`},
				{"edge_deleted", `{"graph_id":"h","edge_id":"e6"}`},
			},
			then: []string{placeholder, "node g/a @1,1"},

			anomalies: append(append(append(append(
				record(graph.UnknownNode, "n1"), record(graph.AbsentNodeDeleted, "n2")...),
				record(graph.UnknownNode, "n3", "n4")...), record(graph.UnknownEdge, "e5")...),
				record(graph.AbsentEdgeDeleted, "e6")...),
		},
	})
}
