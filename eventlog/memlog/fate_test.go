package memlog_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/eventlogtest"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
)

// fill appends n records.
func fill(t *testing.T, l *memlog.Log, n int) []eventlog.Record {
	t.Helper()
	var out []eventlog.Record
	for range n {
		r, err := l.Append(t.Context(), "event.graph.x", nil, []byte("{}"))
		if err != nil {
			t.Fatalf("Append: %v", err)
		}
		out = append(out, r)
	}
	return out
}

func read(t *testing.T, l *memlog.Log, from eventlog.Seq) eventlog.Cursor {
	t.Helper()
	c, err := l.Read(t.Context(), from, 0)
	if err != nil {
		t.Fatalf("Read from %s: %v", from, err)
	}
	return c
}

func bounds(t *testing.T, l *memlog.Log) eventlog.Bounds {
	t.Helper()
	b, err := l.Bounds(t.Context())
	if err != nil {
		t.Fatalf("Bounds: %v", err)
	}
	return b
}

func TestRollback(t *testing.T) {
	l := memlog.New(memlog.Config{})
	before := fill(t, l, 10)
	stream := bounds(t, l).Stream
	c := read(t, l, 1)
	l.Rollback(7)
	if _, err := c.Next(t.Context()); !errors.Is(err, eventlog.ErrCursorLost) {
		t.Errorf("Next after a rollback: %v, want ErrCursorLost", err)
	}
	if got := bounds(t, l); got.Last != 7 || got.Messages != 7 || got.Stream != stream || got.LastTime != before[6].Time {
		t.Errorf("bounds %+v, want the same stream with seven records", got)
	}
	if _, err := l.Read(t.Context(), 11, 0); !errors.Is(err, eventlog.ErrBeyond) {
		t.Errorf("Read behind the lost tail: %v, want ErrBeyond", err)
	}
	if r := fill(t, l, 1)[0]; r.Seq != 8 {
		t.Errorf("the next record got %s, want 8 again", r.Seq)
	}
	late := read(t, l, 1)
	l.Rollback(100) // nothing is above it
	if _, err := late.Next(t.Context()); err != nil {
		t.Errorf("Next after a rollback that took nothing: %v", err)
	}
}

func TestRecreateAlwaysChangesTheIdentity(t *testing.T) {
	l := memlog.New(memlog.Config{Name: "EVENTS", Created: 5})
	before := bounds(t, l).Stream
	l.Recreate(5)
	if after := bounds(t, l).Stream; after == before || after.Name != "EVENTS" {
		t.Errorf("the recreated log is %s, want another identity than %s", after, before)
	}
}

func TestUnavailable(t *testing.T) {
	l := memlog.New(memlog.Config{})
	fill(t, l, 3)
	c := read(t, l, 1)
	cause := errors.New("the cable")
	l.SetUnavailable(cause)
	_, appending := l.Append(t.Context(), "a", nil, nil)
	_, bounding := l.Bounds(t.Context())
	_, seeking := l.Seek(t.Context(), 1)
	_, reading := l.Read(t.Context(), 1, 0)
	for what, err := range map[string]error{"Append": appending, "Bounds": bounding, "Seek": seeking, "Read": reading} {
		if !errors.Is(err, eventlog.ErrUnavailable) || !errors.Is(err, cause) {
			t.Errorf("%s of a log out of reach: %v, want ErrUnavailable and its cause", what, err)
		}
	}
	l.SetUnavailable(nil)
	if _, err := c.Next(t.Context()); !errors.Is(err, eventlog.ErrCursorLost) || !errors.Is(err, cause) {
		t.Errorf("Next: %v, want ErrCursorLost and its cause", err)
	}
	if got := bounds(t, l); got.Last != 3 {
		t.Errorf("bounds %+v after the log is back, want three records", got)
	}
}

func TestStore(t *testing.T) {
	l := memlog.New(memlog.Config{First: 100})
	if got := bounds(t, l); got.First != 100 || got.Last != 99 {
		t.Fatalf("bounds %+v, want them before 100", got)
	}
	want := []eventlog.Record{{Seq: 105, Time: 9, Subject: "a"}, {Seq: 107, Time: 3, Subject: "b"}}
	for _, r := range want {
		if err := l.Store(r); err != nil {
			t.Fatalf("Store: %v", err)
		}
	}
	if err := l.Store(want[0]); err == nil {
		t.Error("Store of a sequence that does not rise: no error")
	}
	b, err := read(t, l, 105).Next(t.Context())
	if err != nil || b.Through != 107 {
		t.Fatalf("Next = through %s, %v", b.Through, err)
	}
	eventlogtest.RequireEqual(t, b.Records, want)
	l.DropBefore(200)
	if got := bounds(t, l); got.First != 200 || got.Last != 199 || got.Messages != 0 {
		t.Errorf("bounds %+v, want an empty log that goes on at 200", got)
	}
}

// TestInBubble waits on a log under fake time: the wait blocks durably, and an append ends it.
func TestInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memlog.New(memlog.Config{})
		c := read(t, l, 1)
		start := time.Now()
		got := make(chan eventlog.Batch, 1)
		go func() {
			b, err := c.Next(t.Context())
			if err != nil {
				t.Errorf("Next: %v", err)
			}
			got <- b
		}()
		synctest.Wait()
		time.AfterFunc(time.Hour, func() { fill(t, l, 1) })
		b := <-got
		if len(b.Records) != 1 || time.Since(start) != time.Hour || b.Records[0].Time.Std().Sub(start) != time.Hour {
			t.Errorf("got %d records after %s", len(b.Records), time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Next: %v, want the context's error", err)
		}
	})
}
