package natslog_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
)

func TestTrap21NoConsumersLeft(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	s.publish(t, 10)
	l := s.open(t, nil)
	var cursors []eventlog.Cursor
	for range 3 {
		c, err := l.Read(t.Context(), 1, 0)
		if err != nil {
			t.Fatalf("Read: %v", err)
		}
		cursors = append(cursors, c)
	}
	if got := s.consumers(t); len(got) != 3 {
		t.Errorf("consumers of three cursors: %q", got)
	}
	for _, c := range cursors {
		if err := errors.Join(c.Close(), c.Close()); err != nil {
			t.Errorf("Close twice: %v", err)
		}
	}
	collect(t, l, 1, 10)
	collect(t, l, 11, 20)
	if _, err := l.Read(t.Context(), 12, 0); !errors.Is(err, eventlog.ErrBeyond) {
		t.Errorf("Read: %v, want ErrBeyond", err)
	}
	if got := s.consumers(t); len(got) != 0 {
		t.Errorf("consumers after every Close: %q, want none", got)
	}
}

// TestTrap19ConsumerIsHarmless looks at what a cursor makes at the server.
func TestTrap19ConsumerIsHarmless(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	s.publish(t, 10)
	c, err := s.open(t, nil).Read(t.Context(), 4, 0)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	defer c.Close()
	consumer, err := s.handle(t).Consumer(t.Context(), s.consumers(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	cfg := consumer.CachedInfo().Config
	if cfg.AckPolicy != jetstream.AckNonePolicy || cfg.OptStartSeq != 4 || cfg.Durable != "" || cfg.FilterSubject != "" ||
		!cfg.MemoryStorage || cfg.Replicas != 1 || cfg.InactiveThreshold > 30e9 || cfg.InactiveThreshold == 0 {
		t.Errorf("consumer %+v, want an unfiltered one without acknowledgement, in memory, that ends by itself", cfg)
	}
}

func TestTrap21StaleConsumersAreRemoved(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	s.publish(t, 1)
	open := func(worker, incarnation string) {
		l := s.open(t, func(cfg *natslog.Config) { cfg.Worker, cfg.Incarnation = worker, incarnation })
		if _, err := l.Read(t.Context(), 1, 0); err != nil {
			t.Fatalf("Read: %v", err)
		}
	}
	open("w", "run1") // these two crash: nobody closes them
	open("w", "run1")
	open("w-b", "run1") // others, whose names only look alike
	open("w-run1", "x")
	for _, cfg := range []jetstream.ConsumerConfig{
		{Name: "w-run1-90001"},
		{Name: "w-run1-90002", Metadata: map[string]string{"projector.worker": "v", "projector.incarnation": "run1"}},
		{Name: "other-run1-1", Metadata: map[string]string{"projector.worker": "w", "projector.incarnation": "run1"}},
		{Durable: "w"},
	} {
		if _, err := s.js.CreateConsumer(t.Context(), s.name, cfg); err != nil {
			t.Fatal(err)
		}
	}
	before := s.consumers(t)
	open("w", "run2")
	after := s.consumers(t)
	var removed []string
	for _, name := range before {
		if !slices.Contains(after, name) {
			removed = append(removed, name)
		}
	}
	if len(before) != 8 || len(after) != 7 || len(removed) != 2 {
		t.Errorf("before %q, after %q, removed %q: want the two cursors of w's first run removed", before, after, removed)
	}
	open("w", "run2") // a second log of the same run leaves the first one's cursors alone
	if got := s.consumers(t); len(got) != 8 {
		t.Errorf("consumers %q after a second log of the same run, want eight", got)
	}
}

func TestNoGoroutinesLeft(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	s.publish(t, 100)
	cycle := func() {
		l, err := natslog.Open(t.Context(), natslog.Config{URL: s.url, Stream: s.name, Worker: "w"})
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		collect(t, l, 1, 100)
		c, err := l.Read(t.Context(), 1, 0)
		if err != nil {
			t.Fatalf("Read: %v", err)
		}
		s.deleteConsumers(t)
		if err := lostError(t, c, nil); !errors.Is(err, eventlog.ErrCursorLost) {
			t.Errorf("Next: %v, want ErrCursorLost", err)
		}
		if err := errors.Join(c.Close(), l.Close()); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	cycle() // what the server starts on first use stays
	before := goleak.IgnoreCurrent()
	cycle()
	goleak.VerifyNone(t, before)
}
