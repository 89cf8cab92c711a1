package engine_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
)

func (r *running) snapshot(name string) {
	r.t.Helper()
	if _, err := r.Snapshot(r.t.Context(), engine.SnapshotWish{Name: name}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) restored(wish engine.RestoreWish) engine.Restored {
	r.t.Helper()
	done, err := r.Restore(r.t.Context(), wish, nil)
	if err != nil {
		r.t.Fatalf("restore %+v: %v", wish, err)
	}
	return done
}

func (r *running) position(name string) eventlog.Seq {
	r.t.Helper()
	v, err := r.View(name)
	if err != nil {
		r.t.Fatal(err)
	}
	defer v.Close()
	return v.At().Seq
}

func (r *running) resume() {
	r.t.Helper()
	if err := r.Resume(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// refused fails unless an error has a code, and these texts in it.
func refused(t *testing.T, err error, code projection.QueryCode, texts ...string) {
	t.Helper()
	q := asType[*projection.QueryError](err)
	if q == nil || q.Code != code {
		t.Errorf("got %v, want the code %s", err, code)
		return
	}
	for _, text := range texts {
		if !containsText(q.Message, text) {
			t.Errorf("the message is %q, want %q in it", q.Message, text)
		}
	}
}

// A snapshot is put in place while there is no server, stays there over a restart, and goes on from there when it is resumed.
func TestRestoreWithoutAServer(t *testing.T) {
	server := embeddedtest.StartProcess(t)
	nc := embeddedtest.Connect(t, server.URL(), reconnecting()...)
	makeStream(t, nc)
	publish(t, nc, 0, 700)
	c := config(t, openLog(t, server.URL()), newTally("tally"), newTally("other"))
	w := start(t, c)
	w.waitFor(700, "tally", "other")
	w.snapshot("s")
	want := w.outcome("tally")
	publish(t, nc, 700, 300)
	w.waitFor(1000, "tally", "other")
	whole := w.outcome("tally")

	server.Kill()
	if done := w.restored(engine.RestoreWish{Snapshot: "s"}); done.Sequence != 700 || !done.Paused || done.Generation != 2 || done.Replayed != 0 {
		t.Errorf("restored %+v, want it paused at 700 in generation 2", done)
	}
	isPausedAt := func(seq eventlog.Seq) {
		t.Helper()
		p := w.state("tally", engine.Paused)
		if p.AppliedSequence != uint64(seq) || !containsText(deref(p.Reason), "resume") {
			t.Errorf("after the restore: %+v, %s", p, deref(p.Reason))
		}
		refused(t, w.WaitFor(t.Context(), "tally", seq+1), projection.Unavailable)
		if got := w.outcome("other"); got != want {
			t.Errorf("restored\ngot  %+v\nwant %+v", got, want)
		}
	}
	isPausedAt(700)
	w.stop()
	w = start(t, c)
	isPausedAt(700)
	server.Restart(t)
	w.resume()
	w.waitFor(1000, "tally", "other")
	if got := w.outcome("tally"); got != whole {
		t.Errorf("resumed\ngot  %+v\nwant %+v", got, whole)
	}
}

// told is a worker at the end of a log of 900 records, with snapshots at 300 and 600.
func told(t *testing.T) (*memlog.Log, engine.Config, *running) {
	t.Helper()
	log := memlog.New(memlog.Config{})
	c := config(t, log, newTally("tally"), newTally("other"))
	w := start(t, c)
	for _, name := range []string{"early", "late", ""} {
		fill(t, log, 300)
		w.waitFor(lastOf(t, log), "tally", "other")
		if name != "" {
			w.snapshot(name)
		}
	}
	return log, c, w
}

func TestUndo(t *testing.T) {
	log, c, w := told(t)
	whole := w.outcome("tally")
	if _, err := w.Restore(t.Context(), engine.RestoreWish{Undo: true}, nil); !errors.Is(err, projection.ErrNoUndo) {
		t.Errorf("undo of nothing: %v", err)
	}
	w.restored(engine.RestoreWish{Snapshot: "early"})
	early := w.outcome("tally")
	w.stop()
	w = start(t, c)
	fill(t, log, 100)
	if done := w.restored(engine.RestoreWish{Undo: true}); done.Paused || done.Sequence != 900 {
		t.Errorf("undone %+v, want it to run from 900", done)
	}
	w.waitFor(1000, "tally", "other")
	w.stop()
	w = start(t, c) // nothing of the pause is left
	w.waitFor(1000, "tally", "other")
	straight := start(t, config(t, log, newTally("tally")))
	straight.waitFor(1000, "tally")
	if got, want := w.outcome("other"), straight.outcome("tally"); got != want {
		t.Errorf("after undo\ngot  %+v\nwant %+v", got, want)
	}
	if done := w.restored(engine.RestoreWish{Undo: true}); done.Sequence != 300 {
		t.Errorf("undo of the undo: %+v, want it to run from 300", done)
	}
	w.waitFor(1000, "tally", "other")
	if early == whole || w.outcome("tally") != straight.outcome("tally") {
		t.Error("undo of the undo does not come to the same end")
	}
}

func TestRestoresThatAreRefused(t *testing.T) {
	_, _, w := told(t)
	for _, test := range []struct {
		name string
		wish engine.RestoreWish
		code projection.QueryCode
		text string
	}{
		{"nothing said", engine.RestoreWish{}, projection.BadRequest, "neither"},
		{"two ends", engine.RestoreWish{ToSequence: 5, ToCurrent: true}, projection.BadRequest, "only one"},
		{"undo of a snapshot", engine.RestoreWish{Snapshot: "early", Undo: true}, projection.BadRequest, "undo"},
		{"beyond the last", engine.RestoreWish{ToSequence: 901}, projection.Refused, "has not come"},
		{"the future", engine.RestoreWish{ToTime: eventlog.Moment(time.Now().Add(time.Hour))}, projection.Refused, "has not come"},
		{"before its snapshot", engine.RestoreWish{Snapshot: "late", ToSequence: 599}, projection.Refused, "after"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.Restore(t.Context(), test.wish, nil)
			refused(t, err, test.code, test.text)
		})
	}
	if at := w.position("tally"); at != 900 {
		t.Errorf("a refused restore moved the models to %s", at)
	}
	w.state("tally", engine.Live)
}

// A projection that a person has paused is paused again where a restore does not come to its switch, and no other one is.
func TestRestoreThatFailsLeavesPausesAlone(t *testing.T) {
	log, _, w := told(t)
	if err := w.Pause(t.Context(), "by hand", "other"); err != nil {
		t.Fatal(err)
	}
	log.Rollback(100)
	if _, err := w.Restore(t.Context(), engine.RestoreWish{Snapshot: "late"}, nil); asType[*engine.DivergedError](err) == nil {
		t.Errorf("a snapshot of what is not the history any more: %v", err)
	}
	if p := w.state("other", engine.Paused); deref(p.Reason) != "by hand" {
		t.Errorf("paused because of %q", deref(p.Reason))
	}
}

// Snapshots above the place where the stream was rolled back are not of its history: they are refused, and nothing is made from
// them by sequence either. Those below it are.
func TestRestoreAfterDivergence(t *testing.T) {
	log, _, w := told(t)
	log.Rollback(450)
	for i := range 400 {
		if _, err := log.Append(t.Context(), "event.test.thing", nil, event(i, "plain", "another")); err != nil {
			t.Fatal(err)
		}
	}
	w.state("tally", engine.Diverged)
	_, err := w.Restore(t.Context(), engine.RestoreWish{Snapshot: "late"}, nil)
	if d := asType[*engine.DivergedError](err); d == nil {
		t.Errorf("a snapshot of another history: %v", err)
	}
	straight := start(t, config(t, log, newTally("tally")))
	straight.waitFor(850, "tally")
	for _, seq := range []eventlog.Seq{600, 850} { // at 600 there is a tree of the other history
		v, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Sequence: seq})
		if err != nil {
			t.Fatal(err)
		}
		of, err := straight.ViewAsOf(t.Context(), "tally", engine.AsOf{Sequence: seq})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := outcomeOf(t, v.View), outcomeOf(t, of.View); got != want {
			t.Errorf("as of %s, from %d\ngot  %+v\nwant %+v", seq, v.Cost.Base, got, want)
		}
		v.Close()
		of.Close()
	}
	named, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Snapshot: "late"}) // a name is what it was
	if err != nil {
		t.Fatal(err)
	}
	if named.Cached || named.At().Seq != 600 {
		t.Errorf("the snapshot is read at %s, cached %t", named.At().Seq, named.Cached)
	}
	named.Close()
	if done := w.restored(engine.RestoreWish{ToSequence: 850, ToCurrent: false}); done.Base != 300 {
		t.Errorf("restored %+v, want it made from what is proved, at 300", done)
	}
	w.resume()
	fill(t, log, 50)
	w.waitFor(900, "tally", "other")
	straight.waitFor(900, "tally")
	if got, want := w.outcome("other"), straight.outcome("tally"); got != want {
		t.Errorf("after the restore into the new history\ngot  %+v\nwant %+v", got, want)
	}
}

