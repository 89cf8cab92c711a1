package snapshotstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// damageable is a folder with one pack, and what is in it.
type damageable struct {
	path   string
	whole  []byte // the pack as it was written
	commit snapshotstore.Hash
	model  map[string][]byte
}

// newDamageable writes n rows, and the commit that names their tree, into a folder.
func newDamageable(t *testing.T, dir string, n int) damageable {
	t.Helper()
	store, err := snapshotstore.OpenStore(dir, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := damageable{model: map[string][]byte{}}
	for i, key := range makeKeyspace(n, false) {
		d.model[key] = value(i, n)
	}
	w, err := store.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	root, err := w.Fold(emptyTree(store), puts(d.model))
	if err != nil {
		t.Fatal(err)
	}
	commit := &snapshotstore.Commit{Tables: []snapshotstore.Named{{Table: "t", Root: root}}, State: []byte("state")}
	if d.commit, err = w.PutCommit(commit); err != nil {
		t.Fatal(err)
	}
	before := packsIn(t, dir)
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), store.Close()); err != nil {
		t.Fatal(err)
	}
	for _, path := range packsIn(t, dir) {
		if !slices.Contains(before, path) {
			d.path = path
		}
	}
	if d.whole, err = os.ReadFile(d.path); err != nil {
		t.Fatal(err)
	}
	return d
}

func packsIn(t rapid.TB, dir string) []string {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(dir, "*.pack"))
	if err != nil {
		t.Fatal(err)
	}
	return packs
}

