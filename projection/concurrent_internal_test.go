//go:build unix

package projection

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestConcurrentUse does everything at once that may be done at once: one goroutine applies while another commits what
// was sealed before, a second group is split off and merged back, and queries go on all the time. It is worth most with
// -race.
func TestConcurrentUse(t *testing.T) {
	config := Config{Dir: t.TempDir(), Worker: "w", CacheBytes: 4000}
	for i := range 4 {
		config.Projections = append(config.Projections, newScripted("p"+strconv.Itoa(i)))
	}
	s, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Groups()[0].Detach("p2", "p3"); err != nil {
		t.Fatal(err)
	}
	var work, queries sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		queries.Go(func() { queryUntil(t, s, stop) })
	}
	work.Go(func() { pipeline(t, s.GroupOf("p0"), 1500) })
	work.Go(func() { splitAndMerge(t, s, 300) })
	work.Wait()
	close(stop)
	queries.Wait()
	for _, p := range config.Projections {
		v, err := s.View(p.Name())
		if err != nil {
			t.Fatal(err)
		}
		compareScripted(t, v, p.(*scripted), "in the end")
		v.Close()
	}
}

// pipeline applies in one goroutine and commits in another, as the engine does.
func pipeline(t *testing.T, g *Group, to eventlog.Seq) {
	f, err := g.Fold()
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	batches, stored := make(chan *Batch, 1), make(chan *Batch, 1)
	var committer sync.WaitGroup
	committer.Go(func() {
		for b := range batches {
			if err := g.Commit(b); err != nil {
				t.Error(err)
			}
			stored <- b
		}
	})
	defer committer.Wait()
	defer close(batches)
	prepare := NewPreparer(f.Projections())
	waiting := false
	for seq := f.Position() + 1; seq <= to; seq++ {
		in := prepare.Prepare(fixedRecord(seq), false)
		if err := f.Apply(&in); err != nil {
			t.Error(err)
			return
		}
		if seq%10 != 0 {
			continue
		}
		if waiting {
			f.Committed(<-stored)
		}
		b, err := f.Seal()
		if err != nil {
			t.Error(err)
			return
		}
		batches <- b
		waiting = true
	}
	f.Committed(<-stored)
}

// splitAndMerge takes two projections apart and together again.
func splitAndMerge(t *testing.T, s *Store, to eventlog.Seq) {
	for at := eventlog.Seq(10); at <= to; at += 10 {
		a, b := s.GroupOf("p2"), s.GroupOf("p3")
		foldTo(a, at)
		if a.ID() == b.ID() {
			if err := a.Detach("p3"); err != nil {
				t.Error(err)
			}
			continue
		}
		foldTo(b, at)
		if err := a.Merge(b); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"p2", "p3"} {
		foldTo(s.GroupOf(name), to)
	}
}

// queryUntil holds what views say against the model, at whatever position they are.
func queryUntil(t *testing.T, s *Store, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		p := s.config.Projections[rand.IntN(4)].(*scripted)
		v, err := s.View(p.name)
		if err != nil {
			t.Error(err)
			return
		}
		compareScripted(t, v, p, "a query")
		if _, err := s.Floor(); err != nil {
			t.Error(err)
		}
		v.Close()
	}
}
