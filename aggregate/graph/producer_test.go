package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// message is what a producer publishes. The n-th of a history is stored at n nanoseconds.
type message struct{ subject, body string }

// history is what one of CIM's producers publishes, in its own envelopes, and what must come of it.
type history struct {
	name      string
	messages  []message
	then      []string
	anomalies []graphtest.Record
}

// TestProducers reads the events of each producer as it writes them, from the subject on.
func TestProducers(t *testing.T) {
	for _, h := range producers {
		t.Run(h.name, func(t *testing.T) {
			var s graphtest.State
			for i, m := range h.messages {
				at := eventlog.Time(i + 1)
				e, err := eventlog.Decode(&eventlog.Record{Seq: eventlog.Seq(at), Time: at, Subject: m.subject, Body: []byte(m.body)})
				if err != nil {
					t.Fatalf("%s: %v", m.subject, err)
				}
				if e.Domain != "graph" {
					t.Fatalf("%s is of domain %q", m.subject, e.Domain)
				}
				e.Occurred = at // what the producers' clocks say is tested where they are read
				apply(t, &s, &e)
				if err := s.Check(); err != nil {
					t.Fatalf("after %s %s: %v", m.subject, m.body, err)
				}
			}
			if diff := cmp.Diff(h.then, s.Lines()); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(h.anomalies, s.Anomalies); diff != "" {
				t.Errorf("anomalies (-want +got):\n%s", diff)
			}
		})
	}
}

