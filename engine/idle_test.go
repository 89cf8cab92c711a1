package engine_test

import (
	"io/fs"
	"maps"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
)

// written is every file of a data directory, with its size and when it was written last.
func written(t *testing.T, dir string) map[string][2]int64 {
	t.Helper()
	out := map[string][2]int64{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			out[path] = [2]int64{info.Size(), info.ModTime().UnixNano()}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A worker that has nothing to do writes nothing: not for its schedule, not for its drills, not for what can be undone, and not for
// those who ask it.
func TestIdleWorkerWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, w := asked(t, 300)
		w.stop()
		c.Schedule = engine.Schedule{Events: 1000, Interval: time.Hour}
		w = start(t, c)
		w.snapshot("s")
		w.restored(engine.RestoreWish{Snapshot: "s", ToCurrent: true})
		w.waitFor(300, "tally")
		time.Sleep(2 * time.Hour) // the schedule's snapshot is made
		synctest.Wait()
		before := written(t, c.Data)
		for range 20 {
			time.Sleep(30 * time.Minute)
			synctest.Wait()
			if _, err := w.Status(t.Context()); err != nil {
				t.Error(err)
			}
			w.outcome("tally")
		}
		if after := written(t, c.Data); !maps.Equal(before, after) {
			t.Errorf("before %v\nafter  %v", before, after)
		}
		time.Sleep(14 * time.Hour) // then the term of what can be undone is over, and that is worth a write
		if synctest.Wait(); maps.Equal(before, written(t, c.Data)) {
			t.Error("what can be undone is never given up, or a write is not seen")
		}
		w.stop()
	})
}
