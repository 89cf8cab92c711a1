package graph_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// documentState is testdata/docs.want.json.
type documentState struct {
	Graph struct {
		ID                string `json:"id"`
		Name              string `json:"name"`
		GraphType         string `json:"graph_type"`
		Owner             string `json:"owner"`
		ConceptualSpaceID string `json:"conceptual_space_id"`
		NodeCount         uint64 `json:"node_count"`
		EdgeCount         uint64 `json:"edge_count"`
	} `json:"graph"`
	PeakNodes        uint64                  `json:"peak_nodes"`
	PeakEdges        uint64                  `json:"peak_edges"`
	Nodes            map[string]documentNode `json:"nodes"`
	Edges            map[string]documentEdge `json:"edges"`
	RemovedByCascade []string                `json:"removed_by_cascade"`
	Anomalies        []graphtest.Record      `json:"anomalies"`
}

type documentNode struct {
	Position   [3]float32                 `json:"position"`
	Metadata   map[string]json.RawMessage `json:"metadata"`
	Kind       string                     `json:"kind"`
	Components []string                   `json:"components"`
}

type documentEdge struct {
	Source     string                     `json:"source"`
	Target     string                     `json:"target"`
	Weight     *float32                   `json:"weight"`
	Properties map[string]json.RawMessage `json:"properties"`
}

func TestDocumentsVectors(t *testing.T) {
	var want documentState
	raw, err := os.ReadFile("testdata/docs.want.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	var s graphtest.State
	var got documentState
	for _, r := range documentRecords(t) {
		e, err := eventlog.Decode(&r)
		if err != nil {
			t.Fatal(err)
		}
		before := s.Edges()
		apply(t, &s, &e)
		if err := s.Check(); err != nil {
			t.Fatalf("after event %s: %v", r.Seq, err)
		}
		if e.Type == "node_deleted" {
			got.RemovedByCascade = gone(&s, before)
		}
		got.count(&s, e.AggregateID)
	}
	got.read(t, &s)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func documentRecords(t *testing.T) []eventlog.Record {
	t.Helper()
	raw, err := os.ReadFile("testdata/docs.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out []eventlog.Record
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		var line struct {
			Subject string          `json:"subject"`
			Message json.RawMessage `json:"message"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		seq := eventlog.Seq(len(out) + 1)
		out = append(out, eventlog.Record{Seq: seq, Time: eventlog.Time(seq), Subject: line.Subject, Body: line.Message})
	}
	if len(out) != 15 {
		t.Fatalf("the fixture has %d events, want 15", len(out))
	}
	return out
}

// gone returns the ids of the edges that are no longer there.
func gone(s *graphtest.State, before []graph.Edge) []string {
	var out []string
	for _, e := range before {
		if _, ok := s.Edge(e.GraphID, e.ID); !ok {
			out = append(out, e.ID)
		}
	}
	return out
}

func (d *documentState) count(s *graphtest.State, id string) {
	g, _ := s.Graph(id)
	d.PeakNodes, d.PeakEdges = max(d.PeakNodes, g.NodeCount), max(d.PeakEdges, g.EdgeCount)
}

func (d *documentState) read(t *testing.T, s *graphtest.State) {
	t.Helper()
	if all := s.Graphs(); len(all) != 1 {
		t.Fatalf("%d graphs, want 1", len(all))
	}
	g := s.Graphs()[0]
	d.Graph.ID, d.Graph.Name, d.Graph.Owner, d.Graph.ConceptualSpaceID = g.ID, *g.Name, *g.Owner, *g.ConceptualSpaceID
	d.Graph.GraphType, _ = g.GraphType.Text()
	d.Graph.NodeCount, d.Graph.EdgeCount = g.NodeCount, g.EdgeCount
	d.Nodes, d.Edges = map[string]documentNode{}, map[string]documentEdge{}
	for _, n := range s.Nodes() {
		row := documentNode{
			Position: [3]float32{n.Position.X, n.Position.Y, n.Position.Z}, Metadata: rawMembers(n.Metadata),
			Kind: n.Kind, Components: []string{},
		}
		for _, c := range n.Components {
			_ = c.Object(func(tag string, _ eventlog.Value) *eventlog.FieldError {
				row.Components = append(row.Components, tag)
				return nil
			})
		}
		d.Nodes[n.ID] = row
	}
	for _, e := range s.Edges() {
		d.Edges[e.ID] = documentEdge{
			Source: e.Source, Target: e.Target, Weight: e.Weight, Properties: rawMembers(e.Properties),
		}
	}
	d.Anomalies = s.Anomalies
}

func rawMembers(m map[string]eventlog.Value) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, v := range m {
		out[name] = json.RawMessage(v)
	}
	return out
}
