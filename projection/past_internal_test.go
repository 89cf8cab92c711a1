//go:build unix

package projection

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// openPast opens a store of scripted projections, which the end of the test closes.
func openPast(t *testing.T, dir string, projections ...string) *Store {
	t.Helper()
	config := Config{Dir: dir, Worker: "w"}
	for _, name := range projections {
		config.Projections = append(config.Projections, newScripted(name))
	}
	s, err := Open(config)
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

// reopen closes a store and opens it with other projections.
func reopen(t *testing.T, s *Store, projections ...string) *Store {
	t.Helper()
	ok(t, s.Close())
	return openPast(t, s.config.Dir, projections...)
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused fails the test unless the error is the wanted one.
func refused(t *testing.T, err, want error, what string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func cutAll(t *testing.T, s *Store, name string) {
	t.Helper()
	ok(t, s.Cut(Cut{Name: name}))
}

func foldPast(t *testing.T, s *Store) {
	t.Helper()
	ok(t, s.foldAllFrozen(t.Context()))
}

// startsOf is where a snapshot begins, or the beginning where it has no name.
func startsOf(t *testing.T, s *Store, name string) []Start {
	t.Helper()
	var out []Start
	commits := map[string]string{}
	if name != "" {
		m, err := s.Snapshot(name)
		ok(t, err)
		for _, p := range m.Projections {
			commits[p.Name] = p.Commit
		}
	}
	for _, p := range s.config.Projections {
		out = append(out, Start{p.Name(), commits[p.Name()]})
	}
	return out
}

// standsAt holds what is live against the model.
func standsAt(t *testing.T, s *Store, at eventlog.Seq, what string) {
	t.Helper()
	for _, p := range s.config.Projections {
		v, err := s.View(p.Name())
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if v.At().Seq != at {
			t.Errorf("%s: %s is at %s, want %s", what, p.Name(), v.At().Seq, at)
		}
		compareScripted(t, v, p.(*scripted), what)
		v.Close()
	}
}

// sealTo applies records and seals them.
func sealTo(t *testing.T, g *Group, to eventlog.Seq) (*Fold, *Batch) {
	t.Helper()
	f, err := g.Fold()
	ok(t, err)
	prepare := NewPreparer(f.Projections(), nil)
	for seq := f.Position() + 1; seq <= to; seq++ {
		in := prepare.Prepare(fixedRecord(seq), false)
		ok(t, f.Apply(&in))
	}
	b, err := f.Seal()
	ok(t, err)
	return f, b
}

// TestReplacedGroup goes on with a group after another state was put in its place: it can neither change what is live, nor what
// Undo would bring back, also where both stand at the same position.
func TestReplacedGroup(t *testing.T) {
	s := openPast(t, t.TempDir(), "p", "q")
	g := s.Groups()[0]
	foldTo(g, 40)
	cutAll(t, s, "forty")
	foldPast(t, s)
	f, b := sealTo(t, g, 50)
	defer f.Close()
	before := s.Generation("p")
	ok(t, s.Switch(startsOf(t, s, "forty"), "a test"))
	if s.Generation("p") <= before {
		t.Errorf("the generation is %d, and was %d", s.Generation("p"), before)
	}
	_, err := g.Fold()
	refused(t, err, ErrNotOpen, "a fold of a replaced group")
	refused(t, g.Commit(b), ErrNotOpen, "a commit of a replaced group")
	refused(t, g.Rotate(), ErrNotOpen, "Rotate of a replaced group")
	refused(t, g.Detach("q"), ErrNotOpen, "Detach of a replaced group")
	refused(t, g.Merge(s.Groups()[0]), ErrNotOpen, "Merge into a replaced group")
	refused(t, s.Groups()[0].Merge(g), ErrNotOpen, "Merge of a replaced group")
	refused(t, g.Reopen(), ErrNotOpen, "Reopen of a replaced group")
	standsAt(t, s, 40, "after the switch")
	foldTo(s.Groups()[0], 60)
	standsAt(t, s, 60, "on from there")
	ok(t, s.Undo())
	refused(t, g.Commit(b), ErrNotOpen, "a commit of a group that was brought back as another")
	standsAt(t, s, 40, "after undo")
	ok(t, s.Undo())
	standsAt(t, s, 60, "after undo of undo")
}

// TestFoldEndsWithItsGeneration goes on applying events over a switch: what it would read is not what it began with.
func TestFoldEndsWithItsGeneration(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	g := s.Groups()[0]
	foldTo(g, 40)
	f, err := g.Fold()
	ok(t, err)
	defer f.Close()
	ok(t, s.Switch(startsOf(t, s, ""), "a test"))
	tx := &Tx{member: f.members[0]}
	s.configured("p").(*scripted).rows.Scan(tx, "", "", func(Key, *scriptedRow) bool { return true })
	refused(t, tx.Err(), ErrNotOpen, "a fold over a switch")
}

// TestCutAndSwitch switches while a snapshot is being made of what was live.
func TestCutAndSwitch(t *testing.T) {
	s := openPast(t, t.TempDir(), "p", "q")
	foldTo(s.Groups()[0], 30)
	cutAll(t, s, "thirty")
	foldTo(s.Groups()[0], 35)
	ok(t, s.Switch(startsOf(t, s, ""), "a test"))
	foldTo(s.Groups()[0], 10)
	files := len(s.deltas)
	refused(t, s.Switch(startsOf(t, s, ""), "another test"), ErrCutting, "a switch that would drop what a snapshot is made of")
	refused(t, s.DropUndo(), ErrCutting, "DropUndo of what a snapshot is made of")
	if len(s.deltas) != files {
		t.Errorf("what was refused left %d deltas, there were %d", len(s.deltas), files)
	}
	cutAll(t, s, "ten") // of what is live now: that does not keep what was
	foldPast(t, s)
	for _, name := range []string{"thirty", "ten"} {
		m, err := s.Snapshot(name)
		ok(t, err)
		checkSnapshot(t, s, m, name)
	}
	foldTo(s.Groups()[0], 12)
	cutAll(t, s, "twelve")
	ok(t, s.DropUndo())
	ok(t, s.Switch(startsOf(t, s, "thirty"), "another test"))
	standsAt(t, s, 30, "restored")
}

// TestCutWaitsForNoOne cuts what stands beside others: a projection that left its group, above a delta that the group still writes.
func TestCutWaitsForNoOne(t *testing.T) {
	s := openPast(t, t.TempDir(), "p", "q")
	foldTo(s.Groups()[0], 20)
	ok(t, s.Groups()[0].Detach("p"))
	for i, name := range []string{"a", "b", "c"} {
		foldTo(s.GroupOf("p"), eventlog.Seq(30+i))
		ok(t, s.Cut(Cut{Name: name, Projections: []string{"p", "p"}}))
		foldPast(t, s)
		m, err := s.Snapshot(name)
		ok(t, err)
		if len(m.Projections) != 1 {
			t.Errorf("the snapshot covers %v", m.Projections)
		}
		checkSnapshot(t, s, m, name)
	}
	refused(t, s.Cut(Cut{Name: "d"}), ErrCutApart, "a cut of what stands apart")
	foldTo(s.GroupOf("q"), 32)
	standsAt(t, s, 32, "side by side")
}

// TestLeftBehind takes a projection out of the configuration that still has a delta which another one waits for.
func TestLeftBehind(t *testing.T) {
	s := openPast(t, t.TempDir(), "p", "q")
	foldTo(s.Groups()[0], 20)
	ok(t, s.Groups()[0].Detach("p"))
	s = reopen(t, s, "p")
	for i := range 4 {
		foldTo(s.Groups()[0], eventlog.Seq(30+i))
		ok(t, s.Groups()[0].Rotate())
		foldPast(t, s)
	}
	standsAt(t, s, 33, "alone")
	s = reopen(t, s, "p", "q")
	foldTo(s.GroupOf("q"), 33)
	foldPast(t, s)
	standsAt(t, s, 33, "together")
}

// TestUndoOfWhatIsGone opens a directory without a projection that could be brought back.
func TestUndoOfWhatIsGone(t *testing.T) {
	s := openPast(t, t.TempDir(), "p", "q")
	foldTo(s.Groups()[0], 20)
	ok(t, s.Switch(startsOf(t, s, ""), "a test"))
	s = reopen(t, s, "p")
	if err := s.Undo(); err == nil {
		t.Error("a part of what was live was brought back")
	}
	if _, err := s.Undoable(); err == nil {
		t.Error("a part of what was live can be brought back")
	}
	foldTo(s.Groups()[0], 5)
	foldPast(t, s)
	s = reopen(t, s, "p", "q")
	before, err := s.Undoable()
	ok(t, err)
	if before.At != 20 || before.Before != "a test" {
		t.Errorf("%+v", before)
	}
	ok(t, s.Undo())
	standsAt(t, s, 20, "brought back")
	s = reopen(t, s, "p")
	ok(t, s.DropUndo())
	s = reopen(t, s, "p")
	checkFiles(t, s, "given up")
	standsAt(t, s, 20, "given up")
}

// TestUndoWithANewProjection undoes what a projection that came later has no part in.
func TestUndoWithANewProjection(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	foldTo(s.Groups()[0], 20)
	ok(t, s.Switch(startsOf(t, s, ""), "a test"))
	s = reopen(t, s, "p", "q")
	foldTo(s.GroupOf("q"), 20)
	ok(t, s.Undo())
	standsAt(t, s, 20, "brought back")
	ok(t, s.GroupOf("p").Merge(s.GroupOf("q")))
	standsAt(t, s, 20, "merged")
}

// TestDamagedUndo damages what could be brought back: what is live goes on.
func TestDamagedUndo(t *testing.T) {
	t.Run("delta", func(t *testing.T) {
		s := openPast(t, t.TempDir(), "p")
		foldTo(s.Groups()[0], 20)
		path := s.deltas[s.Groups()[0].ID()].path
		ok(t, s.Switch(startsOf(t, s, ""), "a test"))
		ok(t, s.Close())
		ok(t, os.Truncate(path, 100))
		damagedUndo(t, reopen(t, s, "p"))
	})
	t.Run("base", func(t *testing.T) {
		s := openPast(t, t.TempDir(), "p")
		foldTo(s.Groups()[0], 20)
		_, err := s.Flatten(t.Context())
		ok(t, err)
		foldTo(s.Groups()[0], 25)
		ok(t, s.Switch(startsOf(t, s, ""), "a test"))
		ok(t, s.Close())
		for _, name := range names(t, filepath.Join(s.config.Dir, chunksDir)) {
			ok(t, os.Remove(filepath.Join(s.config.Dir, chunksDir, name)))
		}
		s = reopen(t, s, "p")
		foldTo(s.Groups()[0], 5)
		ok(t, s.Groups()[0].Rotate())
		if done, err := s.Fold(t.Context()); err != nil || done == nil {
			t.Fatalf("what is live is not folded first: %v, %v", done, err)
		}
		if _, err := s.Fold(t.Context()); !errors.As(err, new(*snapshotstore.MissingError)) {
			t.Fatalf("the damage was not noticed: %v", err)
		}
		damagedUndo(t, s)
	})
}

func damagedUndo(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Undo(); err == nil {
		t.Error("what is damaged was brought back")
	}
	foldTo(s.Groups()[0], 10)
	foldPast(t, s)
	foldTo(s.Groups()[0], 12)
	cutAll(t, s, "twelve")
	foldPast(t, s)
	standsAt(t, s, 12, "beside what is damaged")
	ok(t, s.DropUndo())
	collectAll(s)
	s = reopen(t, s, "p")
	checkFiles(t, s, "given up")
	standsAt(t, s, 12, "given up")
}

// TestDamagedManifest damages one manifest: its name and the collector stop, and nothing else does.
func TestDamagedManifest(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	foldTo(s.Groups()[0], 10)
	cutAll(t, s, "ten")
	foldPast(t, s)
	path := filepath.Join(s.config.Dir, snapshotsDir, "ten.json")
	whole, err := os.ReadFile(path)
	ok(t, err)
	ok(t, os.WriteFile(path, []byte(strings.Replace(string(whole), "10", "11", 1)), 0o600))
	s = reopen(t, s, "p")
	damaged := func(err error, what string) {
		t.Helper()
		if !errors.As(err, new(*snapshotstore.DamageError)) {
			t.Errorf("%s: %v, want what is damaged", what, err)
		}
	}
	_, err = s.Snapshot("ten")
	damaged(err, "Snapshot")
	damaged(s.Cut(Cut{Name: "ten"}), "a cut of its name")
	foldTo(s.Groups()[0], 20)
	cutAll(t, s, "twenty")
	foldPast(t, s)
	foldTo(s.Groups()[0], 30)
	have, err := s.Trees("p")
	damaged(err, "Trees")
	if len(have) != 1 || have[0].At.Seq != 20 {
		t.Errorf("the trees are %+v", have)
	}
	_, err = s.Flatten(t.Context())
	ok(t, err)
	before := s.chunks.Bytes()
	_, err = s.Collect()
	damaged(err, "Collect")
	if s.chunks.Bytes() != before {
		t.Error("something was removed, and may have been the snapshot's")
	}
	ok(t, os.WriteFile(path, whole, 0o600))
	collectAll(s)
	for _, name := range []string{"ten", "twenty"} {
		m, err := s.Snapshot(name)
		ok(t, err)
		checkSnapshot(t, s, m, name)
	}
}

// TestTakenName takes the name of a snapshot that is being made away: its folds, and what comes after them, go on, and it is named
// when that can be done.
func TestTakenName(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	foldTo(s.Groups()[0], 10)
	cutAll(t, s, "ten")
	refused(t, s.Cut(Cut{Name: "ten"}), snapshotstore.ErrNameUsed, "a cut of the same name")
	path := filepath.Join(s.config.Dir, snapshotsDir, "ten.json")
	ok(t, os.WriteFile(path, []byte("something"), 0o600))
	foldPast(t, s)
	s = reopen(t, s, "p")
	if left := s.Cuts(); len(left) != 1 || left[0].Name != "ten" {
		t.Fatalf("the snapshots that are being made are %v", left)
	}
	foldTo(s.Groups()[0], 20)
	_, err := s.Flatten(t.Context())
	ok(t, err)
	ok(t, os.Remove(path))
	ok(t, s.edit(func(*live) {})) // neither LIVE nor its predecessor has it as a base any more
	collectAll(s)
	done, err := s.Fold(t.Context())
	if err != nil || done == nil || len(done.Snapshots) != 1 {
		t.Errorf("the last fold is %v, %v; the snapshot can be named now", done, err)
	}
	collectAll(s)
	m, err := s.Snapshot("ten")
	ok(t, err)
	checkSnapshot(t, s, m, "ten")
}

// TestGivingUpASnapshot removes snapshots that are not made yet.
func TestGivingUpASnapshot(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	refused(t, s.Cut(Cut{Name: "early"}), ErrNothing, "a cut before the first event")
	foldTo(s.Groups()[0], 10)
	ok(t, s.Cut(Cut{Name: "held", Hold: true}))
	refused(t, s.RemoveSnapshot("held"), ErrHeld, "a snapshot on hold, before it is made")
	foldTo(s.Groups()[0], 20)
	cutAll(t, s, "twenty")
	ok(t, s.RemoveSnapshot("twenty"))
	foldPast(t, s)
	refused(t, s.RemoveSnapshot("twenty"), snapshotstore.ErrNoName, "a snapshot that was given up")
	refused(t, s.RemoveSnapshot("held"), ErrHeld, "a snapshot on hold")
	collectAll(s)
	m, err := s.Snapshot("held")
	ok(t, err)
	checkSnapshot(t, s, m, "held")
}

// TestCollectorSpares gives up everything that names a state but one, and reads it whole after a collection.
func TestCollectorSpares(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	foldTo(s.Groups()[0], 100)
	cutAll(t, s, "first")
	foldPast(t, s)
	first := startsOf(t, s, "first")
	v, err := s.View("p") // reads the base of LIVE
	ok(t, err)
	made, err := s.Branch(first)
	ok(t, err)
	foldTo(made.Groups()[0], 110)
	flat, err := made.Flatten(t.Context())
	ok(t, err)
	ok(t, s.Switch(startsOf(t, s, ""), "a test"))
	ok(t, s.RemoveSnapshot("first"))
	ok(t, s.DropUndo())
	if _, err := s.Collect(); err != nil {
		t.Fatal(err)
	}
	compareScripted(t, v, s.configured("p").(*scripted), "a view of what nothing names")
	v.Close()
	standsAt(t, made, 110, "a branch that nothing names")
	ok(t, s.Switch(flat, "what was made"))
	ok(t, made.Close())
	collectAll(s)
	standsAt(t, s, 110, "what was made")
	ok(t, s.Undo())
	foldPast(t, s)
	collectAll(s)
	ok(t, s.edit(func(*live) {}))
	collectAll(s)
	ok(t, s.Undo())
	standsAt(t, s, 110, "brought back")
	if _, err := s.Branch(first); !errors.As(err, new(*snapshotstore.MissingError)) {
		t.Errorf("a branch of what is gone: %v", err)
	}
	if left := names(t, filepath.Join(s.config.Dir, ScratchDir)); len(left) > 0 {
		t.Errorf("branches left %v", left)
	}
	if len(s.pinned) > 0 {
		t.Errorf("pinned is %v", s.pinned)
	}
}

// TestRoomAfterUndo gives up what could be undone: the next collection has its room.
func TestRoomAfterUndo(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	foldTo(s.Groups()[0], 100)
	_, err := s.Flatten(t.Context())
	ok(t, err)
	ok(t, s.Switch(startsOf(t, s, ""), "a test"))
	foldPast(t, s)
	collectAll(s)
	if s.chunks.Packs() == 0 {
		t.Fatal("what can be undone was collected")
	}
	ok(t, s.DropUndo())
	collectAll(s)
	if n := s.chunks.Packs(); n > 0 {
		t.Errorf("%d packs are left, and nothing names what is in them", n)
	}
}

// TestNothingAfterTheEnd asks a store that is closed, and one of which nobody knows which LIVE is on the disk: neither changes
// anything any more.
func TestNothingAfterTheEnd(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	foldTo(s.Groups()[0], 10)
	cutAll(t, s, "ten")
	check := func(want error) {
		t.Helper()
		_, err := s.Fold(t.Context())
		refused(t, err, want, "Fold")
		_, err = s.Collect()
		refused(t, err, want, "Collect")
		refused(t, s.Cut(Cut{Name: "eleven"}), want, "Cut")
		refused(t, s.Switch([]Start{{Projection: "p"}}, "a test"), want, "Switch")
		refused(t, s.RemoveSnapshot("ten"), want, "RemoveSnapshot")
	}
	s.failed = errUnsure
	check(errUnsure)
	ok(t, s.Close())
	check(errClosed)
	_, err := s.Branch([]Start{{Projection: "p"}})
	refused(t, err, errClosed, "Branch")
}

// TestBranchKeepsNothing asks a branch for what would outlive it.
func TestBranchKeepsNothing(t *testing.T) {
	s := openPast(t, t.TempDir(), "p", "q")
	foldTo(s.Groups()[0], 10)
	cutAll(t, s, "ten")
	foldPast(t, s)
	made, err := s.Branch(startsOf(t, s, "ten")[:1])
	ok(t, err)
	refused(t, made.Cut(Cut{Name: "branch"}), errBranch, "Cut")
	refused(t, made.RemoveSnapshot("ten"), errBranch, "RemoveSnapshot")
	refused(t, made.SetPaused([]string{"p"}, nil), errBranch, "SetPaused")
	_, err = made.Collect()
	refused(t, err, errBranch, "Collect")
	if paused, err := made.Paused(); err != nil || len(paused) > 0 {
		t.Errorf("paused is %v, %v", paused, err)
	}
	if have, err := made.Trees("p"); err != nil || len(have) != 1 {
		t.Errorf("the trees are %v, %v", have, err)
	}
	if _, err := made.View("q"); err == nil {
		t.Error("a branch shows what it was not made for")
	}
	twig, err := made.Branch(startsOf(t, s, "ten")[:1])
	ok(t, err)
	foldTo(twig.Groups()[0], 15)
	_, err = twig.Flatten(t.Context())
	ok(t, err)
	standsAt(t, twig, 15, "a branch of a branch")
	ok(t, errors.Join(twig.Close(), made.Close(), made.Close()))
	if _, err := s.Branch([]Start{{Projection: "r"}}); err == nil {
		t.Error("a branch of a projection that is not there")
	}
	if err := s.Switch(startsOf(t, s, "ten")[:1], "a test"); err == nil {
		t.Error("a switch that says nothing of q")
	}
	_, err = s.Tree("nonsense")
	if err == nil {
		t.Error("a tree of nonsense")
	}
	foldTo(s.Groups()[0], 20)
	standsAt(t, s, 20, "afterwards")
}

// TestNoLayersOverADoubt fails the last step of a commit: what is read then may not be on the disk, and nothing is put over it.
func TestNoLayersOverADoubt(t *testing.T) {
	s := openPast(t, t.TempDir(), "p", "q")
	g := s.Groups()[0]
	foldTo(g, 50)
	d, err := g.delta()
	ok(t, err)
	before := d.db.MaxSize
	d.db.MaxSize = int(d.size())
	failBig(t, g)
	d.db.MaxSize = before
	refused(t, g.Rotate(), ErrNotOpen, "Rotate")
	refused(t, g.Detach("q"), ErrNotOpen, "Detach")
	refused(t, s.Cut(Cut{Name: "fifty"}), ErrNotOpen, "Cut")
	ok(t, g.Reopen())
	cutAll(t, s, "fifty")
	standsAt(t, s, 50, "opened again")
}

// TestStatesApart switches to states that stand at different places: each has a group of its own.
func TestStatesApart(t *testing.T) {
	s := openPast(t, t.TempDir(), "p", "q")
	foldTo(s.Groups()[0], 10)
	cutAll(t, s, "ten")
	foldPast(t, s)
	starts := startsOf(t, s, "ten")
	ok(t, s.Switch([]Start{starts[0], {Projection: "q"}}, "a test"))
	if n := len(s.Groups()); n != 2 {
		t.Fatalf("there are %d groups", n)
	}
	foldTo(s.GroupOf("q"), 10)
	ok(t, s.GroupOf("p").Merge(s.GroupOf("q")))
	standsAt(t, s, 10, "merged")
	ok(t, s.Undo())
	standsAt(t, s, 10, "undone")
}

// TestViewBesideMerge opens a view while what it shows is committed and copied into the delta below.
func TestViewBesideMerge(t *testing.T) {
	s := openPast(t, t.TempDir(), "p", "q")
	foldTo(s.Groups()[0], 20)
	ok(t, s.Groups()[0].Detach("q"))
	p, q := s.GroupOf("p"), s.GroupOf("q")
	foldTo(p, 40)
	foldTo(q, 30)
	f, b := sealTo(t, q, 40)
	defer f.Close()
	lower := s.deltas[p.ID()]
	seen := make(chan error, 1)
	lower.mu.Lock() // the view stops where it comes to this one
	go func() {
		v, err := s.View("q")
		if err == nil {
			compareScripted(t, v, s.configured("q").(*scripted), "a view beside a merge")
			v.Close()
		}
		seen <- err
	}()
	giveTime(s, seen)
	err := errors.Join(q.Commit(b), s.mergeInto(s.live.projection("q"), p.ID()))
	lower.mu.Unlock()
	ok(t, errors.Join(err, <-seen))
}
