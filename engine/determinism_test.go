package engine_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// drawHistory makes a log with a random history: events of all kinds over few aggregates, poison, atomic batches whole and
// broken, and holes.
func drawHistory(rt *rapid.T, t *testing.T) *memlog.Log {
	log := memlog.New(memlog.Config{Batch: rapid.IntRange(1, 200).Draw(rt, "cursor batch"), Created: 7})
	n := rapid.IntRange(1, 600).Draw(rt, "records")
	for i := 0; i < n; i++ {
		kind := rapid.SampledFrom(kinds).Draw(rt, "kind")
		body := event(i, kind, fmt.Sprintf("a%d", rapid.IntRange(0, 5).Draw(rt, "aggregate")))
		switch rapid.IntRange(0, 19).Draw(rt, "shape") {
		case 0:
			body = body[:len(body)/2]
		case 1:
			size := rapid.IntRange(1, 40).Draw(rt, "batch size")
			whole := rapid.Bool().Draw(rt, "whole")
			for k := range size {
				member(t, log, fmt.Sprintf("b%d", i), k+1, whole && k == size-1)
			}
			i += size
		}
		if _, err := log.Append(t.Context(), "event.test.thing", nil, body); err != nil {
			rt.Fatal(err)
		}
	}
	return log
}

// outcome is everything that must not depend on how a history was read.
type outcome struct {
	digest, records string
	rows            uint64
	chain           eventlog.Chain
	counts          projection.Counts
}

// play projects a log in stretches: it stops at each of the positions and starts again, with so many decoders and records a commit,
// losing the cursor when it is told to.
func play(t *testing.T, rt *rapid.T, log *memlog.Log, decoders, commit int, stops []eventlog.Seq, interrupt bool) outcome {
	dir, err := os.MkdirTemp(t.TempDir(), "data")
	if err != nil {
		rt.Fatal(err)
	}
	c := engine.Config{Data: dir, Log: log, Decoders: decoders, CommitRecords: commit, Projections: []projection.Projection{newTally("tally")}}
	if interrupt {
		c.Observer.Committed = func(engine.Commit) { log.Interrupt(errors.New("interrupted")) }
	}
	b, err := log.Bounds(t.Context())
	if err != nil {
		rt.Fatal(err)
	}
	for _, at := range append(stops, b.Last) {
		w := start(t, c)
		w.waitFor(at, "tally")
		if at < b.Last {
			w.stop()
			continue
		}
		defer w.stop()
		v, err := w.View("tally")
		if err != nil {
			rt.Fatal(err)
		}
		defer v.Close()
		d, err := v.Digest()
		if err != nil {
			rt.Fatal(err)
		}
		return outcome{d.State.String(), d.Records.String(), d.Rows, v.At().Chain, v.Counts()}
	}
	return outcome{}
}

// A third law that does not hold is found here: state is a function of the events, and of nothing else.
func TestStateDependsOnTheHistoryAlone(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		log := drawHistory(rt, t)
		want := play(t, rt, log, 1, 0, nil, false)
		b, err := log.Bounds(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		var stops []eventlog.Seq
		for range rapid.IntRange(0, 3).Draw(rt, "stops") {
			stops = append(stops, eventlog.Seq(rapid.Uint64Range(1, uint64(b.Last)).Draw(rt, "stop")))
		}
		decoders, commit := rapid.IntRange(1, 4).Draw(rt, "decoders"), rapid.IntRange(1, 60).Draw(rt, "records a commit")
		got := play(t, rt, log, decoders, commit, stops, rapid.Bool().Draw(rt, "interrupted"))
		if got != want {
			rt.Fatalf("another way through one history gave another state\ngot  %+v\nwant %+v", got, want)
		}
	})
}
