package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

// answered is a question with what a worker said to it.
type answered struct {
	Query   string          `json:"query"`
	Params  json.RawMessage `json:"params"`
	Data    any             `json:"data,omitempty"`
	Refusal string          `json:"refusal,omitempty"`
}

// TestHistories publishes each history of testdata/histories in its order, projects it, and compares the answers to the main
// questions with those that are kept beside it. With -update it writes both anew.
func TestHistories(t *testing.T) {
	for _, c := range []struct {
		name      string
		seed      uint64
		displaced bool // events arrive up to a dozen places away from where they belong
	}{{"all-domains", 1, false}, {"out-of-order", 2, true}} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(shared, "histories", c.name)
			if *update {
				writeFile(t, filepath.Join(dir, "log.jsonl"), tell(c.seed, c.displaced))
			}
			log, err := os.ReadFile(filepath.Join(dir, "log.jsonl"))
			if err != nil {
				t.Fatalf("%v; write it with: go test ./cmd/cli -run TestHistories -update", err)
			}
			got := project(t, log)
			if *update {
				writeFile(t, filepath.Join(dir, "want.json"), got)
			}
			want, err := os.ReadFile(filepath.Join(dir, "want.json"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
}

func writeFile(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// project publishes a log to a worker and returns its answers as they are kept.
func project(t *testing.T, log []byte) []byte {
	t.Helper()
	w := startOwn(t)
	stored := store(t, w.url, log)
	l := line{env: map[string]string{"NATS_URL": w.url}}
	var answers []answered
	for _, q := range questions() {
		got := l.run(t.Context(), "query", "--json", "--min-seq", fmt.Sprint(uint64(stored.Last)), q.Query, string(q.Params))
		if got.status == 0 {
			q.Data = withoutClock(q.Query, decode[struct{ Data any }](t, got.stdout).Data)
		} else {
			q.Refusal = got.stderr
		}
		answers = append(answers, q)
	}
	checkTypes(t, answers)
	for _, p := range decode[engine.Verification](t, l.ok(t, "verify", "--json")).Projections {
		if !p.OK || p.Sequence != uint64(stored.Last) {
			t.Errorf("verify: got %+v", p)
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(answers); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// store publishes the lines of a log one after the other, so that their sequences are always the same.
func store(t *testing.T, url string, log []byte) publish.Report {
	t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	p, err := publish.New(publish.Config{Conn: conn, InFlight: 1})
	if err != nil {
		t.Fatal(err)
	}
	report, err := p.Publish(t.Context(), publish.NewReader("log.jsonl", bytes.NewReader(log), 0))
	if err != nil || report.Accepted < 300 || report.Duplicates == 0 {
		t.Fatalf("publish: got %+v, %v", report, err)
	}
	return report
}

// withoutClock leaves out when the server stored something, which no other answer depends on: all events say their time.
func withoutClock(query string, data any) any {
	rows, ok := data.([]any)
	if !ok || len(query) < 11 || query[:11] != "projection." {
		return data
	}
	for _, row := range rows {
		for _, name := range []string{"time", "last_time"} {
			delete(row.(map[string]any), name)
		}
	}
	return data
}

// documented are all types of the document, by domain, but that of dead letters, which no stream of events takes.
var documented = map[string][]string{
	"graph": {
		"graph_created", "node_created", "node_updated", "node_deleted", "node_moved", "edge_created", "edge_updated",
		"edge_deleted", "layout_calculated", "layout_progress", "user_presence_updated", "performance.slow_operation",
		"performance.memory_usage",
	},
	"conceptual": {
		"embedding_calculated", "similarity_computed", "category_formed", "space_recalibrated", "concept_added",
		"category_suggested", "batch_progress", "category_discovery_progress", "performance.embedding_calculation",
		"performance.similarity_search", "space_created", "concept_moved",
	},
	"workflow": {"process_started", "step_completed", "decision_reached", "process_completed", "workflow_created"},
	"agent": {
		"registered", "deregistered", "capability_updated", "task_assigned", "task_completed", "collaboration_initiated",
		"conversation_started",
	},
	"system": {"node_joined", "performance_threshold_exceeded"},
}

// coded are types of graphs that the document has not, and the rules have.
var coded = []string{
	"graph_updated", "graph_archived", "graph_deleted", "graph_cleared", "graph_snapshot", "nodes_bulk_added", "edges_bulk_added",
	"edge_reversed", "graph_import_completed",
}

// checkTypes holds a history to having every type of the document, and those of graphs that rules beyond it are for.
func checkTypes(t *testing.T, answers []answered) {
	t.Helper()
	seen := map[string][]string{}
	for _, a := range answers {
		if a.Query != "projection.types" {
			continue
		}
		for _, row := range a.Data.([]any) {
			r := row.(map[string]any)
			if domain, ok := r["domain"].(string); ok {
				seen[domain] = append(seen[domain], r["type"].(string))
			}
		}
	}
	for _, name := range coded {
		if !slices.Contains(seen["graph"], name) {
			t.Errorf("the history has no event %s of graph", name)
		}
	}
	for domain, types := range documented {
		for _, name := range types {
			if !slices.Contains(seen[domain], name) {
				t.Errorf("the history has no event %s of %s", name, domain)
			}
		}
	}
}