// is puts a content in the place of the pack.
func (d damageable) is(t rapid.TB, content []byte) {
	t.Helper()
	if err := os.WriteFile(d.path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// names tells whether an error is damage of the pack, by its path.
func (d damageable) names(err error) bool {
	damage, ok := errors.AsType[*snapshotstore.DamageError](err)
	return ok && damage.File == d.path
}

// readAll reads everything in a fresh store in every way there is. It returns the errors of all ways, and fails where
// one gives anything but the rows that were written.
func (d damageable) readAll(t rapid.TB) (errs []error) {
	t.Helper()
	store, err := snapshotstore.OpenStore(filepath.Dir(d.path), 1<<20, nil)
	if err != nil {
		return []error{err}
	}
	defer store.Close()
	commit, err := store.Commit(d.commit)
	if err != nil {
		return []error{err}
	}
	if string(commit.State) != "state" {
		t.Fatalf("the commit has the state %q", commit.State)
	}
	tree := store.Tree("t", commit.Root("t"))
	errs = append(errs, d.walk(t, tree.Rows(nil).Next))
	diff := snapshotstore.Diff(emptyTree(store), tree)
	errs = append(errs, d.walk(t, func() (key, value []byte, ok bool, err error) {
		row, ok, err := diff.Next()
		return row.Key, row.After, ok, err
	}))
	for key, want := range d.model {
		for _, missing := range []string{"", "+"} {
			got, ok, err := tree.Get([]byte(key + missing))
			if err != nil {
				errs = append(errs, err)
			} else if ok != (missing == "") || ok && !bytes.Equal(got, want) {
				t.Fatalf("get %q: %t, %q", key+missing, ok, got)
			}
		}
	}
	return errs
}

// walk goes through all rows, and returns the error that ends it early.
func (d damageable) walk(t rapid.TB, next func() (key, value []byte, ok bool, err error)) error {
	t.Helper()
	for _, want := range slices.Sorted(maps.Keys(d.model)) {
		key, value, ok, err := next()
		if err != nil {
			if key, _, ok, again := next(); ok || again == nil {
				t.Fatalf("after %v a walk goes on with %q", err, key)
			}
			return err
		}
		if !ok || string(key) != want || !bytes.Equal(value, d.model[want]) {
			t.Fatalf("a walk comes to %q (%t, %d bytes), want %q", key, ok, len(value), want)
		}
	}
	if key, _, ok, err := next(); ok || err != nil {
		t.Fatalf("a walk goes on with %q, %v", key, err)
	}
	return nil
}

// mustBeNoticed fails unless opening or verifying names the pack, and so does reading everything, without a wrong row.
func (d damageable) mustBeNoticed(t rapid.TB, what string) {
	t.Helper()
	store, err := snapshotstore.OpenStore(filepath.Dir(d.path), 1<<20, nil)
	if err == nil {
		store.Verify(func(e error) bool {
			err = e
			return false
		})
		_ = store.Close()
	}
	if !d.names(err) {
		t.Errorf("%s: opening and verifying gives %v", what, err)
	}
	noticed := false
	for _, err := range d.readAll(t) {
		noticed = noticed || err != nil
		if err != nil && !d.names(err) {
			t.Errorf("%s: reading gives %v", what, err)
		}
	}
	if !noticed {
		t.Errorf("%s: reading everything does not meet it", what)
	}
}

// A flipped bit in any byte of a small pack is noticed by who verifies and by who reads; no row comes out wrong, and none
// is left out in silence.
func TestFlippedBitsAreNeverServed(t *testing.T) {
	d := newDamageable(t, t.TempDir(), 75)
	for i := range d.whole {
		damaged := bytes.Clone(d.whole)
		damaged[i] ^= 1 << (i % 8)
		d.is(t, damaged)
		d.mustBeNoticed(t, fmt.Sprintf("bit %d of byte %d of %d", i%8, i, len(d.whole)))
	}
	d.is(t, d.whole)
	if err := errors.Join(d.readAll(t)...); err != nil {
		t.Errorf("the pack as it was: %v", err)
	}
}

// The same of a pack as workers have them, at drawn places: bits, and runs of bytes that were not written.
func TestDamageOfALargePackIsNeverServed(t *testing.T) {
	d := newDamageable(t, t.TempDir(), 12_000)
	t.Logf("%d bytes", len(d.whole))
	rapid.Check(t, func(rt *rapid.T) {
		damaged := bytes.Clone(d.whole)
		at := rapid.IntRange(0, len(d.whole)-1).Draw(rt, "at")
		if rapid.Bool().Draw(rt, "one bit") {
			damaged[at] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		} else {
			clear(damaged[at:min(len(damaged), at+rapid.SampledFrom([]int{1, 64, 4096, 1 << 20}).Draw(rt, "zeros"))])
		}
		if bytes.Equal(damaged, d.whole) {
			return
		}
		d.is(rt, damaged)
		d.mustBeNoticed(rt, "the damage")
	})
}

// A pack of any other length than its own is refused when it is opened.
func TestCutAndLengthenedPacksAreRefused(t *testing.T) {
	d := newDamageable(t, t.TempDir(), 75)
	contents := map[string][]byte{}
	for n := range len(d.whole) {
		contents[fmt.Sprintf("cut to %d of %d bytes", n, len(d.whole))] = d.whole[:n]
		contents[fmt.Sprintf("%d bytes taken off its beginning", n+1)] = d.whole[n+1:]
	}
	const trailer = 8 + 4 + 32 + 11
	for _, more := range [][]byte{{0}, make([]byte, 4096), []byte("cim-pack-2\n"), d.whole[len(d.whole)-trailer:], d.whole} {
		contents[fmt.Sprintf("%d bytes behind it", len(more))] = slices.Concat(d.whole, more)
		contents[fmt.Sprintf("%d bytes before it", len(more))] = slices.Concat(more, d.whole)
		contents[fmt.Sprintf("%d bytes amid it", len(more))] = slices.Concat(d.whole[:100], more, d.whole[100:])
	}
	for what, content := range contents {
		d.is(t, content)
		store, err := snapshotstore.OpenStore(filepath.Dir(d.path), 0, nil)
		if err == nil {
			t.Errorf("%s: it is opened", what)
			_ = store.Close()
		} else if !d.names(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Whatever is called a pack and is none is refused by its path; a store with several of those names them all, and leaves
// everything as it is.
func TestForeignFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	one, two, three := newDamageable(t, dir, 75), newDamageable(t, dir, 80), newDamageable(t, dir, 2000)
	foreign := filepath.Join(dir, "notes.pack")
	for _, tt := range []struct {
		name    string
		damage  func()
		refused []string
	}{
		{"nothing", func() {}, nil},
		{"contents swapped", func() { one.is(t, two.whole); two.is(t, one.whole) }, []string{one.path, two.path}},
		{"one content twice", func() { one.is(t, two.whole) }, []string{one.path}},
		{"an empty one", func() { three.is(t, nil) }, []string{three.path}},
		{"a text", func() { write(t, foreign, []byte(strings.Repeat("my notes\n", 100))) }, []string{foreign}},
		{"a pack by another name", func() { write(t, foreign, one.whole) }, []string{foreign}},
		{"magic and zeros", func() {
			write(t, foreign, slices.Concat([]byte("cim-pack-2\n"), make([]byte, 44), []byte("cim-pack-2\n")))
		}, []string{foreign}},
		{"a folder", func() {
			if err := os.Mkdir(foreign, 0o700); err != nil {
				t.Fatal(err)
			}
		}, []string{foreign}},
		{"several", func() { write(t, foreign, []byte("x")); one.is(t, one.whole[1:]); three.is(t, two.whole) },
			[]string{foreign, one.path, three.path}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.damage()
			before := contentsOf(t, dir)
			store, err := snapshotstore.OpenStore(dir, 0, nil)
			if err == nil {
				defer store.Close()
			}
			if (err == nil) != (len(tt.refused) == 0) {
				t.Errorf("opening gives %v", err)
			}
			if got := damagedFiles(err); !slices.Equal(got, slices.Sorted(slices.Values(tt.refused))) {
				t.Errorf("named as damaged are %q, want %q", got, tt.refused)
			}
			if after := contentsOf(t, dir); !maps.EqualFunc(before, after, bytes.Equal) {
				t.Error("opening has changed the folder")
			}
			for _, d := range []damageable{one, two, three} {
				d.is(t, d.whole)
			}
			if err := os.RemoveAll(foreign); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// damagedFiles returns the files of all damage in an error, sorted.
func damagedFiles(err error) []string {
	if damage, ok := err.(*snapshotstore.DamageError); ok { //nolint:errorlint // the tree is walked here
		return []string{damage.File}
	}
	var out []string
	if many, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // as above
		for _, err := range many.Unwrap() {
			out = append(out, damagedFiles(err)...)
		}
	}
	return slices.Sorted(slices.Values(out))
}

// contentsOf reads a folder's files; a folder in it has none.
func contentsOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out[path], err = os.ReadFile(filepath.Join(dir, path))
		} else if err == nil {
			out[path] = nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A pack that was lost is not mistaken for an empty one: what was in it is missing, by its hash.
func TestLostPackIsMissed(t *testing.T) {
	dir := t.TempDir()
	lost, kept := newDamageable(t, dir, 75), newDamageable(t, dir, 2000)
	if err := os.Remove(lost.path); err != nil {
		t.Fatal(err)
	}
	store := openStore(t, dir)
	_, err := store.Commit(lost.commit)
	if missing, ok := errors.AsType[*snapshotstore.MissingError](err); !ok || missing.Object != lost.commit {
		t.Errorf("a commit that was lost gives %v", err)
	}
	if err := errors.Join(kept.readAll(t)...); err != nil {
		t.Errorf("what was kept: %v", err)
	}
}

// Damage that comes while a pack is open is met as damage: neither a wrong row nor the end of the process.
func TestDamageUnderAnOpenStore(t *testing.T) {
	for name, content := range map[string]func(whole []byte) []byte{
		"cut short":  func(whole []byte) []byte { return whole[:20] },
		"emptied":    func([]byte) []byte { return nil },
		"zeroed":     func(whole []byte) []byte { return make([]byte, len(whole)) },
		"other rows": func(whole []byte) []byte { return append(whole[50:], whole[:50]...) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDamageable(t, t.TempDir(), 500)
			store := openStore(t, filepath.Dir(d.path))
			commit, err := store.Commit(d.commit)
			if err != nil {
				t.Fatal(err)
			}
			d.is(t, content(bytes.Clone(d.whole)))
			tree := store.Tree("t", commit.Root("t"))
			rows := tree.Rows(nil)
			for range 3 { // the first error ends a walk: what was not read is not left out
				if key, _, ok, err := rows.Next(); key != nil || ok || !d.names(err) {
					t.Errorf("a walk gives %q, %t, %v", key, ok, err)
				}
			}
			if _, _, err := tree.Get([]byte("000100")); !d.names(err) {
				t.Errorf("a look-up gives %v", err)
			}
			if _, _, err := snapshotstore.Diff(emptyTree(store), tree).Next(); !d.names(err) {
				t.Errorf("a diff gives %v", err)
			}
		})
	}
}

// A fold that reads damage fails, and a collection that would carry it into another pack does too, before it removes
// anything.
func TestDamageIsNotCarriedOn(t *testing.T) {
	dir := t.TempDir()
	d, other := newDamageable(t, dir, 75), newDamageable(t, dir, 80)
	damaged := bytes.Clone(d.whole)
	damaged[11] ^= 1 // the first object: a blob, which nothing but reading its row or moving it looks at
	d.is(t, damaged)
	before := contentsOf(t, dir)
	store := openStore(t, dir)
	commit, err := store.Commit(d.commit)
	if err != nil {
		t.Fatal(err)
	}
	w, err := store.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	change := puts(map[string][]byte{"000001": []byte("another"), "000074": []byte("another")})
	if _, err := w.Fold(store.Tree("t", commit.Root("t")), change); !d.names(err) {
		t.Errorf("a fold gives %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Collect([]snapshotstore.Hash{d.commit, other.commit}); !d.names(err) {
		t.Errorf("a collection gives %v", err)
	}
	if after := contentsOf(t, dir); !maps.EqualFunc(before, after, bytes.Equal) {
		t.Error("a failed fold or collection has changed the folder")
	}
}
