package graph_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// The numbers are those of the known contradictions in CIM's sources. What each is, its scenarios say.

func TestTrap57NullCoordinateIsNeverZero(t *testing.T) {
	for _, position := range []string{
		`{"x":null,"y":2,"z":3}`, `{"x":1,"y":null,"z":3}`, `{"x":1,"y":2,"z":null}`,
		`[null,2,3]`, `[1,null,3]`, `[1,2,null]`, `{"x":null,"y":null,"z":null}`,
	} {
		t.Run(position, func(t *testing.T) {
			var s graphtest.State
			for i, f := range []fact{
				graphG,
				{"node_created", `{"graph_id":"g","node_id":"a","position":` + position + `}`},
				{"node_created", `{"graph_id":"g","node_id":"b","position":[7,8,9]}`},
				{"node_updated", `{"graph_id":"g","node_id":"b","changes":{"position":` + position + `}}`},
				{"node_moved", `{"graph_id":"g","node_id":"b","new_position":` + position + `}`},
				{"layout_calculated", `{"graph_id":"g","node_positions":{"b":` + position + `}}`},
			} {
				apply(t, &s, event(t, f, eventlog.Time(i+1)))
			}
			if n, _ := s.Node("g", "a"); n.Position != nil {
				t.Errorf("a new node is at %v, want no position", *n.Position)
			}
			if n, _ := s.Node("g", "b"); *n.Position != (graph.Point{X: 7, Y: 8, Z: 9}) {
				t.Errorf("the known node is at %v, want the position that it had", *n.Position)
			}
			if diff := cmp.Diff(record(graph.PositionNotFinite, "a", "b", "b", "b"), s.Anomalies); diff != "" {
				t.Errorf("anomalies (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTrap60UnknownTypesAreNoErrors(t *testing.T) {
	for _, kind := range []string{"", "graph_exploded", "NodeCreated", "graph.node_created", "node_created "} {
		e := event(t, fact{kind, `{"graph_id":"g","node_id":"a"}`}, 1)
		c, err := graph.Decode(e)
		if c != nil || err != nil || graph.Known(kind) {
			t.Errorf("%q: Decode = %v, %v, Known = %v; want nothing at all", kind, c, err, graph.Known(kind))
		}
		var s graphtest.State
		graph.Apply(&s, e, c)
		if len(s.Lines())+len(s.Anomalies) > 0 {
			t.Errorf("%q changed the state: %q, %v", kind, s.Lines(), s.Anomalies)
		}
	}
}

func TestTrap63PayloadWinsOverEnvelope(t *testing.T) {
	var s graphtest.State
	e := event(t, graphG, 1)
	e.AggregateID = "envelope"
	apply(t, &s, e)
	if diff := cmp.Diff([]string{"graph g 0 nodes 0 edges @1,1"}, s.Lines()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(record(graph.AggregateMismatch, "envelope"), s.Anomalies); diff != "" {
		t.Errorf("anomalies (-want +got):\n%s", diff)
	}
	e.AggregateID = "g"
	s = graphtest.State{}
	apply(t, &s, e)
	if len(s.Anomalies) > 0 {
		t.Errorf("anomalies %v where payload and envelope agree", s.Anomalies)
	}
}

func TestTrap66CascadeByOwnAdjacency(t *testing.T) {
	given := []fact{graphG, nodeA, nodeB, edgeAB, edgeBA, loopA}
	bOnly := []string{"graph g 1 nodes 0 edges @1,7", "node g/b @3,3"}
	deleted := func(list string) []fact {
		return []fact{{"node_deleted", `{"graph_id":"g","node_id":"a","connected_edges":` + list + `}`}}
	}
	runAll(t, []scenario{
		{name: "without a list", given: given, when: []fact{goneA}, then: bOnly},
		{name: "with a null list", given: given, when: deleted(`null`), then: bOnly},
		{name: "with the whole list, in any order, twice", given: given, when: deleted(`["ba","ab","aa","ab"]`), then: bOnly},
		{
			name: "with an empty list", given: given, when: deleted(`[]`), then: bOnly,
			anomalies: record(graph.UnlistedEdge, "aa", "ab", "ba"),
		},
		{
			name: "with half a list", given: given, when: deleted(`["ba","never"]`), then: bOnly,
			anomalies: record(graph.UnlistedEdge, "aa", "ab"),
		},
		{
			name:  "with the list under its other name",
			given: given,
			when:  []fact{{"node_deleted", `{"graph_id":"g","node_id":"a","cascade_edges":["aa"]}`}},
			then:  bOnly, anomalies: record(graph.UnlistedEdge, "ab", "ba"),
		},
		{
			name:  "a listed edge between other nodes goes too",
			given: []fact{graphG, nodeA, nodeB, {"edge_created", `{"graph_id":"g","edge_id":"bb","source":"b","target":"b"}`}},
			when:  deleted(`["bb"]`),
			then:  []string{"graph g 1 nodes 0 edges @1,5", "node g/b @3,3"},

			anomalies: record(graph.UnrelatedEdge, "bb"),
		},
	})
}

func TestTrap66EdgeDeletedBeforeOrAfterItsNode(t *testing.T) {
	given := []fact{graphG, nodeA, nodeB, edgeAB}
	listed := fact{"node_deleted", `{"graph_id":"g","node_id":"a","connected_edges":["ab"]}`}
	runAll(t, []scenario{
		{
			name: "edge first", given: given, when: []fact{goneAB, listed},
			then: []string{"graph g 1 nodes 0 edges @1,6", "node g/b @3,3"},
		},
		{
			name: "node first", given: given, when: []fact{listed, goneAB},
			then:      []string{"graph g 1 nodes 0 edges @1,5", "node g/b @3,3"},
			anomalies: record(graph.AbsentEdgeDeleted, "ab"),
		},
	})
}

func TestTrap67RemovedAndAddedAgainHasNoEdges(t *testing.T) {
	runAll(t, []scenario{{
		name:  "the node is new, its edges are gone",
		given: []fact{graphG, nodeA, nodeB, edgeAB, goneA},
		when:  []fact{nodeA},
		then:  []string{"graph g 2 nodes 0 edges @1,6", "node g/a @6,6", "node g/b @3,3"},
	}})
}

func TestTrap68ParallelEdgesAreApart(t *testing.T) {
	parallel := fact{"edge_created", `{"graph_id":"g","edge_id":"ab2","source":"a","target":"b"}`}
	given := []fact{graphG, nodeA, nodeB, edgeAB, parallel}
	runAll(t, []scenario{
		{
			name: "deleting one leaves the other", given: given, when: []fact{goneAB},
			then: []string{"graph g 2 nodes 1 edges @1,6", "node g/a @2,2", "node g/b @3,3", "edge g/ab2 a->b @5,5"},
		},
		{
			name: "the other still goes with its node", given: append(given, goneAB), when: []fact{goneA},
			then: []string{"graph g 1 nodes 0 edges @1,7", "node g/b @3,3"},
		},
	})
}

func TestTrap69DuplicatesCountOnce(t *testing.T) {
	runAll(t, []scenario{{
		name: "nodes and edges",
		when: []fact{graphG, graphG, nodeA, nodeA, nodeB, edgeAB, edgeAB, edgeAB},
		then: []string{"graph g 2 nodes 1 edges @1,8", "node g/a @3,4", "node g/b @5,5", "edge g/ab a->b @6,8"},
		anomalies: append(append(record(graph.DuplicateGraph, "g"), record(graph.DuplicateNode, "a")...),
			record(graph.DuplicateEdge, "ab", "ab")...),
	}})
}

func TestTrap71NodeTypeIsOpaqueWithAKind(t *testing.T) {
	for _, c := range []struct{ nodeType, kind string }{
		{`"Concept"`, "Concept"},
		{`{"Concept":{"name":"n"}}`, "Concept"},
		{`{"Concept":{"name":"n","description":"d"}}`, "Concept"},
		{`{"Concept":{"name":"n","description":"d","category":"c"}}`, "Concept"},
		{`{"Concept":null}`, "Concept"},
		{`{"Concept":[1.0,"x"]}`, "Concept"},
		{`"\u0043oncept"`, "Concept"},
		{`{"type":"Concept","name":"n"}`, ""},
		{`{}`, ""},
		{`""`, ""},
		{`["Concept"]`, ""},
		{`17`, ""},
		{`true`, ""},
	} {
		var s graphtest.State
		apply(t, &s, event(t, fact{"node_created", `{"graph_id":"g","node_id":"a","node_type":` + c.nodeType + `}`}, 1))
		n, _ := s.Node("g", "a")
		if n.Kind != c.kind || string(n.NodeType) != c.nodeType {
			t.Errorf("%s: kind %q, type %s; want kind %q, and the type as received", c.nodeType, n.Kind, n.NodeType, c.kind)
		}
	}
}

func TestTrap86LayoutPlacesKnownNodesOnly(t *testing.T) {
	runAll(t, []scenario{{
		name:  "unknown and deleted ones are left out, manual positions overwritten",
		given: []fact{graphG, nodeA, goneA, {"node_created", `{"graph_id":"g","node_id":"b","position":[1,1,1]}`}},
		when: []fact{{"layout_calculated", `{"graph_id":"g","node_positions":{"a":{"x":1,"y":2,"z":3},"b":{"x":4,"y":5,"z":6},
			"never":{"x":7,"y":8,"z":9}}}`}},
		then: []string{"graph g 1 nodes 0 edges @1,5", "node g/b at=(4,5,6) @4,5"},

		anomalies: record(graph.UnknownNode, "a", "never"),
	}})
}

func TestTrap88OrderTolerance(t *testing.T) {
	runAll(t, []scenario{
		{
			name: "an edge before its nodes, and both before their graph",
			when: []fact{edgeAB, nodeB, nodeA, graphG},
			then: []string{"graph g 2 nodes 1 edges @4,4", "node g/a @3,3", "node g/b @2,2", "edge g/ab a->b @1,1"},

			anomalies: append(record(graph.DanglingEdge, "ab"), record(graph.UnknownGraph, "g")...),
		},
		{
			name:  "such an edge goes with its node",
			given: []fact{edgeAB, nodeB, nodeA, graphG},
			when:  []fact{{"node_deleted", `{"graph_id":"g","node_id":"b","connected_edges":["ab"]}`}},
			then:  []string{"graph g 1 nodes 0 edges @4,5", "node g/a @3,3"},
		},
		{
			name:  "one end is enough to dangle",
			given: []fact{graphG, nodeA},
			when:  []fact{edgeAB, edgeBA},
			then:  []string{"graph g 1 nodes 2 edges @1,4", "node g/a @2,2", "edge g/ab a->b @3,3", "edge g/ba b->a @4,4"},

			anomalies: record(graph.DanglingEdge, "ab", "ba"),
		},
		{
			name:  "a deletion before its creation removes nothing",
			given: []fact{graphG},
			when:  []fact{goneA, goneAB, nodeA, nodeB, edgeAB},
			then: []string{
				"graph g 2 nodes 1 edges @1,6", "node g/a @4,4", "node g/b @5,5", "edge g/ab a->b @6,6",
			},
			anomalies: append(record(graph.AbsentNodeDeleted, "a"), record(graph.AbsentEdgeDeleted, "ab")...),
		},
	})
}

// TestTwiceIsOnce applies each event of a long history twice, and expects the rows of applying it once. The anomalies of
// the second time are what tells the two apart.
func TestTwiceIsOnce(t *testing.T) {
	history := []fact{
		edgeAB, graphG, nodeA, nodeB, loopA, edgeBA,
		{"node_updated", `{"graph_id":"g","node_id":"a","changes":{"position":[1,2,3],"metadata":{"k":1},"component_updates":[
			{"Add":{"Visual":{"size":1}}},{"Modify":{"component_type":"Visual","changes":[{"size":2}]}},{"Add":"Unit"},
			{"Add":17},{"Replace":{"component_type":"Label","new_data":{"text":"t"}}},{"Remove":"Unit"}]}}`},
		{"edge_updated", `{"graph_id":"g","edge_id":"ab","changes":{"weight":2,"properties":{"k":1}}}`},
		{"node_moved", `{"graph_id":"g","node_id":"a","new_position":[4,5,6]}`},
		{"layout_calculated", `{"graph_id":"g","node_positions":{"a":[7,8,9],"z":[1,1,1]}}`},
		goneAB,
		{"node_deleted", `{"graph_id":"g","node_id":"a","connected_edges":["ab","aa"]}`},
		{"layout_progress", `{}`},
	}
	var once, twice graphtest.State
	for i, f := range history {
		t.Run(fmt.Sprintf("%02d_%s", i, f.kind), func(t *testing.T) {
			e := event(t, f, eventlog.Time(i+1))
			apply(t, &once, e)
			apply(t, &twice, e)
			apply(t, &twice, e)
			if diff := cmp.Diff(once.Lines(), twice.Lines()); diff != "" {
				t.Errorf("rows (-once +twice):\n%s", diff)
			}
		})
	}
	want := append(append(append(append(append(append(append(append(append(append(append(
		record(graph.DanglingEdge, "ab"), record(graph.UnknownGraph, "g")...), record(graph.DuplicateEdge, "ab")...),
		record(graph.DanglingEdge, "ab")...), record(graph.DuplicateGraph, "g")...), record(graph.DuplicateNode, "a", "b")...),
		record(graph.DuplicateEdge, "aa", "ba")...), record(graph.UnknownComponent, "a")...),
		record(graph.DuplicateComponent, "a", "a")...), record(graph.UnknownNode, "z", "z")...),
		record(graph.AbsentEdgeDeleted, "ab")...), record(graph.UnlistedEdge, "ba")...)
	want = append(want, record(graph.AbsentNodeDeleted, "a")...)
	if diff := cmp.Diff(want, twice.Anomalies); diff != "" {
		t.Errorf("anomalies (-want +got):\n%s", diff)
	}
}
