package natslog_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

// The numbers are those of the known contradictions in CIM's sources; testdata/TRAPS.md lists them all.

// count reads a bounded range, and fails where its end does not come.
func count(t *testing.T, l eventlog.Log, from, to eventlog.Seq) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), outagePatience)
	defer cancel()
	c, err := l.Read(ctx, from, to)
	if err != nil {
		t.Fatalf("Read(%s, %s): %v", from, to, err)
	}
	defer c.Close()
	n := 0
	for {
		b, err := c.Next(ctx)
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatalf("Read(%s, %s): Next after %d: %v", from, to, n, err)
		}
		n += len(b.Records)
	}
}

// TestTrap22BoundedReadingEnds where its end is the last sequence, is a hole, is not reached, or nothing is left at all.
func TestTrap22BoundedReadingEnds(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	s.publish(t, 10)
	l := s.open(t, nil)
	check := func(from, to eventlog.Seq, want int) {
		t.Helper()
		if got := count(t, l, from, to); got != want {
			t.Errorf("Read(%s, %s) gives %d records, want %d", from, to, got, want)
		}
	}
	check(1, 10, 10)
	check(1, 99, 10)
	s.delete(t, 5)
	check(1, 5, 4)
	check(5, 5, 0)
	s.delete(t, 10)
	check(1, 10, 8)
	check(10, 10, 0)
	s.dropBefore(t, 11)
	check(11, 11, 0)
}

// TestTrap28NothingWaitsForAcknowledgements reads from a stream that lets no consumer have more than two messages which
// are not acknowledged.
func TestTrap28NothingWaitsForAcknowledgements(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, func(cfg *jetstream.StreamConfig) {
		cfg.ConsumerLimits.MaxAckPending = 2
	})
	s.publish(t, 50)
	if got := count(t, s.open(t, nil), 1, 50); got != 50 {
		t.Errorf("%d records came, want 50", got)
	}
}
