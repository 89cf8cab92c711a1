package engine_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/snapshotstore"
	"github.com/thecowboyai/cim-projector/snapshotstore/natsshelf"
)

func dirShelf(t *testing.T, dir string) *snapshotstore.DirShelf {
	t.Helper()
	s, err := snapshotstore.OpenDirShelf(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// shelved returns the names of what a shelf has.
func shelved(t *testing.T, shelf snapshotstore.Shelf) (names []string) {
	t.Helper()
	all, err := snapshotstore.Shelved(t.Context(), shelf)
	if err != nil {
		t.Errorf("what the shelf has: %v", err)
	}
	for _, m := range all {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}

// packsOn returns how many packs a shelf has.
func packsOn(t *testing.T, shelf snapshotstore.Shelf) int {
	t.Helper()
	all, err := shelf.List(t.Context(), "packs/")
	if err != nil {
		t.Fatal(err)
	}
	return len(all) / 2 // each with its index
}

// shelf waits until the shelf's status is what is wanted.
func (r *running) shelf(what string, want func(engine.ShelfStatus) bool) engine.ShelfStatus {
	r.t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		st, err := r.Status(r.t.Context())
		if err != nil {
			r.t.Fatal(err)
		}
		if st.Snapshots.Shelf == nil {
			r.t.Fatal("there is no shelf")
		}
		if got := *st.Snapshots.Shelf; want(got) {
			return got
		}
		select {
		case <-tick.C:
		case <-deadline:
			r.t.Fatalf("%s: the shelf stays at %+v, %s", what, *st.Snapshots.Shelf, deref(st.Snapshots.Shelf.LastError))
		}
	}
}

func pushed(n int) func(engine.ShelfStatus) bool {
	return func(s engine.ShelfStatus) bool {
		return s.Pushed == n && s.Waiting == 0 && s.Removing == 0 && s.LastError == nil
	}
}

// upTo lets a worker apply n records more and names the state.
func upTo(t *testing.T, w *running, log *memlog.Log, n int, name string) {
	t.Helper()
	fill(t, log, n)
	w.waitFor(lastOf(t, log), "tally", "other")
	w.snapshot(name)
}

// faulty is a shelf that fails when it is told to.
type faulty struct {
	snapshotstore.Shelf

	mu   sync.Mutex // protects the fields below
	fail func(op, name string) error
}

func (f *faulty) failWith(fail func(op, name string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

func (f *faulty) check(op, name string) error {
	f.mu.Lock()
	fail := f.fail
	f.mu.Unlock()
	if fail == nil {
		return nil
	}
	return fail(op, name)
}

func (f *faulty) Put(ctx context.Context, name string, content io.Reader) error {
	if err := f.check("put", name); err != nil {
		return err
	}
	return f.Shelf.Put(ctx, name, content)
}

func (f *faulty) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := f.check("open", name); err != nil {
		return nil, err
	}
	return f.Shelf.Open(ctx, name)
}

func (f *faulty) List(ctx context.Context, prefix string) ([]snapshotstore.ShelfItem, error) {
	if err := f.check("list", prefix); err != nil {
		return nil, err
	}
	return f.Shelf.List(ctx, prefix)
}

func (f *faulty) Remove(ctx context.Context, name string) error {
	if err := f.check("remove", name); err != nil {
		return err
	}
	return f.Shelf.Remove(ctx, name)
}

var errAway = errors.New("the shelf is away")

func away(string, string) error { return errAway }

func wantShelved(t *testing.T, shelf snapshotstore.Shelf, names ...string) {
	t.Helper()
	if got := shelved(t, shelf); !slices.Equal(got, names) {
		t.Errorf("the shelf has %v, want %v", got, names)
	}
}

// Every snapshot is put on the shelf when it is complete, and goes from there when it is removed.
func TestSnapshotsAreShelved(t *testing.T) {
	log := memlog.New(memlog.Config{})
	c := config(t, log, newTally("tally"), newTally("other"))
	shelf := dirShelf(t, t.TempDir())
	c.Shelf = shelf
	w := start(t, c)
	upTo(t, w, log, 300, "a")
	upTo(t, w, log, 300, "b")
	if got := w.shelf("two snapshots", pushed(2)); got.LastPush == nil || time.Since(*got.LastPush) > time.Minute {
		t.Errorf("status %+v", got)
	}
	wantShelved(t, shelf, "a", "b")
	if _, err := w.RemoveSnapshots("a"); err != nil {
		t.Fatal(err)
	}
	w.shelf("one removed", pushed(2))
	wantShelved(t, shelf, "b")
	w.snapshot("a") // the name is free again, also there
	w.shelf("the name again", pushed(3))
	wantShelved(t, shelf, "a", "b")
	if _, err := w.RemoveSnapshots("a", "b"); err != nil {
		t.Fatal(err)
	}
	w.shelf("all removed", pushed(3))
	wantShelved(t, shelf)
	if n := packsOn(t, shelf); n > 0 {
		t.Errorf("%d packs are left", n)
	}
}

// A worker without its shelf goes on, and catches up when it is back: with what was made and what was removed meanwhile, also over a
// restart.
func TestShelfThatIsAway(t *testing.T) {
	log := memlog.New(memlog.Config{})
	c := config(t, log, newTally("tally"), newTally("other"))
	real := dirShelf(t, t.TempDir())
	shelf := &faulty{Shelf: real}
	c.Shelf = shelf
	w := start(t, c)
	upTo(t, w, log, 200, "a")
	upTo(t, w, log, 200, "b")
	w.shelf("two snapshots", pushed(2))
	shelf.failWith(away)
	upTo(t, w, log, 200, "c")
	if _, err := w.RemoveSnapshots("a"); err != nil {
		t.Fatal(err)
	}
	w.shelf("away", func(s engine.ShelfStatus) bool {
		return s.Waiting == 1 && s.Removing == 1 && containsText(deref(s.LastError), errAway.Error())
	})
	w.stop()
	w = start(t, c) // it is away at the start as well
	w.shelf("away at the start", func(s engine.ShelfStatus) bool { return s.Removing == 1 && s.LastError != nil })
	wantShelved(t, real, "a", "b")
	shelf.failWith(nil)
	w.shelf("back", pushed(1))
	wantShelved(t, real, "b", "c")
}

// The object store of a server that is killed and comes back.
func TestShelfOnAServerThatIsKilled(t *testing.T) {
	server := embeddedtest.StartProcess(t)
	js, err := jetstream.New(embeddedtest.Connect(t, server.URL(), reconnecting()...))
	if err != nil {
		t.Fatal(err)
	}
	shelf, err := natsshelf.Create(t.Context(), js, natsshelf.Config{Worker: "default"})
	if err != nil {
		t.Fatal(err)
	}
	log := memlog.New(memlog.Config{})
	c := config(t, log, newTally("tally"), newTally("other"))
	c.Shelf = shelf
	w := start(t, c)
	upTo(t, w, log, 300, "a")
	w.shelf("one snapshot", pushed(1))
	server.Kill()
	upTo(t, w, log, 300, "b")
	w.shelf("killed", func(s engine.ShelfStatus) bool { return s.Waiting == 1 })
	server.Restart(t)
	w.shelf("back", pushed(2))
	wantShelved(t, shelf, "a", "b")
}

// What was made without a shelf, or was lost from it, is put there at the next start; what is only there stays.
func TestRestartFillsTheShelf(t *testing.T) {
	log := memlog.New(memlog.Config{})
	c := config(t, log, newTally("tally"), newTally("other"))
	w := start(t, c)
	upTo(t, w, log, 200, "a")
	upTo(t, w, log, 200, "b")
	w.stop()
	shelf := dirShelf(t, t.TempDir())
	c.Shelf = shelf
	w = start(t, c)
	w.shelf("the first start with it", pushed(2))
	w.stop()
	if err := snapshotstore.Unshelve(t.Context(), shelf, "a"); err != nil {
		t.Fatal(err)
	}
	c.Shelf = nil
	w = start(t, c)
	if _, err := w.RemoveSnapshots("b"); err != nil { // of which the shelf is not told
		t.Fatal(err)
	}
	w.stop()
	c.Shelf = shelf
	w = start(t, c)
	w.shelf("the second start with it", pushed(1))
	wantShelved(t, shelf, "a", "b")
}

// Of another worker's snapshots nothing is changed, whatever has their names here.
func TestAnothersSnapshotOfTheSameName(t *testing.T) {
	log := memlog.New(memlog.Config{})
	shelf := dirShelf(t, t.TempDir())
	c := config(t, log, newTally("tally"), newTally("other"))
	c.Shelf = shelf
	first := start(t, c)
	upTo(t, first, log, 300, "s")
	first.shelf("the first worker", pushed(1))
	first.stop()

	c.Data = t.TempDir()
	w := start(t, c)
	upTo(t, w, log, 100, "s")
	w.snapshot("t")
	conflict := func(s engine.ShelfStatus) bool {
		return s.Pushed == 1 && s.Waiting == 1 && containsText(deref(s.LastError), "another snapshot s")
	}
	w.shelf("the second worker", conflict)
	wantShelved(t, shelf, "s", "t")
	w.stop()
	w = start(t, c)
	w.shelf("the second worker again", func(s engine.ShelfStatus) bool { return s.Waiting == 1 && s.LastError != nil })
	if _, err := w.RemoveSnapshots("s", "t"); err != nil {
		t.Fatal(err)
	}
	w.shelf("after the removal", pushed(0))
	wantShelved(t, shelf, "s")
	all, err := snapshotstore.Shelved(t.Context(), shelf)
	if err != nil || all[0].StreamSequence != 300 {
		t.Errorf("the first worker's snapshot: %+v, %v", all, err)
	}
}

// One snapshot that is damaged there, or cannot be put there, does not keep the others back.
func TestOneBadCopyHoldsNothingBack(t *testing.T) {
	log := memlog.New(memlog.Config{})
	c := config(t, log, newTally("tally"), newTally("other"))
	dir := t.TempDir()
	c.Shelf = dirShelf(t, dir)
	w := start(t, c)
	upTo(t, w, log, 200, "a")
	upTo(t, w, log, 200, "b")
	w.shelf("two snapshots", pushed(2))
	w.stop()
	flip(t, filepath.Join(dir, "snapshots", "a.json"), 40)
	w = start(t, c)
	upTo(t, w, log, 200, "c")
	w.shelf("a damaged one", func(s engine.ShelfStatus) bool {
		return s.Pushed == 1 && s.Waiting == 1 && containsText(deref(s.LastError), "a.json")
	})
	if _, err := os.Stat(filepath.Join(dir, "snapshots", "c.json")); err != nil {
		t.Error(err)
	}
	if _, err := w.RemoveSnapshots("b"); err != nil {
		t.Fatal(err)
	}
	w.shelf("a removal beside it", func(s engine.ShelfStatus) bool {
		_, err := os.Stat(filepath.Join(dir, "snapshots", "b.json"))
		return errors.Is(err, os.ErrNotExist)
	})
	if _, err := os.Stat(filepath.Join(dir, "snapshots", "a.json")); err != nil {
		t.Errorf("what is damaged is for a person to look at: %v", err)
	}
}

// A removal that comes while its snapshot is being copied, and a worker that stops in the middle of a copy.
func TestCopiesThatAreBrokenOff(t *testing.T) {
	log := memlog.New(memlog.Config{})
	c := config(t, log, newTally("tally"), newTally("other"))
	real := dirShelf(t, t.TempDir())
	reached, let := make(chan bool), make(chan bool)
	shelf := &faulty{Shelf: real}
	gate := func(op, name string) error {
		if op == "put" && strings.HasPrefix(name, "snapshots/") {
			reached <- true
			<-let
		}
		return nil
	}
	shelf.failWith(gate)
	c.Shelf = shelf
	w := start(t, c)
	upTo(t, w, log, 200, "a")
	<-reached // its packs are there
	if _, err := w.RemoveSnapshots("a"); err != nil {
		t.Fatal(err)
	}
	let <- true
	w.shelf("removed on the way", func(s engine.ShelfStatus) bool { return s.Removing == 0 })
	wantShelved(t, real)
	if n := packsOn(t, real); n > 0 {
		t.Errorf("%d packs are left", n)
	}

	upTo(t, w, log, 200, "b")
	<-reached
	shelf.failWith(nil)
	w.cancel()
	let <- true
	w.stop()
	w = start(t, c)
	w.shelf("the next start", func(s engine.ShelfStatus) bool { return s.Waiting == 0 && s.LastError == nil })
	wantShelved(t, real, "b")
}
