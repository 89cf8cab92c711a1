//go:build unix

package snapshotstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// crashed is what a process that is stopped dead leaves: a store, a shelf, and a store that is pulled into.
type crashed struct {
	a, b  *Store
	shelf *DirShelf
}

func openCrashed(dir string) (c crashed, err error) {
	var errs [3]error
	c.a, errs[0] = OpenStore(filepath.Join(dir, "a"), 1<<20, nil)
	c.b, errs[1] = OpenStore(filepath.Join(dir, "b"), 1<<20, nil)
	c.shelf, errs[2] = OpenDirShelf(filepath.Join(dir, "shelf"))
	return c, errors.Join(errs[:]...)
}

func (c crashed) close() error { return errors.Join(c.a.Close(), c.b.Close(), c.shelf.Close()) }

// crashRows are the changes of a version.
type crashRows struct{ version, at int }

func (r *crashRows) Next() (Change, bool, error) {
	if r.at == 800 {
		return Change{}, false, nil
	}
	r.at++
	key := fmt.Appendf(nil, "%05d", r.at)
	if r.version > 0 && r.at > 100 {
		return r.Next()
	}
	return Change{Key: key, Value: fmt.Appendf(nil, "row %d of version %d", r.at, r.version)}, true, nil
}

func (r *crashRows) Ranges() [][]byte { return nil }

// crashManifest writes a version of the state, if the store does not have it, and returns its manifest: the same each
// time.
func crashManifest(s *Store, version int) (*Manifest, error) {
	w, err := s.NewWriter()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	tree := s.Tree("t", Root{Hash: emptyRoot})
	for v := range version + 1 {
		root, err := w.Fold(tree, &crashRows{version: v})
		if err != nil {
			return nil, err
		}
		if v == version {
			hash, err := w.PutCommit(&Commit{Tables: []Named{{Table: "t", Root: root}}})
			if err == nil {
				_, err = w.Commit()
			}
			m := &Manifest{Name: fmt.Sprint("v", version), Projections: []ManifestProjection{{Name: "p", Commit: hash.String()}}}
			m.Digest = DigestOf(m.Projections)
			return m, err
		}
		if _, err := w.Commit(); err != nil {
			return nil, err
		}
		tree = s.Tree("t", root)
		if err := w.Close(); err != nil {
			return nil, err
		}
		if w, err = s.NewWriter(); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("no version")
}

// copyChild pushes a second snapshot, pulls it, and takes the first off the shelf.
func copyChild() {
	c, err := openCrashed(os.Getenv("CRASH_DIR"))
	must(err)
	m, err := crashManifest(c.a, 1)
	must(err)
	ctx := context.Background()
	_, err = Push(ctx, c.a, c.shelf, m, nil)
	must(err)
	p, err := Pull(ctx, c.shelf, "v1", c.b, nil)
	must(err)
	p.Close()
	must(Unshelve(ctx, c.shelf, "v0"))
	must(Unshelve(ctx, c.shelf, "v1"))
	must(c.close())
}

// A process that stops dead anywhere leaves each snapshot on the shelf whole or not at all, a store that opens, and nothing
// that would not go away.
func TestCrashWhileCopying(t *testing.T) {
	points := map[string]int{ // and how many snapshots are on the shelf then
		"shelf begun": 1, "shelf written": 1, "shelf named": 1, "pack pushed": 1, "index pushed": 1, "document pushed": 2,
		"pull begun": 2, "pull synced": 2, "pull named": 2, "document unshelved": 1, "pack unshelved": 0,
	}
	for point, want := range points {
		t.Run(point, func(t *testing.T) {
			dir := t.TempDir()
			c, err := openCrashed(dir)
			if err != nil {
				t.Fatal(err)
			}
			c.push(t, 0)
			if err := c.close(); err != nil {
				t.Fatal(err)
			}
			if !dies(t, "copy", dir, point) {
				t.Fatal("the process never came to the point")
			}
			if c, err = openCrashed(dir); err != nil {
				t.Fatal(err)
			}
			if list := c.pullAll(t); len(list) != want {
				t.Errorf("on the shelf are %v, want %d", list, want)
			}
			c.noneUnfinished(t, filepath.Join(dir, "a"), filepath.Join(dir, "b"))
			c.push(t, 0)
			c.push(t, 1)
			if list := c.pullAll(t); len(list) != 2 {
				t.Errorf("pushed again, on the shelf are %v", list)
			}
			c.emptied(t)
			if err := c.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func (c crashed) push(t *testing.T, version int) {
	t.Helper()
	m, err := crashManifest(c.a, version)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Push(t.Context(), c.a, c.shelf, m, nil); err != nil {
		t.Fatal(err)
	}
}

// pullAll pulls all snapshots into the second store, reads them, and returns their names.
func (c crashed) pullAll(t *testing.T) []string {
	t.Helper()
	list, err := Shelved(t.Context(), c.shelf)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range list {
		p, err := Pull(t.Context(), c.shelf, m.Name, c.b, nil)
		if err != nil {
			t.Fatal(err)
		}
		roots, err := p.Manifest.Roots()
		if err != nil {
			t.Fatal(err)
		}
		if err := readThrough(c.b, roots[0]); err != nil {
			t.Error(err)
		}
		p.Close()
		names = append(names, m.Name)
	}
	return names
}

func (c crashed) noneUnfinished(t *testing.T, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), unfinishedSuffix) {
				t.Errorf("%s is left in %s", e.Name(), dir)
			}
		}
	}
}

// emptied takes everything away by the ordinary ways, and finds that nothing is left.
func (c crashed) emptied(t *testing.T) {
	t.Helper()
	for _, name := range []string{"v0", "v1"} {
		if err := Unshelve(t.Context(), c.shelf, name); err != nil {
			t.Fatal(err)
		}
	}
	if items, err := c.shelf.List(t.Context(), ""); err != nil || len(items) != 0 {
		t.Errorf("the shelf still has %v, %v", items, err)
	}
	if _, err := c.b.Collect(nil); err != nil || c.b.Bytes() != 0 {
		t.Errorf("the store still has %d bytes, %v", c.b.Bytes(), err)
	}
}
