package engine_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// running is a worker in the background of a test.
type running struct {
	*engine.Worker
	t      *testing.T
	cancel context.CancelFunc
	ended  chan error

	changes chan struct{} // gets a token after changes of state and commits
}

func start(t *testing.T, c engine.Config) *running {
	t.Helper()
	changes := make(chan struct{}, 1)
	watch(&c.Observer, changes)
	w, err := engine.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{Worker: w, t: t, cancel: cancel, ended: make(chan error, 1), changes: changes}
	go func() { r.ended <- w.Run(ctx) }()
	t.Cleanup(r.stop)
	return r
}

// watch puts a token into changes whenever something is told to the observer.
func watch(o *engine.Observer, changes chan<- struct{}) {
	token := func() {
		select {
		case changes <- struct{}{}:
		default:
		}
	}
	committed, state := o.Committed, o.StateChanged
	o.Committed = func(c engine.Commit) {
		if committed != nil {
			committed(c)
		}
		token()
	}
	o.StateChanged = func(name string, s engine.State, reason string) {
		if state != nil {
			state(name, s, reason)
		}
		token()
	}
}

func containsText(text, part string) bool { return strings.Contains(text, part) }

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// stop ends the worker as a signal does, checks everything that it has stored, and lets the data directory go. It is
// idempotent.
func (r *running) stop() {
	r.t.Helper()
	if r.cancel == nil {
		return
	}
	r.cancel()
	r.cancel = nil
	if err := <-r.ended; err != nil {
		r.t.Errorf("Run: %v", err)
	}
	v, err := r.Verify(context.Background())
	if err != nil {
		r.t.Errorf("verify: %v", err)
	}
	for _, d := range v.Projections {
		for _, p := range d.Problems {
			r.t.Errorf("%s at %d: %s", d.Name, d.Sequence, p)
		}
	}
	if err := r.Close(); err != nil {
		r.t.Errorf("Close: %v", err)
	}
}

func (r *running) digests() map[string]engine.Digest {
	r.t.Helper()
	v, err := r.Verify(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	out := map[string]engine.Digest{}
	for _, d := range v.Projections {
		out[d.Name] = d
	}
	return out
}

func (r *running) waitFor(seq eventlog.Seq, names ...string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 20*time.Second)
	defer cancel()
	for _, name := range names {
		if err := r.WaitFor(ctx, name, seq); err != nil {
			r.t.Fatal(err)
		}
	}
}

// kinds are the events of a history: most are plain.
var kinds = []string{"plain", "plain", "plain", "odd", "bad", "new_kind", "forget", "crash"}

func fill(t *testing.T, log *memlog.Log, n int) {
	t.Helper()
	b, err := log.Bounds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		at := int(b.Last) + i
		subject, body := "event.test.thing", event(at, kinds[at*7%len(kinds)], fmt.Sprintf("a%d", at*31%97))
		switch at % 53 {
		case 11:
			subject = "event.other.thing"
		case 23:
			body = []byte("not json")
		}
		if _, err := log.Append(t.Context(), subject, nil, body); err != nil {
			t.Fatal(err)
		}
	}
}

func config(t *testing.T, log eventlog.Log, projections ...projection.Projection) engine.Config {
	return engine.Config{Data: t.TempDir(), Log: log, Projections: projections}
}

func TestTrap17EverythingIsAppliedOnceOverRestarts(t *testing.T) {
	log := memlog.New(memlog.Config{})
	fill(t, log, 5000)
	whole := start(t, config(t, log, newTally("tally")))
	whole.waitFor(5000, "tally")
	want := whole.digests()["tally"]
	if want.Rows == 0 || want.Sequence != 5000 {
		t.Fatalf("got %+v", want)
	}

	c := config(t, log, newTally("tally"))
	for _, at := range []eventlog.Seq{1, 700, 2600, 5000} {
		part := start(t, c)
		part.waitFor(at, "tally")
		got := part.digests()["tally"]
		part.stop()
		if at == 5000 && (got.Digest != want.Digest || got.RecordsDigest != want.RecordsDigest) {
			t.Errorf("after restarts\ngot  %+v\nwant %+v", got, want)
		}
	}
}

