package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// The traps of events that CIM's document has not. See trap_test.go.

var (
	addedA   = fact{"node_created/node_added", `{"graph_id":"g","node_id":"a","position":[1,2,3]}`}
	addedB   = fact{"node_created/node_added", `{"graph_id":"g","node_id":"b"}`}
	removedA = fact{"node_deleted/node_removed", `{"graph_id":"g","node_id":"a"}`}
	removedB = fact{"node_deleted/node_removed", `{"graph_id":"g","node_id":"b"}`}
)

// TestTrap63PayloadWinsEverywhere holds that no event is taken for one of the envelope's graph where its payload names one.
func TestTrap63PayloadWinsEverywhere(t *testing.T) {
	for _, f := range everyEvent {
		c, err := graph.Decode(event(t, f, 7))
		if err != nil {
			t.Fatal(err)
		}
		if _, transient := c.(graph.Transient); transient {
			continue
		}
		var s graphtest.State
		for i, given := range everyEvent[:6] {
			apply(t, &s, event(t, given, eventlog.Time(i+1)))
		}
		s.Anomalies = nil
		e := event(t, f, 7)
		e.AggregateID = "envelope"
		apply(t, &s, e)
		for _, g := range s.Graphs() {
			if g.ID != "g" {
				t.Errorf("%v: a row of graph %q", f, g.ID)
			}
		}
		if diff := cmp.Diff(record(graph.AggregateMismatch, "envelope"), s.Anomalies[:1]); diff != "" {
			t.Errorf("%v: anomalies (-want +got):\n%s", f, diff)
		}
	}
}

// TestTrap64BothNamesOfTheGraph holds that id and graph_id are the same graph.
func TestTrap64BothNamesOfTheGraph(t *testing.T) {
	for _, id := range []string{`"id":"g"`, `"graph_id":"g"`, `"id":{"id":"g"}`} {
		runAll(t, []scenario{{
			name: id,
			when: []fact{
				{"graph_created", `{` + id + `,"metadata":{"name":"N"}}`},
				{"graph_updated/graph_tagged", `{` + id + `,"tag":"t"}`},
				{"graph_archived", `{` + id + `}`},
			},
			then: []string{"graph g archived name=N tags=t 0 nodes 0 edges @1,3"},
		}})
	}
}

// TestTrap67MovedByRemovingAndAdding holds that a node that is removed and added again by neighbouring events keeps its
// edges, and that nothing else does.
func TestTrap67MovedByRemovingAndAdding(t *testing.T) {
	given := []fact{graphG, addedA, addedB, edgeAB, edgeBA, loopA}
	gone := []string{
		"graph g removed=a@2+3 1 nodes 0 edges @1,7", "node g/b @3,3",
		"held g/aa a->a @6,6", "held g/ab a->b @4,4", "held g/ba b->a @5,5",
	}
	back := []string{
		"graph g 2 nodes 3 edges @1,8", "node g/a at=(1,2,3) @2,8", "node g/b @3,3",
		"edge g/aa a->a @6,6", "edge g/ab a->b @4,4", "edge g/ba b->a @5,5",
	}
	moved := fact{"node_moved", `{"graph_id":"g","node_id":"b","new_position":[9,9,9]}`}
	runAll(t, []scenario{
		{name: "removed, it is gone with its edges", given: given, when: []fact{removedA}, then: gone},
		{
			name: "added by the next event, both are back", given: given, when: []fact{removedA, addedA}, then: back,
			anomalies: record(graph.NodeReturned, "a"),
		},
		{
			name:  "events that change nothing in the graph do not count",
			given: given,
			when: []fact{
				removedA, {"layout_progress", `{"graph_id":"g"}`}, {"node_moved", `{"graph_id":"g","node_id":"z","new_position":[1,2,3]}`},
				{"node_created", `{"graph_id":"h","node_id":"a"}`}, removedA, {"graph_updated/graph_untagged", `{"graph_id":"g","tag":"t"}`},
				{"node_created/node_added", `{"graph_id":"g","node_id":"a","position":[1,2,3]}`},
			},
			then: []string{
				"graph g 2 nodes 3 edges @1,13", "graph h placeholder 1 nodes 0 edges @0,10", "node g/a at=(1,2,3) @2,13", "node g/b @3,3",
				"node h/a @10,10", "edge g/aa a->a @6,6", "edge g/ab a->b @4,4", "edge g/ba b->a @5,5",
			},
			anomalies: append(append(append(append(record(graph.UnknownNode, "z"), record(graph.UnknownGraph, "h")...),
				record(graph.AbsentNodeDeleted, "a")...), record(graph.UnknownTag, "g")...), record(graph.NodeReturned, "a")...),
		},
		{
			name: "after any change it is another node", given: given, when: []fact{removedA, moved, addedA},
			then: []string{"graph g 2 nodes 0 edges @1,9", "node g/a at=(1,2,3) @9,9", "node g/b at=(9,9,9) @3,8"},
		},
		{
			name: "another node does not get the edges", given: given, when: []fact{removedA, removedB, addedA},
			then: []string{"graph g 1 nodes 0 edges @1,9", "node g/a at=(1,2,3) @9,9"},
		},
		{
			name: "the document's creation makes a new node", given: given, when: []fact{removedA, nodeA},
			then: []string{"graph g 2 nodes 0 edges @1,8", "node g/a @8,8", "node g/b @3,3"},
		},
		{
			name: "the document's deletion is for good", given: given, when: []fact{goneA, addedA},
			then: []string{"graph g 2 nodes 0 edges @1,8", "node g/a at=(1,2,3) @8,8", "node g/b @3,3"},
		},
		{
			name:  "and so is a removal that lists its edges",
			given: given,
			when:  []fact{{"node_deleted/node_removed", `{"graph_id":"g","node_id":"a","cascade_edges":["aa","ab","ba"]}`}, addedA},
			then:  []string{"graph g 2 nodes 0 edges @1,8", "node g/a at=(1,2,3) @8,8", "node g/b @3,3"},
		},
		{
			name: "twice over", given: given, when: []fact{removedA, addedA, removedB, addedB, removedB, addedB},
			then: []string{
				"graph g 2 nodes 3 edges @1,12", "node g/a at=(1,2,3) @2,8", "node g/b @3,12",
				"edge g/aa a->a @6,6", "edge g/ab a->b @4,4", "edge g/ba b->a @5,5",
			},
			anomalies: record(graph.NodeReturned, "a", "b", "b"),
		},
		{
			name: "edges that were removed one by one stay away", given: given, when: []fact{goneAB, removedA, addedA},
			then: []string{
				"graph g 2 nodes 2 edges @1,9", "node g/a at=(1,2,3) @2,9", "node g/b @3,3", "edge g/aa a->a @6,6", "edge g/ba b->a @5,5",
			},
			anomalies: record(graph.NodeReturned, "a"),
		},
		{
			name: "nothing is kept of a graph that is deleted", given: given,
			when: []fact{removedA, {"graph_deleted", `{"id":"g"}`}, addedA},
			then: []string{"graph g placeholder 1 nodes 0 edges @0,9", "node g/a at=(1,2,3) @9,9"},

			anomalies: record(graph.UnknownGraph, "g"),
		},
		{
			name: "nor of one that is cleared", given: given, when: []fact{removedA, {"graph_cleared", `{"graph_id":"g"}`}, addedA},
			then: []string{"graph g 1 nodes 0 edges @1,9", "node g/a at=(1,2,3) @9,9"},
		},
		{
			name: "nor of one that is archived", given: given, when: []fact{removedA, {"graph_archived", `{"graph_id":"g"}`}, addedA},
			then: []string{"graph g archived 2 nodes 0 edges @1,9", "node g/a at=(1,2,3) @9,9", "node g/b @3,3"},

			anomalies: record(graph.ArchivedGraphChanged, "g"),
		},
	})
}

