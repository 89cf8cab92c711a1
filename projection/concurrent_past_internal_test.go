//go:build unix

package projection

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// TestConcurrentPast does everything with the past that may be done while events are applied and committed: snapshots are cut,
// folded, looked at, forgotten and collected, states of the past are made beside, and what can be undone is given up. Now and then
// the committers stop, and another state is put in place. It is worth most with -race.
func TestConcurrentPast(t *testing.T) {
	config := Config{Dir: t.TempDir(), Worker: "w", CacheBytes: 4000, Projections: []Projection{newScripted("p"), newScripted("q")}}
	s, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 4 {
		base := position(s.GroupOf("p"))
		stop := make(chan struct{})
		var busy sync.WaitGroup
		for i, do := range []func(*testing.T, *Store, int){foldOnce, cutOnce, lookOnce, lookOnce, forgetOnce, queryOnce, undoOnce} {
			busy.Go(func() { until(stop, func(n int) { do(t, s, 100*i+n) }) })
		}
		pipeline(t, s.GroupOf("p"), base+160)
		if round%2 == 1 { // all but the committer go on over it
			restoreOnce(t, s)
		}
		close(stop)
		busy.Wait()
		if t.Failed() {
			break
		}
	}
	if err := s.foldAllFrozen(t.Context()); err != nil {
		t.Error(err)
	}
	if left := s.Cuts(); len(left) > 0 {
		t.Errorf("everything is folded, and snapshot %s is not complete", left[0].Name)
	}
	collectAll(s)
	have, err := s.Snapshots()
	if err != nil {
		t.Error(err)
	}
	for _, m := range have {
		checkSnapshot(t, s, m, "in the end")
	}
	if n := len(s.pinned); n > 0 {
		t.Errorf("%d commits are pinned, and nothing reads them", n)
	}
	if left := names(t, config.Dir+"/"+ScratchDir); len(left) > 0 {
		t.Errorf("branches left %v", left)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s, err = Open(config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	checkFiles(t, s, "opened again")
	queryOnce(t, s, 0)
}

func until(stop <-chan struct{}, do func(int)) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
			do(n)
		}
	}
}

func foldOnce(t *testing.T, s *Store, n int) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if n%9 == 8 { // a worker that stops
		cancel()
	}
	if _, err := s.Fold(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("fold: %v", err)
	}
}

func cutOnce(t *testing.T, s *Store, _ int) {
	err := s.Cut(Cut{Name: fmt.Sprintf("s%x", rand.Uint64())})
	if err != nil && !errors.Is(err, ErrFrozen) && !errors.Is(err, ErrNothing) {
		t.Errorf("cut: %v", err)
	}
}

// lookOnce makes a state of the past and folds it flat, while views of it are open.
func lookOnce(t *testing.T, s *Store, n int) {
	made, err := s.Branch(anyStarts(t, s))
	if errors.As(err, new(*snapshotstore.MissingError)) { // it was forgotten, and collected, before it could be asked for
		return
	}
	if err != nil {
		t.Errorf("branch: %v", err)
		return
	}
	defer made.Close()
	g := made.GroupOf("p")
	foldTo(g, position(g)+eventlog.Seq(n%40))
	v, err := made.View("p")
	if err != nil {
		t.Error(err)
		return
	}
	defer v.Close()
	if _, err := made.Flatten(t.Context()); err != nil {
		t.Errorf("flatten: %v", err)
	}
	compareScripted(t, v, s.configured("p").(*scripted), "a branch")
}

// anyStarts chooses a snapshot that was there a moment ago.
func anyStarts(t *testing.T, s *Store) []Start {
	have, err := s.Snapshots()
	if err != nil {
		t.Errorf("snapshots: %v", err)
	}
	if len(have) == 0 {
		return []Start{{Projection: "p"}, {Projection: "q"}}
	}
	m := have[rand.IntN(len(have))]
	return []Start{{"p", m.Projections[0].Commit}, {"q", m.Projections[1].Commit}}
}

func forgetOnce(t *testing.T, s *Store, _ int) {
	have, err := s.Snapshots()
	if err != nil {
		t.Errorf("snapshots: %v", err)
	}
	for len(have) > 2 {
		i := rand.IntN(len(have))
		if err := s.RemoveSnapshot(have[i].Name); err != nil {
			t.Errorf("remove: %v", err)
		}
		have = append(have[:i], have[i+1:]...)
	}
	if _, err := s.Collect(); err != nil {
		t.Errorf("collect: %v", err)
	}
}

func queryOnce(t *testing.T, s *Store, n int) {
	p := s.config.Projections[n%2].(*scripted)
	v, err := s.View(p.name)
	if err != nil {
		t.Errorf("view: %v", err)
		return
	}
	defer v.Close()
	compareScripted(t, v, p, "a query")
}

func undoOnce(t *testing.T, s *Store, n int) {
	if n%5 == 0 {
		if err := s.DropUndo(); err != nil && !errors.Is(err, ErrCutting) {
			t.Errorf("drop undo: %v", err)
		}
		return
	}
	if _, err := s.Undoable(); err != nil && !errors.Is(err, ErrNoUndo) {
		t.Errorf("undoable: %v", err)
	}
}

// restoreOnce puts another state in place while everything but commits goes on.
func restoreOnce(t *testing.T, s *Store) {
	put := func() error { return s.Switch(anyStarts(t, s), "a test") }
	if rand.IntN(2) == 0 {
		put = s.Undo
	}
	for range 100 {
		err := put()
		switch {
		case err == nil:
			return
		case errors.Is(err, ErrNoUndo), errors.As(err, new(*snapshotstore.MissingError)):
			put = func() error { return s.Switch(anyStarts(t, s), "a test") }
		case errors.Is(err, ErrCutting):
			if err := s.foldAllFrozen(t.Context()); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("switch: %v", err)
			return
		}
	}
}
