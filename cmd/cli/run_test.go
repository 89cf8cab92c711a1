package cli_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

// sampleFile is the demo's history.
const sampleFile = "sample.jsonl"

// sampleStored is how many of its 322 lines are no repetition.
const sampleStored = 317

func TestFromNothingToAnAnswer(t *testing.T) {
	w := startOwn(t)
	l := line{env: map[string]string{"NATS_URL": w.url}}

	out := decode[struct {
		Messages, Stored, Duplicates int
		Stream                       string
		Last                         uint64 `json:"last_sequence"`
	}](t, l.ok(t, "publish", sampleFile, "--json"))
	if out.Messages != 322 || out.Stored != sampleStored || out.Duplicates != 5 || out.Stream != "CIM_EVENTS" || out.Last != sampleStored {
		t.Errorf("publish: got %+v", out)
	}

	answer := decode[struct {
		Data []struct {
			ID    string `json:"graph_id"`
			Nodes int    `json:"node_count"`
			Edges int    `json:"edge_count"`
		}
		Metadata struct {
			Sequence           uint64
			Stream, Projection string
		}
		Pagination struct{ Total int }
	}](t, l.ok(t, "query", "graph.list", "--min-seq", "317", "--json"))
	if len(answer.Data) != 2 || answer.Data[0].ID != "ml" || answer.Data[0].Nodes != 62 || answer.Data[0].Edges != 88 {
		t.Errorf("query: got %+v", answer.Data)
	}
	if answer.Metadata.Sequence != sampleStored || answer.Metadata.Stream != "CIM_EVENTS" || answer.Pagination.Total != 2 {
		t.Errorf("query: got %+v", answer)
	}
	golden(t, "query-list.txt", l.ok(t, "query", "graph.list"))
	golden(t, "query-node.txt", l.ok(t, "query", "graph.get_node", `{"graph_id":"ml","node_id":"attention","include_edges":true}`))

	st := decode[engine.Status](t, l.ok(t, "status", "--json"))
	if st.Worker.Name != "default" || st.Stream.LastSequence != sampleStored || len(st.Projections) != 5 {
		t.Errorf("status: got %+v", st)
	}
	for _, p := range st.Projections {
		letters := map[string]uint64{"graph": 2, "events": 5}[p.Name]
		if p.AppliedSequence != sampleStored || *p.LagEvents != 0 || p.DeadLetters != letters {
			t.Errorf("status: got %+v", p)
		}
	}

	before := decode[engine.Verification](t, l.ok(t, "verify", "--json"))
	last := w.stop()
	for _, p := range last.Projections {
		if p.Sequence != sampleStored {
			t.Errorf("stopped with %s at %d", p.Name, p.Sequence)
		}
	}
	after := decode[engine.Verification](t, line{}.ok(t, "verify", "--offline", "--data", w.data, "--json"))
	sameState(t, before, after)
}

// sameState compares two verifications.
func sameState(t *testing.T, want, got engine.Verification) {
	t.Helper()
	if !want.OK() || !got.OK() || len(got.Projections) != len(want.Projections) || len(got.Projections) == 0 {
		t.Fatalf("got %+v\nwant %+v", got, want)
	}
	for i, g := range got.Projections {
		w := want.Projections[i]
		if g.Name != w.Name || g.Sequence != w.Sequence || g.Digest != w.Digest || g.RecordsDigest != w.RecordsDigest || g.Rows != w.Rows {
			t.Errorf("%s\ngot  %+v\nwant %+v", g.Name, g, w)
		}
	}
}