// TestTrap70GraphsEnd holds what the events do that end a graph, of which the document has none.
func TestTrap70GraphsEnd(t *testing.T) {
	given := []fact{graphG, nodeA, nodeB, edgeAB, {"node_created", `{"graph_id":"h","node_id":"a"}`}}
	h := []string{"graph h placeholder 1 nodes 0 edges @0,5", "node h/a @5,5"}
	deleted, archived, cleared := fact{"graph_deleted", `{"graph_id":"g"}`}, fact{"graph_archived", `{"graph_id":"g"}`},
		fact{"graph_cleared", `{"graph_id":"g"}`}
	runAll(t, []scenario{
		{name: "deleted, with all that is in it", given: given, when: []fact{deleted}, then: h},
		{name: "deleted again", given: given, when: []fact{deleted, deleted}, then: h, anomalies: record(graph.AbsentGraph, "g")},
		{
			name: "what comes afterwards begins with a placeholder", given: given, when: []fact{deleted, nodeB, edgeAB},
			then: []string{"graph g placeholder 1 nodes 1 edges @0,8", h[0], "node g/b @7,7", h[1], "edge g/ab a->b @8,8"},

			anomalies: append(record(graph.UnknownGraph, "g"), record(graph.DanglingEdge, "ab")...),
		},
		{
			name: "or with a creation, as if there had been nothing", given: given, when: []fact{deleted, graphG, nodeA},
			then: []string{"graph g 1 nodes 0 edges @7,8", h[0], "node g/a @8,8", h[1]},
		},
		{
			name: "archived, it keeps everything, and events still change it", given: given, when: []fact{archived, archived, goneA},
			then: []string{"graph g archived 1 nodes 0 edges @1,8", h[0], "node g/b @3,3", h[1]},

			anomalies: record(graph.ArchivedGraphChanged, "g"),
		},
		{
			name: "cleared, it keeps its attributes", given: append(given, fact{"graph_updated", `{"graph_id":"g","name":"N","metadata":{"k":1}}`}),
			when: []fact{cleared}, then: []string{"graph g name=N metadata={k:1} 0 nodes 0 edges @1,7", h[0], h[1]},
		},
		{
			name: "a snapshot is all there is", given: given,
			when: []fact{{"graph_snapshot", `{"graph_id":"g","nodes":[{"id":"b"},{"id":"b"}],"edges":[{"id":"bc","source":"b","target":"c"}]}`}},
			then: []string{"graph g 1 nodes 1 edges @1,6", h[0], "node g/b @6,6", h[1], "edge g/bc b->c @6,6"},

			anomalies: append(record(graph.DuplicateNode, "b"), record(graph.DanglingEdge, "bc")...),
		},
		{
			name: "events about graphs that are not there leave nothing",
			when: []fact{
				deleted, archived, cleared, {"graph_updated", `{"graph_id":"g","name":"N"}`}, {"graph_updated/graph_tagged", `{"id":"g","tag":"t"}`},
				{"graph_updated/metadata_updated", `{"id":"g","field":"f","new_value":1}`}, {"layout_calculated/layout_changed", `{"id":"g","layout_type":"L"}`},
				{"nodes_bulk_added", `{"graph_id":"g","nodes":[]}`}, {"edges_bulk_added", `{"graph_id":"g","edges":[]}`},
				{"edge_reversed", `{"graph_id":"g","edge_id":"e","old_source":"a","old_target":"b"}`},
			},
			anomalies: append(record(graph.AbsentGraph, "g", "g", "g", "g", "g", "g", "g"), record(graph.UnknownEdge, "e")...),
		},
	})
}
