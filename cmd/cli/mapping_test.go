package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

// A producer of one's own, whose subjects nobody else has, is understood once a file says how; and what was made with one mapping is
// not gone on with under another.
func TestMappingOfAProducerOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	mapping := filepath.Join(dir, "mapping.yaml")
	if err := os.WriteFile(mapping, []byte("rules:\n  - subject: event.system.acme.{aggregate}.{type...}\n    domain: graph\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	w := startRun(t, data, "--listen", "127.0.0.1:0", "--mapping", mapping)
	in := `{"subject":"event.system.acme.g1.graph_created","message":{"graph_id":"g1","name":"of our own"}}` + "\n"
	line{stdin: in}.ok(t, "publish", "-", "--nats", w.url)
	got := line{}.ok(t, "query", "graph.get_graph", `{"graph_id":"g1"}`, "--min-seq", "1", "--json", "--nats", w.url)
	if !strings.Contains(got, "of our own") {
		t.Errorf("the graph is not there: %s", got)
	}
	w.stop()
	refused := line{}.refused(t, cli.StatusFailed, "run", "--data", data, "--listen", "127.0.0.1:0")
	if !strings.Contains(refused, "mapping") {
		t.Errorf("another mapping is refused with %q", refused)
	}
	for _, text := range []string{"rules: 7\n", "rules:\n  - subjekt: a\n", "rules:\n  - subject: a..b\n"} {
		if err := os.WriteFile(mapping, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := (line{}).run(t.Context(), "run", "--data", data, "--listen", "127.0.0.1:0", "--mapping", mapping); got.status != cli.StatusUsage {
			t.Errorf("%q: status %d, stderr %q", text, got.status, got.stderr)
		}
	}
}
