package cli_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/engine"
)

// surroundings are what differs between two runs of the demo: where it is, how long it takes, and the digests of the projection
// that counts events, which hold the times at which the server stored them.
var surroundings = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`nats://127\.0\.0\.1:\d+`), "nats://127.0.0.1:PORT"},
	{regexp.MustCompile(`\S*projector-demo-\d+`), "DIR"},
	{regexp.MustCompile(`in \d+(\.\d+)? (µs|ms|s)\b`), "in N ms"},
	{regexp.MustCompile(`stored \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`), "stored TIME"},
	{regexp.MustCompile(`(?m)^(   events +\d+ +)[0-9a-f]{16} +[0-9a-f]{16}( +\d+ +)[0-9a-f]{16} +[0-9a-f]{16}$`),
		"${1}DIGEST DIGEST${2}DIGEST DIGEST"},
}

func normalised(text string) string {
	for _, s := range surroundings {
		text = s.pattern.ReplaceAllString(text, s.with)
	}
	return text
}

func TestDemo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	hostile := line{env: map[string]string{
		"NATS_URL": "nats://127.0.0.1:1", "PROJECTOR_DATA": "/nonexistent", "PROJECTOR_LISTEN": "nonsense", "PROJECTOR_CONFIG": "none.yaml",
	}}
	golden(t, "demo.txt", normalised(hostile.ok(t, "demo")))
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("the demo left %v, %v", left, err)
	}
}

func TestDemoAsJSON(t *testing.T) {
	dir := t.TempDir()
	type report struct {
		Data      string
		Published struct{ Messages, Stored, Duplicates int }
		Questions []struct{ Subject string }
		Letters   []engine.LetterView `json:"dead_letters"`
		Restart   struct {
			Stopped, Started, Continued engine.Verification
			InOneGo                     engine.Verification `json:"in_one_go"`
			Applied                     int
			Same                        bool
		}
		Time struct {
			Snapshot manifest
			Diff     diffHead
			AsOf     struct {
				Answer struct{ Metadata struct{ Sequence int } }
			} `json:"as_of"`
			Restored, Undone engine.RestoreReport
			There, Back      engine.Verification
			Same             bool
		}
	}
	got := decode[report](t, line{}.ok(t, "demo", "--json", "--data", dir))
	if got.Data != dir || got.Published.Stored != 308 || got.Published.Duplicates != 5 || len(got.Questions) != 4 || len(got.Letters) != 7 {
		t.Errorf("got %+v", got)
	}
	if got.Restart.Applied != 9 || !got.Restart.Same {
		t.Errorf("got %+v", got.Restart)
	}
	sameState(t, got.Restart.Stopped, got.Restart.Started)
	sameState(t, got.Restart.Continued, got.Restart.InOneGo)

	past := got.Time
	if past.Snapshot.StreamSequence != 308 || past.AsOf.Answer.Metadata.Sequence != 150 || past.Diff.After.Sequence != 317 || len(past.Diff.Tables) == 0 ||
		past.Restored.Sequence != 308 || !past.Restored.Paused || past.Undone.Sequence != 317 || past.Undone.Paused || !past.Same {
		t.Errorf("got %+v", past)
	}
	sameState(t, got.Restart.Stopped, past.There)
	sameState(t, got.Restart.Continued, past.Back)

	again := decode[report](t, line{}.ok(t, "demo", "--json", "--data", dir))
	if again.Published.Messages != 0 || again.Restart.Applied != 0 {
		t.Errorf("a second demo in the same directory: got %+v", again)
	}
	sameState(t, got.Restart.Continued, again.Restart.Stopped)
	if again.Time.Snapshot.StreamSequence != 308 || !again.Time.Same {
		t.Errorf("a second demo in the same directory: got %+v", again.Time)
	}

	w := startRun(t, dir, "--listen", "127.0.0.1:0") // the directory is a worker's like any other
	sameState(t, got.Restart.Continued, decode[engine.Verification](t, line{}.ok(t, "verify", "--json", "--nats", w.url)))
}

func TestDemoStaysUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var stderr strings.Builder
	seen := &markWatcher{mark: "Ctrl-C stops it.\n", reached: func(text string) {
		url := regexp.MustCompile(`nats://127\.0\.0\.1:\d+`).FindString(text)
		line{}.ok(t, "query", "graph.list", "--nats", url)
		cancel()
	}}
	status := cli.Execute(ctx, line{}.options(seen, &stderr), []string{"demo", "--serve", "--listen", "127.0.0.1:0"})
	if status != cli.StatusDone || stderr.String() != "" || seen.reached != nil {
		t.Errorf("status %d, stderr %q, stdout %q", status, stderr.String(), seen.text.String())
	}
}

// markWatcher calls a func once, when a text was written.
type markWatcher struct {
	text    strings.Builder
	mark    string
	reached func(text string)
}

func (w *markWatcher) Write(p []byte) (int, error) {
	w.text.Write(p)
	if reached := w.reached; reached != nil && strings.Contains(w.text.String(), w.mark) {
		w.reached = nil
		reached(w.text.String())
	}
	return len(p), nil
}

func TestDemoIsInterrupted(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	var stderr strings.Builder
	seen := &markWatcher{mark: "4  Questions", reached: func(string) { cancel() }}
	status := cli.Execute(ctx, line{}.options(seen, &stderr), []string{"demo"})
	if status != cli.StatusFailed || stderr.String() != "interrupted\n" {
		t.Errorf("status %d, stderr %q", status, stderr.String())
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("the demo left %v, %v", left, err)
	}
}
