package natslog_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/eventlogtest"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
)

// outagePatience is how long a test waits for a server to be back.
const outagePatience = 20 * time.Second

// reach waits until the log answers.
func reach(t *testing.T, l eventlog.Log) eventlog.Bounds {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), outagePatience)
	defer cancel()
	for {
		b, err := l.Bounds(ctx)
		if err == nil {
			return b
		}
		if !errors.Is(err, eventlog.ErrUnavailable) {
			t.Fatalf("Bounds during an outage: %v, want ErrUnavailable", err)
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("the log was not reached within %s: %v", outagePatience, err)
		}
	}
}

// lostError reads until the cursor ends, and returns why. What it delivers until then is given to got.
func lostError(t *testing.T, c eventlog.Cursor, got func(eventlog.Batch)) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), outagePatience)
	defer cancel()
	for {
		b, err := c.Next(ctx)
		if err != nil {
			return err
		}
		if got != nil {
			got(b)
		}
	}
}

// TestKilledServer reads while the server is killed twice, reopening at the last position each time.
func TestKilledServer(t *testing.T) {
	p := embeddedtest.StartProcess(t)
	s := newStreams(t, p.URL()).create(t, nil)
	const n = 30_000
	s.publish(t, n)
	want := s.stock(t, 1, n)
	l := s.open(t, func(cfg *natslog.Config) { cfg.Batch = 1000 })
	var got []eventlog.Record
	for kills := 0; len(got) < n; {
		reach(t, l)
		c, err := l.Read(t.Context(), eventlog.Seq(len(got)+1), 0)
		if err != nil {
			t.Fatalf("Read: %v", err)
		}
		for len(got) < n {
			b, err := c.Next(t.Context())
			if errors.Is(err, eventlog.ErrCursorLost) {
				break
			}
			if err != nil {
				t.Fatalf("Next: %v", err)
			}
			got = append(got, b.Records...)
			if kills < 2 && len(got) > (kills+1)*n/4 {
				kills++
				p.Kill()
				err := lostError(t, c, func(b eventlog.Batch) { got = append(got, b.Records...) })
				if !errors.Is(err, eventlog.ErrCursorLost) {
					t.Fatalf("Next after the server was killed: %v, want ErrCursorLost", err)
				}
				p.Restart(t)
				break
			}
		}
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	eventlogtest.RequireEqual(t, got, want)
}

func TestUnreachableServer(t *testing.T) {
	p := embeddedtest.StartProcess(t)
	s := newStreams(t, p.URL()).create(t, nil)
	s.publish(t, 3)
	l := s.open(t, nil)
	c, err := l.Read(t.Context(), 1, 0)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	defer c.Close()
	p.Kill()
	if err := lostError(t, c, nil); !errors.Is(err, eventlog.ErrCursorLost) {
		t.Errorf("Next: %v, want ErrCursorLost", err)
	}
	_, bounds := l.Bounds(t.Context())
	_, seek := l.Seek(t.Context(), 1)
	_, read := l.Read(t.Context(), 1, 0)
	_, open := natslog.Open(t.Context(), natslog.Config{URL: p.URL(), Stream: s.name})
	for what, err := range map[string]error{"Bounds": bounds, "Seek": seek, "Read": read, "Open": open} {
		if !errors.Is(err, eventlog.ErrUnavailable) {
			t.Errorf("%s without a server: %v, want ErrUnavailable", what, err)
		}
	}
}

// TestFrozenServer stops the server's process: the connection stays, and only the heartbeats are missing.
func TestFrozenServer(t *testing.T) {
	p := embeddedtest.StartProcess(t)
	s := newStreams(t, p.URL()).create(t, nil)
	records := s.fill(t, 5)
	l := s.open(t, func(cfg *natslog.Config) {
		cfg.Heartbeat, cfg.RequestTimeout = 100*time.Millisecond, 300*time.Millisecond
	})
	c, err := l.Read(t.Context(), 1, 0)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	defer c.Close()
	if _, err := c.Next(t.Context()); err != nil {
		t.Fatalf("Next: %v", err)
	}
	p.Pause(t)
	if err := lostError(t, c, nil); !errors.Is(err, eventlog.ErrCursorLost) {
		t.Errorf("Next of a frozen server's cursor: %v, want ErrCursorLost", err)
	}
	if _, err := l.Bounds(t.Context()); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("Bounds of a frozen server: %v, want ErrUnavailable", err)
	}
	p.Resume(t)
	reach(t, l)
	eventlogtest.RequireEqual(t, collect(t, l, 1, 5), records)
}

