package graph_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestTrap84EmptyNodeIDs holds that nodes without an id, in which an older producer hides what happened to workflows,
// never become rows: neither as nodes, nor as ends of edges, nor by a layout.
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
		{"layout_calculated", `{"graph_id":"g","node_positions":{"":[4,5,6],"a":[7,8,9]}}`},
	} {
		if c, err := graph.Decode(event(t, f, 1)); c != nil || err == nil || err.Code != eventlog.CodeEmptyID {
			t.Errorf("%v: Decode = %v, %v, want it refused as an empty id", f, c, err)
		}
	}
}
