package publish_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

// TestNoAnswerToBatch publishes a batch to a subject where nothing answers. It is begun again, though its events have no
// ids: what was not begun cannot have been stored.
func TestNoAnswerToBatch(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	mute, err := s.nc.SubscribeSync("mute")
	if err != nil {
		t.Fatal(err)
	}
	list := []publish.Event{{Subject: "mute"}, {Subject: "mute"}}
	p := s.publisher(t, func(cfg *publish.Config) {
		cfg.AtomicBatch, cfg.Attempts, cfg.AckTimeout = 10, 2, 20*time.Millisecond
	})
	if _, err := p.Publish(t.Context(), publish.Events(list...)); !errors.Is(err, publish.ErrNoAck) {
		t.Errorf("Publish: %v, want ErrNoAck", err)
	}
	if n, _, err := mute.Pending(); err != nil || n != 2 {
		t.Errorf("%d messages were sent, %v, want the first of the batch twice", n, err)
	}
}

// TestLostCommit publishes a batch to a subject where its beginning is agreed to and its end is not answered: it may be
// stored, and is sent again where every event has an id.
func TestLostCommit(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	_, err := s.nc.Subscribe("mute", func(m *nats.Msg) {
		if m.Header.Get("Nats-Batch-Sequence") == "1" {
			if err := m.Respond(nil); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := s.nc.SubscribeSync("mute")
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]int{"": 2, "id": 6} {
		before := pending(t, sent)
		p := s.publisher(t, func(cfg *publish.Config) {
			cfg.AtomicBatch, cfg.Attempts, cfg.AckTimeout = 10, 3, 100*time.Millisecond
		})
		list := []publish.Event{{Subject: "mute", ID: "first"}, {Subject: "mute", ID: id}}
		if _, err := p.Publish(t.Context(), publish.Events(list...)); !errors.Is(err, publish.ErrNoAck) {
			t.Errorf("Publish: %v, want ErrNoAck", err)
		}
		if err := s.nc.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := pending(t, sent) - before; got != want {
			t.Errorf("with the id %q %d messages were sent, want %d", id, got, want)
		}
	}
}

// endingContext ends when its error has been asked for a number of times.
type endingContext struct {
	context.Context

	cancel context.CancelFunc
	left   int
}

// Err is part of context.Context.
func (c *endingContext) Err() error {
	if c.left--; c.left < 0 {
		c.cancel()
	}
	return c.Context.Err()
}

// TestInterruptedBatch ends the context at every step of two batches: what is visible is whole batches, which the report
// knows, and a run that goes on stores the rest.
func TestInterruptedBatch(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	began, err := s.nc.SubscribeSync("event.>")
	if err != nil {
		t.Fatal(err)
	}
	partial := 0
	for left := range 30 {
		list := numbered(10, 2)
		for i := range list {
			list[i].ID = fmt.Sprintf("%d-%d", left, i)
		}
		inner, cancel := context.WithCancel(t.Context())
		before, sent := len(s.stored(t)), pending(t, began)
		report, err := s.publisher(t, inBatches(5)).Publish(
			&endingContext{Context: inner, cancel: cancel, left: left}, publish.Events(list...))
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("Publish: %v, want context.Canceled", err)
		}
		stored := len(s.stored(t)) - before
		if stored%5 != 0 || report.Stored > stored || report.Stored%5 != 0 {
			t.Fatalf("ended at step %d: %d events are visible, report %+v", left, stored, report)
		}
		if (pending(t, began)-sent)%5 != 0 {
			partial++
		}
		report, err = s.publisher(t, func(cfg *publish.Config) { cfg.AtomicBatch, cfg.SkipThrough = 5, report.Stored }).
			Publish(t.Context(), publish.Events(list...))
		if err != nil || report.Stored != 10 || report.Retries != 0 || len(s.stored(t))-before != 10 {
			t.Fatalf("going on after step %d: %+v, %v, %d events", left, report, err, len(s.stored(t))-before)
		}
	}
	if partial < 4 {
		t.Errorf("only %d interruptions were within a batch", partial)
	}
	s.groups(t)
}

// pending returns how many messages a subscription has got.
func pending(t *testing.T, sub *nats.Subscription) int {
	t.Helper()
	n, _, err := sub.Pending()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// killAt kills the server when its nth message of a subject passes.
func killAt(t *testing.T, server *embeddedtest.Process, subject string, n int) (killed <-chan struct{}) {
	t.Helper()
	nc := embeddedtest.Connect(t, server.URL(), nats.NoReconnect())
	seen, done := 0, make(chan struct{})
	_, err := nc.Subscribe(subject, func(*nats.Msg) {
		if seen++; seen == n {
			server.Kill()
			close(done)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return done
}

// TestResumeAfterKill kills the server's process within batches, lets the run fail, and goes on with another one from the
// line that the report names: nothing is lost or stored twice, and every batch is whole.
func TestResumeAfterKill(t *testing.T) {
	const n, aggregates = 3000, 11
	for _, size := range []int{0, 500} {
		server := embeddedtest.StartProcess(t)
		s := connectAtomic(t, server.URL())
		through, batches := 0, uint64(0)
		for _, at := range []int{1, 740, 1100} {
			killed := killAt(t, server, "event.>", at)
			p := s.publisher(t, func(cfg *publish.Config) {
				cfg.AtomicBatch, cfg.SkipThrough, cfg.Attempts, cfg.AckTimeout = size, through, 1, 300*time.Millisecond
			})
			report, err := p.Publish(t.Context(), publish.Events(numbered(n, aggregates)...))
			<-killed
			if err == nil {
				t.Fatalf("a run whose server was killed says that everything is stored: %+v", report)
			}
			server.Restart(t)
			s = reconnect(t, server.URL())
			requireStored(t, s, report.Stored)
			s.groups(t)
			through, batches = report.Stored, batches+report.Batches
		}
		p := s.publisher(t, func(cfg *publish.Config) { cfg.AtomicBatch, cfg.SkipThrough = size, through })
		report, err := p.Publish(t.Context(), publish.Events(numbered(n, aggregates)...))
		if err != nil || report.Stored != n || report.Skipped != uint64(through) {
			t.Fatalf("Publish: %+v, %v, want everything stored", report, err)
		}
		requireOrdered(t, s.stored(t), n, aggregates)
		if groups := s.groups(t); size > 0 && (batches+report.Batches < 3 || len(groups) > n/2) {
			t.Errorf("%d batches are stored in %d groups", batches+report.Batches, len(groups))
		}
	}
}

// requireStored fails where the events up to a line are not all stored.
func requireStored(t *testing.T, s *target, through int) {
	t.Helper()
	ids := make(map[string]bool)
	for _, r := range s.stored(t) {
		ids[r.Header.Get("Nats-Msg-Id")] = true
	}
	for i := range through {
		if !ids[fmt.Sprintf("id-%d", i)] {
			t.Fatalf("line %d is not stored, though the report says that everything up to %d is", i+1, through)
		}
	}
}

// TestKilledServerInBatches kills the server within a batch and starts it again while the run goes on.
func TestKilledServerInBatches(t *testing.T) {
	server := embeddedtest.StartProcess(t)
	s := connectAtomic(t, server.URL())
	const n, aggregates = 3000, 7
	killed := killAt(t, server, "event.>", 1234)
	p := s.publisher(t, func(cfg *publish.Config) {
		cfg.AtomicBatch, cfg.Attempts, cfg.AckTimeout = 500, 50, 500*time.Millisecond
	})
	var report publish.Report
	var err error
	var run sync.WaitGroup
	run.Go(func() { report, err = p.Publish(t.Context(), publish.Events(numbered(n, aggregates)...)) })
	<-killed
	server.Restart(t)
	run.Wait()
	if err != nil || report.Accepted+report.Duplicates != n || report.Retries == 0 {
		t.Fatalf("Publish: %+v, %v, want %d events and a retry", report, err, n)
	}
	requireOrdered(t, s.stored(t), n, aggregates)
	if got := s.groups(t); slices.Max(got) != 500 {
		t.Errorf("the groups hold %d records, want batches of 500", got)
	}
}

// TestResumeLines publishes JSON Lines with one that cannot be read, and goes on from the line that the report names when
// it is mended.
func TestResumeLines(t *testing.T) {
	const n, bad = 50, 30
	lines := make([]string, 0, 2*n)
	for i := range n {
		lines = append(lines, "", fmt.Sprintf(`{"event_type":"node_created","aggregate_type":"Graph","event_id":"e%d",`+
			`"aggregate_id":"g%d","payload":{}}`, i, i%3))
	}
	mended := strings.Join(lines, "\n")
	lines[bad] = "{"
	broken := strings.Join(lines, "\n")
	for _, size := range []int{0, 8} {
		s := connectAtomic(t, embeddedtest.Start(t).URL())
		report, err := s.publisher(t, inBatches(size)).Publish(t.Context(), publish.NewReader("in", strings.NewReader(broken), 0))
		failed, ok := errors.AsType[*publish.InputError](err)
		if !ok || failed.Stored != bad || report.Stored != bad {
			t.Fatalf("Publish: %+v, %v, want everything up to line %d stored", report, err, bad)
		}
		p := s.publisher(t, func(cfg *publish.Config) { cfg.AtomicBatch, cfg.SkipThrough = size, report.Stored })
		report, err = p.Publish(t.Context(), publish.NewReader("in", strings.NewReader(mended), 0))
		if err != nil || report.Skipped != bad/2 || report.Accepted != n-bad/2 || report.Duplicates != 0 || report.Stored != 2*n {
			t.Fatalf("Publish: %+v, %v, want %d skipped and the others stored", report, err, bad/2)
		}
		for i, r := range s.stored(t) {
			if size > 0 && r.Header.Get("Nats-Msg-Id") != fmt.Sprintf("e%d", i) {
				t.Errorf("%s holds %s, want e%d", r.Seq, r.Header.Get("Nats-Msg-Id"), i)
			}
		}
	}
}

// TestSkipEverything goes on with a source that is stored already, and with one that fails before that line.
func TestSkipEverything(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	for _, size := range []int{0, 10} {
		p := s.publisher(t, func(cfg *publish.Config) { cfg.AtomicBatch, cfg.SkipThrough = size, 40 })
		report, err := p.Publish(t.Context(), publish.Events(numbered(30, 3)...))
		if want := (publish.Report{Skipped: 30, Stored: 30}); err != nil || report != want {
			t.Errorf("Publish: %+v, %v, want %+v", report, err, want)
		}
		report, err = p.Publish(t.Context(), publish.NewReader("in", strings.NewReader("{\"subject\":\"a\",\"message\":1}\n{"), 0))
		if failed, ok := errors.AsType[*publish.InputError](err); !ok || failed.Stored != 1 || report.Skipped != 1 {
			t.Errorf("Publish: %+v, %v, want an InputError behind line 1", report, err)
		}
	}
	if got := len(s.stored(t)); got != 0 {
		t.Errorf("%d events are stored, want none", got)
	}
}
