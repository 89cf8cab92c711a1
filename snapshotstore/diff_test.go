package snapshotstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// openStore opens a store that is closed when the test ends.
func openStore(t *testing.T, dir string) *snapshotstore.Store {
	t.Helper()
	store, err := snapshotstore.OpenStore(dir, 64<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// written folds changes into a tree and returns the tree that this gives.
func written(t rapid.TB, store *snapshotstore.Store, old *snapshotstore.Tree, c snapshotstore.Changes) *snapshotstore.Tree {
	t.Helper()
	w, err := store.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	root, err := w.Fold(old, c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return store.Tree("t", root)
}

// puts are changes that put every row of a model.
func puts(model map[string][]byte) *changes { return &changes{rows: model} }

func emptyTree(store *snapshotstore.Store) *snapshotstore.Tree {
	return store.Tree("t", snapshotstore.Root{})
}

// naiveDiff is what Diff must find: a walk over the keys of two maps.
func naiveDiff(before, after map[string][]byte) []snapshotstore.Difference {
	all := maps.Clone(before)
	maps.Copy(all, after)
	var out []snapshotstore.Difference
	for _, key := range slices.Sorted(maps.Keys(all)) {
		b, had := before[key]
		a, has := after[key]
		if had != has || !bytes.Equal(a, b) {
			out = append(out, snapshotstore.Difference{Key: []byte(key), Before: b, After: a})
		}
	}
	return out
}

// drawModel draws rows: none, a few at either end, a run, or nearly all of the keys.
func (k keyspace) drawModel(rt *rapid.T, label string) map[string][]byte {
	model := map[string][]byte{}
	from, to := 0, 0
	switch rapid.SampledFrom([]string{"none", "begin", "end", "run", "all"}).Draw(rt, label) {
	case "begin":
		to = rapid.IntRange(1, len(k)).Draw(rt, "to")
	case "end":
		from, to = k.draw(rt, "from"), len(k)
	case "run":
		from = k.draw(rt, "from")
		to = rapid.IntRange(from, len(k)).Draw(rt, "to")
	case "all":
		to = len(k)
	}
	for i := from; i < to; i++ {
		model[k[i]] = value(i, 0)
	}
	return model
}

// edited applies drawn changes to a copy, some of them to the empty value, to a blob, or from one blob to another.
func (k keyspace) edited(rt *rapid.T, model map[string][]byte) (map[string][]byte, *changes) {
	c := k.drawChanges(rt)
	for range rapid.IntRange(0, 5).Draw(rt, "empty values") {
		c.rows[k[k.draw(rt, "emptied")]] = []byte{}
	}
	for range rapid.IntRange(0, 3).Draw(rt, "blobs") {
		i := k.draw(rt, "blob") / 97 * 97 // a blob before, of the same size where none is added
		more := rapid.IntRange(0, 1).Draw(rt, "longer")
		c.rows[k[i]] = bytes.Repeat([]byte{byte(i) + 7}, snapshotstore.BlobBytes+i+more)
	}
	out := maps.Clone(model)
	c.onto(out)
	return out, c
}

// checkDiff holds a diff against the naive one, forwards, and its counts.
func checkDiff(rt *rapid.T, before, after *snapshotstore.Tree, want []snapshotstore.Difference) {
	diff := snapshotstore.Diff(before, after)
	counts := snapshotstore.Counts{}
	for i, w := range want {
		got, ok, err := diff.Next()
		if err != nil || !ok {
			rt.Fatalf("difference %d of %d: ok = %t, %v", i, len(want), ok, err)
		}
		if !sameDifference(got, w) {
			rt.Fatalf("difference %d is %s, want %s", i, describe(got), describe(w))
		}
		switch {
		case w.Before == nil:
			counts.Added++
		case w.After == nil:
			counts.Removed++
		default:
			counts.Changed++
		}
	}
	for range 2 {
		if got, ok, err := diff.Next(); ok || err != nil {
			rt.Fatalf("a difference too many: %s, %v", describe(got), err)
		}
	}
	if got, err := snapshotstore.Diff(before, after).Count(rt.Context()); err != nil || got != counts {
		rt.Fatalf("counted %+v (%v), want %+v", got, err, counts)
	}
}

func sameDifference(a, b snapshotstore.Difference) bool {
	return bytes.Equal(a.Key, b.Key) && sameValue(a.Before, b.Before) && sameValue(a.After, b.After)
}

// sameValue tells nil, which is no row, from an empty value.
func sameValue(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

func describe(d snapshotstore.Difference) string {
	return fmt.Sprintf("%q: %.20q (%d, nil: %t) -> %.20q (%d, nil: %t)",
		d.Key, d.Before, len(d.Before), d.Before == nil, d.After, len(d.After), d.After == nil)
}

// A diff is what a walk over all rows of both trees would find, in one store or over two.
func TestDiffAgainstNaive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		first, err := snapshotstore.OpenStore(t.TempDir(), 1<<20, nil)
		if err != nil {
			rt.Fatal(err)
		}
		defer first.Close()
		second := first
		if rapid.Bool().Draw(rt, "two stores") {
			if second, err = snapshotstore.OpenStore(t.TempDir(), 1<<20, nil); err != nil {
				rt.Fatal(err)
			}
			defer second.Close()
		}
		keys := makeKeyspace(rapid.IntRange(1, 1500).Draw(rt, "keys"), rapid.Bool().Draw(rt, "uncut"))
		before := keys.drawModel(rt, "before")
		a := written(rt, first, emptyTree(first), puts(before))
		var after map[string][]byte
		var b *snapshotstore.Tree
		if rapid.Bool().Draw(rt, "unrelated") {
			after = keys.drawModel(rt, "after")
			b = written(rt, second, emptyTree(second), puts(after))
		} else {
			var c *changes
			after, c = keys.edited(rt, before)
			if second == first {
				b = written(rt, second, a, c)
			} else {
				b = written(rt, second, emptyTree(second), puts(after))
			}
		}
		checkDiff(rt, a, b, naiveDiff(before, after))
		checkDiff(rt, b, a, naiveDiff(after, before))
	})
}

// Inserts before the first and behind the last key, and the deletion of nearly everything, change the height of the
// tree; what is found is the same.
func TestDiffOfOtherHeights(t *testing.T) {
	store := openStore(t, t.TempDir())
	keys := makeKeyspace(20_000, false)
	whole := map[string][]byte{}
	for i, key := range keys {
		whole[key] = value(i, 0)
	}
	a := written(t, store, emptyTree(store), puts(whole))
	for _, tt := range []struct {
		name     string
		from, to int
	}{
		{"nothing", 0, 0}, {"one row", 9000, 9001}, {"a leaf or two", 9000, 9030}, {"a beginning", 0, 800},
		{"an end", 19_200, 20_000}, {"a middle", 5000, 15_000}, {"all but the first", 1, 20_000}, {"all but the last", 0, 19_999},
	} {
		t.Run(tt.name, func(t *testing.T) {
			part := map[string][]byte{}
			for _, key := range keys[tt.from:tt.to] {
				part[key] = whole[key]
			}
			b := written(t, store, emptyTree(store), puts(part))
			for _, way := range []struct {
				from, to *snapshotstore.Tree
				want     []snapshotstore.Difference
			}{{a, b, naiveDiff(whole, part)}, {b, a, naiveDiff(part, whole)}} {
				diff := snapshotstore.Diff(way.from, way.to)
				for i, want := range way.want {
					if got, ok, err := diff.Next(); err != nil || !ok || !sameDifference(got, want) {
						t.Fatalf("difference %d is %s (%t, %v), want %s", i, describe(got), ok, err, describe(want))
					}
				}
				if got, ok, err := diff.Next(); ok || err != nil {
					t.Fatalf("a difference too many: %s, %v", describe(got), err)
				}
			}
		})
	}
}

// Counting ends when its context does, and the differences can be gone through further.
func TestCountIsCancelled(t *testing.T) {
	store := openStore(t, t.TempDir())
	model := map[string][]byte{}
	for i, key := range makeKeyspace(1000, false) {
		model[key] = value(i, 0)
	}
	diff := snapshotstore.Diff(emptyTree(store), written(t, store, emptyTree(store), puts(model)))
	if _, ok, err := diff.Next(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := diff.Count(ctx); !errors.Is(err, context.Canceled) || got != (snapshotstore.Counts{}) {
		t.Errorf("a cancelled count gives %+v, %v", got, err)
	}
	if got, err := diff.Count(t.Context()); err != nil || got != (snapshotstore.Counts{Added: 999}) {
		t.Errorf("the rest is counted as %+v, %v", got, err)
	}
}

func ExampleDiff() {
	dir, err := os.MkdirTemp("", "packs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := snapshotstore.OpenStore(dir, 1<<20, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	w, err := store.NewWriter()
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()
	var roots []snapshotstore.Root
	for _, rows := range []map[string][]byte{
		{"ann": []byte("1"), "bob": []byte("2"), "eve": []byte("3")},
		{"ann": []byte("1"), "bob": []byte("4"), "dan": []byte("5")},
	} {
		root, err := w.Fold(store.Tree("people", snapshotstore.Root{}), &changes{rows: rows})
		if err != nil {
			log.Fatal(err)
		}
		roots = append(roots, root)
	}
	if _, err := w.Commit(); err != nil {
		log.Fatal(err)
	}
	diff := snapshotstore.Diff(store.Tree("people", roots[0]), store.Tree("people", roots[1]))
	for {
		d, ok, err := diff.Next()
		if err != nil {
			log.Fatal(err)
		}
		if !ok {
			break
		}
		fmt.Printf("%s: %q -> %q\n", d.Key, d.Before, d.After)
	}
	// Output:
	// bob: "2" -> "4"
	// dan: "" -> "5"
	// eve: "3" -> ""
}
