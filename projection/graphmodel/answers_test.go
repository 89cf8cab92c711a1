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
		params: `{"graph_id":"g","sort_by":[{"ByDistance":[0,0]},{"ByDistance":[1,1]}]}`},
	{name: "find-unknown-filter", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByType":"Concept"},{"ByAccessLevel":"Public"}]}`},
	{name: "find-wrong-filter", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByPosition":{"min":{"x":"far"}}}]}`},
	{name: "find-filter-incomplete", subject: "graph.find_nodes",
		params: `{"graph_id":"g","filters":[{"ByMetadata":{"key":"k"}}]}`},
	{name: "find-in-unknown-graph", subject: "graph.find_nodes", params: `{"graph_id":"nope"}`},

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
