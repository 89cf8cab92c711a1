package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// The numbers are those of the known contradictions in CIM's sources; testdata/TRAPS.md lists them all.

func streamOf(t *testing.T, nc *nats.Conn) jetstream.Stream {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), streamName)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTrap04LimitsDropTheBeginning starts on a stream that has dropped its oldest events: that is said, and only what
// was accepted is skipped.
func TestTrap04LimitsDropTheBeginning(t *testing.T) {
	server := embeddedtest.Start(t)
	nc := embeddedtest.Connect(t, server.URL())
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: streamName, Subjects: []string{"event.>"}, AllowDirect: true, MaxMsgs: 5,
	}); err != nil {
		t.Fatal(err)
	}
	publish(t, nc, 0, 12)
	c := config(t, openLog(t, server.URL()), newTally("tally"))
	one := start(t, c)
	p := one.state("tally", engine.Failed)
	if p.AppliedSequence != 0 || !containsText(deref(p.Reason), "events 1 to 7") {
		t.Errorf("applied %d, reason %q, want nothing applied and events 1 to 7 missed", p.AppliedSequence, deref(p.Reason))
	}
	one.stop()
	c.AcceptGap = true
	two := start(t, c)
	two.waitFor(12, "tally")
	if got := countsOf(t, two, "tally").Seen(); got != 5 {
		t.Errorf("%d events were seen, want the 5 that are left", got)
	}
}

// TestTrap08PurgedStreamIsCaughtUp stands behind a stream that holds nothing any more: its numbers go on.
func TestTrap08PurgedStreamIsCaughtUp(t *testing.T) {
	server := embeddedtest.Start(t)
	nc := embeddedtest.Connect(t, server.URL())
	makeStream(t, nc)
	publish(t, nc, 0, 24)
	c := config(t, openLog(t, server.URL()), newTally("tally"))
	one := start(t, c)
	one.waitFor(24, "tally")
	one.stop()
	if err := streamOf(t, nc).Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	two := start(t, c)
	p := two.state("tally", engine.Live)
	if p.AppliedSequence != 24 || p.LagEvents == nil || *p.LagEvents != 0 {
		t.Errorf("behind a purged stream: %+v, want it live at 24", p)
	}
	publish(t, nc, 24, 1)
	two.waitFor(25, "tally")
}

// TestTrap10LargestMessageIsKeptWhole keeps a message of the greatest size that a server takes as a dead letter, with
// nothing cut off.
func TestTrap10LargestMessageIsKeptWhole(t *testing.T) {
	server := embeddedtest.Start(t)
	nc := embeddedtest.Connect(t, server.URL())
	makeStream(t, nc)
	body := bytes.Repeat([]byte("x"), int(nc.MaxPayload()))
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), "event.test.thing", body); err != nil {
		t.Fatal(err)
	}
	w := start(t, config(t, openLog(t, server.URL()), keeper{newTally("keeper")}))
	w.waitFor(1, "keeper")
	if l := letters(t, w, "keeper")[1]; l == nil || !bytes.Equal(l.Body, body) {
		t.Errorf("the dead letter is not the %d bytes that were published", len(body))
	}
}

func TestTrap12UnknownSubjectsAreCounted(t *testing.T) {
	log := memlog.New(memlog.Config{})
	for i, subject := range []string{"event.test.thing", "weather.rain", "cmd.graph.create_node", "event.other.thing", "event.test.thing"} {
		if _, err := log.Append(t.Context(), subject, nil, event(i, "plain", "a")); err != nil {
			t.Fatal(err)
		}
	}
	w := start(t, config(t, log, newTally("tally")))
	w.waitFor(5, "tally")
	if got := countsOf(t, w, "tally"); got.Applied != 2 || got.OtherSubject != 3 || got.DeadLetters != 0 {
		t.Errorf("got %+v, want 2 applied and 3 skipped", got)
	}
}

