package snapshotstore_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// travels is a shelf, and two workers who fold, push, pull, forget and collect as chance has it.
type travels struct {
	*testing.T
	rng    *rand.Rand
	shelf  snapshotstore.Shelf
	source *world
	worlds [2]*world
	named  [2]map[string]*snapshotstore.Manifest // what each keeps
	there  map[string]*snapshotstore.Manifest    // what is on the shelf
	serial int
}

func (v *travels) one(of map[string]*snapshotstore.Manifest) *snapshotstore.Manifest {
	names := slices.Sorted(maps.Keys(of))
	if len(names) == 0 {
		return nil
	}
	return of[names[v.rng.IntN(len(names))]]
}

func (v *travels) step() {
	i := v.rng.IntN(2)
	w, named := v.worlds[i], v.named[i]
	m, there := v.one(named), v.one(v.there)
	switch n := v.rng.IntN(10); {
	case n < 3:
		v.serial++
		name := fmt.Sprint("s", v.serial)
		rows := onePercent(2000, v.rng.IntN(100))
		if m == nil || v.rng.IntN(4) == 0 {
			rows = someRows(100 + v.rng.IntN(1900))
		}
		if m != nil {
			w.models[m.Name] = v.source.models[m.Name]
		}
		named[name] = w.snapshot(name, m, rows)
		v.source.models[name] = w.models[name]
	case n < 5 && m != nil:
		w.push(v.shelf, m)
		v.there[m.Name] = m
	case n < 7 && there != nil:
		pulled, err := snapshotstore.Pull(v.Context(), v.shelf, there.Name, w.store, nil)
		if err != nil {
			v.Fatal(err)
		}
		if v.rng.IntN(2) == 0 {
			w.collect(slices.Collect(maps.Values(named))...)
		}
		named[there.Name] = there
		pulled.Close()
	case n == 7 && m != nil:
		delete(named, m.Name)
	case n == 8 && there != nil:
		if err := snapshotstore.Unshelve(v.Context(), v.shelf, there.Name); err != nil {
			v.Fatal(err)
		}
		delete(v.there, there.Name)
	default:
		w.collect(slices.Collect(maps.Values(named))...)
	}
}

// Whatever is done in whatever order, what is kept in a store and what is on the shelf stays whole.
func TestCopiesInAnyOrder(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			v := &travels{
				T: t, rng: rand.New(rand.NewPCG(seed, 7)), shelf: openShelf(t, t.TempDir()), source: newWorld(t),
				there: map[string]*snapshotstore.Manifest{},
			}
			for i := range v.worlds {
				v.worlds[i], v.named[i] = newWorld(t), map[string]*snapshotstore.Manifest{}
			}
			for range 40 {
				v.step()
			}
			for i, w := range v.worlds {
				for _, m := range v.named[i] {
					w.holds(v.source, m)
				}
				w.collect()
				if n := w.store.Bytes(); n != 0 {
					t.Errorf("%d bytes are left when nothing is named", n)
				}
			}
			for _, m := range v.there {
				b := newWorld(t)
				b.pull(v.shelf, m)
				b.holds(v.source, m)
				if err := snapshotstore.Unshelve(t.Context(), v.shelf, m.Name); err != nil {
					t.Fatal(err)
				}
			}
			if items, err := v.shelf.List(t.Context(), ""); err != nil || len(items) != 0 {
				t.Errorf("of an empty shelf, %v is left, %v", items, err)
			}
		})
	}
}

// Pushes and pulls run beside folds and the collector.
func TestCopiesBesideTheCollector(t *testing.T) {
	a, b := newWorld(t), newWorld(t)
	shelf := openShelf(t, t.TempDir())
	base := a.snapshot("base", nil, someRows(3000))
	a.push(shelf, base)
	var manifests []*snapshotstore.Manifest
	for i := range 6 {
		manifests = append(manifests, a.snapshot(fmt.Sprint("s", i), base, onePercent(3000, i)))
	}
	stop := make(chan struct{})
	var collectors, copies sync.WaitGroup
	collecting := func(w *world, keep ...*snapshotstore.Manifest) {
		var roots []snapshotstore.Hash
		for _, m := range keep {
			roots = append(roots, rootsOf(t, m)...)
		}
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := w.store.Collect(roots); err != nil {
					t.Error(err)
				}
			}
		}
	}
	collectors.Go(func() { collecting(a, append(manifests, base)...) })
	collectors.Go(func() { collecting(b) })
	copies.Go(func() {
		for _, m := range manifests {
			if _, err := snapshotstore.Push(t.Context(), a.store, shelf, m, nil); err != nil {
				t.Error(err)
			}
		}
	})
	for range 2 {
		copies.Go(func() {
			for i := 0; i < len(manifests); {
				pulled, err := snapshotstore.Pull(t.Context(), shelf, manifests[i].Name, b.store, nil)
				if errors.Is(err, snapshotstore.ErrNoName) {
					continue // it is not pushed yet
				}
				if err != nil {
					t.Error(err)
					return
				}
				b.holds(a, manifests[i])
				pulled.Close()
				i++
			}
		})
	}
	copies.Wait()
	close(stop)
	collectors.Wait()
}
