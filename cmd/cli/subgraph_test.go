package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

// part is an answer with a part of a graph.
type part struct {
	Data struct {
		Nodes []struct {
			ID       string         `json:"node_id"`
			Metadata map[string]any `json:"metadata"`
		}
		Edges []struct {
			ID     string `json:"edge_id"`
			Source string `json:"source_node"`
			Target string `json:"target_node"`
		}
	}
	Metadata   struct{ Sequence uint64 }
	Pagination *struct{}
}

// TestSubgraph asks a running worker for a part of the sample's graph, bare and in CIM's envelope, and holds it against what the worker
// says of the neighbours and edges of the center.
func TestSubgraph(t *testing.T) {
	w := startOwn(t)
	l := line{env: map[string]string{"NATS_URL": w.url}}
	l.ok(t, "publish", sampleFile)
	seq := fmt.Sprint(sampleStored)

	bare := `{"graph_id":"ml","center_nodes":["attention"],"radius":1,"include_metadata":false}`
	got := decode[part](t, l.ok(t, "query", "graph.get_subgraph", bare, "--json", "--min-seq", seq))
	if got.Metadata.Sequence != sampleStored || got.Pagination != nil {
		t.Errorf("at %d, %v", got.Metadata.Sequence, got.Pagination)
	}
	neighbors := decode[struct {
		Data []struct {
			ID string `json:"node_id"`
		}
	}](t, l.ok(t, "query", "graph.get_neighbors", `{"graph_id":"ml","node_id":"attention","pagination":{"limit":1000}}`, "--json"))
	want := []string{"attention"}
	for _, n := range neighbors.Data {
		want = append(want, n.ID)
	}
	slices.Sort(want)
	var nodes []string
	for _, n := range got.Data.Nodes {
		if nodes = append(nodes, n.ID); n.Metadata != nil {
			t.Errorf("node %s has metadata, which the question left out", n.ID)
		}
	}
	if len(want) < 3 || !slices.Equal(nodes, want) {
		t.Errorf("nodes %q, want the center and its neighbours %q", nodes, want)
	}
	atCenter := 0
	for _, e := range got.Data.Edges {
		if !slices.Contains(nodes, e.Source) || !slices.Contains(nodes, e.Target) {
			t.Errorf("edge %s leads from %s to %s, which is outside", e.ID, e.Source, e.Target)
		}
		if e.Source == "attention" || e.Target == "attention" {
			atCenter++
		}
	}
	if atCenter < len(neighbors.Data) {
		t.Errorf("%d edges at the center, which has %d neighbours", atCenter, len(neighbors.Data))
	}

	envelope := fmt.Sprintf(`{"query_id":"q","query_type":"get_subgraph","actor":"a","timestamp":`+
		`{"secs_since_epoch":1,"nanos_since_epoch":0},"parameters":%s,"pagination":null}`, bare)
	wrapped := decode[part](t, l.ok(t, "query", "graph.get_subgraph", envelope, "--json"))
	if len(wrapped.Data.Nodes) != len(nodes) || len(wrapped.Data.Edges) != len(got.Data.Edges) {
		t.Errorf("in an envelope: %d nodes, %d edges", len(wrapped.Data.Nodes), len(wrapped.Data.Edges))
	}

	unknown := l.refused(t, cli.StatusNotFound, "query", "graph.get_subgraph", `{"graph_id":"ml","center_nodes":["attention","nobody"]}`)
	if !strings.Contains(unknown, "1 of the ids in center_nodes") {
		t.Errorf("an unknown center: %s", unknown)
	}
	layout := l.refused(t, cli.StatusUsage, "query", "graph.get_subgraph",
		`{"graph_id":"ml","center_nodes":["attention"],"layout_algorithm":"Spiral"}`)
	if !strings.Contains(layout, "ForceDirected, Hierarchical, Circular") {
		t.Errorf("an unknown layout: %s", layout)
	}
}