var producers = []history{
	{
		name: "cim-domain-graph",
		messages: []message{
			{"graphs.graph.created.v1", `{"GraphCreated":{"graph_id":{"id":"g"},"name":"N","description":"D","graph_type":"Workflow",
				"metadata":{"name":"m","k":1},"created_at":"2025-01-23T10:00:00Z"}}`},
			{"graphs.graph.updated.v1", `{"graph_id":{"id":"g"},"name":null,"description":"E","metadata":{"l":[2]}}`},
			{"graphs.node.added.v1", `{"NodeAdded":{"graph_id":{"id":"g"},"node_id":"a","position":{"x":1.5,"y":2.0,"z":0.1},
				"node_type":"task","metadata":{"k":1}}}`},
			{"graphs.node.added.v1", `{"graph_id":{"id":"g"},"node_id":"b","position":{"x":0.0,"y":0.0,"z":0.0},"node_type":"t","metadata":{}}`},
			{"graphs.node.updated.v1", `{"graph_id":{"id":"g"},"node_id":"a","position":{"x":4.0,"y":5.0,"z":6.0},"metadata":{"l":2}}`},
			{"graphs.edge.added.v1", `{"EdgeAdded":{"graph_id":{"id":"g"},"edge_id":"ab","source":"a","target":"b",
				"relationship":{"Dependency":{"dependency_type":"hard","strength":0.5}},"edge_type":"depends","metadata":{"k":1}}}`},
			{"graphs.edge.updated.v1", `{"graph_id":{"id":"g"},"edge_id":"ab","relationship":{"Similarity":{"score":0.25}},"metadata":{"l":2}}`},
			{"graphs.edge.added.v1", `{"graph_id":{"id":"g"},"edge_id":"ba","source":"b","target":"a","relationship":null,"edge_type":"t","metadata":{}}`},
			{"graphs.edge.removed.v1", `{"EdgeRemoved":{"graph_id":{"id":"g"},"edge_id":"ba"}}`},
			{"graphs.graph.archived.v1", `{"GraphArchived":{"graph_id":{"id":"g"},"archived_at":"2025-01-23T10:00:00Z"}}`},
			{"graphs.graph.archived.v1", `{"graph_id":{"id":"g"},"archived_at":"2025-01-23T10:00:01Z"}`},
			{"graphs.node.removed.v1", `{"NodeRemoved":{"graph_id":{"id":"g"},"node_id":"b"}}`},
		},
		then: []string{
			`graph g archived name=N description=E type="Workflow" metadata={k:1,l:[2],name:"m"} removed=b@4+1 1 nodes 0 edges @1,12`,
			`node g/a type="task" kind=task at=(4,5,6) metadata={k:1,l:2} @3,5`,
			`held g/ab a->b type="depends" kind=depends weight=0.25 properties={k:1,l:2} relationship={"Similarity":{"score":0.25}} @6,7`,
		},
		anomalies: record(graph.ArchivedGraphChanged, "g"),
	},
	{
		name: "alchemist",
		messages: []message{
			{"graph.g.created", `{"type":"GraphCreated","graph_id":"g","name":"N","metadata":{"k":1},"timestamp":1700000000250}`},
			{"graph.g.node.added", `{"type":"NodeAdded","graph_id":"g","node_id":"a","label":"A","position":[1.0,2.0,3.0],
				"metadata":{"k":1,"l":2},"timestamp":1700000000250}`},
			{"graph.g.node.updated", `{"type":"NodeUpdated","graph_id":"g","node_id":"a","label":null,"position":[4.0,5.0,6.0],
				"metadata":null,"timestamp":1700000000250}`},
			{"graph.g.node.updated", `{"type":"NodeUpdated","graph_id":"g","node_id":"a","label":"B","position":null,
				"metadata":{"m":3},"timestamp":1700000000250}`},
			{"graph.g.bulk.nodes", `{"type":"BulkNodesAdded","graph_id":"g","timestamp":1,"nodes":[
				{"id":"b","label":"L","position":[0.0,1.0,null],"color":"#ff0000","size":2.0,"metadata":{"k":1}},
				{"id":"c","label":"M","position":[0.0,1.0,2.0],"color":null,"size":null,"metadata":{}},
				{"id":"a","label":"C","position":[7.0,8.0,9.0],"color":"red","metadata":{}}]}`},
			{"graph.g.edge.added", `{"type":"EdgeAdded","graph_id":"g","edge_id":"ab","source_id":"a","target_id":"b","label":null,
				"weight":1.0,"timestamp":1}`},
			{"graph.g.edge.updated", `{"type":"EdgeUpdated","graph_id":"g","edge_id":"ab","label":"E","weight":0.5,"timestamp":1}`},
			{"graph.g.edge.updated", `{"type":"EdgeUpdated","graph_id":"g","edge_id":"ab","label":null,"weight":null,"timestamp":1}`},
			{"graph.g.bulk.edges", `{"type":"BulkEdgesAdded","graph_id":"g","timestamp":1,"edges":[
				{"id":"bc","source_id":"b","target_id":"c","label":"F","weight":0.75,"color":"#00ff00","metadata":{"k":1}},
				{"id":"ca","source_id":"c","target_id":"a","label":null,"weight":0.25,"color":"#00ff00","metadata":{"color":"mine"}},
				{"id":"cz","source_id":"c","target_id":"z","weight":1.0,"metadata":{}}]}`},
			{"graph.g.edge.removed", `{"type":"EdgeRemoved","graph_id":"g","edge_id":"cz","timestamp":1}`},
			{"graph.g.layout", `{"type":"LayoutChanged","graph_id":"g","layout_type":"Circular","timestamp":1}`},
		},
		then: []string{
			`graph g name=N metadata={k:1} layout="Circular" 3 nodes 3 edges @1,11`,
			`node g/a at=(7,8,9) components=[{"Visual":{"color":"red"}}] label=C @2,5`,
			`node g/b components=[{"Visual":{"color":"#ff0000","size":2.0}}] metadata={k:1} label=L @5,5`,
			`node g/c at=(0,1,2) label=M @5,5`,
			`edge g/ab a->b weight=0.5 label=E @6,8`,
			`edge g/bc b->c weight=0.75 properties={color:"#00ff00",k:1} label=F @9,9`,
			`edge g/ca c->a weight=0.25 properties={color:"mine"} @9,9`,
		},
		anomalies: append(append(record(graph.PositionNotFinite, "b"), record(graph.DuplicateNode, "a")...),
			record(graph.DanglingEdge, "cz")...),
	},
	{
		name: "alchemist, snapshots and deletion",
		messages: []message{
			{"graph.g.node.added", `{"type":"NodeAdded","graph_id":"g","node_id":"old","label":"A","position":[1.0,2.0,3.0],"metadata":{}}`},
			{"graph.g.edge.added", `{"type":"EdgeAdded","graph_id":"g","edge_id":"old","source_id":"old","target_id":"old","weight":1.0}`},
			{"graph.g.snapshot", `{"type":"GraphSnapshot","graph_id":"g","metadata":{"v":1},
				"nodes":[{"id":"a","label":"A","position":[1.0,2.0,3.0],"metadata":{}},{"id":"b","label":"B","position":[1.0,2.0,3.0],"metadata":{}}],
				"edges":[{"id":"ab","source_id":"a","target_id":"b","weight":0.5,"metadata":{}}]}`},
			{"graph.h.created", `{"type":"GraphCreated","graph_id":"h","name":"H","metadata":{}}`},
			{"graph.h.node.added", `{"type":"NodeAdded","graph_id":"h","node_id":"a","label":"A","position":[1.0,2.0,3.0],"metadata":{}}`},
			{"graph.h.deleted", `{"type":"GraphDeleted","graph_id":"h","timestamp":1700000000250}`},
			{"graph.i.snapshot", `{"type":"GraphSnapshot","graph_id":"i","metadata":{},"nodes":[],"edges":[]}`},
		},
		then: []string{
			`graph g placeholder metadata={v:1} 2 nodes 1 edges @0,3`, `graph i placeholder 0 nodes 0 edges @0,7`,
			`node g/a at=(1,2,3) label=A @3,3`, `node g/b at=(1,2,3) label=B @3,3`, `edge g/ab a->b weight=0.5 @3,3`,
		},
		anomalies: record(graph.UnknownGraph, "g", "i"),
	},
	{
		name: "legacy alchemist, graphs",
		messages: []message{
			{"event.graph.created", `{"event_id":"1","aggregate_id":"g","sequence":1,"event":{"Graph":{"GraphCreated":{"id":"g","metadata":
				{"name":"N","bounded_context":"b","created_at":{"secs_since_epoch":1,"nanos_since_epoch":0},"tags":["z","a","z"]}}}}}`},
			{"event.graph.renamed", `{"event_id":"2","aggregate_id":"g","event":{"Graph":{"GraphRenamed":{"id":"g","old_name":"N","new_name":"M"}}}}`},
			{"event.graph.tagged", `{"event_id":"3","aggregate_id":"g","event":{"Graph":{"GraphTagged":{"id":"g","tag":"m"}}}}`},
			{"event.graph.tagged", `{"event_id":"4","aggregate_id":"g","event":{"Graph":{"GraphTagged":{"id":"g","tag":"z"}}}}`},
			{"event.graph.untagged", `{"event_id":"5","aggregate_id":"g","event":{"Graph":{"GraphUntagged":{"id":"g","tag":"a"}}}}`},
			{"event.graph.untagged", `{"event_id":"6","aggregate_id":"g","event":{"Graph":{"GraphUntagged":{"id":"g","tag":"a"}}}}`},
			{"event.graph.updated", `{"event_id":"7","aggregate_id":"g","event":{"Graph":{"GraphUpdated":{"graph_id":"g","name":null,"description":"D"}}}}`},
			{"event.graph.import_requested", `{"event_id":"8","aggregate_id":"g","event":{"Graph":{"GraphImportRequested":{"graph_id":"g"}}}}`},
			{"event.graph.import_completed", `{"event_id":"9","aggregate_id":"g","event":{"Graph":{"GraphImportCompleted":{"graph_id":"g","imported_nodes":3,"imported_edges":4}}}}`},
			{"event.graph.created", `{"event_id":"10","aggregate_id":"h","event":{"Graph":{"GraphCreated":{"id":"h","metadata":{"name":"H","tags":[]}}}}}`},
			{"event.graph.deleted", `{"event_id":"11","aggregate_id":"h","event":{"Graph":{"GraphDeleted":{"id":"h"}}}}`},
		},
		then: []string{`graph g name=M description=D metadata={bounded_context:"b",created_at:{"secs_since_epoch":1,"nanos_since_epoch":0}} ` +
			`tags=m,z 0 nodes 0 edges @1,7`},
		anomalies: append(record(graph.DuplicateTag, "g"), record(graph.UnknownTag, "g")...),
	},
	{
		name: "legacy alchemist, nodes and edges",
		messages: []message{
			{"event.graph.created", `{"event_id":"1","aggregate_id":"g","event":{"Graph":{"GraphCreated":{"id":"g","metadata":{"name":"N"}}}}}`},
			{"event.node.added", `{"event_id":"2","aggregate_id":"g","event":{"Node":{"NodeAdded":{"graph_id":"g","node_id":"a","metadata":{"k":1},
				"position":{"x":1.0,"y":2.0,"z":3.0}}}}}`},
			{"event.node.added", `{"event_id":"3","aggregate_id":"g","event":{"Node":{"NodeAdded":{"graph_id":"g","node_id":"b","metadata":{},
				"position":{"x":1.0,"y":2.0,"z":3.0}}}}}`},
			{"event.node.updated", `{"event_id":"4","aggregate_id":"g","event":{"Node":{"NodeUpdated":{"graph_id":"g","node_id":"a",
				"new_position":{"x":4.0,"y":5.0,"z":6.0},"new_content":null}}}}`},
			{"event.node.updated", `{"event_id":"5","aggregate_id":"g","event":{"Node":{"NodeUpdated":{"graph_id":"g","node_id":"b",
				"new_position":null,"new_content":{"text":"t"}}}}}`},
			{"event.node.moved", `{"event_id":"6","aggregate_id":"g","event":{"Node":{"NodeMoved":{"graph_id":"g","node_id":"b",
				"old_position":{"x":1.0,"y":2.0,"z":3.0},"new_position":{"x":7.0,"y":8.0,"z":9.0}}}}}`},
			{"event.node.content_changed", `{"event_id":"7","aggregate_id":"g","event":{"Node":{"NodeContentChanged":{"graph_id":"g","node_id":"b",
				"old_content":{"text":"t"},"new_content":{"text":"u"}}}}}`},
			{"event.edge.connected", `{"event_id":"8","aggregate_id":"g","event":{"Edge":{"EdgeConnected":{"graph_id":"g","edge_id":"ab","source":"a",
				"target":"b","relationship":"knows"}}}}`},
			{"event.edge.updated", `{"event_id":"9","aggregate_id":"g","event":{"Edge":{"EdgeUpdated":{"graph_id":"g","edge_id":"ab","new_properties":{"k":1}}}}}`},
			{"event.edge.reversed", `{"event_id":"10","aggregate_id":"g","event":{"Edge":{"EdgeReversed":{"graph_id":"g","edge_id":"ab","old_source":"a",
				"old_target":"b","new_source":"b","new_target":"a"}}}}`},
			{"event.edge.connected", `{"event_id":"11","aggregate_id":"g","event":{"Edge":{"EdgeConnected":{"graph_id":"g","edge_id":"bb","source":"b",
				"target":"b","relationship":"is"}}}}`},
			{"event.edge.removed", `{"event_id":"12","aggregate_id":"g","event":{"Edge":{"EdgeRemoved":{"graph_id":"g","edge_id":"bb"}}}}`},
		},
		then: []string{
			`graph g name=N 2 nodes 1 edges @1,12`, `node g/a at=(4,5,6) metadata={k:1} @2,4`,
			`node g/b at=(7,8,9) content={"text":"u"} @3,7`,
			`edge g/ab b->a type="knows" kind=knows properties={k:1} relationship="knows" @8,10`,
		},
	},
	{
		name: "the events of the technical documents",
		messages: []message{
			{"graph.events.NodeAdded", `{"event_id":"1","aggregate_id":"g","event_type":"NodeAddedEvent","event_data":{"node_id":"a",
				"position":{"x":1.0,"y":2.0,"z":3.0},"properties":{"k":1},"subgraph_id":null}}`},
			{"graph.events.NodeAdded", `{"event_id":"2","aggregate_id":"g","event_type":"NodeAddedEvent","event_data":{"node_id":"b",
				"position":{"x":1.0,"y":2.0,"z":3.0},"properties":{}}}`},
			{"graph.events.EdgeCreated", `{"event_id":"3","aggregate_id":"g","event_type":"EdgeCreatedEvent","event_data":{"edge_id":"ab",
				"source":"a","target":"b","relationship":{"Flow":{"flow_type":"f","capacity":null}}}}`},
			{"graph.events.NodeMoved", `{"event_id":"4","aggregate_id":"g","event_type":"NodeMovedEvent","event_data":{"node_id":"b",
				"old_position":{"x":1.0,"y":2.0,"z":3.0},"new_position":{"x":4.0,"y":5.0,"z":6.0},"velocity":null}}`},
			{"graph.events.NodeRemoved", `{"event_id":"5","aggregate_id":"g","event_type":"NodeRemovedEvent","event_data":{"node_id":"a",
				"cascade_edges":["ab"]}}`},
		},
		then: []string{`graph g placeholder 1 nodes 0 edges @0,5`, `node g/b at=(4,5,6) @2,4`},

		anomalies: record(graph.UnknownGraph, "g"),
	},
	{
		name: "cim-graph, generic payloads",
		messages: []message{
			{"local.cim.composed.g", `{"event_id":"1","aggregate_id":"g","correlation_id":"c","causation_id":null,"payload":{"Generic":
				{"event_type":"GraphInitialized","data":{"graph_type":"composed","metadata":{"k":1}}}}}`},
			{"local.cim.composed.g", `{"event_id":"2","aggregate_id":"g","payload":{"Generic":{"event_type":"NodeAdded","data":{"node_id":"a"}}}}`},
			{"local.cim.composed.g", `{"event_id":"3","aggregate_id":"g","payload":{"Generic":{"event_type":"EdgeAdded","data":{"edge_id":"aa",
				"source":"a","target":"a"}}}}`},
			{"local.cim.composed.g", `{"event_id":"4","aggregate_id":"g","payload":{"Generic":{"event_type":"EdgeRemoved","data":{"edge_id":"aa"}}}}`},
			{"local.cim.composed.g", `{"event_id":"5","aggregate_id":"g","payload":{"Generic":{"event_type":"NodeRemoved","data":{"node_id":"a"}}}}`},
			{"local.cim.composed.g", `{"event_id":"6","aggregate_id":"g","payload":{"Generic":{"event_type":"GraphArchived","data":{}}}}`},
		},
		then: []string{`graph g archived type="composed" metadata={k:1} 0 nodes 0 edges @1,6`},
	},
	{
		name: "cim-graph, events of its core",
		messages: []message{
			{"local.cim.composed.g", `{"event_id":"1","aggregate_id":"g","sequence":1,"data":{"GraphInitialized":{"graph_type":"T","metadata":{"k":1}}}}`},
			{"local.cim.composed.g", `{"event_id":"2","aggregate_id":"g","sequence":2,"data":{"NodeAdded":{"node_id":"a","node_type":"t","data":{"k":1}}}}`},
			{"local.cim.composed.g", `{"event_id":"3","aggregate_id":"g","sequence":3,"data":{"NodeAdded":{"node_id":"b","node_type":"t","data":[1]}}}`},
			{"local.cim.composed.g", `{"event_id":"4","aggregate_id":"g","sequence":4,"data":{"NodeUpdated":{"node_id":"a","data":{"l":2}}}}`},
			{"local.cim.composed.g", `{"event_id":"5","aggregate_id":"g","sequence":5,"data":{"EdgeAdded":{"edge_id":"ab","source_id":"a","target_id":"b",
				"edge_type":"t","data":{"k":1}}}}`},
			{"local.cim.composed.g", `{"event_id":"6","aggregate_id":"g","sequence":6,"data":{"EdgeUpdated":{"edge_id":"ab","data":{"l":2}}}}`},
			{"local.cim.composed.g", `{"event_id":"7","aggregate_id":"g","sequence":7,"data":{"MetadataUpdated":{"field":"f","old_value":null,"new_value":{"v":1}}}}`},
			{"local.cim.composed.g", `{"event_id":"8","aggregate_id":"g","sequence":8,"data":{"MetadataUpdated":{"field":"k","old_value":1,"new_value":null}}}`},
			{"local.cim.composed.h", `{"GraphCreated":{"graph_id":"h"}}`},
			{"local.cim.composed.h", `{"event_id":"a","aggregate_id":"h","data":{"NodeAdded":{"node_id":"a","node_type":"t","data":{}}}}`},
			{"local.cim.composed.h", `{"GraphCleared":{"graph_id":"h"}}`},
		},
		then: []string{
			`graph g type="T" metadata={f:{"v":1}} 2 nodes 1 edges @1,8`, `graph h 0 nodes 0 edges @9,11`,
			`node g/a type="t" kind=t metadata={k:1,l:2} @2,4`, `node g/b type="t" kind=t metadata={data:[1]} @3,3`,
			`edge g/ab a->b type="t" kind=t properties={k:1,l:2} @5,6`,
		},
	},
}

