package engine_test

import (
	"strconv"
	"testing"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
)

// member appends one message of an atomic batch.
func member(t *testing.T, log *memlog.Log, batch string, n int, last bool) eventlog.Seq {
	t.Helper()
	h := eventlog.Header{"Nats-Batch-Id": {batch}, "Nats-Batch-Sequence": {strconv.Itoa(n)}}
	if last {
		h["Nats-Batch-Commit"] = []string{"1"}
	}
	r, err := log.Append(t.Context(), "event.test.thing", h, event(n, "plain", batch))
	if err != nil {
		t.Fatal(err)
	}
	return r.Seq
}

func TestAtomicBatchIsCommittedWhole(t *testing.T) {
	log := memlog.New(memlog.Config{Batch: 3})
	fill(t, log, 10)
	for i := range 600 {
		member(t, log, "one", i+1, i == 599)
	}
	fill(t, log, 10)
	var commits []eventlog.Seq
	c := config(t, log, newTally("tally"))
	c.Observer.Committed = func(c engine.Commit) { commits = append(commits, c.To) }
	w := start(t, c)
	w.waitFor(620, "tally")
	w.stop()
	for _, at := range commits {
		if at > 10 && at < 610 {
			t.Errorf("a commit at %s lies inside of the batch from 11 to 610", at)
		}
	}
}

func TestOpenBatchIsHeldBack(t *testing.T) {
	log := memlog.New(memlog.Config{})
	fill(t, log, 10)
	for i := range 5 {
		member(t, log, "open", i+1, false)
	}
	w := start(t, config(t, log, newTally("tally")))
	w.waitFor(10, "tally")
	var p engine.ProjectionStatus
	for p = w.state("tally", engine.Live); p.Reason == nil; p = w.state("tally", engine.Live) {
	}
	if p.AppliedSequence != 10 || *p.LagEvents != 5 || !containsText(*p.Reason, "open batch") {
		t.Errorf("with an open batch: %+v, reason %s", p, deref(p.Reason))
	}
	last := member(t, log, "open", 6, true)
	w.waitFor(last, "tally")
}

func TestBrokenBatchIsAppliedAsPlainEvents(t *testing.T) {
	log := memlog.New(memlog.Config{})
	member(t, log, "broken", 1, false)
	member(t, log, "broken", 2, false)
	fill(t, log, 10)
	w := start(t, config(t, log, newTally("tally")))
	w.waitFor(12, "tally")
	if got := countsOf(t, w, "tally"); got.Seen() != 12 {
		t.Errorf("%d events were seen, want 12", got.Seen())
	}
}
