package graph_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestDecodeAliases(t *testing.T) {
	at := graph.Placement{Point: &graph.Point{X: 1, Y: 2, Z: 3}}
	edge := &graph.EdgeCreated{Graph: "g", Edge: "e", Source: "a", Target: "b"}
	for _, c := range []struct {
		kind, payload string
		want          graph.Change
	}{
		{"graph_created", `{"graph_id":"g","id":"other"}`, &graph.GraphCreated{Graph: "g"}},
		{"graph_created", `{"id":"g"}`, &graph.GraphCreated{Graph: "g"}},
		{"graph_created", `{"graph_id":null,"id":{"id":"g"}}`, &graph.GraphCreated{Graph: "g"}},
		{"graph_created", `{"graph_id":{"id":"g","phantom":null},"id":17}`, &graph.GraphCreated{Graph: "g"}},
		{"graph_created", `{}`, &graph.GraphCreated{Graph: "envelope"}},
		{"graph_created", `{"graph_id":"g","owner":{"value":"o"},"conceptual_space_id":{"id":"s"}}`,
			&graph.GraphCreated{Graph: "g", Owner: new("o"), ConceptualSpaceID: new("s")}},
		{"graph_created", `{"graph_id":"\u0067\n","name":"\u00e4"}`, &graph.GraphCreated{Graph: "g\n", Name: new("ä")}},
		{"edge_created", `{"graph_id":"g","edge_id":"e","source_node":"a","target_node":"b"}`, edge},
		{"edge_created", `{"graph_id":"g","edge_id":"e","source":"a","target":"b"}`, edge},
		{"edge_created", `{"graph_id":"g","edge_id":"e","source_id":{"id":"a"},"target_id":{"id":"b"}}`, edge},
		{"edge_created", `{"graph_id":"g","edge_id":{"value":"e"},"source_id":"z","source":"y","source_node":"a",
			"target_node":null,"target":"b","target_id":"z"}`, edge},
		{"node_moved", `{"node_id":"n","new_position":{"z":3,"y":2,"x":1}}`,
			&graph.NodeMoved{Graph: "envelope", Node: "n", Position: at}},
		{"node_moved", `{"node_id":"n","position":[1,2,3.0]}`, &graph.NodeMoved{Graph: "envelope", Node: "n", Position: at}},
		{"node_moved", `{"graph_id":"g","node_id":"n","new_position":[1,2,3],"position":[9,9,9]}`,
			&graph.NodeMoved{Graph: "g", Node: "n", Position: at}},
		{"node_moved", `{"node_id":"n","new_position":{"x":1e0,"y":-2.5e-1,"w":null}}`, &graph.NodeMoved{
			Graph: "envelope", Node: "n", Position: graph.Placement{Point: &graph.Point{X: 1, Y: -0.25}},
		}},
		{"node_moved", `{"node_id":"n","new_position":[1,2]}`, &graph.NodeMoved{
			Graph: "envelope", Node: "n", Position: graph.Placement{Point: &graph.Point{X: 1, Y: 2}},
		}},
		{"node_deleted", `{"graph_id":"g","node_id":"n","connected_edges":["b",{"id":"a"}]}`,
			&graph.NodeDeleted{Graph: "g", Node: "n", Listed: true, ConnectedEdges: []string{"a", "b"}}},
	} {
		t.Run(c.kind+" "+c.payload, func(t *testing.T) {
			e := event(t, fact{c.kind, c.payload}, 1)
			e.AggregateID = "envelope"
			got, err := graph.Decode(e)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmp.Comparer(func(a, b graph.Point) bool { return a == b })); diff != "" {
				t.Errorf("change (-want +got):\n%s", diff)
			}
			if owner := graph.Owner(e); owner != got.GraphID() {
				t.Errorf("Owner = %q, but the change belongs to %q", owner, got.GraphID())
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	const (
		missing  = eventlog.CodeMissingField
		wrong    = eventlog.CodeWrongType
		outRange = eventlog.CodeOutOfRange
		empty    = eventlog.CodeEmptyID
		tooLong  = eventlog.CodeTooLong
	)
	long := strings.Repeat("x", eventlog.MaxIDBytes+1)
	node, edge := `"graph_id":"g","node_id":"n"`, `"graph_id":"g","edge_id":"e","source":"a","target":"b"`
	change := `{"graph_id":"g","node_id":"n","changes":`
	update := func(u string) string { return change + `{"component_updates":["Other",` + u + `]}}` }
	for _, c := range []struct {
		kind, payload string
		code          eventlog.Code
		field         string
	}{
		{"graph_created", `null`, missing, "payload"},
		{"graph_created", `"graph"`, wrong, "payload"},
		{"graph_created", `[]`, wrong, "payload"},
		{"graph_created", `{}`, missing, "payload.graph_id"},
		{"graph_created", `{"graph_id":null,"id":null}`, missing, "payload.graph_id"},
		{"graph_created", `{"graph_id":7}`, wrong, "payload.graph_id"},
		{"graph_created", `{"graph_id":7,"id":"g"}`, wrong, "payload.graph_id"},
		{"graph_created", `{"id":{}}`, wrong, "payload.id"},
		{"graph_created", `{"graph_id":""}`, empty, "payload.graph_id"},
		{"graph_created", `{"graph_id":"` + long + `"}`, tooLong, "payload.graph_id"},
		{"graph_created", `{"graph_id":"g","name":1}`, wrong, "payload.name"},
		{"graph_created", `{"graph_id":"g","description":[]}`, wrong, "payload.description"},
		{"graph_created", `{"graph_id":"g","owner":1}`, wrong, "payload.owner"},
		{"graph_created", `{"graph_id":"g","conceptual_space_id":""}`, empty, "payload.conceptual_space_id"},
		{"node_created", `{"graph_id":"g"}`, missing, "payload.node_id"},
		{"node_created", `{"graph_id":"g","node_id":["n"]}`, wrong, "payload.node_id"},
		{"node_created", `{"graph_id":"g","node_id":""}`, empty, "payload.node_id"},
		{"node_created", `{` + node + `,"position":"here"}`, wrong, "payload.position"},
		{"node_created", `{` + node + `,"position":{}}`, missing, "payload.position.x"},
		{"node_created", `{` + node + `,"position":{"x":1,"z":3}}`, missing, "payload.position.y"},
		{"node_created", `{` + node + `,"position":{"x":"1","y":2}}`, wrong, "payload.position.x"},
		{"node_created", `{` + node + `,"position":{"x":1,"y":1e39}}`, outRange, "payload.position.y"},
		{"node_created", `{` + node + `,"position":{"x":null,"y":true}}`, wrong, "payload.position.y"},
		{"node_created", `{` + node + `,"position":[1]}`, missing, "payload.position.y"},
		{"node_created", `{` + node + `,"position":[1,2,3,4]}`, wrong, "payload.position.3"},
		{"node_created", `{` + node + `,"components":{}}`, wrong, "payload.components"},
		{"node_created", `{` + node + `,"metadata":[]}`, wrong, "payload.metadata"},
		{"node_updated", `{` + node + `}`, missing, "payload.changes"},
		{"node_updated", change + `[]}`, wrong, "payload.changes"},
		{"node_updated", change + `{"position":5}}`, wrong, "payload.changes.position"},
		{"node_updated", change + `{"position":{"x":1,"y":{}}}}`, wrong, "payload.changes.position.y"},
		{"node_updated", change + `{"metadata":"m"}}`, wrong, "payload.changes.metadata"},
		{"node_updated", change + `{"component_updates":{}}}`, wrong, "payload.changes.component_updates"},
		{"node_updated", update(`7`), wrong, "payload.changes.component_updates.1"},
		{"node_updated", update(`null`), wrong, "payload.changes.component_updates.1"},
		{"node_updated", update(`{"Add":1,"Remove":"a"}`), wrong, "payload.changes.component_updates.1"},
		{"node_updated", update(`{"Add":null}`), missing, "payload.changes.component_updates.1.Add"},
		{"node_updated", update(`"Add"`), missing, "payload.changes.component_updates.1.Add"},
		{"node_updated", update(`{"Remove":{"a":1}}`), wrong, "payload.changes.component_updates.1.Remove"},
		{"node_updated", update(`{"Remove":""}`), empty, "payload.changes.component_updates.1.Remove"},
		{"node_updated", update(`{"Replace":"V"}`), wrong, "payload.changes.component_updates.1.Replace"},
		{"node_updated", update(`{"Replace":{"new_data":1}}`), missing,
			"payload.changes.component_updates.1.Replace.component_type"},
		{"node_updated", update(`{"Replace":{"component_type":"V"}}`), missing,
			"payload.changes.component_updates.1.Replace.new_data"},
		{"node_updated", update(`{"Modify":{"component_type":5}}`), wrong,
			"payload.changes.component_updates.1.Modify.component_type"},
		{"node_deleted", `{"graph_id":"g"}`, missing, "payload.node_id"},
		{"node_deleted", `{` + node + `,"connected_edges":"e"}`, wrong, "payload.connected_edges"},
		{"node_deleted", `{` + node + `,"connected_edges":["e",5]}`, wrong, "payload.connected_edges.1"},
		{"node_deleted", `{` + node + `,"cascade_edges":[null]}`, wrong, "payload.cascade_edges.0"},
		{"node_moved", `{` + node + `}`, missing, "payload.new_position"},
		{"node_moved", `{` + node + `,"new_position":null}`, missing, "payload.new_position"},
		{"node_moved", `{"node_id":"n","new_position":[1,2,3]}`, missing, "payload.graph_id"},
		{"node_moved", `{` + node + `,"position":{"x":-1e39,"y":0}}`, outRange, "payload.position.x"},
		{"layout_calculated", `{"graph_id":"g","node_positions":[]}`, wrong, "payload.node_positions"},
		{"layout_calculated", `{"graph_id":"g","node_positions":{"n":1}}`, wrong, "payload.node_positions.n"},
		{"layout_calculated", `{"graph_id":"g","node_positions":{"n":{"x":1}}}`, missing, "payload.node_positions.n.y"},
		{"layout_calculated", `{"graph_id":"g","node_positions":{"` + long + `":[1,2]}}`, tooLong, "payload.node_positions"},
		{"edge_created", `{"graph_id":"g","source":"a","target":"b"}`, missing, "payload.edge_id"},
		{"edge_created", `{"graph_id":"g","edge_id":"e","target":"b"}`, missing, "payload.source_node"},
		{"edge_created", `{"graph_id":"g","edge_id":"e","source":"a"}`, missing, "payload.target_node"},
		{"edge_created", `{"graph_id":"g","edge_id":"e","source":5,"target":"b"}`, wrong, "payload.source"},
		{"edge_created", `{"graph_id":"g","edge_id":"e","source":"a","target_id":""}`, empty, "payload.target_id"},
		{"edge_created", `{` + edge + `,"weight":"1"}`, wrong, "payload.weight"},
		{"edge_created", `{` + edge + `,"weight":1e39}`, outRange, "payload.weight"},
		{"edge_created", `{` + edge + `,"semantic_distance":false}`, wrong, "payload.semantic_distance"},
		{"edge_created", `{` + edge + `,"properties":[]}`, wrong, "payload.properties"},
		{"edge_updated", `{"graph_id":"g","edge_id":"e"}`, missing, "payload.changes"},
		{"edge_updated", `{"graph_id":"g","edge_id":"e","new_properties":1}`, wrong, "payload.new_properties"},
		{"edge_updated", `{"graph_id":"g","edge_id":"e","changes":1}`, wrong, "payload.changes"},
		{"edge_updated", `{"graph_id":"g","edge_id":"e","changes":{"weight":{}}}`, wrong, "payload.changes.weight"},
		{"edge_deleted", `{"graph_id":"g"}`, missing, "payload.edge_id"},
		{"graph_created", `{"graph_id":"g","metadata":[]}`, wrong, "payload.metadata"},
		{"graph_created", `{"graph_id":"g","tags":"t"}`, wrong, "payload.tags"},
		{"graph_created", `{"graph_id":"g","tags":["t",1]}`, wrong, "payload.tags.1"},
		{"node_created", `{` + node + `,"label":1}`, wrong, "payload.label"},
		{"node_created", `{` + node + `,"properties":[]}`, wrong, "payload.properties"},
		{"node_updated", `{` + node + `,"position":7}`, wrong, "payload.position"},
		{"node_updated", `{` + node + `,"new_position":{"x":1}}`, missing, "payload.new_position.y"},
		{"node_updated", `{` + node + `,"label":"l","metadata":"m"}`, wrong, "payload.metadata"},
		{"node_updated/node_content_changed", `{` + node + `,"position":[1,2]}`, missing, "payload.new_content"},
		{"edge_created", `{` + edge + `,"relationship":{"Similarity":{"score":"1"}}}`, wrong, "payload.relationship.Similarity.score"},
		{"edge_created", `{` + edge + `,"relationship":{"Dependency":[]}}`, wrong, "payload.relationship.Dependency"},
		{"edge_updated", `{"graph_id":"g","edge_id":"e","label":{}}`, wrong, "payload.label"},
		{"edge_updated", `{"graph_id":"g","edge_id":"e","weight":"1"}`, wrong, "payload.weight"},
		{"edge_reversed", `{"graph_id":"g","edge_id":"e","old_target":"b"}`, missing, "payload.old_source"},
		{"edge_reversed", `{"graph_id":"g","edge_id":"e","old_source":"a"}`, missing, "payload.old_target"},
		{"edge_reversed", `{"graph_id":"g","old_source":"a","old_target":"b"}`, missing, "payload.edge_id"},
		{"graph_updated", `{"name":"n"}`, missing, "payload.graph_id"},
		{"graph_updated", `{"graph_id":"g","name":1}`, wrong, "payload.name"},
		{"graph_updated/graph_renamed", `{"id":"g","old_name":"n"}`, missing, "payload.new_name"},
		{"graph_updated/graph_tagged", `{"id":"g"}`, missing, "payload.tag"},
		{"graph_updated/graph_untagged", `{"id":"g","tag":[]}`, wrong, "payload.tag"},
		{"graph_updated/metadata_updated", `{"graph_id":"g","new_value":1}`, missing, "payload.field"},
		{"graph_deleted", `{}`, missing, "payload.graph_id"},
		{"nodes_bulk_added", `{"graph_id":"g"}`, missing, "payload.nodes"},
		{"nodes_bulk_added", `{"graph_id":"g","nodes":{}}`, wrong, "payload.nodes"},
		{"nodes_bulk_added", `{"graph_id":"g","nodes":[{"id":"a"},7]}`, wrong, "payload.nodes.1"},
		{"nodes_bulk_added", `{"graph_id":"g","nodes":[{"id":""},{"label":"a"}]}`, missing, "payload.nodes.1.id"},
		{"nodes_bulk_added", `{"graph_id":"g","nodes":[{"id":"a","position":[1]}]}`, missing, "payload.nodes.0.position.y"},
		{"edges_bulk_added", `{"graph_id":"g"}`, missing, "payload.edges"},
		{"edges_bulk_added", `{"graph_id":"g","edges":[{"id":"e","source_id":"a"}]}`, missing, "payload.edges.0.target_node"},
		{"graph_snapshot", `{"graph_id":"g","edges":[]}`, missing, "payload.nodes"},
		{"graph_snapshot", `{"graph_id":"g","nodes":[]}`, missing, "payload.edges"},
		{"graph_snapshot", `{"graph_id":"g","nodes":[],"edges":[],"metadata":1}`, wrong, "payload.metadata"},
	} {
		name := c.kind + " " + strings.ReplaceAll(c.payload, long, "LONG")
		t.Run(name, func(t *testing.T) {
			got, err := graph.Decode(event(t, fact{c.kind, c.payload}, 1))
			if err == nil {
				t.Fatalf("Decode = %+v, want %s at %s", got, c.code, c.field)
			}
			if err.Code != c.code || err.Field != c.field || got != nil {
				t.Errorf("Decode = %v, %s at %s; want nil, %s at %s", got, err.Code, err.Field, c.code, c.field)
			}
		})
	}
}

func TestKnownTypes(t *testing.T) {
	for _, kind := range []string{
		"graph_created", "node_created", "node_updated", "node_deleted", "edge_created", "edge_updated", "edge_deleted",
		"layout_calculated", "node_moved", "layout_progress", "user_presence_updated", "performance.slow_operation",
		"performance.memory_usage",
		"graph_updated", "graph_deleted", "graph_archived", "graph_cleared", "graph_snapshot", "nodes_bulk_added", "edges_bulk_added",
		"edge_reversed", "graph_import_requested", "graph_import_completed", "graph_import_failed",
	} {
		if !graph.Known(kind) {
			t.Errorf("Known(%q) = false", kind)
		}
	}
}

// TestChangeHoldsNothingOfTheBody overwrites the body between decoding and applying: a reader uses its buffers again.
func TestChangeHoldsNothingOfTheBody(t *testing.T) {
	var want, got graphtest.State
	for i, f := range everyEvent {
		e := event(t, f, eventlog.Time(i+1))
		apply(t, &want, e)

		body := bytes.Clone(e.Payload)
		e.Payload = body
		c, err := graph.Decode(e)
		if err != nil {
			t.Fatalf("%v: %v", f, err)
		}
		for i := range body {
			body[i] = 'x'
		}
		graph.Apply(&got, e, c)
	}
	if diff := cmp.Diff(want.Lines(), got.Lines()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestOneChangeForManyStates applies the same changes to several states, as generations that are built side by side do.
func TestOneChangeForManyStates(t *testing.T) {
	states := make([]graphtest.State, 3)
	for i, f := range everyEvent {
		e := event(t, f, eventlog.Time(i+1))
		c, err := graph.Decode(e)
		if err != nil {
			t.Fatalf("%v: %v", f, err)
		}
		for n := range states {
			graph.Apply(&states[n], e, c)
			if err := states[n].Check(); err != nil {
				t.Fatalf("state %d after %v: %v", n, f, err)
			}
		}
		if fresh, _ := graph.Decode(e); !reflect.DeepEqual(c, fresh) {
			t.Errorf("Apply changed the change: %+v was %+v", c, fresh)
		}
	}
	if diff := cmp.Diff(states[0].Lines(), states[2].Lines()); diff != "" {
		t.Errorf("first and last state differ:\n%s", diff)
	}
}

// everyEvent has every type, and every member that a type can have.
var everyEvent = []fact{
	{"graph_created", `{"graph_id":"g","graph_type":"T","name":"N","description":"D","owner":"o","access_policy":{"P":[1]},
		"conceptual_space_id":"s"}`},
	{"node_created", `{"graph_id":"g","node_id":"a","node_type":{"Concept":{"name":"n"}},"position":{"x":1,"y":2,"z":3},
		"conceptual_point":[1.5],"components":[{"Metadata":{"k":1}},{"Visual":{"size":1}}],"metadata":{"k":{"v":1}}}`},
	{"node_created", `{"graph_id":"g","node_id":"b","position":[1,2]}`},
	{"edge_created", `{"graph_id":"g","edge_id":"ab","source_node":"a","target_node":"b","edge_type":{"Flow":{}},"weight":0.5,
		"properties":{"k":[1]},"semantic_distance":0.25}`},
	{"edge_created", `{"graph_id":"g","edge_id":"bb","source":"b","target":"b"}`},
	{"edge_created", `{"id":"g","edge_id":"bz","source_id":"b","target_id":"z"}`},
	{"node_updated", `{"graph_id":"g","node_id":"a","changes":{"position":{"x":4,"y":5,"z":6},"metadata":{"l":"m"},
		"component_updates":[{"Add":{"Label":"l"}},{"Remove":"Metadata"},{"Replace":{"component_type":"Visual","new_data":{"size":2}}},
		{"Modify":{"component_type":"Visual","changes":[{"size":3}]}}]},"old_values":{},"new_values":{},"reason":"R"}`},
	{"edge_updated", `{"graph_id":"g","edge_id":"ab","changes":{"weight":0.75,"properties":{"l":2},"edge_type":"Other"},
		"old_properties":{}}`},
	{"edge_updated", `{"graph_id":"g","edge_id":"bb","changes":{"weight":null},"new_properties":{"m":null}}`},
	{"node_moved", `{"graph_id":"g","node_id":"b","new_position":{"x":7,"y":8,"z":9}}`},
	{"layout_calculated", `{"graph_id":"g","node_positions":{"a":{"x":1,"y":1,"z":1},"z":[0,0,0],"b":null}}`},
	{"edge_deleted", `{"graph_id":"g","edge_id":"bz","source_node":"b","target_node":"z","reason":"R"}`},
	{"node_deleted", `{"graph_id":"g","node_id":"b","node_type":"T","connected_edges":["ab"],"reason":"R"}`},
	{"graph_updated", `{"graph_id":"g","name":"M","description":"E","metadata":{"k":{"v":1}}}`},
	{"graph_updated/graph_renamed", `{"id":"g","old_name":"M","new_name":"O"}`},
	{"graph_updated/graph_tagged", `{"id":"g","tag":"t"}`},
	{"graph_updated/graph_tagged", `{"id":"g","tag":"s"}`},
	{"graph_updated/graph_untagged", `{"id":"g","tag":"t"}`},
	{"graph_updated/metadata_updated", `{"graph_id":"g","field":"f","old_value":null,"new_value":[1]}`},
	{"layout_calculated/layout_changed", `{"graph_id":"g","layout_type":{"Grid":[1]}}`},
	{"nodes_bulk_added/bulk_nodes_added", `{"graph_id":"g","nodes":[{"id":"c","label":"L","position":[1,2,3],"color":{"r":1},"size":2.5,
		"metadata":{"k":[1]}},{"id":"d","label":"M"},{"id":""}]}`},
	{"edges_bulk_added/bulk_edges_added", `{"graph_id":"g","edges":[{"id":"cd","source_id":"c","target_id":"d","label":"E","weight":0.5,
		"color":"red","metadata":{"k":[1]}},{"id":"","source_id":"c","target_id":"d"}]}`},
	{"node_updated", `{"graph_id":"g","node_id":"c","label":"N","position":[4,5,6],"metadata":{"l":[2]}}`},
	{"node_updated/node_content_changed", `{"graph_id":"g","node_id":"c","old_content":null,"new_content":{"c":[1]}}`},
	{"edge_updated", `{"graph_id":"g","edge_id":"cd","label":"F","relationship":{"Dependency":{"dependency_type":"d","strength":0.25}}}`},
	{"edge_reversed", `{"graph_id":"g","edge_id":"cd","old_source":"c","old_target":"d","new_source":"d","new_target":"c"}`},
	{"node_deleted/node_removed", `{"graph_id":"g","node_id":"c"}`},
	{"node_created/node_added", `{"graph_id":"g","node_id":"c","label":"P","data":{"k":[1]}}`},
	{"graph_archived", `{"graph_id":"g","archived_at":"2025-01-23T10:00:00Z"}`},
	{"graph_snapshot", `{"graph_id":"g","nodes":[{"id":"e"},{"id":"f"}],"edges":[{"id":"ef","source_id":"e","target_id":"f"}],"metadata":{"s":[1]}}`},
	{"graph_cleared", `{"graph_id":"g"}`},
	{"graph_deleted", `{"id":"g"}`},
	{"graph_created/graph_initialized", `{"graph_id":"g","graph_type":"T","metadata":{"name":"N","tags":["b","a"],"k":[1]}}`},
	{"graph_import_completed", `{"graph_id":"g","imported_nodes":1,"imported_edges":2}`},
	{"layout_progress", `{"completion_percentage":1.0,"completed":true}`},
	{"user_presence_updated", `{"user_id":"u","presence_info":{"viewport":{},"selected_nodes":["a"]}}`},
	{"performance.slow_operation", `{"operation_type":"o","duration_ms":1}`},
	{"performance.memory_usage", `{"usage_percentage":99.5}`},
}
