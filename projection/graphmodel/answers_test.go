package graphmodel_test

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

var update = flag.Bool("update", false, "write the answers under testdata anew")

// questions are asked after the life of a graph; testdata/answers holds what each must be answered with.
var questions = []struct {
	name, subject, params string
	offset, limit         int
}{
	{name: "list", subject: "graph.list"},
	{name: "list-second-page", subject: "graph.list", params: `{}`, offset: 1, limit: 1},
	{name: "list-behind-the-end", subject: "graph.list", params: `{}`, offset: 9, limit: 1},
	{name: "graph", subject: "graph.get_graph", params: `{"graph_id":"g"}`},
	{name: "graph-by-object", subject: "graph.get_graph", params: `{"graph_id":{"id":"empty"},"surplus":[]}`},
	{name: "graph-placeholder", subject: "graph.get_graph", params: `{"graph_id":"placeholder"}`},
	{name: "graph-unknown", subject: "graph.get_graph", params: `{"graph_id":"nope"}`},
	{name: "graph-without-id", subject: "graph.get_graph"},
	{name: "graph-wrong-id", subject: "graph.get_graph", params: `{"graph_id":7}`},
	{name: "parameters-wrong", subject: "graph.get_graph", params: `[1]`},

	{name: "node", subject: "graph.get_node", params: `{"graph_id":"g","node_id":"a"}`},
	{name: "node-with-edges", subject: "graph.get_node",
		params: `{"graph_id":"g","node_id":{"value":"a"},"include_edges":true,"include_components":false}`},
	{name: "node-bare", subject: "graph.get_node",
		params: `{"graph_id":"g","node_id":"d","include_edges":false,"include_components":true}`},
	{name: "node-without-edges", subject: "graph.get_node",
		params: `{"graph_id":"placeholder","node_id":"alone","include_edges":true}`},
	{name: "node-deleted", subject: "graph.get_node", params: `{"graph_id":"g","node_id":"doomed"}`},
	{name: "node-in-unknown-graph", subject: "graph.get_node", params: `{"graph_id":"nope","node_id":"a"}`},
	{name: "node-wrong-flag", subject: "graph.get_node", params: `{"graph_id":"g","node_id":"a","include_edges":"yes"}`},
	{name: "node-empty-id", subject: "graph.get_node", params: `{"graph_id":"g","node_id":""}`},

	{name: "find-all", subject: "graph.find_nodes", params: `{"graph_id":"g","filters":[]}`},
	{name: "find-second-page", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":null,"sort_by":[]}`, offset: 2, limit: 1},
	{name: "find-in-empty", subject: "graph.find_nodes", params: `{"graph_id":"empty"}`},
	{name: "find-by-unit-type", subject: "graph.find_nodes", params: `{"graph_id":"g","filters":[{"ByType":"Concept"}]}`},
	{name: "find-by-struct-type", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByType":{"Concept":{"name":"any"}}}]}`, limit: 1},
	{name: "find-by-metadata", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByMetadata":{"key":"rank","value":1.00}},{"ByMetadata":{"key":"lang","value":"de"}}]}`},
	{name: "find-by-metadata-object", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByMetadata":{"key":"note","value":{"a":[true,null], "b":1}}}]}`},
	{name: "find-by-box", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByPosition":{"min":{"x":0.1,"y":0,"z":0},"max":[2.0,2.5,0]}}]}`},
	{name: "find-by-open-box", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByPosition":{"min":{"x":2.5,"y":null}}}]}`},
	{name: "find-by-component", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByComponent":"Visual"}]}`},
	{name: "find-nearest", subject: "graph.find_nodes",
		params: `{"graph_id":"g","sort_by":{"ByDistance":{"x":3,"y":4}}}`},
	{name: "find-nearest-page", subject: "graph.find_nodes",
		params: `{"graph_id":"g","sort_by":[{"ByDistance":[0,0,0]}]}`, offset: 1, limit: 2},
	{name: "find-nearest-in-space", subject: "graph.find_nodes",
		params: `{"graph_id":"g","sort_by":{"ByDistance":[2,2.5,100]}}`, limit: 1},
	{name: "find-too-deep", subject: "graph.find_nodes",
		params: `{"graph_id":"g","sort_by":{"ByDistance":[0,0]}}`, offset: math.MaxInt},
	{name: "find-wrong-order", subject: "graph.find_nodes", params: `{"graph_id":"g","sort_by":"ByName"}`},
	{name: "find-order-incomplete", subject: "graph.find_nodes",
		params: `{"graph_id":"g","sort_by":{"ByDistance":{"x":1}}}`},
	{name: "find-two-orders", subject: "graph.find_nodes",
		params: `{"graph_id":"g","sort_by":[{"ByDistance":[3,0.25,0.25]},{"ByDistance":[3,4]}]}`},
	{name: "find-too-many-orders", subject: "graph.find_nodes", params: `{"graph_id":"g","sort_by":[{"ByDistance":[0,0]},
		{"ByDistance":[0,0]},{"ByDistance":[0,0]},{"ByDistance":[0,0]},{"ByDistance":[0,0]}]}`},
	{name: "find-wrong-second-order", subject: "graph.find_nodes",
		params: `{"graph_id":"g","sort_by":[{"ByDistance":[0,0]},"ByName"]}`},
	{name: "find-unknown-filter", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByType":"Concept"},{"ByColour":"red"}]}`},
	{name: "find-by-struct-component", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByComponent":{"Visual":{"shape":"any"}}}]}`},
	{name: "find-by-access-level", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByAccessLevel":"Private"}]}`, limit: 1},
	{name: "find-by-access-level-of-nobody", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByAccessLevel":"ReadOnly"}]}`},
	{name: "find-by-wrong-access-level", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByAccessLevel":3}]}`},
	{name: "find-behind-the-end", subject: "graph.find_nodes", params: `{"graph_id":"g"}`, offset: 9, limit: 5},
	{name: "find-nearest-behind-the-end", subject: "graph.find_nodes",
		params: `{"graph_id":"g","sort_by":{"ByDistance":[0,0]}}`, offset: 9, limit: 5},
	{name: "find-wrong-filter", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByPosition":{"min":{"x":"far"}}}]}`},
	{name: "find-filter-incomplete", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByMetadata":{"key":"k"}}]}`},
	{name: "find-in-unknown-graph", subject: "graph.find_nodes", params: `{"graph_id":"nope"}`},

	{name: "radius", subject: "graph.find_nodes_in_radius", params: `{"graph_id":"g","center":{"x":2,"y":2.5,"z":0},"radius":2.0}`},
	{name: "radius-zero", subject: "graph.find_nodes_in_radius", params: `{"graph_id":"g","center":[2.0,2.5],"radius":0}`},
	{name: "radius-filtered-page", subject: "graph.find_nodes_in_radius",
		params: `{"graph_id":"g","center":[0,0,0],"radius":1e30,"filters":[{"ByComponent":"Visual"}]}`, offset: 1, limit: 1},
	{name: "radius-without-center", subject: "graph.find_nodes_in_radius", params: `{"graph_id":"g","radius":1}`},
	{name: "radius-without-radius", subject: "graph.find_nodes_in_radius", params: `{"graph_id":"g","center":[0,0]}`},
	{name: "radius-negative", subject: "graph.find_nodes_in_radius", params: `{"graph_id":"g","center":[0,0],"radius":-1}`},
	{name: "radius-wrong", subject: "graph.find_nodes_in_radius", params: `{"graph_id":"g","center":[0,0],"radius":"far"}`},

	{name: "neighbors", subject: "graph.get_neighbors", params: `{"graph_id":"g","node_id":"a"}`},
	{name: "neighbors-out", subject: "graph.get_neighbors",
		params: `{"graph_id":"g","node_id":"a","direction":"Outgoing","edge_types":null,"max_depth":2}`},
	{name: "neighbors-in", subject: "graph.get_neighbors",
		params: `{"graph_id":"g","node_id":"c","direction":"Incoming","max_depth":4294967295}`},
	{name: "neighbors-by-type", subject: "graph.get_neighbors",
		params: `{"graph_id":"g","node_id":"a","direction":"Both","edge_types":[{"Similarity":{"strength":1.0}},"Hierarchy"],"max_depth":3}`},
	{name: "neighbors-page", subject: "graph.get_neighbors",
		params: `{"graph_id":"g","node_id":"a","max_depth":9}`, offset: 2, limit: 5},
	{name: "neighbors-none", subject: "graph.get_neighbors", params: `{"graph_id":"g","node_id":"a","max_depth":0}`},
	{name: "neighbors-wrong-direction", subject: "graph.get_neighbors",
		params: `{"graph_id":"g","node_id":"a","direction":"Sideways"}`},
	{name: "neighbors-wrong-depth", subject: "graph.get_neighbors",
		params: `{"graph_id":"g","node_id":"a","max_depth":-1}`},
	{name: "neighbors-of-nobody", subject: "graph.get_neighbors", params: `{"graph_id":"g","node_id":"nowhere"}`},

	{name: "subgraph", subject: "graph.get_subgraph",
		params: `{"graph_id":"g","center_nodes":["b"],"radius":1,"include_metadata":true,"layout_algorithm":null}`},
	{name: "subgraph-all", subject: "graph.get_subgraph",
		params: `{"graph_id":{"id":"g"},"center_nodes":["d",{"value":"c"},"d"],"radius":4294967295,"include_metadata":false}`},
	{name: "subgraph-centers-only", subject: "graph.get_subgraph",
		params: `{"graph_id":"g","center_nodes":["d","a"],"radius":0,"include_metadata":false,"layout_algorithm":{"Circular":{"radius":1.0}}}`},
	{name: "subgraph-default-radius", subject: "graph.get_subgraph",
		params: `{"graph_id":"g","center_nodes":["c"],"include_metadata":false,"layout_algorithm":"ForceDirected"}`},
	{name: "subgraph-of-nothing", subject: "graph.get_subgraph", params: `{"graph_id":"g","center_nodes":[],"radius":3}`},
	{name: "subgraph-some-unknown", subject: "graph.get_subgraph",
		params: `{"graph_id":"g","center_nodes":["nowhere","a","doomed"],"radius":1}`},
	{name: "subgraph-in-unknown-graph", subject: "graph.get_subgraph", params: `{"graph_id":"nope","center_nodes":["a"],"radius":1}`},
	{name: "subgraph-without-centers", subject: "graph.get_subgraph", params: `{"graph_id":"g","radius":1}`},
	{name: "subgraph-wrong-centers", subject: "graph.get_subgraph", params: `{"graph_id":"g","center_nodes":"a","radius":1}`},
	{name: "subgraph-wrong-center", subject: "graph.get_subgraph", params: `{"graph_id":"g","center_nodes":["a",""],"radius":1}`},
	{name: "subgraph-wrong-radius", subject: "graph.get_subgraph", params: `{"graph_id":"g","center_nodes":["a"],"radius":1.5}`},
	{name: "subgraph-unknown-layout", subject: "graph.get_subgraph",
		params: `{"graph_id":"g","center_nodes":["a"],"radius":1,"layout_algorithm":{"Spiral":{}}}`},
	{name: "subgraph-wrong-layout", subject: "graph.get_subgraph",
		params: `{"graph_id":"g","center_nodes":["a"],"radius":1,"layout_algorithm":7}`},
}

func TestAnswers(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life(t)...)
	m.commit()
	m.check()
	for _, q := range questions {
		t.Run(q.name, func(t *testing.T) {
			got := text(t, m.ask(q.subject, projection.Request{
				Params: eventlog.Value(q.params), Offset: q.offset, Limit: q.limit,
			}))
			wantFile(t, filepath.Join("testdata", "answers", q.name+".json"), got)
		})
	}
}

func wantFile(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestEveryAnswerIsAskedFor keeps files of questions that are gone from staying.
func TestEveryAnswerIsAskedFor(t *testing.T) {
	asked := map[string]bool{}
	for _, q := range questions {
		asked[q.name] = true
	}
	files, err := filepath.Glob("testdata/answers/*.json")
	if err != nil || len(files) != len(questions) {
		t.Errorf("%d files for %d questions, %v", len(files), len(questions), err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".json"); !asked[name] {
			t.Errorf("%s belongs to no question", f)
		}
	}
}