// packsOf returns the packs of a data directory, the oldest first.
func packsOf(t *testing.T, dir string) []string {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(dir, "chunks", "*.pack"))
	if err != nil || len(packs) == 0 {
		t.Fatalf("packs: %v, %v", packs, err)
	}
	age := func(path string) time.Time {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	slices.SortFunc(packs, func(a, b string) int { return age(a).Compare(age(b)) })
	return packs
}

// kill ends the worker without looking at what it leaves: it is known to be damaged.
func (r *running) kill() {
	r.t.Helper()
	r.cancel()
	r.cancel = nil
	<-r.ended
	if err := r.Close(); err != nil {
		r.t.Errorf("Close: %v", err)
	}
}

// flip changes one bit of a file.
func flip(t *testing.T, path string, where int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	one := make([]byte, 1)
	if _, err := f.ReadAt(one, where); err != nil {
		t.Fatal(err)
	}
	one[0] ^= 0x40
	_, err = f.WriteAt(one, where)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// objectsEnd is where the objects of a pack end: the last of them is the commit.
func objectsEnd(t *testing.T, path string) int64 {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return int64(binary.BigEndian.Uint64(raw[len(raw)-8-4-32-len("cim-pack-2\n"):]))
}

// spoilt is a worker with the snapshot "s" at 400, whose oldest pack something was done to while the worker was down. What is live
// stands at 600, on another commit.
func spoilt(t *testing.T, spoil func(path string)) (log *memlog.Log, w *running, want outcome) {
	t.Helper()
	log = memlog.New(memlog.Config{})
	fill(t, log, 400)
	c := config(t, log, newTally("tally"))
	w = start(t, c)
	w.waitFor(400, "tally")
	w.snapshot("s")
	want = w.outcome("tally")
	fill(t, log, 200)
	w.waitFor(600, "tally")
	w.snapshot("t")
	w.stop()
	spoil(packsOf(t, c.Data)[0])
	return log, start(t, c), want
}

// A snapshot whose pack is gone is made again from history, and refused with what is missing where that is gone as well.
func TestRestoreOfASnapshotWhosePackIsGone(t *testing.T) {
	hidden := filepath.Join(t.TempDir(), "pack")
	hide := func(path string) {
		if err := os.Rename(path, hidden); err != nil {
			t.Fatal(err)
		}
	}
	log, w, _ := spoilt(t, hide)
	log.DropBefore(200)
	_, err := w.Restore(t.Context(), engine.RestoreWish{Snapshot: "s"}, nil)
	refused(t, err, projection.Refused, "events 1 to 199")
	if at := w.position("tally"); at != 600 {
		t.Errorf("a refused restore moved the models to %s", at)
	}
	w.kill()

	_, again, want := spoilt(t, hide)
	w = again
	if done := w.restored(engine.RestoreWish{Snapshot: "s"}); done.Replayed != 400 || done.Sequence != 400 || w.outcome("tally") != want {
		t.Errorf("restored %+v\ngot  %+v\nwant %+v", done, w.outcome("tally"), want)
	}
}

// damages are places of a pack where a bit is flipped.
var damages = map[string]func(t *testing.T, path string) int64{
	"in the commit": func(t *testing.T, path string) int64 { return objectsEnd(t, path) - 5 },
	"in a row":      func(*testing.T, string) int64 { return 60 },
}

// What is damaged is never put in the place of what is live by a restore that verifies: it is made again from history, which
// leaves the snapshot itself whole again.
func TestRestoreThatVerifiesMendsDamage(t *testing.T) {
	for name, where := range damages {
		t.Run(name, func(t *testing.T) {
			_, w, want := spoilt(t, func(path string) { flip(t, path, where(t, path)) })
			if err := w.ProveSnapshot(t.Context(), "s"); err == nil {
				t.Fatal("the damage is not seen")
			}
			done := w.restored(engine.RestoreWish{Snapshot: "s", Verify: true})
			if done.Replayed != 400 || done.Sequence != 400 || w.outcome("tally") != want {
				t.Errorf("restored %+v\ngot  %+v\nwant %+v", done, w.outcome("tally"), want)
			}
			if err := w.ProveSnapshot(t.Context(), "s"); err != nil {
				t.Errorf("the snapshot is not whole again: %v", err)
			}
		})
	}
}

// Where history does not reach back, what is damaged cannot be made again: what is missing is named, and nothing is changed.
func TestRestoreThatVerifiesFindsDamage(t *testing.T) {
	for name, where := range damages {
		t.Run(name, func(t *testing.T) {
			var pack string
			log, w, _ := spoilt(t, func(path string) {
				pack = path
				flip(t, path, where(t, path))
			})
			log.DropBefore(200)
			_, err := w.Restore(t.Context(), engine.RestoreWish{Snapshot: "s", Verify: true}, nil)
			refused(t, err, projection.Refused, "events 1 to 199")
			if at := w.position("tally"); at != 600 {
				t.Errorf("the models are at %s", at)
			}
			err = w.ProveSnapshot(t.Context(), "s")
			if err == nil || !containsText(err.Error(), filepath.Base(pack)) {
				t.Errorf("got %v, want the pack %s named", err, filepath.Base(pack))
			}
			flip(t, pack, where(t, pack)) // so that what is live can be verified at the end
		})
	}
}

// A projection that a snapshot does not cover is made from history.
func TestRestoreOfASnapshotThatLacksAProjection(t *testing.T) {
	log := memlog.New(memlog.Config{})
	fill(t, log, 300)
	c := config(t, log, newTally("tally"))
	w := start(t, c)
	w.waitFor(300, "tally")
	w.snapshot("alone")
	w.stop()
	c.Projections = append(c.Projections, newTally("other"))
	fill(t, log, 300)
	w = start(t, c)
	w.waitFor(600, "tally", "other")
	if done := w.restored(engine.RestoreWish{Snapshot: "alone"}); done.Sequence != 300 || done.Replayed != 300 || done.Base != 0 {
		t.Errorf("restored %+v, want the 300 events of the one that is not in it", done)
	}
	if got, want := w.outcome("other"), w.outcome("tally"); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	w.resume()
	w.waitFor(600, "tally", "other")
}

// A snapshot that another version of the projection made is made again from history, and refused where history does not reach back.
func TestRestoreOfASnapshotOfAnotherVersion(t *testing.T) {
	log := memlog.New(memlog.Config{})
	fill(t, log, 150)
	old := start(t, config(t, log, newTally("tally")))
	old.waitFor(150, "tally")
	old.snapshot("early")
	fill(t, log, 150)
	old.waitFor(300, "tally")
	want := old.outcome("tally")
	old.snapshot("s")
	var files [2]bytes.Buffer
	for i, name := range []string{"early", "s"} {
		if err := old.Export(t.Context(), name, &files[i], nil); err != nil {
			t.Fatal(err)
		}
	}
	old.stop()
	fill(t, log, 300)
	newer := newTally("tally")
	newer.version = 2
	w := start(t, config(t, log, newer))
	w.waitFor(600, "tally")
	for i := range files {
		if _, err := w.Import(t.Context(), &files[i], "", nil); err != nil {
			t.Fatal(err)
		}
	}
	if done := w.restored(engine.RestoreWish{Snapshot: "s"}); done.Sequence != 300 || done.Replayed != 300 || done.Base != 0 {
		t.Errorf("restored %+v, want all 300 events replayed", done)
	}
	if got := w.outcome("tally"); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	w.resume()
	w.waitFor(600, "tally")
	log.DropBefore(200)
	_, err := w.Restore(t.Context(), engine.RestoreWish{Snapshot: "early"}, nil)
	refused(t, err, projection.Refused, "events 1 to 199")
	if at := w.position("tally"); at != 600 {
		t.Errorf("the models are at %s", at)
	}
}

// What the live models were made without is not missed; what they were made with, and that is gone, is.
func TestRestoreOverWhatIsGone(t *testing.T) {
	t.Run("never applied", func(t *testing.T) {
		log := memlog.New(memlog.Config{})
		fill(t, log, 300)
		log.DropBefore(101)
		c := config(t, log, newTally("tally"))
		c.AcceptGap = true
		w := start(t, c)
		w.waitFor(300, "tally")
		want := w.outcome("tally")
		v, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Sequence: 50})
		if err != nil {
			t.Fatal(err)
		}
		if v.At().Seq > 50 || v.Counts().Seen() != 0 {
			t.Errorf("as of 50 there are %d events at %s", v.Counts().Seen(), v.At().Seq)
		}
		v.Close()
		c.AcceptGap = false
		w.stop()
		w = start(t, c)
		w.restored(engine.RestoreWish{ToSequence: 300})
		if got := w.outcome("tally"); got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
	t.Run("applied, and gone since", func(t *testing.T) {
		log := memlog.New(memlog.Config{})
		fill(t, log, 300)
		c := config(t, log, newTally("tally"))
		c.AcceptGap = true // for the future: it does not make the past another one
		w := start(t, c)
		w.waitFor(300, "tally")
		log.DropBefore(101)
		for _, seq := range []eventlog.Seq{50, 200} {
			_, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Sequence: seq})
			refused(t, err, projection.Refused, "events 1 to 100")
			_, err = w.Restore(t.Context(), engine.RestoreWish{ToSequence: seq}, nil)
			refused(t, err, projection.Refused, "events 1 to 100")
		}
	})
	t.Run("applied by one and not by the other", func(t *testing.T) {
		log := memlog.New(memlog.Config{})
		fill(t, log, 300)
		c := config(t, log, newTally("old"))
		c.AcceptGap = true
		w := start(t, c)
		w.waitFor(300, "old")
		w.stop()
		log.DropBefore(101)
		c.Projections = append([]projection.Projection{newTally("new")}, c.Projections...)
		w = start(t, c)
		w.waitFor(300, "new", "old")
		_, err := w.Restore(t.Context(), engine.RestoreWish{ToSequence: 200}, nil)
		refused(t, err, projection.Refused, "events 1 to 100")
		if _, err := w.ViewAsOf(t.Context(), "old", engine.AsOf{Sequence: 200}); err == nil {
			t.Error("the past of what was made with the missing events was made without them")
		}
		v, err := w.ViewAsOf(t.Context(), "new", engine.AsOf{Sequence: 200})
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Counts().Seen(); got != 100 {
			t.Errorf("%d events are in it, want 100", got)
		}
		v.Close()
	})
}