// TestTrap06LostTail puts an earlier copy of the store back, as a power cut does that takes the unsynced tail.
func TestTrap06LostTail(t *testing.T) {
	p := embeddedtest.StartProcess(t)
	s := newStreams(t, p.URL()).create(t, nil)
	s.publish(t, 90)
	p.Kill()
	saved := t.TempDir()
	store := filepath.Join(p.Dir(), "jetstream")
	if err := os.CopyFS(saved, os.DirFS(store)); err != nil {
		t.Fatal(err)
	}
	p.Restart(t)
	l := s.open(t, nil)
	reach(t, l)
	s.publish(t, 10)
	before := reach(t, l)
	p.Kill()
	if err := errors.Join(os.RemoveAll(store), os.CopyFS(store, os.DirFS(saved))); err != nil {
		t.Fatal(err)
	}
	p.Restart(t)
	after := reach(t, l)
	if before.Last != 100 || after.Last != 90 || before.Stream != after.Stream {
		t.Fatalf("bounds before %+v and after %+v, want the same stream at 100 and at 90", before, after)
	}
	if _, err := l.Read(t.Context(), 101, 0); !errors.Is(err, eventlog.ErrBeyond) {
		t.Errorf("Read behind the lost tail: %v, want ErrBeyond", err)
	}
	if _, err := l.Seek(t.Context(), 100); !errors.Is(err, eventlog.ErrNotFound) {
		t.Errorf("Seek in the lost tail: %v, want ErrNotFound", err)
	}
}

// TestDeletedStream deletes the stream for good under a cursor.
func TestDeletedStream(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	s.publish(t, 3)
	l := s.open(t, nil)
	c, err := l.Read(t.Context(), 1, 0)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	defer c.Close()
	if err := s.js.DeleteStream(t.Context(), s.name); err != nil {
		t.Fatal(err)
	}
	if err := lostError(t, c, nil); !errors.Is(err, eventlog.ErrCursorLost) {
		t.Errorf("Next: %v, want ErrCursorLost", err)
	}
	_, err = l.Bounds(t.Context())
	if missing, ok := errors.AsType[*natslog.StreamMissingError](err); !ok || missing.Stream != s.name {
		t.Errorf("Bounds of a deleted stream: %v, want *StreamMissingError", err)
	}
}

// TestTrap05PurgedAhead drops what the reader has not read yet, while it has no cursor.
func TestTrap05PurgedAhead(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, func(cfg *jetstream.StreamConfig) { cfg.MaxMsgs = 100 })
	s.publish(t, 100)
	l := s.open(t, nil)
	collect(t, l, 1, 50)
	s.publish(t, 60) // the limit drops 1 to 60
	if _, err := l.Read(t.Context(), 51, 0); !errors.Is(err, eventlog.ErrGone) {
		t.Errorf("Read from 51 of a stream that begins at 61: %v, want ErrGone", err)
	}
	if got := collect(t, l, 61, 0+160); len(got) != 100 {
		t.Errorf("got %d records, want 100", len(got))
	}
}

// TestReconnectedUnnoticed lets the connection come back before the reader asks again: what the old connection had
// delivered must not be handed out any more.
func TestReconnectedUnnoticed(t *testing.T) {
	p := embeddedtest.StartProcess(t)
	s := newStreams(t, p.URL()).create(t, nil)
	s.publish(t, 2000)
	l := s.open(t, func(cfg *natslog.Config) { cfg.URL, cfg.Conn = "", s.nc })
	c, err := l.Read(t.Context(), 1, 0)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	defer c.Close()
	s.waitDelivered(t, 2000)
	back := s.nc.StatusChanged(nats.CONNECTED)
	defer s.nc.RemoveStatusListener(back)
	p.Kill()
	p.Restart(t)
	select {
	case <-back:
	case <-time.After(outagePatience):
		t.Fatal("the connection did not come back")
	}
	if b, err := c.Next(t.Context()); !errors.Is(err, eventlog.ErrCursorLost) {
		t.Errorf("Next = %d records, %v, want ErrCursorLost at once", len(b.Records), err)
	}
}

// waitDelivered waits until the stream's one consumer has sent n messages, and this connection has received them.
func (s *stream) waitDelivered(t *testing.T, n uint64) {
	t.Helper()
	deadline := time.Now().Add(outagePatience)
	for name := s.consumers(t)[0]; ; {
		consumer, err := s.js.Consumer(t.Context(), s.name, name)
		if err != nil {
			t.Fatalf("consumer: %v", err)
		}
		if consumer.CachedInfo().Delivered.Consumer >= n {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server did not send %d messages within %s", n, outagePatience)
		}
	}
	if err := s.nc.Flush(); err != nil { // the answer comes behind the messages
		t.Fatal(err)
	}
}
