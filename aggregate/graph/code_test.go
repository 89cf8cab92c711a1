package graph_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
)

func TestEdgeReversed(t *testing.T) {
	given := []fact{graphG, nodeA, nodeB, edgeAB}
	reversed := fact{"edge_reversed", `{"graph_id":"g","edge_id":"ab","old_source":"a","old_target":"b","new_source":"b","new_target":"a"}`}
	nodes := []string{"node g/a @2,2", "node g/b @3,3"}
	runAll(t, []scenario{
		{
			name: "where the ends are the former ones", given: given, when: []fact{reversed},
			then: []string{"graph g 2 nodes 1 edges @1,5", nodes[0], nodes[1], "edge g/ab b->a @4,5"},
		},
		{
			name: "and not again", given: given, when: []fact{reversed, reversed},
			then:      []string{"graph g 2 nodes 1 edges @1,5", nodes[0], nodes[1], "edge g/ab b->a @4,5"},
			anomalies: record(graph.EdgeEndsDiffer, "ab"),
		},
		{
			name: "not where one of them is another", given: given,
			when: []fact{
				{"edge_reversed", `{"graph_id":"g","edge_id":"ab","old_source":"b","old_target":"b"}`},
				{"edge_reversed", `{"graph_id":"g","edge_id":"ab","old_source":"a","old_target":"a"}`},
			},
			then:      []string{"graph g 2 nodes 1 edges @1,4", nodes[0], nodes[1], "edge g/ab a->b @4,4"},
			anomalies: record(graph.EdgeEndsDiffer, "ab", "ab"),
		},
		{
			name: "it still goes with its nodes", given: given, when: []fact{reversed, goneA},
			then: []string{"graph g 1 nodes 0 edges @1,6", nodes[1]},
		},
		{
			name: "a loop stays one", given: []fact{graphG, nodeA, loopA},
			when: []fact{{"edge_reversed", `{"graph_id":"g","edge_id":"aa","old_source":"a","old_target":"a"}`}},
			then: []string{"graph g 1 nodes 1 edges @1,4", nodes[0], "edge g/aa a->a @3,4"},
		},
	})
}

func TestRelationships(t *testing.T) {
	for _, c := range []struct{ relationship, kind, weight string }{
		{`{"Dependency":{"dependency_type":"d","strength":0.5}}`, "Dependency", " weight=0.5"},
		{`{"Similarity":{"score":0.25}}`, "Similarity", " weight=0.25"},
		{`{"Similarity":{"score":null}}`, "Similarity", ""},
		{`{"Hierarchy":{"parent_to_child":true}}`, "Hierarchy", " weight=1"},
		{`{"Association":{"association_type":"a"}}`, "Association", " weight=1"},
		{`{"Flow":{"flow_type":"f","capacity":null}}`, "Flow", " weight=1"},
		{`{"Custom":{"strength":0.5}}`, "Custom", ""},
		{`"Hierarchy"`, "Hierarchy", ""},
	} {
		text := ` type=` + c.relationship + ` kind=` + c.kind + c.weight + ` relationship=` + c.relationship
		runAll(t, []scenario{
			{
				name:  c.relationship,
				given: []fact{graphG, nodeA},
				when: []fact{{"edge_created/edge_added",
					`{"graph_id":"g","edge_id":"aa","source":"a","target":"a","relationship":` + c.relationship + `}`}},
				then: []string{"graph g 1 nodes 1 edges @1,3", "node g/a @2,2", "edge g/aa a->a" + text + " @3,3"},
			},
			{
				name:  "updated to " + c.relationship,
				given: []fact{graphG, nodeA, loopA},
				when:  []fact{{"edge_updated", `{"graph_id":"g","edge_id":"aa","relationship":` + c.relationship + `}`}},
				then:  []string{"graph g 1 nodes 1 edges @1,4", "node g/a @2,2", "edge g/aa a->a" + text + " @3,4"},
			},
		})
	}
	runAll(t, []scenario{{
		name:  "a weight and a type of its own win",
		given: []fact{graphG, nodeA},
		when: []fact{
			{"edge_created", `{"graph_id":"g","edge_id":"aa","source":"a","target":"a","relationship":"r","weight":0.125,"edge_type":"t"}`},
			{"edge_updated", `{"graph_id":"g","edge_id":"aa","relationship":{"Flow":{}},"weight":0.25}`},
		},
		then: []string{
			"graph g 1 nodes 1 edges @1,4", "node g/a @2,2", `edge g/aa a->a type="t" kind=t weight=0.25 relationship={"Flow":{}} @3,4`,
		},
	}})
}

// TestFlatNodeUpdates tells the producers apart who update nodes without changes in a member of their own.
func TestFlatNodeUpdates(t *testing.T) {
	given := []fact{graphG, {"node_created", `{"graph_id":"g","node_id":"a","position":[1,2,3],"metadata":{"k":1}}`}}
	for _, c := range []struct{ members, then string }{
		{`"metadata":{"l":2}`, "at=(1,2,3) metadata={k:1,l:2}"},
		{`"position":{"x":4,"y":5,"z":6},"metadata":{"l":2}`, "at=(4,5,6) metadata={k:1,l:2}"},
		{`"position":null,"metadata":{}`, "at=(1,2,3) metadata={k:1}"},
		{`"label":null,"metadata":{"l":2}`, "at=(1,2,3) metadata={l:2}"},
		{`"label":"L","metadata":{}`, "at=(1,2,3) label=L"},
		{`"label":"L","metadata":null`, "at=(1,2,3) metadata={k:1} label=L"},
		{`"position":[4,5,6],"metadata":{"l":2}`, "at=(4,5,6) metadata={l:2}"},
		{`"new_position":[4,5,6],"new_content":null`, "at=(4,5,6) metadata={k:1}"},
		{`"data":{"l":2}`, "at=(1,2,3) metadata={k:1,l:2}"},
		{`"data":7`, "at=(1,2,3) metadata={data:7,k:1}"},
		{`"label":"L","changes":{"metadata":{"l":2}}`, "at=(1,2,3) metadata={k:1,l:2}"},
	} {
		runAll(t, []scenario{{
			name: c.members, given: given, when: []fact{{"node_updated", `{"graph_id":"g","node_id":"a",` + c.members + `}`}},
			then: []string{"graph g 1 nodes 0 edges @1,3", "node g/a " + c.then + " @2,3"},
		}})
	}
}

func TestGraphCreatedAgain(t *testing.T) {
	runAll(t, []scenario{{
		name: "what it does not state, and other events do, stays",
		given: []fact{
			graphG, {"graph_updated/graph_tagged", `{"id":"g","tag":"t"}`}, {"graph_updated", `{"id":"g","name":"N","metadata":{"k":1}}`},
			{"layout_calculated", `{"id":"g","layout_type":"L"}`},
		},
		when: []fact{graphG},
		then: []string{`graph g metadata={k:1} tags=t layout="L" 0 nodes 0 edges @1,5`},

		anomalies: record(graph.DuplicateGraph, "g"),
	}, {
		name: "metadata that holds a name beside the graph's own is metadata",
		when: []fact{{"graph_created", `{"id":"g","name":"N","metadata":{"name":"M","tags":["t"]}}`}},
		then: []string{`graph g name=N metadata={name:"M",tags:["t"]} 0 nodes 0 edges @1,1`},
	}, {
		name: "a name and tags of other kinds are metadata too",
		when: []fact{{"graph_created", `{"id":"g","metadata":{"name":1,"tags":[1]}}`}},
		then: []string{`graph g metadata={name:1,tags:[1]} 0 nodes 0 edges @1,1`},
	}})
}
