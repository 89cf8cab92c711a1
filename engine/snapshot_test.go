package engine_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

func (r *running) snapshots() (names []string) {
	r.t.Helper()
	all, err := r.Snapshots()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, m := range all {
		names = append(names, m.Name)
	}
	return names
}

func TestSnapshotsThatAreRefused(t *testing.T) {
	log := memlog.New(memlog.Config{})
	w := start(t, config(t, log, newTally("tally"), newTally("other")))
	_, err := w.Snapshot(t.Context(), engine.SnapshotWish{Name: "early"})
	refused(t, err, projection.Refused, "no event")
	fill(t, log, 100)
	w.waitFor(100, "tally", "other")
	w.snapshot("used")
	for name, test := range map[string]struct {
		wish engine.SnapshotWish
		want error // nil = bad request
	}{
		"no name":        {engine.SnapshotWish{}, snapshotstore.ErrBadName},
		"a path":         {engine.SnapshotWish{Name: "../x"}, snapshotstore.ErrBadName},
		"a subject":      {engine.SnapshotWish{Name: "a.b"}, snapshotstore.ErrBadName},
		"a long name":    {engine.SnapshotWish{Name: strings.Repeat("a", 129)}, snapshotstore.ErrBadName},
		"a used name":    {engine.SnapshotWish{Name: "used"}, snapshotstore.ErrNameUsed},
		"unknown":        {engine.SnapshotWish{Name: "a", Only: []string{"nobody"}}, engine.ErrUnknownProjection},
		"no term":        {engine.SnapshotWish{Name: "a", Keep: "long"}, nil},
		"a long text":    {engine.SnapshotWish{Name: "a", Description: strings.Repeat("x", 4097)}, nil},
		"a text of bits": {engine.SnapshotWish{Name: "a", Description: "\xff"}, nil}, // a manifest cannot spell it
	} {
		_, err := w.Snapshot(t.Context(), test.wish)
		if test.want == nil {
			refused(t, err, projection.BadRequest)
		} else if !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.snapshots(); !slices.Equal(got, []string{"used"}) {
		t.Errorf("there are %v", got)
	}
}

// A snapshot is one position of all projections, or of those that were named.
func TestSnapshotWhileAProjectionStandsStill(t *testing.T) {
	log := memlog.New(memlog.Config{})
	w := start(t, config(t, log, newTally("tally"), newTally("other")))
	fill(t, log, 100)
	w.waitFor(100, "tally", "other")
	if err := w.Pause(t.Context(), "test", "other"); err != nil {
		t.Fatal(err)
	}
	_, err := w.Snapshot(t.Context(), engine.SnapshotWish{Name: "all"})
	refused(t, err, projection.Refused, "other is paused at", "100", "--only")
	fill(t, log, 100)
	w.waitFor(200, "tally")
	for name, at := range map[string]uint64{"tally": 200, "other": 100} {
		m, err := w.Snapshot(t.Context(), engine.SnapshotWish{Name: name, Only: []string{name}})
		if err != nil {
			t.Fatal(err)
		}
		if m.StreamSequence != at || len(m.Projections) != 1 || m.Projections[0].Digest != w.digests()[name].Digest {
			t.Errorf("snapshot of %s alone: %+v", name, m)
		}
	}
	_, err = w.Snapshot(t.Context(), engine.SnapshotWish{Name: "both", Only: []string{"tally", "other"}})
	refused(t, err, projection.Refused, "apart")
}

// A snapshot that nobody waits for any more is made all the same, also by the next process, and its name is not free meanwhile.
func TestUnfinishedSnapshot(t *testing.T) {
	log, c, _ := projected(t, 300)
	w, err := engine.Open(c) // nothing folds before it runs
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Snapshot(ctx, engine.SnapshotWish{Name: "s", Description: "kept"}); !errors.Is(err, engine.ErrUnfinished) {
		t.Errorf("a snapshot that nothing folds: %v", err)
	}
	if _, err := w.Snapshot(t.Context(), engine.SnapshotWish{Name: "s"}); !errors.Is(err, snapshotstore.ErrNameUsed) {
		t.Errorf("a name that is being made: %v", err)
	}
	if making := w.Making(); len(making) != 1 || making[0].Name != "s" || making[0].StreamSequence != 300 {
		t.Errorf("being made: %+v", making)
	}
	if err := w.Cut(t.Context(), engine.SnapshotWish{Name: "unwanted"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RemoveSnapshots("unwanted", "unwanted"); err != nil {
		t.Errorf("remove one that is being made: %v", err)
	}
	if _, err := w.Await(t.Context(), "unwanted"); !errors.Is(err, snapshotstore.ErrNoName) {
		t.Errorf("wait for one that was removed: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	fill(t, log, 50)
	again := start(t, c)
	m, err := again.Await(t.Context(), "s")
	if err != nil || m.StreamSequence != 300 || m.Description != "kept" {
		t.Errorf("after a restart: %+v, %v", m, err)
	}
	if err := again.ProveSnapshot(t.Context(), "s"); err != nil {
		t.Error(err)
	}
	again.stop()
	if _, err := again.Snapshot(t.Context(), engine.SnapshotWish{Name: "late"}); err == nil {
		t.Error("a worker that has stopped makes snapshots")
	}
}

func TestTermsAndHoldsAndPrune(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := memlog.New(memlog.Config{})
		w := start(t, config(t, log, newTally("tally")))
		fill(t, log, 100)
		w.waitFor(100, "tally")
		for _, wish := range []engine.SnapshotWish{
			{Name: "hour", Keep: "1h"}, {Name: "day", Keep: "1d"}, {Name: "held", Keep: "1h", Hold: true}, {Name: "ever"},
		} {
			if _, err := w.Snapshot(t.Context(), wish); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.RemoveSnapshots("ever", "held"); !errors.Is(err, projection.ErrHeld) {
			t.Errorf("a held one is removed: %v", err)
		}
		if _, err := w.RemoveSnapshots("ever", "nobody"); !errors.Is(err, snapshotstore.ErrNoName) {
			t.Errorf("one that does not exist is removed: %v", err)
		}
		time.Sleep(59 * time.Minute)
		if synctest.Wait(); len(w.snapshots()) != 4 {
			t.Errorf("before any term there are %v", w.snapshots())
		}
		time.Sleep(3 * time.Minute) // no schedule is needed for a term to pass
		if synctest.Wait(); !slices.Equal(w.snapshots(), []string{"day", "ever", "held"}) {
			t.Errorf("after an hour there are %v", w.snapshots())
		}
		time.Sleep(24*time.Hour - 62*time.Minute - time.Second)
		dry, err := w.Prune(true)
		if err != nil || len(dry) != 0 {
			t.Errorf("a dry prune before the term says %v, %v", dry, err)
		}
		w.stop()
	})
}

// Snapshots are made when so many events came, or so much time passed, since the last one, and where nothing new came none is made.
func TestSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := memlog.New(memlog.Config{})
		c := config(t, log, newTally("tally"))
		c.Schedule = engine.Schedule{Interval: time.Hour, Events: 1000}
		c.Retention = engine.Retention{Last: 3}
		w := start(t, c)
		at := func() (out []uint64) {
			t.Helper()
			synctest.Wait()
			all, err := w.Snapshots()
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range all {
				if !m.Generated {
					t.Errorf("%s is not said to be generated", m.Name)
				}
				out = append(out, m.StreamSequence)
			}
			return out
		}
		is := func(want ...uint64) {
			t.Helper()
			if got := at(); !slices.Equal(got, want) {
				t.Errorf("snapshots at %v, want %v", got, want)
			}
		}
		time.Sleep(3 * time.Hour)
		is() // nothing came
		fill(t, log, 10)
		w.waitFor(10, "tally")
		time.Sleep(2 * time.Second)
		is(10) // an hour has long passed
		time.Sleep(3 * time.Hour)
		is(10)
		fill(t, log, 10)
		w.waitFor(20, "tally")
		time.Sleep(2 * time.Second)
		is(10, 20)
		fill(t, log, 999)
		w.waitFor(1019, "tally")
		time.Sleep(2 * time.Second)
		is(10, 20)
		fill(t, log, 1)
		w.waitFor(1020, "tally")
		time.Sleep(2 * time.Second)
		is(10, 20, 1020)
		w.stop()
		w = start(t, c) // it knows what it made
		time.Sleep(time.Minute)
		is(10, 20, 1020)
		fill(t, log, 1000)
		w.waitFor(2020, "tally")
		time.Sleep(3 * time.Second)
		is(20, 1020, 2020) // and keeps the last three

		w.restored(engine.RestoreWish{ToSequence: 500})
		time.Sleep(2 * time.Hour)
		is(20, 1020, 2020) // models that stand still are not named again and again
		w.restored(engine.RestoreWish{ToSequence: 1100})
		log.Rollback(1100) // what comes now is another history, at sequences that had snapshots
		w.resume()
		fill(t, log, 500)
		w.waitFor(1600, "tally")
		time.Sleep(3 * time.Second)
		if got := at(); !slices.ContainsFunc(got, func(seq uint64) bool { return seq > 1100 && seq <= 1600 }) {
			t.Errorf("snapshots at %v, want one of what came after the models were put back", got)
		}
		w.stop()
	})
}

func TestUndoHasATerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := memlog.New(memlog.Config{})
		c := config(t, log, newTally("tally"))
		w := start(t, c)
		fill(t, log, 100)
		w.waitFor(100, "tally")
		w.restored(engine.RestoreWish{ToSequence: 50})
		undoable := func() bool {
			t.Helper()
			synctest.Wait()
			s, err := w.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return s.Snapshots.Undo != nil
		}
		if time.Sleep(24*time.Hour - time.Minute); !undoable() {
			t.Error("what was live is given up before its term")
		}
		if time.Sleep(2 * time.Minute); undoable() {
			t.Error("what was live is kept for ever")
		}
		if _, err := w.Restore(t.Context(), engine.RestoreWish{Undo: true}, nil); !errors.Is(err, projection.ErrNoUndo) {
			t.Errorf("undo after the term: %v", err)
		}
		w.stop()
	})
}

// A drill finds what nobody has looked at.
func TestDrillFindsADamagedSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := memlog.New(memlog.Config{})
		fill(t, log, 400)
		c := config(t, log, newTally("tally"))
		c.Schedule.Drill = time.Hour
		w := start(t, c)
		w.waitFor(400, "tally")
		w.snapshot("s")
		drill := func() *engine.Drill {
			t.Helper()
			synctest.Wait()
			s, err := w.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return s.Snapshots.Drill
		}
		if time.Sleep(59 * time.Minute); drill() != nil {
			t.Error("a drill before its time")
		}
		time.Sleep(2 * time.Minute)
		if d := drill(); d == nil || !d.OK || d.Snapshot != "s" {
			t.Errorf("the drill of a whole snapshot: %+v", d)
		}
		w.stop()
		pack := packsOf(t, c.Data)[0]
		flip(t, pack, 60)
		w = start(t, c)
		time.Sleep(61 * time.Minute)
		if d := drill(); d == nil || d.OK || d.Problem == nil || !containsText(*d.Problem, filepath.Base(pack)) {
			t.Errorf("the drill of a damaged snapshot: %+v", d)
		}
		flip(t, pack, 60)
		w.stop()
	})
}
