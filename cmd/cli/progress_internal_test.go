package cli

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// observed is a progress that begins at these positions, with the observer that tells it.
func observed(to io.Writer, at map[string]eventlog.Seq, end eventlog.Seq) (*progress, *engine.Observer) {
	p, o := &progress{}, &engine.Observer{}
	p.observe(o)
	p.begin(newScreen(to), at, end)
	return p, o
}

func TestProgressIsThatOfTheLast(t *testing.T) {
	p, o := observed(io.Discard, map[string]eventlog.Seq{"a": 100, "b": 0, "c": 0}, 1000)
	expect := func(n int64, ended bool) {
		t.Helper()
		got, of := p.done()
		select {
		case <-p.ended:
			if !ended {
				t.Error("it ended too early")
			}
		default:
			if ended {
				t.Error("it did not end")
			}
		}
		if got != n || of != 1000 {
			t.Errorf("done = %d of %d, want %d of 1000", got, of, n)
		}
	}
	expect(0, false)
	o.Committed(engine.Commit{Projections: []string{"a"}, To: 500})
	expect(0, false)
	o.Committed(engine.Commit{Projections: []string{"b"}, To: 300})
	o.StateChanged("c", engine.Paused, "a look")
	expect(300, false)
	o.Committed(engine.Commit{Projections: []string{"c"}, To: 10})
	expect(300, false)
	o.CaughtUp([]string{"a"}, 1200)
	expect(300, false)
	o.CaughtUp([]string{"b"}, 1000)
	expect(1000, true)
	o.Committed(engine.Commit{Projections: []string{"b"}, To: 1100})
	expect(1000, true)
}

func TestProgressInLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		p, o := observed(&text, map[string]eventlog.Seq{"a": 0}, 40_000)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			p.run(t.Context())
		}()
		after := func(d time.Duration) { <-time.After(d); synctest.Wait() }
		after(500 * time.Millisecond)
		o.Committed(engine.Commit{Projections: []string{"a"}, To: 10_000})
		after(3 * time.Second)
		o.Committed(engine.Commit{Projections: []string{"a"}, To: 20_000})
		after(time.Second)
		o.CaughtUp([]string{"a"}, 40_000)
		<-ended
		want := "catching up: 10,000 of 40,000 events (25 %), 10,000 a second\n" +
			"catching up: 20,000 of 40,000 events (50 %), 5,000 a second\n" +
			"caught up with 40,000 events in 4.5 s\n"
		if text.String() != want {
			t.Errorf("got  %q\nwant %q", text.String(), want)
		}
	})
}

func TestProgressThatIsShortIsNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		p, o := observed(&text, map[string]eventlog.Seq{"a": 0}, 40_000)
		go func() {
			<-time.After(900 * time.Millisecond)
			o.CaughtUp([]string{"a"}, 40_000)
		}()
		p.run(t.Context())
		if text.String() != "" {
			t.Errorf("got %q", text.String())
		}
	})
}

func TestProgressEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		p, _ := observed(&text, map[string]eventlog.Seq{"a": 0}, 40_000)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		p.run(ctx)
		if got := strings.Count(text.String(), "\n"); got != 1 {
			t.Errorf("got %q", text.String())
		}
	})
}

func TestMeterWithoutAnEnd(t *testing.T) {
	m := &meter{what: "publishing", unit: "byte", begun: time.Now().Add(-2 * time.Second)}
	if got := m.line(3000, 0); !strings.HasPrefix(got, "publishing: 3,000 bytes, 1,") {
		t.Errorf("got %q", got)
	}
}

func TestBarEndsWithWhatItShows(t *testing.T) {
	ended := make(chan struct{})
	var text strings.Builder
	screen := &screen{to: &text, terminal: true}
	n := int64(0)
	m := &meter{screen: screen, what: "publishing", unit: "byte", ended: ended, done: func() (int64, int64) {
		if n++; n == 3 {
			close(ended)
		}
		return n, 10
	}}
	m.bar(t.Context(), 10)
	if _, err := screen.Write([]byte("afterwards\n")); err != nil || !strings.HasSuffix(text.String(), "afterwards\n") {
		t.Errorf("got %q, %v", text.String(), err)
	}
}
