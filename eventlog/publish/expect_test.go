package publish_test

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

// expecting edits a configuration to batches of some size and an expected sequence.
func expecting(size int, last eventlog.Seq) func(*publish.Config) {
	return func(cfg *publish.Config) { cfg.AtomicBatch, cfg.ExpectLast = size, &last }
}

// TestExpectLast publishes what expects the stream to be where it is, from events by themselves and in batches.
func TestExpectLast(t *testing.T) {
	for _, size := range []int{0, 10, 1000} {
		s := connectAtomic(t, embeddedtest.Start(t).URL())
		list := numbered(60, 4)
		for last := range []int{0, 1, 2} {
			from := last * 20
			report, err := s.publisher(t, expecting(size, eventlog.Seq(from))).Publish(t.Context(), publish.Events(list[from:from+20]...))
			if err != nil || report.Accepted != 20 || report.Last != eventlog.Seq(from+20) {
				t.Fatalf("Publish in batches of %d, expecting %d: %+v, %v", size, from, report, err)
			}
		}
		got := s.stored(t)
		requireOrdered(t, got, 60, 4)
		if got[0].Header.Get("Nats-Expected-Last-Sequence") != "0" || got[1].Header.Get("Nats-Expected-Last-Sequence") != "" {
			t.Error("another than the first event had the expectation")
		}
	}
}

// TestExpectLastConflict publishes what expects the stream to be elsewhere: nothing is stored.
func TestExpectLastConflict(t *testing.T) {
	for _, size := range []int{0, 10} {
		s := connectAtomic(t, embeddedtest.Start(t).URL())
		if _, err := s.publisher(t, nil).Publish(t.Context(), publish.Events(numbered(7, 2)...)); err != nil {
			t.Fatal(err)
		}
		list := numbered(30, 2)
		for i := range list {
			list[i].ID += "-other"
		}
		for _, last := range []eventlog.Seq{0, 6, 8} {
			report, err := s.publisher(t, expecting(size, last)).Publish(t.Context(), publish.Events(list...))
			conflict, ok := errors.AsType[*publish.ConflictError](err)
			if !ok || conflict.Actual != 7 || conflict.Expected != last || conflict.Stream != "EVENTS" {
				t.Errorf("expecting %d: %v, want a conflict with 7", last, err)
			}
			if failed, ok := errors.AsType[*publish.Error](err); !ok || failed.Line != 1 || report != (publish.Report{}) {
				t.Errorf("expecting %d: %v, report %+v, want line 1 refused and nothing stored", last, err, report)
			}
		}
		if got := len(s.stored(t)); got != 7 {
			t.Errorf("the stream holds %d events, want 7", got)
		}
	}
}

// TestExpectLastAgain publishes the same twice with the same expectation: the server refuses the second for its sequence,
// and it is recognised as what moved the stream on, also after others have published.
func TestExpectLastAgain(t *testing.T) {
	for _, size := range []int{0, 10} {
		s := connectAtomic(t, embeddedtest.Start(t).URL())
		list := numbered(30, 2)
		if _, err := s.publisher(t, expecting(size, 0)).Publish(t.Context(), publish.Events(list...)); err != nil {
			t.Fatal(err)
		}
		report, err := s.publisher(t, expecting(size, 0)).Publish(t.Context(), publish.Events(list...))
		if err != nil || report.Accepted != 0 || report.Duplicates != 30 || report.Stored != 30 {
			t.Errorf("in batches of %d: %+v, %v, want 30 duplicates", size, report, err)
		}
		if got := len(s.stored(t)); got != 30 {
			t.Errorf("the stream holds %d events, want 30", got)
		}
	}
}

// TestExpectLastOfItsSubject publishes an event that was stored without an expectation, as the last of its subject.
func TestExpectLastOfItsSubject(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	list := numbered(5, 5)
	if _, err := s.publisher(t, nil).Publish(t.Context(), publish.Events(list...)); err != nil {
		t.Fatal(err)
	}
	report, err := s.publisher(t, expecting(0, 0)).Publish(t.Context(), publish.Events(list[3]))
	if want := (publish.Report{Duplicates: 1, Stored: 4, Stream: "EVENTS", Last: 4}); err != nil || report != want {
		t.Errorf("Publish: %+v, %v, want %+v", report, err, want)
	}
}

// TestExpectLastAfterWindow publishes the same again when the server has forgotten its ids: the events behind the first
// would be stored twice, so it is a conflict.
func TestExpectLastAfterWindow(t *testing.T) {
	for _, size := range []int{0, 10} {
		const window = 100 * time.Millisecond
		cfg := jetstream.StreamConfig{AllowAtomicPublish: true, Duplicates: window}
		s := connectWith(t, embeddedtest.Start(t).URL(), cfg)
		list := numbered(10, 2)
		if _, err := s.publisher(t, expecting(size, 0)).Publish(t.Context(), publish.Events(list...)); err != nil {
			t.Fatal(err)
		}
		waitForgotten(t, s, window)
		_, err := s.publisher(t, expecting(size, 0)).Publish(t.Context(), publish.Events(list...))
		if conflict, ok := errors.AsType[*publish.ConflictError](err); !ok || conflict.Actual != 10 {
			t.Errorf("Publish: %v, want a conflict with 10", err)
		}
		if got := len(s.stored(t)); got != 10 {
			t.Errorf("the stream holds %d events, want 10", got)
		}
	}
}

// waitForgotten waits until the server's clock is past the window of the stream's last message.
func waitForgotten(t *testing.T, s *target, window time.Duration) {
	t.Helper()
	stream, err := s.js.Stream(t.Context(), "EVENTS")
	if err != nil {
		t.Fatal(err)
	}
	for {
		info, err := stream.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.TimeStamp.Sub(info.State.LastTime) > 3*window {
			return
		}
	}
}