// Restores in the middle of everything lose no snapshot and repeat no event.
func TestRestoreDuringCatchUpAndWhileASnapshotIsMade(t *testing.T) {
	log := memlog.New(memlog.Config{})
	fill(t, log, 3000)
	c := config(t, log, newTally("tally"), newTally("other"))
	c.CommitRecords, c.DeltaBytes = 50, 1
	commits := make(chan eventlog.Seq, 1000)
	c.Observer.Committed = func(c engine.Commit) { commits <- c.To }
	c.Observer.StateChanged = func(name string, s engine.State, reason string) {
		if s == engine.WaitingNATS {
			t.Errorf("%s waits for a stream that is there: %s", name, reason)
		}
	}
	w := start(t, c)
	for at := eventlog.Seq(0); at < 300; {
		at = <-commits
	}
	w.snapshot("early")
	for i := range 5 { // each of them leaves a cut that is still being made below the state that it replaces
		name := fmt.Sprintf("cut%d", i)
		if err := w.Cut(t.Context(), engine.SnapshotWish{Name: name}); err != nil {
			t.Fatal(err)
		}
		w.restored(engine.RestoreWish{Snapshot: "early", ToCurrent: i%2 == 0})
		if i%2 == 1 {
			w.resume()
		}
		if _, err := w.Await(t.Context(), name); err != nil {
			t.Errorf("the snapshot that was being made: %v", err)
		}
	}
	w.waitFor(3000, "tally", "other")
	straight := start(t, config(t, log, newTally("tally")))
	straight.waitFor(3000, "tally")
	if got, want := w.outcome("other"), straight.outcome("tally"); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, name := range []string{"early", "cut0", "cut4"} {
		if err := w.ProveSnapshot(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A restore waits for a snapshot that is still being made of what the restore before it has replaced. One that does not get to its
// switch leaves everything as it was.
func TestRestoreWaitsForASnapshot(t *testing.T) {
	log := memlog.New(memlog.Config{})
	c := config(t, log, newTally("tally"))
	folded, goOn := make(chan bool), make(chan bool)
	c.Observer.Folded = func(projection.Folded) { // nothing more is folded while it waits
		folded <- true
		<-goOn
	}
	paused := make(chan bool, 10)
	c.Observer.StateChanged = func(_ string, s engine.State, _ string) {
		if s == engine.Paused {
			paused <- true
		}
	}
	w := start(t, c)
	fill(t, log, 100)
	w.waitFor(100, "tally")
	if err := w.Cut(t.Context(), engine.SnapshotWish{Name: "first"}); err != nil {
		t.Fatal(err)
	}
	<-folded
	fill(t, log, 100)
	w.waitFor(200, "tally")
	if err := w.Cut(t.Context(), engine.SnapshotWish{Name: "second"}); err != nil {
		t.Fatal(err)
	}
	w.restored(engine.RestoreWish{Snapshot: "first", ToCurrent: true})
	w.waitFor(200, "tally")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := w.Restore(ctx, engine.RestoreWish{Snapshot: "first"}, nil)
	if !errors.Is(err, projection.ErrCutting) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a restore that would lose a snapshot: %v", err)
	}
	fill(t, log, 100)
	w.waitFor(300, "tally") // it goes on as if nothing had been asked

	ended := make(chan error)
	go func() {
		_, err := w.Restore(t.Context(), engine.RestoreWish{Snapshot: "first"}, nil)
		ended <- err
	}()
	goOn <- true
	for waiting := true; waiting; {
		select {
		case <-folded:
			goOn <- true
		case err := <-ended:
			if waiting = false; err != nil {
				t.Errorf("a restore behind a snapshot: %v", err)
			}
		}
	}
	<-paused
	go func() {
		for range folded {
			goOn <- true
		}
	}()
	if at := w.position("tally"); at != 100 {
		t.Errorf("the models are at %s", at)
	}
	if m, err := w.Await(t.Context(), "second"); err != nil || m.StreamSequence != 200 {
		t.Errorf("the snapshot: %+v, %v", m, err)
	}
	w.stop()
	close(folded)
}

func TestOneRestoreAtATime(t *testing.T) {
	log, _, w := told(t)
	log.SetUnavailable(errors.New("the cable is out"))
	_, err := w.Restore(t.Context(), engine.RestoreWish{ToSequence: 450}, nil)
	if !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("a restore that needs the log: %v", err)
	}
	log.SetUnavailable(nil)
	under, release := make(chan bool), make(chan bool)
	ended := make(chan error, 1)
	go func() {
		first := true
		_, err := w.Restore(t.Context(), engine.RestoreWish{ToSequence: 450}, func(uint64, uint64) {
			if first {
				first = false
				under <- true
				<-release
			}
		})
		ended <- err
	}()
	<-under
	if _, err := w.Restore(t.Context(), engine.RestoreWish{Snapshot: "early"}, nil); !errors.Is(err, engine.ErrRestoring) {
		t.Errorf("a second restore: %v", err)
	}
	release <- true
	if err := <-ended; err != nil || w.position("tally") != 450 {
		t.Errorf("the first ended with %v at %s", err, w.position("tally"))
	}
}

// A log that is cut off below the target while it is replayed ends the restore: waiting for it would be waiting for ever.
func TestRestoreEndsWhenTheLogIsCutOff(t *testing.T) {
	log := memlog.New(memlog.Config{Batch: 50})
	fill(t, log, 900)
	c := config(t, log, newTally("tally"))
	c.CommitRecords = 10
	w := start(t, c)
	w.waitFor(900, "tally")
	cut := false
	_, err := w.Restore(t.Context(), engine.RestoreWish{ToSequence: 850}, func(uint64, uint64) {
		if !cut {
			cut = true
			log.Rollback(100)
		}
	})
	if asType[*engine.DivergedError](err) == nil {
		t.Errorf("got %v", err)
	}
}
