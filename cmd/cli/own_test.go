package cli_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/projection"
)

// suspicious is a projection of somebody's own: it counts events, and finds that wrong.
type suspicious struct {
	schema *projection.Schema
	counts projection.Table[tally]
}

type tally struct{ N uint64 }

func newSuspicious() *suspicious {
	s := projection.NewSchema()
	return &suspicious{schema: s, counts: projection.Primary[tally](s, "counts")}
}

func (p *suspicious) Name() string               { return "suspicious" }
func (p *suspicious) Version() int               { return 1 }
func (p *suspicious) Subjects() []string         { return []string{"event.>"} }
func (p *suspicious) Schema() *projection.Schema { return p.schema }

func (p *suspicious) Apply(tx *projection.Tx, _ *projection.Event) error {
	row := tally{N: 1}
	if old, ok := p.counts.Get(tx, projection.MakeKey("all")); ok {
		row.N += old.N
	}
	p.counts.Put(tx, projection.MakeKey("all"), &row)
	return nil
}

func (p *suspicious) Check(*projection.View) []string { return []string{"the count is suspicious"} }

// runWith runs a command line of a program with other projections.
func runWith(ctx context.Context, projections []projection.Projection, args ...string) result {
	var stdout, stderr strings.Builder
	o := line{}.options(&stdout, &stderr)
	o.Projections = projections
	status := cli.Execute(ctx, o, args)
	return result{status, stdout.String(), withoutProgress(stderr.String())}
}

func TestProjectionsOfOnesOwn(t *testing.T) {
	all := append(cli.DefaultProjections(), newSuspicious())
	dir := t.TempDir()
	got := runWith(t.Context(), all, "demo", "--data", dir, "--json")
	if got.status != cli.StatusFailed || !strings.HasPrefix(got.stderr, "the states differ, and should not") {
		t.Errorf("a demo whose projection does not verify: got %+v", got)
	}
	got = runWith(t.Context(), all, "verify", "--offline", "--data", dir)
	lines := strings.Split(got.stdout, "\n")
	if got.status != cli.StatusFailed || !strings.HasPrefix(got.stderr, "what is stored does not agree with itself; ") {
		t.Errorf("got %+v", got)
	}
	if len(lines) != 10 || !strings.HasPrefix(lines[6], "suspicious  1        317    2     ") || !strings.HasSuffix(lines[6], "1 problem") ||
		lines[8] != "suspicious: the count is suspicious" {
		t.Errorf("got %q", lines)
	}
	got = runWith(t.Context(), all, "verify", "--offline", "--data", dir, "--json")
	if v := decode[engine.Verification](t, got.stdout); got.status != cli.StatusFailed || v.OK() || !v.Projections[0].OK || v.Projections[5].OK {
		t.Errorf("got %+v", got)
	}
	if got := runWith(t.Context(), all, "__complete", "resume", ""); !strings.Contains(got.stdout, "suspicious\n") {
		t.Errorf("got %+v", got)
	}
}

func TestDamageIsNamed(t *testing.T) {
	dir := t.TempDir()
	line{}.ok(t, "demo", "--data", dir)
	found, err := filepath.Glob(filepath.Join(dir, "deltas", "*.db"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no delta in %s: %v", dir, err)
	}
	raw, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(found[0], raw[:8192], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"verify", "--offline", "--data", dir}, {"run", "--data", dir, "--listen", "127.0.0.1:0"}, {"demo", "--data", dir},
	} {
		got := runWith(t.Context(), nil, args...)
		sentence := strings.TrimSuffix(got.stderr, "\n")
		if got.status != cli.StatusFailed || !strings.Contains(sentence, filepath.Base(found[0])+" is damaged: ") || strings.Contains(sentence, "\n") {
			t.Errorf("%s: got %+v", args[0], got)
		}
	}
}

func TestCommandsAskWhereTheWorkerListens(t *testing.T) {
	w := startOwn(t)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(w.url, "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"127.0.0.1:" + port, "0.0.0.0:" + port, ":" + port} {
		line{env: map[string]string{"PROJECTOR_LISTEN": address}}.ok(t, "status")
	}
	line{}.ok(t, "status", "--config", writeConfig(t, "listen: 127.0.0.1:"+port+"\n"))
}

func TestPublishIsRefused(t *testing.T) {
	server := embeddedtest.Start(t)
	makeStream(t, server.URL(), jetstream.StreamConfig{MaxMsgSize: 1000})
	at := []string{"publish", "--nats", server.URL()}
	small := `{"subject":"event.graph.x","message":{}}` + "\n"
	large := `{"subject":"event.graph.x","message":"` + strings.Repeat("x", 1000) + `"}` + "\n"
	for _, c := range []struct {
		name, stdin, want string
		args              []string
	}{
		{"a message that the stream does not take", small + large,
			"standard input: line 2 (id \"\", subject event.graph.x): the server refuses: message size exceeds maximum allowed", nil},
		{"a line that is none", small + "{}\n", "standard input line 2: it has no subject; everything up to line 1 is stored", nil},
		{"another stream", small, "standard input: line 1 (id \"\", subject event.graph.x): another stream stored it: CIM_EVENTS at ",
			[]string{"--stream", "OTHER"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (line{stdin: c.stdin}).refused(t, cli.StatusFailed, append(at, c.args...)...); !strings.HasPrefix(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	if got := (line{}).refused(t, cli.StatusNotFound, append(at, "none.jsonl")...); got != "there is no file none.jsonl" {
		t.Errorf("got %q", got)
	}
	if got := (line{}).ok(t, at...); got != "There was nothing to publish.\n" {
		t.Errorf("got %q", got)
	}
}

func TestRunSaysWhatIsBehind(t *testing.T) {
	w := startOwn(t)
	line{}.ok(t, "pause", "graph", "--nats", w.url)
	line{}.ok(t, "publish", sampleFile, "--nats", w.url)
	line{}.ok(t, "query", "projection.types", "--min-seq", "317", "--nats", w.url)
	w.stop()
	ctx, cancel := context.WithCancel(t.Context())
	var stderr strings.Builder
	seen := &markWatcher{mark: "Ctrl-C stops it.\n", reached: func(string) { cancel() }}
	status := cli.Execute(ctx, line{}.options(seen, &stderr), []string{"run", "--data", w.data, "--listen", "127.0.0.1:0"})
	want := "Stopped. Everything up to event 0 is committed.\nPROJECTION  COMMITTED\n" +
		"graph       0\nconceptual  317\nworkflow    317\nagents      317\nevents      317\n"
	if status != cli.StatusDone || !strings.HasSuffix(seen.text.String(), want) {
		t.Errorf("status %d, got %q, want %q last", status, seen.text.String(), want)
	}
}
