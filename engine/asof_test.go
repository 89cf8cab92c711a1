package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
)

// gated is a log whose bounded reads, which are those of replays, can be held, failed and counted.
type gated struct {
	*memlog.Log
	reads atomic.Int64

	mu    sync.Mutex
	begun chan struct{} // told of each replay that waits for gate; nil = none waits
	ended chan struct{} // told of each that was given up while it waited
	gate  chan struct{}
	fail  error
}

func (g *gated) hold() (release func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.begun, g.ended, g.gate = make(chan struct{}, 100), make(chan struct{}, 100), make(chan struct{})
	return sync.OnceFunc(func() { close(g.gate) })
}

func (g *gated) failWith(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fail = err
}

func (g *gated) Read(ctx context.Context, from, to eventlog.Seq) (eventlog.Cursor, error) {
	if to == 0 {
		return g.Log.Read(ctx, from, to)
	}
	g.reads.Add(1)
	g.mu.Lock()
	begun, ended, gate, fail := g.begun, g.ended, g.gate, g.fail
	g.mu.Unlock()
	if fail != nil {
		return nil, fail
	}
	if gate != nil {
		begun <- struct{}{}
		select {
		case <-gate:
		case <-ctx.Done():
			ended <- struct{}{}
			return nil, ctx.Err()
		}
	}
	return g.Log.Read(ctx, from, to)
}

// asked is a running worker at the end of a gated log.
func asked(t *testing.T, n int) (*gated, engine.Config, *running) {
	t.Helper()
	log := &gated{Log: memlog.New(memlog.Config{})}
	fill(t, log.Log, n)
	c := config(t, log, newTally("tally"))
	w := start(t, c)
	w.waitFor(eventlog.Seq(n), "tally")
	return log, c, w
}

func scratch(t *testing.T, c engine.Config) int {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(c.Data, "scratch"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return len(entries)
}

func TestPastIsMadeOnceForAll(t *testing.T) {
	log, _, w := asked(t, 500)
	before := w.outcome("tally")
	release := log.hold()
	var askers sync.WaitGroup
	results := make(chan outcome, 20)
	for range 20 {
		askers.Go(func() {
			v, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Sequence: 250})
			if err != nil {
				t.Error(err)
				return
			}
			defer v.Close()
			results <- outcomeOf(t, v.View)
		})
	}
	<-log.begun
	fill(t, log.Log, 100) // what is live goes on beside it
	w.waitFor(600, "tally")
	release()
	askers.Wait()
	close(results)
	first := <-results
	for got := range results {
		if got != first {
			t.Errorf("got  %+v\nwant %+v", got, first)
		}
	}
	if n := log.reads.Load(); n != 1 || first == before {
		t.Errorf("20 askers made %d replays", n)
	}
	v, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Sequence: 250})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if !v.Cached || v.Cost.Replayed != 0 || v.At().Seq != 250 || log.reads.Load() != 1 {
		t.Errorf("asked again: cached %t, %+v, at %s", v.Cached, v.Cost, v.At().Seq)
	}
	if w.position("tally") != 600 {
		t.Errorf("the live models are at %s", w.position("tally"))
	}
}

func TestPastThatNobodyWaitsForIsNotMade(t *testing.T) {
	log, c, w := asked(t, 500)
	release := log.hold()
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	ask := func(ctx context.Context) {
		v, err := w.ViewAsOf(ctx, "tally", engine.AsOf{Sequence: 250})
		if err == nil {
			v.Close()
		}
		gone <- err
	}
	go ask(ctx)
	<-log.begun
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled question: %v", err)
	}
	<-log.ended // the replay has ended as well

	ctx, cancel = context.WithCancel(t.Context())
	go ask(ctx)
	<-log.begun
	go ask(t.Context()) // comes in time for that replay, or makes another one: it is answered
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled question: %v", err)
	}
	release()
	if err := <-gone; err != nil {
		t.Errorf("a question beside a cancelled one: %v", err)
	}
	w.stop()
	if n := scratch(t, c); n > 0 {
		t.Errorf("%d folders are left", n)
	}
}

