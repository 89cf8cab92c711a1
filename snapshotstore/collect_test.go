package snapshotstore_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// named is a commit that is kept, and the rows that it must hold.
type named struct {
	hash  snapshotstore.Hash
	model map[string][]byte
}

// fold folds drawn changes into the tree of a commit and returns the commit that this gives.
func fold(rt *rapid.T, store *snapshotstore.Store, w *snapshotstore.Writer, base named, c *changes) named {
	tree := store.Tree("t", snapshotstore.Root{})
	if base.model != nil {
		commit, err := store.Commit(base.hash)
		if err != nil {
			rt.Fatal(err)
		}
		tree = store.Tree("t", commit.Root("t"))
	}
	out := named{model: maps.Clone(base.model)}
	if out.model == nil {
		out.model = map[string][]byte{}
	}
	c.onto(out.model)
	root, err := w.Fold(tree, c)
	if err != nil {
		rt.Fatal(err)
	}
	out.hash, err = w.PutCommit(&snapshotstore.Commit{Tables: []snapshotstore.Named{{Table: "t", Root: root}}, State: []byte("s")})
	if err != nil {
		rt.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		rt.Fatal(err)
	}
	return out
}

func (n named) check(rt *rapid.T, store *snapshotstore.Store) {
	commit, err := store.Commit(n.hash)
	if err != nil {
		rt.Fatal(err)
	}
	rows := store.Tree("t", commit.Root("t")).Rows(nil)
	for _, key := range slices.Sorted(maps.Keys(n.model)) {
		k, v, ok, err := rows.Next()
		if err != nil || !ok || string(k) != key || !bytes.Equal(v, n.model[key]) {
			rt.Fatalf("a kept commit has %q (%t, %v), want %q", k, ok, err, key)
		}
	}
	if _, _, ok, err := rows.Next(); ok || err != nil {
		rt.Fatalf("a kept commit has a row too many (%v)", err)
	}
}

// Whatever is collected when: what is kept stays whole, and so does what a writer counts on that is not closed yet.
func TestCollectKeepsWhatIsNamed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		store, err := snapshotstore.OpenStore(dir, 1<<20, nil)
		if err != nil {
			rt.Fatal(err)
		}
		keys := makeKeyspace(rapid.IntRange(1, 400).Draw(rt, "keys"), false)
		var kept []named
		collect := func() {
			var roots []snapshotstore.Hash
			for _, n := range kept {
				roots = append(roots, n.hash)
			}
			if _, err := store.Collect(roots); err != nil {
				rt.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			base := named{}
			if len(kept) > 0 && rapid.Bool().Draw(rt, "on a kept one") {
				base = kept[rapid.IntRange(0, len(kept)-1).Draw(rt, "base")]
			}
			w, err := store.NewWriter()
			if err != nil {
				rt.Fatal(err)
			}
			next := fold(rt, store, w, base, keys.drawChanges(rt))
			if rapid.Bool().Draw(rt, "collect before it is named") {
				collect()
			}
			kept = append(kept, next)
			if err := w.Close(); err != nil {
				rt.Fatal(err)
			}
			if rapid.Bool().Draw(rt, "drop one") {
				i := rapid.IntRange(0, len(kept)-1).Draw(rt, "dropped")
				kept = slices.Delete(kept, i, i+1)
				collect()
			}
			if rapid.IntRange(0, 4).Draw(rt, "reopen") == 0 {
				if err := store.Close(); err != nil {
					rt.Fatal(err)
				}
				if store, err = snapshotstore.OpenStore(dir, 1<<20, nil); err != nil {
					rt.Fatal(err)
				}
			}
			for _, n := range kept {
				n.check(rt, store)
			}
		}
		kept = nil
		collect()
		if n := store.Bytes(); n != 0 {
			rt.Fatalf("%d bytes are left when nothing is named", n)
		}
		if err := store.Close(); err != nil {
			rt.Fatal(err)
		}
	})
}

// One flipped bit anywhere in a pack is noticed: when the pack is opened, or when what it is in is read.
func TestFlippedBitsAreNoticed(t *testing.T) {
	dir := t.TempDir()
	store, err := snapshotstore.OpenStore(dir, 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys := makeKeyspace(120, false)
	c := &changes{rows: map[string][]byte{}}
	for i, key := range keys {
		c.rows[key] = value(i, 1)
	}
	w, err := store.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Fold(store.Tree("t", snapshotstore.Root{}), c); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), store.Close()); err != nil {
		t.Fatal(err)
	}
	packs, err := filepath.Glob(filepath.Join(dir, "*.pack"))
	if err != nil || len(packs) != 1 {
		t.Fatalf("packs %v, %v", packs, err)
	}
	whole, err := os.ReadFile(packs[0])
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(whole) * 8 {
		damaged := bytes.Clone(whole)
		damaged[bit/8] ^= 1 << (bit % 8)
		if !noticed(t, packs[0], damaged) {
			t.Errorf("bit %d of byte %d of %d is not noticed", bit%8, bit/8, len(whole))
		}
	}
	for _, cut := range []int{0, 1, 10, 11, len(whole) / 2, len(whole) - 1} {
		if !noticed(t, packs[0], whole[:cut]) {
			t.Errorf("a pack of %d of %d bytes is not noticed", cut, len(whole))
		}
	}
	if noticed(t, packs[0], whole) {
		t.Error("the pack as it was is called damaged")
	}
}

// noticed writes a pack's content and tells whether opening or verifying it names damage.
func noticed(t *testing.T, path string, content []byte) bool {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := snapshotstore.OpenStore(filepath.Dir(path), 1<<20, nil)
	if err != nil {
		return isDamage(err)
	}
	defer store.Close()
	found := false
	store.Verify(func(err error) bool {
		found = isDamage(err)
		return false
	})
	return found
}

func isDamage(err error) bool {
	var damage *snapshotstore.DamageError
	return errors.As(err, &damage) && damage.File != ""
}
