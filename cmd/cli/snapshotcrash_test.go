package cli_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

// seeded returns a source of chance, and logs where it begins.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// TestSnapshotsSurviveCrashes kills the worker while snapshots are made. One that was acknowledged is there afterwards, whole and of
// the event that it was taken at; of one that was not, there is all or nothing.
func TestSnapshotsSurviveCrashes(t *testing.T) {
	t.Parallel()
	random := seeded(t)
	server := embeddedtest.Start(t)
	makeStream(t, server.URL(), jetstream.StreamConfig{AllowDirect: true})
	l := &timeline{line: line{env: map[string]string{"NATS_URL": server.URL()}}}
	h := &history{random: random}
	dir := t.TempDir()
	taken := map[string]int{}
	for i := range crashes(t) {
		worker, _ := startWorker(t, "--data", dir, "--nats", server.URL())
		line{env: l.env, stdin: string(h.lines(3000))}.ok(t, "publish", "-")
		l.ok(t, "query", "graph.list", "--min-seq", fmt.Sprint(h.n), "--timeout", "60s")
		l.ok(t, "query", "projection.types", "--min-seq", fmt.Sprint(h.n), "--timeout", "60s")
		name := fmt.Sprintf("s%d", i)
		if i%2 == 0 {
			taken[name] = decode[manifest](t, l.ok(t, "snapshot", "create", name, "--detach", "--json")).StreamSequence
			<-time.After(time.Duration(random.Int64N(int64(30 * time.Millisecond)))) // a moment chosen by chance
			worker.kill()
			continue
		}
		ended := make(chan result, 1)
		go func() { ended <- l.run(t.Context(), "snapshot", "create", name, "--json", "--timeout", "2s") }() // nobody answers once it is dead
		<-time.After(time.Duration(random.Int64N(int64(60 * time.Millisecond))))                             // as well
		worker.kill()
		if got := <-ended; got.status == cli.StatusDone {
			taken[name] = decode[manifest](t, got.stdout).StreamSequence
		}
	}
	worker, _ := startWorker(t, "--data", dir, "--nats", server.URL())
	for name, at := range taken {
		got := decode[manifest](t, l.ok(t, "snapshot", "show", name, "--json"))
		for got.State != "complete" && t.Context().Err() == nil {
			got = decode[manifest](t, l.ok(t, "snapshot", "show", name, "--json"))
		}
		if got.StreamSequence != at || len(got.Projections) != 5 {
			t.Errorf("%s was taken at %d: got %+v", name, at, got)
		}
	}
	for _, m := range l.list(t) {
		v := decode[engine.SnapshotVerification](t, l.ok(t, "snapshot", "verify", m.Name, "--json"))
		if !v.OK || v.Digest != m.Digest || m.StreamSequence%3000 != 0 {
			t.Errorf("%s: got %+v of %+v", m.Name, v, m)
		}
	}
	worker.kill()
}
