package snapshotstore

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const frozenPackPath = "testdata/frozen/pack-2/cd4c264b8a20786b8af36af0956ef012.pack"

// frozenCopy opens a copy of the frozen pack.
func frozenCopy(t *testing.T) *pack {
	t.Helper()
	raw, err := os.ReadFile(frozenPackPath)
	if err != nil {
		t.Fatal(err)
	}
	dir, name := t.TempDir(), filepath.Base(frozenPackPath)
	if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := openPack(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.file.Close() })
	return p
}

// The frozen pack has every kind of object, stored in both ways, and more than one level of nodes: no part of the format
// is left out of it.
func TestFrozenPackHasEverything(t *testing.T) {
	p := frozenCopy(t)
	kinds := map[Kind]int{}
	levels := map[byte]int{}
	asIs, compressed := 0, 0
	for i := range p.index {
		l := &p.index[i]
		kinds[l.kind]++
		if l.stored == l.raw {
			asIs++
		} else {
			compressed++
		}
		o, err := p.read(l)
		if err != nil {
			t.Fatal(err)
		}
		if l.kind == KindNode {
			levels[o.Bytes[0]]++
		}
		if l.kind.leaf() == (len(l.filter) == 0) {
			t.Errorf("object %s of kind %c has a filter of %d bytes", l.hash, l.kind, len(l.filter))
		}
	}
	for _, kind := range []Kind{KindLeaf, KindBlobby, KindNode, KindBlob, KindCommit} {
		if kinds[kind] == 0 {
			t.Errorf("there is no object of kind %c", kind)
		}
	}
	if asIs == 0 || compressed == 0 || levels[1] < 2 || levels[2] < 2 || levels[3] == 0 {
		t.Errorf("%d stored as they are, %d compressed, nodes of each level %v", asIs, compressed, levels)
	}
}

// copied are changes that put the rows of a tree.
type copied struct{ rows *Rows }

func (copied) Ranges() [][]byte { return nil }

func (c copied) Next() (Change, bool, error) {
	key, value, ok, err := c.rows.Next()
	return Change{Key: key, Value: value}, ok, err
}

// rewrite writes the tables of a commit into another folder, row by row, and returns the pack that this gives.
func rewrite(t *testing.T, from *Store, hash Hash) *pack {
	t.Helper()
	commit, err := from.Commit(hash)
	if err != nil {
		t.Fatal(err)
	}
	to, err := OpenStore(t.TempDir(), 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = to.Close() })
	w, err := to.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, table := range commit.Tables {
		rows := from.Tree(table.Table, table.Root).Rows(nil)
		if root, err := w.Fold(to.Tree(table.Table, Root{}), copied{rows}); err != nil || root != table.Root {
			t.Fatalf("table %s comes out as %+v (%v), want %+v", table.Table, root, err, table.Root)
		}
	}
	if _, err := w.PutCommit(&commit); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return to.packs[0]
}

// What today's build writes for the rows of the frozen pack differs in nothing but what the compressor is free in: the
// same objects in the same order, of the same kinds, with the same filters. Twice the same rows give the same file.
func TestFrozenObjectsAreWrittenTheSame(t *testing.T) {
	old := frozenCopy(t)
	store, err := OpenStore(filepath.Dir(old.file.Name()), 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var commit Hash
	for _, l := range old.index {
		if l.kind == KindCommit {
			commit = l.hash
		}
	}
	got := rewrite(t, store, commit)
	if again := rewrite(t, store, commit); again.name != got.name {
		t.Errorf("the same rows give packs %s and %s", got.name, again.name)
	}
	if len(got.index) != len(old.index) {
		t.Fatalf("%d objects, want %d", len(got.index), len(old.index))
	}
	for i, want := range byOffset(old) {
		l := byOffset(got)[i]
		if l.hash != want.hash || l.kind != want.kind || l.raw != want.raw || !bytes.Equal(l.filter, want.filter) {
			t.Errorf("object %d is %s, %c of %d bytes with filter %x, want %s, %c, %d, %x",
				i, l.hash, l.kind, l.raw, l.filter, want.hash, want.kind, want.raw, want.filter)
		}
	}
	t.Logf("today's compressor gives pack %s, the frozen one is %s", got.name, old.name)
}

func byOffset(p *pack) []located {
	return slices.SortedFunc(slices.Values(p.index), func(a, b located) int { return cmp.Compare(a.offset, b.offset) })
}