// TestTrap20RebuildReceivesEverythingAgain rebuilds under the name of a worker that has read it all, beside a durable
// consumer of that name which has acknowledged it all.
func TestTrap20RebuildReceivesEverythingAgain(t *testing.T) {
	const n = 1500 // more than the thousand that one fetch of the older code stopped at
	server := embeddedtest.Start(t)
	nc := embeddedtest.Connect(t, server.URL())
	makeStream(t, nc)
	publish(t, nc, 0, n)
	s := streamOf(t, nc)
	durable, err := s.CreateConsumer(t.Context(), jetstream.ConsumerConfig{
		Durable: "default", AckPolicy: jetstream.AckAllPolicy, MaxAckPending: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := durable.Fetch(n)
	if err != nil {
		t.Fatal(err)
	}
	var last jetstream.Msg
	for last = range all.Messages() {
	}
	if err := all.Error(); err != nil || last == nil {
		t.Fatalf("fetch: %v, %v", last, err)
	}
	if err := last.DoubleAck(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := durable.Info(t.Context()); err != nil || info.AckFloor.Stream != n {
		t.Fatalf("the durable consumer is at %+v, %v, want all acknowledged", info, err)
	}
	var first engine.Digest
	for range 2 {
		w := start(t, config(t, openLog(t, server.URL()), newTally("tally")))
		w.waitFor(n, "tally")
		got := w.digests()["tally"]
		if seen := countsOf(t, w, "tally").Seen(); seen != n || first.Digest != "" && got.Digest != first.Digest {
			t.Errorf("%d events were seen, digest %s, want %d and %s", seen, got.Digest, n, first.Digest)
		}
		first = got
		w.stop()
	}
}

// TestTrap23ClocksOfProducersDecideNothing applies events whose own times go back and forth, by their place in the log.
func TestTrap23ClocksOfProducersDecideNothing(t *testing.T) {
	log := memlog.New(memlog.Config{})
	for i, at := range []string{`"2026-01-01T00:00:00Z"`, `"2099-01-01T00:00:00Z"`, `0`, `null`, `{"secs_since_epoch":9}`} {
		body := fmt.Appendf(nil, `{"event_id":"e%d","event_type":"plain","aggregate_id":"a","timestamp":%s,"payload":{}}`, i, at)
		if _, err := log.Append(t.Context(), "event.test.thing", nil, body); err != nil {
			t.Fatal(err)
		}
	}
	w := start(t, config(t, log, newTally("tally")))
	w.waitFor(5, "tally")
	if got := countsOf(t, w, "tally"); got.Applied != 5 {
		t.Errorf("got %+v, want 5 applied", got)
	}
	if got := rowOf(t, w, "a"); got.N != 5 || got.Last != 5 {
		t.Errorf("the aggregate has %d events, the last at %s, want 5 and 5", got.N, got.Last)
	}
}

// rowOf returns the row of an aggregate.
func rowOf(t *testing.T, w *running, id string) *countRow {
	t.Helper()
	v, err := w.View("tally")
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	var got *countRow
	v.Projection().(*tally).counts.Scan(v, "", "", func(_ projection.Key, row *countRow) bool {
		if row.ID == id {
			got = row
		}
		return got == nil
	})
	if got == nil {
		t.Fatalf("no row of %q", id)
	}
	return got
}

// TestTrap30LagIsWhatIsNotApplied counts what lies between the checkpoint and the end of the log, whatever was delivered
// again.
func TestTrap30LagIsWhatIsNotApplied(t *testing.T) {
	log, c, _ := projected(t, 100)
	w := start(t, c)
	w.state("tally", engine.Live)
	lag := func(want uint64) {
		t.Helper()
		s, err := w.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Projections[0].LagEvents; got == nil || *got != want {
			t.Errorf("lag %v of %+v, want %d", got, s.Projections[0], want)
		}
	}
	lag(0)
	if err := w.Pause(t.Context(), "test", "tally"); err != nil {
		t.Fatal(err)
	}
	fill(t, log, 70)
	lag(70)
	log.Interrupt(errors.New("delivered again"))
	lag(70)
	if err := w.Resume(t.Context(), "tally"); err != nil {
		t.Fatal(err)
	}
	w.waitFor(170, "tally")
	lag(0)
}

// TestTrap34SequencesDecideNotIDs applies two records of one id, as they are in a log when the server has forgotten the
// first: ids of producers are not unique.
func TestTrap34SequencesDecideNotIDs(t *testing.T) {
	log := memlog.New(memlog.Config{})
	for range 2 {
		if _, err := log.Append(t.Context(), "event.test.thing", eventlog.Header{"Nats-Msg-Id": {"e1"}}, event(1, "plain", "a")); err != nil {
			t.Fatal(err)
		}
	}
	c := config(t, log, newTally("tally"))
	for range 2 { // and a restart applies neither again
		w := start(t, c)
		w.waitFor(2, "tally")
		if got := rowOf(t, w, "a"); got.N != 2 || got.Last != 2 {
			t.Errorf("the aggregate has %d events, the last at %s, want 2 and 2", got.N, got.Last)
		}
		w.stop()
	}
}

// TestTrap37NamesOfWorkers become tokens of subjects and names of files.
func TestTrap37NamesOfWorkers(t *testing.T) {
	for _, name := range []string{"..", "../x", "a/b", `a\b`, "a.b", "a*", ">", "a b", "a\x00", "-a", "ä"} {
		c := config(t, memlog.New(memlog.Config{}), newTally("tally"))
		c.Name = name
		if w, err := engine.Open(c); err == nil {
			t.Errorf("Open takes the name %q", name)
			_ = w.Close()
		}
		if made, err := os.ReadDir(c.Data); err != nil || len(made) > 0 {
			t.Errorf("the name %q: %d files were made, %v", name, len(made), err)
		}
	}
	c := config(t, memlog.New(memlog.Config{}), newTally("tally"))
	c.Name = "A-z_09"
	w, err := engine.Open(c)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
