package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
)

const streamName = "TEST_EVENTS"

func makeStream(t *testing.T, nc *nats.Conn) {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	embeddedtest.CreateStream(t, js, jetstream.StreamConfig{
		Name: streamName, Subjects: []string{"event.>"}, AllowDirect: true,
	})
}

// publish stores n events, one after the other, each until the server has acknowledged it.
func publish(t *testing.T, nc *nats.Conn, from, n int) {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for i := from; i < from+n; i++ {
		body := event(i, kinds[i*7%len(kinds)], fmt.Sprintf("a%d", i*31%97))
		if _, err := js.PublishAsync("event.test.thing", body); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-js.PublishAsyncComplete():
	case <-time.After(20 * time.Second):
		t.Fatal("the server does not acknowledge")
	}
}

func openLog(t *testing.T, url string) *natslog.Log {
	t.Helper()
	log, err := natslog.Open(t.Context(), natslog.Config{URL: url, Stream: streamName, Worker: "default", Heartbeat: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

func reconnecting() []nats.Option {
	return []nats.Option{nats.MaxReconnects(-1), nats.ReconnectWait(20 * time.Millisecond)}
}

func TestTrap17ServerKilledInMidStream(t *testing.T) {
	server := embeddedtest.StartProcess(t)
	nc := embeddedtest.Connect(t, server.URL(), reconnecting()...)
	makeStream(t, nc)
	publish(t, nc, 0, 20_000)

	kill := make(chan struct{}, 1)
	c := config(t, openLog(t, server.URL()), newTally("tally"))
	c.CommitRecords = 500
	commits := 0
	c.Observer.Committed = func(engine.Commit) {
		if commits++; commits == 5 {
			kill <- struct{}{}
		}
	}
	w := start(t, c)
	for i := range 3 {
		if i == 0 {
			<-kill
		}
		server.Kill()
		server.Restart(t)
		publish(t, nc, 20_000+i*1000, 1000)
	}
	w.waitFor(23_000, "tally")
	got := w.digests()["tally"]

	whole := start(t, config(t, openLog(t, server.URL()), newTally("tally")))
	whole.waitFor(23_000, "tally")
	if want := whole.digests()["tally"]; got.Digest != want.Digest || got.RecordsDigest != want.RecordsDigest {
		t.Errorf("after the server was killed\ngot  %+v\nwant %+v", got, want)
	}
}

// A server that loses its unsynced tail comes back with a shorter stream, the same creation time, and gives the sequences out
// again.
func TestTrap14RestoredStoreIsNotFollowed(t *testing.T) {
	server := embeddedtest.StartProcess(t)
	nc := embeddedtest.Connect(t, server.URL(), reconnecting()...)
	makeStream(t, nc)
	publish(t, nc, 0, 900)
	server.Kill()
	saved := filepath.Join(t.TempDir(), "saved")
	if err := os.CopyFS(saved, os.DirFS(server.Dir())); err != nil {
		t.Fatal(err)
	}
	server.Restart(t)
	publish(t, nc, 900, 100)
	c := config(t, openLog(t, server.URL()), newTally("tally"))
	w := start(t, c)
	w.waitFor(1000, "tally")
	before := w.digests()["tally"]

	server.Kill()
	if err := os.RemoveAll(server.Dir()); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(server.Dir(), os.DirFS(saved)); err != nil {
		t.Fatal(err)
	}
	server.Restart(t)
	publish(t, nc, 5000, 300)
	p := w.state("tally", engine.Diverged)
	if p.AppliedSequence != 1000 {
		t.Errorf("applied %d", p.AppliedSequence)
	}
	if after := w.digests()["tally"]; after.Digest != before.Digest {
		t.Error("something of the other history was applied")
	}
}

func TestTrap07StreamRecreatedWhileProjecting(t *testing.T) {
	server := embeddedtest.Start(t)
	nc := embeddedtest.Connect(t, server.URL())
	makeStream(t, nc)
	publish(t, nc, 0, 500)
	w := start(t, config(t, openLog(t, server.URL()), newTally("tally")))
	w.waitFor(500, "tally")
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), streamName); err != nil {
		t.Fatal(err)
	}
	makeStream(t, nc)
	publish(t, nc, 7000, 1000)
	if p := w.state("tally", engine.Diverged); p.AppliedSequence != 500 {
		t.Errorf("applied %d of another stream", p.AppliedSequence)
	}
}

func TestTrap19ConsumerDeletedUnderTheWorker(t *testing.T) {
	server := embeddedtest.Start(t)
	nc := embeddedtest.Connect(t, server.URL())
	makeStream(t, nc)
	publish(t, nc, 0, 500)
	w := start(t, config(t, openLog(t, server.URL()), newTally("tally")))
	w.waitFor(500, "tally")
	for i := range 3 {
		deleteConsumers(t, nc)
		publish(t, nc, 500+i*100, 100)
		w.waitFor(eventlog.Seq(600+i*100), "tally")
	}
	w.stop()
	if left := consumers(t, nc); len(left) > 0 {
		t.Errorf("consumers are left behind: %v", left)
	}
}

func consumers(t *testing.T, nc *nats.Conn) []string {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), streamName)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	names := s.ConsumerNames(t.Context())
	for name := range names.Name() {
		out = append(out, name)
	}
	if err := names.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func deleteConsumers(t *testing.T, nc *nats.Conn) {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range consumers(t, nc) {
		if err := js.DeleteConsumer(t.Context(), streamName, name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestServiceAnswers(t *testing.T) {
	server := embeddedtest.Start(t)
	nc := embeddedtest.Connect(t, server.URL())
	makeStream(t, nc)
	publish(t, nc, 0, 500)
	w := start(t, config(t, openLog(t, server.URL()), newTally("tally")))
	s, err := engine.Serve(t.Context(), engine.ServiceConfig{Conn: nc, Worker: w.Worker})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the service: %v", err)
		}
	})
	w.waitFor(500, "tally")
	client := engine.NewClient(nc, "default")
	ask := func(subject, params string) (engine.Reply, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		return client.Ask(ctx, subject, []byte(params))
	}
	for _, test := range serviceCases {
		t.Run(test.name, func(t *testing.T) {
			reply, err := ask(test.subject, test.params)
			checkAnswer(t, reply, err, test)
		})
	}
	t.Run("min_sequence waits for the event", func(t *testing.T) {
		got := make(chan error, 1)
		go func() {
			_, err := ask("query.tally.list", `{"min_sequence":501}`)
			got <- err
		}()
		if _, err := ask("query.tally.list", ``); err != nil {
			t.Errorf("a waiting question holds others up: %v", err)
		}
		publish(t, nc, 500, 1)
		if err := <-got; err != nil {
			t.Error(err)
		}
	})
	t.Run("a second service of this name is refused", func(t *testing.T) {
		other := start(t, config(t, openLog(t, server.URL()), newTally("tally")))
		_, err := engine.Serve(t.Context(), engine.ServiceConfig{Conn: nc, Worker: other.Worker})
		if taken := asType[*engine.NameTakenError](err); taken == nil || taken.Claim.PID != os.Getpid() {
			t.Errorf("got %v", err)
		}
	})
	t.Run("pause and resume", func(t *testing.T) {
		if _, err := ask("cmd.projection.pause", `{"projections":["tally"],"reason":"test"}`); err != nil {
			t.Fatal(err)
		}
		_, err := ask("query.tally.list", `{"min_sequence":99999}`)
		checkAnswer(t, engine.Reply{}, err, serviceCase{code: "unavailable"})
		if _, err := ask("cmd.projection.resume", ``); err != nil {
			t.Fatal(err)
		}
		publish(t, nc, 501, 1)
		w.waitFor(502, "tally")
	})
}
