package graph_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
)

func TestEdgeCreated(t *testing.T) {
	given := []fact{graphG, nodeA, nodeB}
	rows := []string{"node g/a @2,2", "node g/b @3,3"}
	runAll(t, []scenario{
		{
			name:  "all is kept: f32 typed, the rest as received",
			given: given,
			when: []fact{{"edge_created", `{"graph_id":"g","edge_id":"e","source_node":"a","target_node":"b",
				"edge_type":{"Hierarchy":{"strength":0.8999999761581421}},"weight":0.8999999761581421,
				"properties":{"p": 0.8999999761581421},"semantic_distance":0.0}`}},
			then: append([]string{"graph g 2 nodes 1 edges @1,4"}, append(rows,
				`edge g/e a->b type={"Hierarchy":{"strength":0.8999999761581421}} kind=Hierarchy weight=0.9 `+
					`properties={p:0.8999999761581421} distance=0 @4,4`)...),
		},
		{
			name:  "ids alone are enough, and null is absent",
			given: given,
			when: []fact{{"edge_created", `{"graph_id":"g","edge_id":"e","source_node":"a","target_node":"b",
				"edge_type":null,"weight":null,"properties":null,"semantic_distance":null}`}},
			then: append([]string{"graph g 2 nodes 1 edges @1,4"}, append(rows, "edge g/e a->b @4,4")...),
		},
		{
			name:  "a duplicate overwrites everything but when it was created",
			given: append(given, fact{"edge_created", `{"graph_id":"g","edge_id":"e","source":"a","target":"b","weight":1}`}),
			when:  []fact{{"edge_created", `{"graph_id":"g","edge_id":"e","source":"a","target":"b","edge_type":"Flow"}`}},
			then: append([]string{"graph g 2 nodes 1 edges @1,5"}, append(rows,
				`edge g/e a->b type="Flow" kind=Flow @4,5`)...),
			anomalies: record(graph.DuplicateEdge, "e"),
		},
	})
}

func TestEdgeWithOtherEndsLeavesTheFormerOnes(t *testing.T) {
	nodeC := fact{"node_created", `{"graph_id":"g","node_id":"c"}`}
	given := []fact{graphG, nodeA, nodeB, nodeC, edgeAB}
	moved := fact{"edge_created", `{"graph_id":"g","edge_id":"ab","source_node":"b","target_node":"c"}`}
	runAll(t, []scenario{
		{
			name:  "it goes with a new end",
			given: append(given, moved),
			when:  []fact{{"node_deleted", `{"graph_id":"g","node_id":"c"}`}},
			then:  []string{"graph g 2 nodes 0 edges @1,7", "node g/a @2,2", "node g/b @3,3"},
		},
		{
			name:  "it does not go with an old end",
			given: append(given, moved),
			when:  []fact{goneA},
			then:  []string{"graph g 2 nodes 1 edges @1,7", "node g/b @3,3", "node g/c @4,4", "edge g/ab b->c @5,6"},
		},
	})
}

func TestEdgeUpdated(t *testing.T) {
	edge := fact{"edge_created", `{"graph_id":"g","edge_id":"e","source":"a","target":"b","edge_type":"Flow","weight":0.5,
		"properties":{"keep":1,"change":2},"semantic_distance":0.25}`}
	given := []fact{graphG, nodeA, nodeB, edge}
	then := func(row string) []string {
		return []string{"graph g 2 nodes 1 edges @1,5", "node g/a @2,2", "node g/b @3,3", "edge g/e a->b " + row + " @4,5"}
	}
	runAll(t, []scenario{
		{
			name:  "new_properties is the whole after-image",
			given: given,
			when: []fact{{"edge_updated", `{"graph_id":"g","edge_id":"e","changes":{"weight":0.75,"edge_type":{"Similarity":{}},
				"properties":{"ignored":1}},"old_properties":{"keep":1,"change":2},"new_properties":{"change":3}}`}},
			then: then(`type={"Similarity":{}} kind=Similarity weight=0.75 properties={change:3} distance=0.25`),
		},
		{
			name:  "without it, or with none in it, properties are merged",
			given: given,
			when: []fact{{"edge_updated", `{"graph_id":"g","edge_id":"e","changes":{"properties":{"change":3,"add":null}},
				"new_properties":{}}`}},
			then: then(`type="Flow" kind=Flow weight=0.5 properties={add:null,change:3,keep:1} distance=0.25`),
		},
		{
			name:  "None keeps",
			given: given,
			when: []fact{{"edge_updated", `{"graph_id":"g","edge_id":"e","changes":{"weight":null,"properties":null,
				"edge_type":null},"new_properties":null}`}},
			then: then(`type="Flow" kind=Flow weight=0.5 properties={change:2,keep:1} distance=0.25`),
		},
		{
			name:  "new_properties alone is enough",
			given: given,
			when:  []fact{{"edge_updated", `{"graph_id":"g","edge_id":"e","new_properties":{"p":1}}`}},
			then:  then(`type="Flow" kind=Flow weight=0.5 properties={p:1} distance=0.25`),
		},
		{
			name:  "a type without a tag has no kind",
			given: given,
			when:  []fact{{"edge_updated", `{"graph_id":"g","edge_id":"e","changes":{"edge_type":{"a":1,"b":2}}}`}},
			then:  then(`type={"a":1,"b":2} weight=0.5 properties={change:2,keep:1} distance=0.25`),
		},
		{
			name:  "an edge that does not exist is not made",
			given: []fact{graphG},
			when:  []fact{{"edge_updated", `{"graph_id":"g","edge_id":"e","changes":{"weight":1}}`}},
			then:  []string{"graph g 0 nodes 0 edges @1,1"},

			anomalies: record(graph.UnknownEdge, "e"),
		},
	})
}

func TestEdgeDeleted(t *testing.T) {
	runAll(t, []scenario{
		{
			name:  "by its id, whatever ends the payload names",
			given: []fact{graphG, nodeA, nodeB, edgeAB, edgeBA},
			when:  []fact{{"edge_deleted", `{"graph_id":"g","edge_id":"ab","source_node":"b","target_node":"z","reason":1}`}},
			then:  []string{"graph g 2 nodes 1 edges @1,6", "node g/a @2,2", "node g/b @3,3", "edge g/ba b->a @5,5"},
		},
		{
			name:  "a second deletion does nothing",
			given: []fact{graphG, nodeA, nodeB, edgeAB, goneAB},
			when:  []fact{goneAB},
			then:  []string{"graph g 2 nodes 0 edges @1,5", "node g/a @2,2", "node g/b @3,3"},

			anomalies: record(graph.AbsentEdgeDeleted, "ab"),
		},
	})
}
