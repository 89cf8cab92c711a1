package snapshotstore_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// world is a store and the rows that its snapshots must have.
type world struct {
	testing.TB
	store  *snapshotstore.Store
	dir    string
	models map[string]map[string][]byte // by the name of the snapshot
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, dir: t.TempDir(), models: map[string]map[string][]byte{}}
	var err error
	if w.store, err = snapshotstore.OpenStore(w.dir, 1<<20, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// tables are those of a snapshot of a world: all have the same keys, "u" fewer of them.
var tables = []string{"t", "u"}

// snapshot folds changes into the state of another snapshot (nil: into nothing), and returns the manifest of what that
// gives.
func (w *world) snapshot(name string, base *snapshotstore.Manifest, rows map[string][]byte) *snapshotstore.Manifest {
	w.Helper()
	var commit snapshotstore.Commit
	model := map[string][]byte{}
	if base != nil {
		commit = w.commitOf(base)
		maps.Copy(model, w.models[base.Name])
	}
	(&changes{rows: rows}).onto(model)
	writer, err := w.store.NewWriter()
	if err != nil {
		w.Fatal(err)
	}
	defer writer.Close()
	next := snapshotstore.Commit{State: []byte(name)}
	for _, table := range tables {
		root, err := writer.Fold(w.store.Tree(table, commit.Root(table)), &changes{rows: ofTable(table, rows)})
		if err != nil {
			w.Fatal(err)
		}
		next.Tables = append(next.Tables, snapshotstore.Named{Table: table, Root: root})
	}
	hash, err := writer.PutCommit(&next)
	if err == nil {
		_, err = writer.Commit()
	}
	if err != nil {
		w.Fatal(err)
	}
	w.models[name] = model
	m := sample(name, uint64(len(w.models)))
	m.Projections = []snapshotstore.ManifestProjection{{
		Name: "p", Digest: snapshotstore.Digest(next.Tables).String(), Commit: hash.String(),
	}}
	m.Digest = snapshotstore.DigestOf(m.Projections)
	return m
}

// ofTable returns the rows of one table.
func ofTable(table string, rows map[string][]byte) map[string][]byte {
	out := maps.Clone(rows)
	maps.DeleteFunc(out, func(key string, _ []byte) bool { return table == "u" && key[len(key)-1] != '7' })
	return out
}

func (w *world) commitOf(m *snapshotstore.Manifest) snapshotstore.Commit {
	w.Helper()
	roots, err := m.Roots()
	if err != nil {
		w.Fatal(err)
	}
	commit, err := w.store.Commit(roots[0])
	if err != nil {
		w.Fatal(err)
	}
	return commit
}

// holds fails the test where the store does not have a snapshot of another world to the byte.
func (w *world) holds(from *world, m *snapshotstore.Manifest) {
	w.Helper()
	commit := w.commitOf(m)
	if got := snapshotstore.Digest(commit.Tables).String(); got != m.Projections[0].Digest {
		w.Fatalf("%s has the digest %s, want %s", m.Name, got, m.Projections[0].Digest)
	}
	for _, table := range tables {
		h := snapshotstore.NewHasher(table)
		want := ofTable(table, from.models[m.Name])
		n := 0
		for key, value := range allRows(w, w.store.Tree(table, commit.Root(table))) {
			if n++; string(want[key]) != string(value) {
				w.Fatalf("%s, table %s: %q is %.20q, want %.20q", m.Name, table, key, value, want[key])
			}
			h.Add([]byte(key), value)
		}
		if got := h.Sum(); n != len(want) || got != commit.Root(table) {
			w.Fatalf("%s, table %s: %d rows with the root %v, want %d with %v", m.Name, table, n, got, len(want), commit.Root(table))
		}
	}
}

func allRows(t testing.TB, tree *snapshotstore.Tree) func(func(string, []byte) bool) {
	rows := tree.Rows(nil)
	return func(yield func(string, []byte) bool) {
		for {
			k, v, ok, err := rows.Next()
			if err != nil {
				t.Fatal(err)
			}
			if !ok || !yield(string(k), v) {
				return
			}
		}
	}
}

// collect removes what these snapshots do not reach.
func (w *world) collect(keep ...*snapshotstore.Manifest) {
	w.Helper()
	var all []snapshotstore.Hash
	for _, m := range keep {
		roots, err := m.Roots()
		if err != nil {
			w.Fatal(err)
		}
		all = append(all, roots...)
	}
	if _, err := w.store.Collect(all); err != nil {
		w.Fatal(err)
	}
}

func (w *world) push(shelf snapshotstore.Shelf, m *snapshotstore.Manifest) snapshotstore.Pushed {
	w.Helper()
	pushed, err := snapshotstore.Push(w.Context(), w.store, shelf, m, nil)
	if err != nil {
		w.Fatal(err)
	}
	return pushed
}

// pull pulls a snapshot and lets go of it.
func (w *world) pull(shelf snapshotstore.Shelf, m *snapshotstore.Manifest) {
	w.Helper()
	pulled, err := snapshotstore.Pull(w.Context(), shelf, m.Name, w.store, nil)
	if err != nil {
		w.Fatal(err)
	}
	if got, want := string(encoded(w, pulled.Manifest)), string(encoded(w, m)); got != want {
		w.Fatalf("pulled the manifest %s, want %s", got, want)
	}
	pulled.Close()
}

// files returns the names of the files of the store.
func (w *world) files() []string {
	w.Helper()
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// someRows returns n rows, of which one in 97 is a blob.
func someRows(n int) map[string][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	out := map[string][]byte{}
	for i := range n {
		v := make([]byte, 40+rng.IntN(60))
		if i%997 == 0 {
			v = make([]byte, snapshotstore.BlobBytes+i)
		}
		for j := range v {
			v[j] = byte(rng.Uint32())
		}
		out[fmt.Sprintf("%07d", i)] = v
	}
	return out
}

// onePercent changes runs of 20 rows, one row of a hundred in all.
func onePercent(n, version int) map[string][]byte {
	out := map[string][]byte{}
	for run := version; run < n/20; run += 100 {
		for i := run * 20; i < run*20+20; i++ {
			out[fmt.Sprintf("%07d", i)] = fmt.Appendf(nil, "version %d of row %d, which has some length as well", version, i)
		}
	}
	return out
}

// A snapshot that is pushed from one store and pulled into another is the same there; and the next one, in which one row
// of a hundred changed, costs little both ways.
func TestPushAndPull(t *testing.T) {
	const n = 40_000
	a, b, c := newWorld(t), newWorld(t), newWorld(t)
	shelf := openShelf(t, t.TempDir())
	first := a.snapshot("first", nil, someRows(n))
	one := a.push(shelf, first)
	b.pull(shelf, first)
	b.holds(a, first)
	second := a.snapshot("second", first, onePercent(n, 3))
	two := a.push(shelf, second)
	t.Logf("the first takes %d bytes, the second %d more", one.Bytes, two.Bytes)
	if one.Packs != 1 || one.Bytes != one.Total || two.Packs != 1 || two.Bytes > one.Bytes/20 || two.Total != one.Total+two.Bytes {
		t.Errorf("pushed %+v, then %+v; want one pack each, and the second at most a 20th of the first", one, two)
	}
	before := b.store.Bytes()
	b.pull(shelf, second)
	b.holds(a, first)
	b.holds(a, second)
	if more := b.store.Bytes() - before; more != two.Bytes {
		t.Errorf("pulling the second takes %d bytes more, it was pushed as %d", more, two.Bytes)
	}
	c.pull(shelf, second)
	c.holds(a, second)
	if again := a.push(shelf, second); again != (snapshotstore.Pushed{}) {
		t.Errorf("a snapshot that is there is pushed as %+v", again)
	}
	before = a.store.Bytes()
	a.pull(shelf, first)
	if more := a.store.Bytes() - before; more != 0 {
		t.Errorf("pulling what the store has takes %d bytes", more)
	}
}

// What the local collector does to packs changes nothing for the shelf.
func TestPushAfterCollecting(t *testing.T) {
	const n = 20_000
	a, b := newWorld(t), newWorld(t)
	shelf := openShelf(t, t.TempDir())
	first := a.snapshot("first", nil, someRows(n))
	one := a.push(shelf, first)
	second := a.snapshot("second", first, onePercent(n, 1))
	third := a.snapshot("third", second, onePercent(n, 2))
	a.collect(third) // first and second are gone, and what is left is moved together
	three := a.push(shelf, third)
	if three.Bytes > one.Bytes/12 {
		t.Errorf("the third is pushed in %d bytes, the first in %d", three.Bytes, one.Bytes)
	}
	b.pull(shelf, third)
	b.holds(a, third)
	if _, err := snapshotstore.Push(t.Context(), a.store, shelf, second, nil); !isMissing(err) {
		t.Errorf("push of what is not there any more: %v, want a MissingError", err)
	}
	if _, err := snapshotstore.Pull(t.Context(), shelf, "second", b.store, nil); !errors.Is(err, snapshotstore.ErrNoName) {
		t.Errorf("and nothing of it is on the shelf: %v, want ErrNoName", err)
	}
}

func isMissing(err error) bool {
	_, ok := errors.AsType[*snapshotstore.MissingError](err)
	return ok
}

// The collector has nothing of a pulled snapshot before it is closed, also of what the store had already.
func TestPulledIsKept(t *testing.T) {
	a, b := newWorld(t), newWorld(t)
	shelf := openShelf(t, t.TempDir())
	first := a.snapshot("first", nil, someRows(3000))
	second := a.snapshot("second", first, onePercent(3000, 0))
	a.push(shelf, first)
	a.push(shelf, second)
	b.pull(shelf, first)
	pulled, err := snapshotstore.Pull(t.Context(), shelf, "second", b.store, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.collect()
	b.holds(a, second)
	b.collect(first)
	b.holds(a, second)
	b.collect(second)
	pulled.Close()
	pulled.Close()
	b.collect(second)
	b.holds(a, second)
	b.collect()
	if n := b.store.Bytes(); n != 0 || len(b.files()) != 0 {
		t.Errorf("when nothing is named, %d bytes are left, in %v", n, b.files())
	}
}

func TestUnshelve(t *testing.T) {
	whole := openShelf(t, t.TempDir())
	shelf, err := snapshotstore.ShelfFolder(whole, "one")
	if err != nil {
		t.Fatal(err)
	}
	other, err := snapshotstore.ShelfFolder(whole, "two")
	if err != nil {
		t.Fatal(err)
	}
	a := newWorld(t)
	first := a.snapshot("first", nil, someRows(3000))
	second := a.snapshot("second", first, onePercent(3000, 0))
	third := a.snapshot("third", second, onePercent(3000, 1))
	a.push(other, first)
	for _, m := range []*snapshotstore.Manifest{first, second, third} {
		a.push(shelf, m)
	}
	if got := shelved(t, shelf); !slices.Equal(got, []string{"first", "second", "third"}) {
		t.Errorf("on the shelf are %v", got)
	}
	for i, m := range []*snapshotstore.Manifest{second, first, third} {
		if err := snapshotstore.Unshelve(t.Context(), shelf, m.Name); err != nil {
			t.Fatal(err)
		}
		if got := shelved(t, shelf); len(got) != 2-i || slices.Contains(got, m.Name) {
			t.Errorf("without %s, on the shelf are %v", m.Name, got)
		}
		for _, name := range shelved(t, shelf) {
			b := newWorld(t)
			left := map[string]*snapshotstore.Manifest{"first": first, "third": third}[name]
			b.pull(shelf, left)
			b.holds(a, left)
		}
	}
	if items, err := shelf.List(t.Context(), ""); err != nil || len(items) != 0 {
		t.Errorf("when all are unshelved, %v is left, %v", items, err)
	}
	if err := snapshotstore.Unshelve(t.Context(), shelf, "first"); !errors.Is(err, snapshotstore.ErrNoName) {
		t.Errorf("Unshelve of what is not there: %v, want ErrNoName", err)
	}
	b := newWorld(t)
	b.pull(other, first)
	b.holds(a, first)
}

func shelved(t testing.TB, shelf snapshotstore.Shelf) []string {
	t.Helper()
	list, err := snapshotstore.Shelved(t.Context(), shelf)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range list {
		out = append(out, m.Name)
	}
	return out
}

// A document that cannot be read may name any pack: none is removed then, and the others are listed all the same.
func TestUnshelveBesideADamagedDocument(t *testing.T) {
	dir := t.TempDir()
	shelf := openShelf(t, dir)
	a := newWorld(t)
	first := a.snapshot("first", nil, someRows(500))
	second := a.snapshot("second", nil, someRows(400))
	a.push(shelf, first)
	a.push(shelf, second)
	if err := os.WriteFile(filepath.Join(dir, "snapshots", "second.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if list, err := snapshotstore.Shelved(t.Context(), shelf); len(list) != 1 || !isDamage(err) {
		t.Errorf("listed are %v, %v; want one, and damage", list, err)
	}
	before, err := shelf.List(t.Context(), "packs/")
	if err != nil {
		t.Fatal(err)
	}
	if err := snapshotstore.Unshelve(t.Context(), shelf, "first"); !isDamage(err) {
		t.Errorf("Unshelve beside it: %v, want damage", err)
	}
	if after, err := shelf.List(t.Context(), "packs/"); err != nil || !slices.Equal(before, after) {
		t.Errorf("packs were %v, and are %v, %v", before, after, err)
	}
	if err := snapshotstore.Unshelve(t.Context(), shelf, "second"); err != nil {
		t.Fatal(err)
	}
	if items, err := shelf.List(t.Context(), ""); err != nil || len(items) != 0 {
		t.Errorf("when the damaged one is unshelved, %v is left, %v", items, err)
	}
}

func TestPushIsParticular(t *testing.T) {
	shelf := openShelf(t, t.TempDir())
	a := newWorld(t)
	m := a.snapshot("s", nil, someRows(300))
	a.push(shelf, m)
	other := a.snapshot("s", m, onePercent(300, 0))
	if _, err := snapshotstore.Push(t.Context(), a.store, shelf, other, nil); !errors.Is(err, snapshotstore.ErrNameUsed) {
		t.Errorf("another snapshot of the same name: %v, want ErrNameUsed", err)
	}
	for what, change := range map[string]func(m *snapshotstore.Manifest){
		"a bad name":       func(m *snapshotstore.Manifest) { m.Name = "../s" },
		"no hash":          func(m *snapshotstore.Manifest) { m.Projections[0].Commit = "x" },
		"another digest":   func(m *snapshotstore.Manifest) { m.Digest = strings.Repeat("0", 64) },
		"an absent commit": func(m *snapshotstore.Manifest) { m.Projections[0].Commit = strings.Repeat("0", 64) },
	} {
		m := a.snapshot("other", nil, someRows(300))
		change(m)
		if _, err := snapshotstore.Push(t.Context(), a.store, shelf, m, nil); err == nil {
			t.Errorf("a manifest with %s is pushed", what)
		}
		if err := snapshotstore.Export(t.Context(), a.store, m, new(strings.Builder), nil); err == nil {
			t.Errorf("a manifest with %s is exported", what)
		}
	}
	for _, name := range []string{"", "..", "a/b", "a.json"} {
		_, err := snapshotstore.Pull(t.Context(), shelf, name, a.store, nil)
		if !errors.Is(err, snapshotstore.ErrBadName) || !errors.Is(snapshotstore.Unshelve(t.Context(), shelf, name), snapshotstore.ErrBadName) {
			t.Errorf("the name %q: %v, want ErrBadName", name, err)
		}
	}
}

// A state without a row, and a snapshot without a projection, are snapshots like others.
func TestEmptySnapshots(t *testing.T) {
	shelf := openShelf(t, t.TempDir())
	a, b := newWorld(t), newWorld(t)
	empty := a.snapshot("empty", nil, nil)
	a.push(shelf, empty)
	b.pull(shelf, empty)
	b.holds(a, empty)
	none := sample("none", 1)
	none.Projections, none.Digest = nil, snapshotstore.DigestOf(nil)
	a.push(shelf, none)
	b.pull(shelf, none)
}

// told keeps what a Progress is told, and fails where it goes back or beyond the total.
type told struct {
	testing.TB
	done, total int64
	stop        func() // called once, at the first call
}

func (p *told) progress(done, total int64) {
	if done < p.done || total > 0 && done > total || p.total > 0 && total != p.total {
		p.Errorf("progress goes from %d of %d to %d of %d", p.done, p.total, done, total)
	}
	p.done, p.total = done, total
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
}

func (p *told) ended(want int64) {
	p.Helper()
	if p.done != want || p.total != want {
		p.Errorf("progress ends at %d of %d, want %d", p.done, p.total, want)
	}
}

// Whatever is broken off leaves nothing that is seen, and can be done again.
func TestBrokenOff(t *testing.T) {
	shelf := openShelf(t, t.TempDir())
	a, b := newWorld(t), newWorld(t)
	m := a.snapshot("s", nil, someRows(5000))
	stopped := func() (context.Context, *told) {
		ctx, cancel := context.WithCancel(t.Context())
		t.Cleanup(cancel)
		return ctx, &told{TB: t, stop: cancel}
	}
	ctx, p := stopped()
	if _, err := snapshotstore.Push(ctx, a.store, shelf, m, p.progress); !errors.Is(err, context.Canceled) {
		t.Errorf("a push broken off: %v", err)
	}
	if items, err := shelf.List(t.Context(), ""); err != nil || len(items) != 0 {
		t.Errorf("a push broken off leaves %v, %v", items, err)
	}
	p = &told{TB: t}
	pushed, err := snapshotstore.Push(t.Context(), a.store, shelf, m, p.progress)
	if err != nil {
		t.Fatal(err)
	}
	p.ended(pushed.Bytes)
	ctx, p = stopped()
	if _, err := snapshotstore.Pull(ctx, shelf, "s", b.store, p.progress); !errors.Is(err, context.Canceled) {
		t.Errorf("a pull broken off: %v", err)
	}
	if len(b.files()) != 0 {
		t.Errorf("a pull broken off leaves %v", b.files())
	}
	p = &told{TB: t}
	pulled, err := snapshotstore.Pull(t.Context(), shelf, "s", b.store, p.progress)
	if err != nil {
		t.Fatal(err)
	}
	pulled.Close()
	p.ended(pushed.Bytes)
	b.holds(a, m)
}
