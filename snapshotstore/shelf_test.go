package snapshotstore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/snapshotstore"
	"github.com/thecowboyai/cim-projector/snapshotstore/shelftest"
)

func openShelf(t testing.TB, dir string) *snapshotstore.DirShelf {
	t.Helper()
	s, err := snapshotstore.OpenDirShelf(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestDirShelf(t *testing.T) {
	shelftest.TestShelf(t, func(t *testing.T) shelftest.Fixture {
		dir := filepath.Join(t.TempDir(), "a", "shelf")
		t.Cleanup(func() { noneBegun(t, dir) })
		return shelftest.Fixture{Shelf: openShelf(t, dir), Other: openShelf(t, dir)}
	})
}

// noneBegun fails where a file that was begun to be put is left.
func noneBegun(t *testing.T, dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Error(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s is left over", e.Name())
		}
	}
}

// A folder of a shelf is a shelf, and what lies beside it is not touched.
func TestShelfFolder(t *testing.T) {
	shelftest.TestShelf(t, func(t *testing.T) shelftest.Fixture {
		whole := openShelf(t, t.TempDir())
		beside := []string{"worker-1", "worker-2/a", "a", "workers/a/b"}
		for _, name := range beside {
			if err := whole.Put(t.Context(), name+"/kept", strings.NewReader("beside")); err != nil {
				t.Fatal(err)
			}
		}
		t.Cleanup(func() {
			for _, name := range beside {
				if items, err := whole.List(context.Background(), name+"/kept"); err != nil || len(items) != 1 || items[0].Bytes != 6 {
					t.Errorf("beside the folder, %s is left as %v, %v", name, items, err)
				}
			}
		})
		var out shelftest.Fixture
		var err, otherErr error
		out.Shelf, err = snapshotstore.ShelfFolder(whole, "worker")
		out.Other, otherErr = snapshotstore.ShelfFolder(whole, "worker")
		if err != nil || otherErr != nil {
			t.Fatal(err, otherErr)
		}
		return out
	})
	for _, folder := range []string{"", "..", "a/", "/a", ".a"} {
		if _, err := snapshotstore.ShelfFolder(openShelf(t, t.TempDir()), folder); !errors.Is(err, snapshotstore.ErrShelfName) {
			t.Errorf("folder %q: %v, want ErrShelfName", folder, err)
		}
	}
}

// What stands in the directory and is none of the shelf's files is not seen, and nothing outside is reached.
func TestDirShelfSeesItsFilesAlone(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	s := openShelf(t, dir)
	secret := filepath.Join(outside, "secret")
	for path, err := range map[string]error{
		"secret": os.WriteFile(secret, []byte("s"), 0o600),
		"hidden": os.WriteFile(filepath.Join(dir, ".hidden"), nil, 0o600),
		"blank":  os.WriteFile(filepath.Join(dir, "a b"), nil, 0o600),
		"link":   os.Symlink(secret, filepath.Join(dir, "link")),
		"folder": os.Symlink(outside, filepath.Join(dir, "folder")),
		"dir":    os.MkdirAll(filepath.Join(dir, "dir", "below"), 0o700),
	} {
		if err != nil {
			t.Fatal(path, err)
		}
	}
	if items, err := s.List(t.Context(), ""); len(items) != 0 || err != nil {
		t.Errorf("listed: %v, %v", items, err)
	}
	for _, name := range []string{"link", "folder/secret", "dir", "dir/below"} {
		if r, err := s.Open(t.Context(), name); err == nil {
			t.Errorf("%s is opened as %v", name, r)
		}
		if err := s.Put(t.Context(), name, strings.NewReader("x")); err == nil {
			t.Errorf("%s is put", name)
		}
	}
	if err := s.Put(t.Context(), "folder/new", strings.NewReader("x")); err == nil {
		t.Error("a file is put outside of the shelf")
	}
	for _, name := range []string{"folder/secret", "dir"} {
		if err := s.Remove(t.Context(), name); err == nil {
			t.Errorf("%s is removed", name)
		}
	}
	if content, err := os.ReadFile(secret); err != nil || string(content) != "s" {
		t.Errorf("outside stands %q, %v", content, err)
	}
}

// What was begun is removed when nobody can be writing to it any more, and not before.
func TestDirShelfRemovesWhatWasBegun(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{".put-old": 2 * time.Hour, ".put-new": time.Minute} {
		path := filepath.Join(dir, name)
		then := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, []byte("half"), 0o600), os.Chtimes(path, then, then)); err != nil {
			t.Fatal(err)
		}
	}
	openShelf(t, dir)
	left, err := filepath.Glob(filepath.Join(dir, ".put-*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != ".put-new" {
		t.Errorf("left are %v, %v; want the new one", left, err)
	}
}
