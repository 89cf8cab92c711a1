package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// A worker whose changes are folded after every commit comes to the state of one that never folds, over restarts, and keeps few
// files.
func TestFoldingBesideCommitsChangesNothing(t *testing.T) {
	log := memlog.New(memlog.Config{Batch: 100})
	fill(t, log, 6000)
	whole := start(t, config(t, log, newTally("tally")))
	whole.waitFor(6000, "tally")
	want := whole.digests()["tally"]

	folds := make(chan projection.Folded, 1000)
	c := config(t, log, newTally("tally"))
	c.CommitRecords, c.DeltaBytes = 100, 1
	c.Observer.Folded = func(f projection.Folded) { folds <- f }
	for _, at := range []eventlog.Seq{500, 2500, 6000} {
		w := start(t, c)
		w.waitFor(at, "tally")
		if at == 6000 {
			w.state("tally", engine.Live)
		}
		w.stop()
	}
	if len(folds) < 10 {
		t.Errorf("%d folds, want many", len(folds))
	}
	last := start(t, c)
	if got := last.digests()["tally"]; got.Digest != want.Digest || got.RecordsDigest != want.RecordsDigest {
		t.Errorf("after %d folds\ngot  %+v\nwant %+v", len(folds), got, want)
	}
	last.stop()
	deltas, err := os.ReadDir(filepath.Join(c.Data, "deltas"))
	if err != nil || len(deltas) > 3 {
		t.Errorf("%d deltas are left (%v)", len(deltas), err)
	}
}
