package cli_test

import (
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

func TestAnotherHistoryIsNotApplied(t *testing.T) {
	server := embeddedtest.Start(t)
	at := []string{"--nats", server.URL()}
	l := line{}
	makeStream(t, server.URL(), jetstream.StreamConfig{})
	l.ok(t, append(at, "publish", sampleFile)...)
	dir := t.TempDir()
	w := startRun(t, dir, at...)
	l.ok(t, append(at, "query", "graph.list", "--min-seq", "317")...)
	l.ok(t, append(at, "query", "projection.types", "--min-seq", "317")...)
	before := decode[engine.Verification](t, l.ok(t, append(at, "verify", "--json")...))
	w.stop()

	js := jetStream(t, server.URL())
	if err := js.DeleteStream(t.Context(), "CIM_EVENTS"); err != nil {
		t.Fatal(err)
	}
	makeStream(t, server.URL(), jetstream.StreamConfig{})
	line{stdin: `{"subject":"event.graph.graph_created","message":{}}` + "\n"}.ok(t, append(at, "publish")...)
	again := startRun(t, dir, at...)
	got := l.refused(t, cli.StatusFailed, append(at, "query", "graph.list", "--min-seq", "318")...)
	if !strings.HasPrefix(got, "graph is diverged at 317") {
		t.Errorf("got %q", got)
	}
	for _, p := range decode[engine.Status](t, l.ok(t, append(at, "status", "--json")...)).Projections {
		if p.State != engine.Diverged || p.AppliedSequence != 317 || p.Reason == nil {
			t.Errorf("got %+v", p)
		}
	}
	const why = "graph, conceptual, workflow, agents and events are diverged: stream CIM_EVENTS is not the history that was projected up to 317: "
	if got := l.ok(t, append(at, "status")...); !strings.Contains(got, why) {
		t.Errorf("got %s", got)
	}
	l.ok(t, append(at, "query", "graph.list")...)
	sameState(t, before, decode[engine.Verification](t, l.ok(t, append(at, "verify", "--json")...)))
	again.stop()
}