func TestProjectionAddedLaterCatchesUpAndJoins(t *testing.T) {
	log := memlog.New(memlog.Config{})
	fill(t, log, 3000)
	c := config(t, log, newTally("first"))
	one := start(t, c)
	one.waitFor(3000, "first")
	one.stop()

	merged := make(chan []string, 1)
	c.Projections = append(c.Projections, newTally("second"))
	c.Observer.Merged = func(names []string, _ eventlog.Seq) { merged <- names }
	two := start(t, c)
	two.waitFor(3000, "first", "second")
	select {
	case <-merged:
	case <-time.After(20 * time.Second):
		t.Fatal("the projection that was behind did not join")
	}
	fill(t, log, 500)
	two.waitFor(3500, "first", "second")
	got := two.digests()
	if got["first"].Digest != got["second"].Digest {
		t.Errorf("first and second fold the same events\ngot  %+v\nwant %+v", got["second"], got["first"])
	}
}

func TestPauseOutlivesARestart(t *testing.T) {
	log := memlog.New(memlog.Config{})
	fill(t, log, 1000)
	c := config(t, log, newTally("a"), newTally("b"))
	one := start(t, c)
	one.waitFor(1000, "a", "b")
	if err := one.Pause(t.Context(), "maintenance", "b"); err != nil {
		t.Fatal(err)
	}
	fill(t, log, 1000)
	one.waitFor(2000, "a")
	one.stop()

	two := start(t, c)
	fill(t, log, 1000)
	two.waitFor(3000, "a")
	s, err := two.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if b := s.Projections[1]; b.State != engine.Paused || b.AppliedSequence != 1000 || *b.LagEvents != 2000 {
		t.Errorf("paused projection: %+v", b)
	}
	if err := two.Resume(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	two.waitFor(3000, "b")
	got := two.digests()
	if got["a"].Digest != got["b"].Digest {
		t.Errorf("after resume\ngot  %+v\nwant %+v", got["b"], got["a"])
	}
}

func TestProjectionsOfDifferentRecordsStayApart(t *testing.T) {
	log := memlog.New(memlog.Config{})
	fill(t, log, 1000)
	c := config(t, log, newTally("first"))
	one := start(t, c)
	one.waitFor(1000, "first")
	one.stop()
	if err := log.Delete(500); err != nil {
		t.Fatal(err)
	}
	c.Projections = append(c.Projections, newTally("second"))
	c.Observer.Merged = func(names []string, at eventlog.Seq) { t.Errorf("%v joined at %s", names, at) }
	two := start(t, c)
	two.waitFor(1000, "first", "second")
	for i := range 5 {
		fill(t, log, 100)
		two.waitFor(eventlog.Seq(1100+100*i), "first", "second")
	}
	if a, b := countsOf(t, two, "first"), countsOf(t, two, "second"); a.Seen() != 1500 || b.Seen() != 1499 {
		t.Errorf("first has seen %d and second %d records, want 1500 and 1499", a.Seen(), b.Seen())
	}
}

// A projection that fails stops before the event, and does not stop the others.
func TestFailedProjectionIsSetApart(t *testing.T) {
	log := memlog.New(memlog.Config{})
	for i := range 100 {
		kind := "plain"
		if i == 49 {
			kind = "crash"
		}
		if _, err := log.Append(t.Context(), "event.test.thing", nil, event(i, kind, "a")); err != nil {
			t.Fatal(err)
		}
	}
	weak := newTally("weak")
	weak.crash = true
	c := config(t, log, newTally("good"), weak)
	one := start(t, c)
	one.waitFor(100, "good")
	p := one.state("weak", engine.Failed)
	if p.AppliedSequence >= 50 || !containsText(deref(p.Reason), "event 50") {
		t.Errorf("failed at %d: %s", p.AppliedSequence, deref(p.Reason))
	}
	one.stop()

	weak.crash = false // the fault is mended in the next build
	two := start(t, c)
	two.waitFor(100, "good", "weak")
	got := two.digests()
	if got["good"].Digest != got["weak"].Digest {
		t.Errorf("after the fault was mended\ngot  %+v\nwant %+v", got["weak"], got["good"])
	}
}

func TestTrap31SecondWriterIsRefused(t *testing.T) {
	log := memlog.New(memlog.Config{})
	c := config(t, log, newTally("a"))
	c.Name = "holder"
	start(t, c)
	_, err := engine.Open(c)
	if locked := asType[*projection.LockedError](err); locked == nil || locked.Holder.Worker != "holder" || locked.Holder.PID != os.Getpid() {
		t.Errorf("got %v", err)
	}
}
