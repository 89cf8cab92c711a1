//go:build unix

package projection

import (
	"errors"
	"sync"
	"testing"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// atPoints runs funcs at crash points, each once, while fn runs.
func atPoints(points map[string]func(), fn func()) {
	var mu sync.Mutex
	crashPoint = func(name string) {
		mu.Lock()
		do := points[name]
		delete(points, name)
		mu.Unlock()
		if do != nil {
			do()
		}
	}
	defer func() { crashPoint = func(string) {} }()
	fn()
}

// giveTime lets others run, until they are done or for some thousand looks at the disk.
func giveTime(s *Store, done <-chan error) {
	for range 3000 {
		if len(done) > 0 {
			return
		}
		_, _ = readLive(s.config.Dir)
	}
}

// TestCollectBesideFold names a new base after the collector has asked what is named, and before it removes anything.
func TestCollectBesideFold(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	foldTo(s.Groups()[0], 100)
	ok(t, s.Groups()[0].Rotate())
	asked, named, collected, folded := make(chan bool), make(chan bool), make(chan error, 1), make(chan error, 1)
	points := map[string]func(){
		"fold packed": func() {
			go func() {
				_, err := s.Collect()
				collected <- err
			}()
			<-asked
		},
		"collecting": func() {
			close(asked)
			<-named
			giveTime(s, folded)
		},
		"fold live": func() { close(named) },
	}
	atPoints(points, func() {
		go func() {
			_, err := s.Fold(t.Context())
			folded <- err
		}()
		ok(t, errors.Join(<-collected, <-folded))
	})
	standsAt(t, s, 100, "folded beside a collection")
	standsAt(t, reopen(t, s, "p"), 100, "opened again")
}

// TestCollectBesideSwitch asks for a snapshot that was forgotten, and that the collector is about to remove: it is there as a whole,
// or not at all.
func TestCollectBesideSwitch(t *testing.T) {
	for _, branch := range []bool{false, true} {
		s := openPast(t, t.TempDir(), "p")
		foldTo(s.Groups()[0], 100)
		cutAll(t, s, "first")
		foldPast(t, s)
		starts := startsOf(t, s, "first")
		ok(t, s.Switch(startsOf(t, s, ""), "a test"))
		ok(t, errors.Join(s.DropUndo(), s.RemoveSnapshot("first")))
		done := make(chan error, 1)
		use := func() {
			if !branch {
				done <- s.Switch(starts, "a test")
				return
			}
			made, err := s.Branch(starts)
			if err == nil {
				standsAt(t, made, 100, "a branch beside a collection")
				err = made.Close()
			}
			done <- err
		}
		points := map[string]func(){"collecting": func() {
			go use()
			giveTime(s, done)
		}}
		atPoints(points, func() { collectAll(s) })
		if err := <-done; !errors.As(err, new(*snapshotstore.MissingError)) {
			t.Errorf("what was asked for too late: %v", err)
		}
		standsAt(t, s, 0, "not switched")
		if len(s.pinned) > 0 {
			t.Errorf("pinned is %v", s.pinned)
		}
	}
}

// TestSwitchDoesNotWaitForCollection restores a snapshot while the collector runs: it spares what has a name.
func TestSwitchDoesNotWaitForCollection(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	foldTo(s.Groups()[0], 100)
	cutAll(t, s, "first")
	foldPast(t, s)
	foldTo(s.Groups()[0], 120)
	starts := startsOf(t, s, "first")
	points := map[string]func(){"collecting": func() {
		if err := s.Switch(starts, "a test"); err != nil {
			t.Error(err)
		}
		if err := s.RemoveSnapshot("first"); err != nil {
			t.Error(err)
		}
	}}
	atPoints(points, func() { collectAll(s) })
	collectAll(s)
	standsAt(t, s, 100, "restored beside a collection")
}

// TestBranchIsKeptWhileItIsMade forgets and collects what a branch begins from, before its first delta is there.
func TestBranchIsKeptWhileItIsMade(t *testing.T) {
	s := openPast(t, t.TempDir(), "p", "q")
	foldTo(s.Groups()[0], 100)
	cutAll(t, s, "first")
	foldPast(t, s)
	starts := startsOf(t, s, "first")
	ok(t, s.Switch(startsOf(t, s, ""), "a test"))
	ok(t, errors.Join(s.DropUndo(), s.RemoveSnapshot("first")))
	var made *Store
	atPoints(map[string]func(){"delta written": func() { collectAll(s) }}, func() {
		var err error
		made, err = s.Branch(starts)
		ok(t, err)
	})
	standsAt(t, made, 100, "a branch")
	ok(t, made.Close())
}

// TestFoldKeepsItsBase gives up what is being folded, and collects it: the fold comes to its end, and is of no use.
func TestFoldKeepsItsBase(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	foldTo(s.Groups()[0], 100)
	_, err := s.Flatten(t.Context())
	ok(t, err)
	foldTo(s.Groups()[0], 120)
	ok(t, s.Switch(startsOf(t, s, ""), "a test"))
	f, err := s.beginFold()
	ok(t, err)
	defer f.close()
	ok(t, s.DropUndo())
	collectAll(s)
	if _, err := openTree(s.chunks, f.projections[0].Base); err != nil {
		t.Errorf("the base below what is being folded: %v", err)
	}
}