func TestPastThatFailsIsTriedAgain(t *testing.T) {
	log, c, w := asked(t, 500)
	log.failWith(&eventlog.ErrBatchTooLarge{First: 1})
	for range 2 {
		if _, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Sequence: 250}); asType[*eventlog.ErrBatchTooLarge](err) == nil {
			t.Errorf("got %v", err)
		}
	}
	if n := scratch(t, c); n > 0 {
		t.Errorf("%d folders are left of what failed", n)
	}
	log.failWith(nil)
	v, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Sequence: 250})
	if err != nil {
		t.Fatalf("after a failure: %v", err)
	}
	if v.Cached || v.At().Seq != 250 {
		t.Errorf("cached %t, at %s", v.Cached, v.At().Seq)
	}
	v.Close()
}

func TestFewPastsAreKept(t *testing.T) {
	_, c, w := asked(t, 500)
	var open []*engine.PastView
	for i := range 12 {
		v, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Sequence: eventlog.Seq(100 + i)})
		if err != nil {
			t.Fatal(err)
		}
		if open = append(open, v); i >= 2 {
			v.Close()
		}
	}
	if n := scratch(t, c); n != 8 {
		t.Errorf("%d are kept, want 8", n)
	}
	for i, v := range open[:2] { // what is read is not given up
		if v.At().Seq != eventlog.Seq(100+i) || outcomeOf(t, v.View).counts.Seen() != uint64(100+i) {
			t.Errorf("a past that is read became another one, at %s", v.At().Seq)
		}
	}
	w.cancel()
	w.cancel = nil
	if err := <-w.ended; err != nil {
		t.Error(err)
	}
	closed := make(chan error)
	go func() { closed <- w.Close() }()
	outcomeOf(t, open[0].View) // Close waits for who reads
	open[0].Close()
	open[1].Close()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if n := scratch(t, c); n != 0 {
		t.Errorf("%d folders are left", n)
	}
}

func TestPastIsGivenUpWhenNobodyReadsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, w := asked(t, 300)
		v, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Sequence: 100})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(15 * time.Minute)
		if synctest.Wait(); scratch(t, c) != 1 {
			t.Error("what is being read was given up")
		}
		v.Close()
		time.Sleep(9 * time.Minute)
		if synctest.Wait(); scratch(t, c) != 1 {
			t.Error("it was given up before its time")
		}
		time.Sleep(2 * time.Minute)
		if synctest.Wait(); scratch(t, c) != 0 {
			t.Error("it is kept for ever")
		}
		w.stop()
	})
}

// As long as events may come that belong before a moment, the state as of it is not a settled one.
func TestMomentThatIsStillOpen(t *testing.T) {
	now := eventlog.Time(1000)
	log := memlog.New(memlog.Config{Created: 1, Clock: func() eventlog.Time { return now }})
	fill(t, log, 10)
	w := start(t, config(t, log, newTally("tally")))
	w.waitFor(10, "tally")
	seen := func(at eventlog.Time, want uint64, cached bool) {
		t.Helper()
		v, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Time: at})
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		if got := v.Counts().Seen(); got != want || v.Cached != cached {
			t.Errorf("as of %d there are %d events, cached %t, want %d, %t", at, got, v.Cached, want, cached)
		}
	}
	seen(2000, 10, false)
	seen(2000, 10, true)
	now = 1500
	fill(t, log, 5)
	seen(2000, 15, false)
	now = 2500
	fill(t, log, 5)
	seen(2000, 15, false)
	now = 1800 // the clock goes back: this one is behind one that was younger
	fill(t, log, 5)
	seen(2000, 15, false) // which of the two it is is not known from the last one alone
	seen(999, 0, false)
}

func TestPastOfNothing(t *testing.T) {
	log := memlog.New(memlog.Config{})
	w := start(t, config(t, log, newTally("tally")))
	for _, at := range []engine.AsOf{{Sequence: 1}, {Time: 1}} {
		_, err := w.ViewAsOf(t.Context(), "tally", at)
		refused(t, err, "refused", "no event")
	}
	if _, err := w.Restore(t.Context(), engine.RestoreWish{ToTime: 1}, nil); err == nil {
		t.Error("a restore of nothing ends well")
	}
	if _, err := w.History(t.Context(), "tally/a1", nil); err != nil {
		t.Errorf("history of nothing: %v", err)
	}
	_, err := w.ViewAsOf(t.Context(), "nobody", engine.AsOf{Sequence: 1})
	if !errors.Is(err, engine.ErrUnknownProjection) {
		t.Errorf("got %v", err)
	}
}