func TestQueryFails(t *testing.T) {
	w := startOwn(t)
	l := line{}
	for _, c := range []struct {
		name, want string
		status     int
		args       []string
	}{
		{"not found", `no graph "g" is known at this position`, cli.StatusNotFound, []string{"graph.get_graph", `{"graph_id":"g"}`}},
		{"no such question", `worker "default" does not answer query.graph.nonsense; see: projector query --help`, cli.StatusUsage,
			[]string{"graph.nonsense"}},
		{"missing parameter", `graph_id is missing`, cli.StatusUsage, []string{"query.graph.get_graph"}},
		{"not JSON", `the request is not understood: body: invalid_json at byte 1`, cli.StatusUsage, []string{"graph.list", "nonsense"}},
		{"too early", `events is at 0 and did not come to 7 in time`, cli.StatusFailed,
			[]string{"projection.types", "--min-seq", "7", "--timeout", "300ms"}},
		{"no such worker", `no worker "other" runs on ` + w.url + `; start one with: projector run`, cli.StatusFailed,
			[]string{"graph.list", "--name", "other"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := l.refused(t, c.status, append([]string{"query", "--nats", w.url}, c.args...)...); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	piped := line{stdin: `{"graph_id":"g"}`}
	if got := piped.refused(t, cli.StatusNotFound, "query", "--nats", w.url, "graph.get_graph", "-"); !strings.Contains(got, `"g"`) {
		t.Errorf("parameters from standard input: got %q", got)
	}
}

func TestPauseAndResume(t *testing.T) {
	w := startOwn(t)
	l := line{}
	states := func(text string) string {
		var out []string
		for _, p := range decode[engine.Status](t, text).Projections {
			out = append(out, fmt.Sprintf("%s %s %d", p.Name, p.State, p.AppliedSequence))
		}
		return strings.Join(out, ", ")
	}
	at := []string{"--nats", w.url, "--json"}
	if got := states(l.ok(t, append(at, "pause", "graph", "--reason", "a look")...)); !strings.Contains(got, "graph paused 0") {
		t.Errorf("pause: got %s", got)
	}
	l.ok(t, "publish", sampleFile, "--nats", w.url)
	l.ok(t, append(at, "query", "projection.types", "--min-seq", "317")...)
	got := l.refused(t, cli.StatusFailed, append(at, "query", "graph.list", "--min-seq", "317")...)
	if got != "graph is paused at 0 and does not come to 317" {
		t.Errorf("got %q", got)
	}
	if got := l.ok(t, "status", "--nats", w.url); !strings.Contains(got, "graph is paused: a look\n") {
		t.Errorf("status: got %s", got)
	}
	l.ok(t, "resume", "--nats", w.url)
	l.ok(t, append(at, "query", "graph.list", "--min-seq", "317")...)
	l.refused(t, cli.StatusNotFound, append(at, "pause", "nonsense")...)
}

func TestSecondWorkerIsRefused(t *testing.T) {
	w := startOwn(t)
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"the same directory", "data directory " + w.data + ` is held by worker "default"`, []string{"--data", w.data, "--listen", "127.0.0.1:0"}},
		{"the same directory, another NATS", "data directory " + w.data + ` is held by worker "default"`,
			[]string{"--data", w.data, "--name", "other", "--nats", w.url}},
		{"the same name", `worker "default" is already served on ` + w.url, []string{"--data", t.TempDir(), "--nats", w.url}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := line{}.refused(t, cli.StatusRefused, append([]string{"run"}, c.args...)...)
			if !strings.HasPrefix(got, c.want) || !strings.Contains(got, "; stop it, or ") {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	got := line{}.refused(t, cli.StatusRefused, "verify", "--offline", "--data", w.data)
	if !strings.Contains(got, "is held by worker") {
		t.Errorf("got %q", got)
	}
	address := strings.TrimPrefix(w.url, "nats://")
	got = line{}.refused(t, cli.StatusFailed, "run", "--data", t.TempDir(), "--listen", address)
	if !strings.HasPrefix(got, "another server listens on "+address) {
		t.Errorf("got %q", got)
	}
	line{}.ok(t, "status", "--nats", w.url)
	other := startRun(t, t.TempDir(), "--name", "other", "--nats", w.url)
	line{}.ok(t, "status", "--nats", w.url, "--name", "other")
	other.stop()
}

func TestForeignNATSIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	server := embeddedtest.Start(t)
	got := line{}.refused(t, cli.StatusNotFound, "run", "--data", t.TempDir(), "--nats", server.URL())
	if !strings.HasPrefix(got, "there is no stream CIM_EVENTS on "+server.URL()+"; make it with: projector streams apply, ") {
		t.Errorf("got %q", got)
	}
	js := jetStream(t, server.URL())
	names := js.StreamNames(t.Context())
	for name := range names.Name() {
		t.Errorf("stream %s was made", name)
	}
	got = line{stdin: `{"subject":"event.graph.x","message":{}}`}.refused(t, cli.StatusNotFound, "publish", "--nats", server.URL())
	if want := "standard input line 1: no stream on " + server.URL() + " takes the subject event.graph.x"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q", got)
	}
}

func jetStream(t *testing.T, url string) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(embeddedtest.Connect(t, url))
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// makeStream makes the stream of events as a user would.
func makeStream(t *testing.T, url string, c jetstream.StreamConfig) jetstream.Stream {
	t.Helper()
	if c.Name == "" {
		c.Name = "CIM_EVENTS"
	}
	c.Subjects = []string{"event.>"}
	return embeddedtest.CreateStream(t, jetStream(t, url), c)
}

func TestWorkQueueIsRefused(t *testing.T) {
	server := embeddedtest.Start(t)
	makeStream(t, server.URL(), jetstream.StreamConfig{Retention: jetstream.WorkQueuePolicy})
	got := line{}.refused(t, cli.StatusRefused, "run", "--data", t.TempDir(), "--nats", server.URL())
	if !strings.Contains(got, "has WorkQueue retention") {
		t.Errorf("got %q", got)
	}
}

func TestDroppedEventsAreRefused(t *testing.T) {
	server := embeddedtest.Start(t)
	args := []string{"run", "--data", t.TempDir(), "--nats", server.URL()}
	stream := makeStream(t, server.URL(), jetstream.StreamConfig{})
	line{}.ok(t, "publish", sampleFile, "--nats", server.URL())
	if err := stream.Purge(t.Context(), jetstream.WithPurgeSequence(101)); err != nil {
		t.Fatal(err)
	}
	got := line{}.refused(t, cli.StatusRefused, args...)
	if got != "stream CIM_EVENTS no longer holds the events 1 to 100, which were never applied; start with --accept-gap to go on without them" {
		t.Errorf("got %q", got)
	}
	w := startRun(t, t.TempDir(), "--nats", server.URL(), "--accept-gap")
	line{}.ok(t, "query", "graph.list", "--min-seq", "317", "--nats", server.URL())
	w.stop()
}

func TestContextOfTheNATSCommandLine(t *testing.T) {
	w := startOwn(t)
	home := t.TempDir()
	dir := filepath.Join(home, "nats", "context")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "mine.json")
	if err := os.WriteFile(file, []byte(`{"url":"`+w.url+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CONFIG_HOME", home)
	for _, name := range []string{"mine", file} {
		line{}.ok(t, "status", "--context", name)
	}
	line{env: map[string]string{"NATS_CONTEXT": "mine"}}.ok(t, "publish", sampleFile)
	other := startRun(t, t.TempDir(), "--context", "mine", "--name", "other")
	line{}.ok(t, "query", "graph.list", "--context", "mine", "--name", "other", "--min-seq", "317")
	other.stop()
	got := line{}.refused(t, cli.StatusFailed, "status", "--context", "nonsense")
	if got != `connect to the NATS context "nonsense": unknown context "nonsense"` {
		t.Errorf("got %q", got)
	}
}

func TestStatusWatchEndsWithTheContext(t *testing.T) {
	w := startOwn(t)
	ctx, cancel := context.WithCancel(t.Context())
	seen := &lineCounter{most: 3, reached: cancel}
	status := cli.Execute(ctx, line{}.options(seen, seen), []string{"status", "--nats", w.url, "--json", "--watch", "--interval", "10ms"})
	if status != cli.StatusDone || seen.lines < 3 {
		t.Errorf("status %d after %d lines: %s", status, seen.lines, seen.text.String())
	}
	for doc := range strings.Lines(seen.text.String()) {
		decode[engine.Status](t, doc)
	}
}

// lineCounter counts lines and says when there are enough.
type lineCounter struct {
	text    strings.Builder
	lines   int
	most    int
	reached func()
}

func (c *lineCounter) Write(p []byte) (int, error) {
	c.lines += strings.Count(string(p), "\n")
	if c.lines >= c.most {
		c.reached()
	}
	return c.text.Write(p)
}

func TestRunSaysHowFarItCame(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var stderr strings.Builder
	seen := &lineCounter{most: 1, reached: cancel}
	status := cli.Execute(ctx, line{}.options(seen, &stderr), []string{"run", "--data", t.TempDir(), "--listen", "127.0.0.1:0"})
	if status != cli.StatusDone || withoutProgress(stderr.String()) != "" {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	lines := strings.Split(seen.text.String(), "\n")
	if !strings.HasPrefix(lines[0], "Worker default projects stream CIM_EVENTS on its own NATS server at nats://127.0.0.1:") ||
		lines[1] != "Stopped. Everything up to event 0 is committed." {
		t.Errorf("got %q", lines)
	}
}

func TestConnectionIsLostAndComesBack(t *testing.T) {
	t.Parallel()
	server := embeddedtest.StartProcess(t)
	makeStream(t, server.URL(), jetstream.StreamConfig{})
	w := startRun(t, t.TempDir(), "--nats", server.URL())
	server.Kill()
	server.Restart(t)
	line{}.ok(t, "publish", sampleFile, "--nats", server.URL())
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	waitForAnswer(ctx, t, server.URL(), "default", sampleStored)
	w.stop()
}

// waitForAnswer asks until a worker answers, and holds this event. It waits on the server's word that nobody listens, not on time.
func waitForAnswer(ctx context.Context, t *testing.T, url, name string, seq int) {
	t.Helper()
	conn := embeddedtest.Connect(t, url, nats.MaxReconnects(-1))
	client := engine.NewClient(conn, name)
	for {
		asking, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err := client.Ask(asking, "query.projection.types", fmt.Appendf(nil, `{"min_sequence":%d}`, seq))
		cancel()
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("worker %s did not come to %d: %v", name, seq, err)
		}
	}
}
