package graph_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestTrap84EmptyNodeIDs holds that nodes without an id, in which an older producer hides what happened to workflows,
// never become rows, neither as nodes nor as ends of edges.
func TestTrap84EmptyNodeIDs(t *testing.T) {
	const hidden = `"node_type":"workflow","data":{"WorkflowEventData":{"workflow_id":"w"}}`
	for _, f := range []fact{
		{"node_created", `{"graph_id":"g","node_id":"",` + hidden + `}`},
		{"node_created", `{"graph_id":"g","node_id":{"id":""},` + hidden + `}`},
		{"node_updated", `{"graph_id":"g","node_id":"","changes":{}}`},
		{"node_moved", `{"graph_id":"g","node_id":"","new_position":[1,2,3]}`},
		{"node_deleted", `{"graph_id":"g","node_id":""}`},
		{"edge_created", `{"graph_id":"g","edge_id":"e","source_node":"","target_node":"a"}`},
		{"edge_created", `{"graph_id":"g","edge_id":"e","source_node":"a","target_node":""}`},
	} {
		if c, err := graph.Decode(event(t, f, 1)); c != nil || err == nil || err.Code != eventlog.CodeEmptyID {
			t.Errorf("%v: Decode = %v, %v, want it refused as an empty id", f, c, err)
		}
	}
}

// TestTrap84EmptyIDsAmongOthers holds that a list loses what has no id, and nothing else.
func TestTrap84EmptyIDsAmongOthers(t *testing.T) {
	runAll(t, []scenario{
		{
			name:  "in a layout",
			given: []fact{graphG, nodeA},
			when:  []fact{{"layout_calculated", `{"graph_id":"g","node_positions":{"":[4,5,6],"a":[7,8,9]}}`}},
			then:  []string{"graph g 1 nodes 0 edges @1,3", "node g/a at=(7,8,9) @2,3"},

			anomalies: record(graph.EmptyID, "g"),
		},
		{
			name:  "in a layout of nothing else",
			given: []fact{graphG, nodeA},
			when:  []fact{{"layout_calculated", `{"graph_id":"g","node_positions":{"":[4,5,6]}}`}},
			then:  []string{"graph g 1 nodes 0 edges @1,2", "node g/a @2,2"},

			anomalies: record(graph.EmptyID, "g"),
		},
		{
			name:  "among many nodes",
			given: []fact{graphG},
			when:  []fact{{"nodes_bulk_added", `{"graph_id":"g","nodes":[{"id":""},{"id":"a"},{"id":{"id":""}}]}`}},
			then:  []string{"graph g 1 nodes 0 edges @1,2", "node g/a @2,2"},

			anomalies: record(graph.EmptyID, "g", "g"),
		},
		{
			name: "of nodes of an unknown graph, which get no placeholder",
			when: []fact{{"nodes_bulk_added", `{"graph_id":"g","nodes":[{"id":""}]}`}},

			anomalies: record(graph.EmptyID, "g"),
		},
		{
			name:  "of edges, and their ends",
			given: []fact{graphG, nodeA},
			when: []fact{{"edges_bulk_added", `{"graph_id":"g","edges":[{"id":"","source_id":"a","target_id":"a"},
				{"id":"x","source_id":"","target_id":"a"},{"id":"y","source_id":"a","target_id":""},
				{"id":"aa","source_id":"a","target_id":"a"}]}`}},
			then: []string{"graph g 1 nodes 1 edges @1,3", "node g/a @2,2", "edge g/aa a->a @3,3"},

			anomalies: record(graph.EmptyID, "g", "g", "g"),
		},
		{
			name:  "in a snapshot",
			given: []fact{graphG, nodeA},
			when:  []fact{{"graph_snapshot", `{"graph_id":"g","nodes":[{"id":""},{"id":"b"}],"edges":[{"id":""}]}`}},
			then:  []string{"graph g 1 nodes 0 edges @1,3", "node g/b @3,3"},

			anomalies: record(graph.EmptyID, "g", "g"),
		},
	})
}