// TestOtherProducersAreLeftAlone holds that what is about other things than graphs, nodes and edges is no change.
func TestOtherProducersAreLeftAlone(t *testing.T) {
	for _, m := range []message{
		{"event.subgraph.created", `{"event_id":"1","event":{"Subgraph":{"SubgraphCreated":{"graph_id":"g","subgraph_id":"s","name":"N"}}}}`},
		{"event.subgraph_op.subgraphs_merged", `{"event_id":"1","event":{"SubgraphOperation":{"SubgraphsMerged":{"graph_id":"g"}}}}`},
		{"event.content_graph.content_added.g", `{"event_id":"1","graph_id":"g"}`},
		{"event.context_bridge.created", `{"event_id":"1","event":{"ContextBridge":{"BridgeCreated":{"bridge_id":"b"}}}}`},
		{"local.cim.ipld.g", `{"event_id":"1","aggregate_id":"g","payload":{"Ipld":{"CidAdded":{"cid":"c","codec":"k","size":1,"data":{}}}}}`},
		{"local.cim.context.g", `{"event_id":"1","aggregate_id":"g","payload":{"Context":{"BoundedContextCreated":{"context_id":"c","name":"n","description":"d"}}}}`},
		{"local.cim.composed.g", `{"event_id":"1","aggregate_id":"g","payload":{"Composed":{"SubGraphAdded":{"subgraph_id":"s","graph_type":"t","namespace":"n"}}}}`},
		{"local.cim.composed.g", `{"event_id":"1","aggregate_id":"g","payload":{"Composed":{"CrossGraphLinkCreated":{"source_graph":"g","source_node":"a",
			"target_graph":"h","target_node":"b"}}}}`},
		{"event.graph.graph_derived", `{"event_id":"1","event_type":"graph_derived","aggregate_id":"g","payload":{"graph_id":"g"}}`},
		{"event.graph.graphs_merged", `{"event_id":"1","event_type":"GraphsMerged","aggregate_id":"g","payload":{"graph_id":"g"}}`},
	} {
		e, err := eventlog.Decode(&eventlog.Record{Seq: 1, Time: 1, Subject: m.subject, Body: []byte(m.body)})
		if err != nil {
			t.Errorf("%s: %v", m.subject, err)
			continue
		}
		if c, refused := graph.Decode(&e); e.Domain == "graph" && (c != nil || refused != nil) {
			t.Errorf("%s %s: Decode = %v, %v, want nothing", m.subject, e.Type, c, refused)
		}
	}
}
