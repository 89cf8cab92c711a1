package snapshotstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Whatever becomes of a file on the shelf, a pull fails, names it, and leaves nothing in the store.
func TestPullNoticesDamage(t *testing.T) {
	dir := t.TempDir()
	shelf := openShelf(t, dir)
	a, b := newWorld(t), newWorld(t)
	m := a.snapshot("s", nil, someRows(60))
	a.push(shelf, m)
	for _, kind := range []string{"packs/*.pack", "snapshots/*.json"} {
		found, err := filepath.Glob(filepath.Join(dir, kind))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %v, %v", kind, found, err)
		}
		path := found[0]
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, content []byte) {
			t.Helper()
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := snapshotstore.Pull(t.Context(), shelf, "s", b.store, nil)
			damage, ok := errors.AsType[*snapshotstore.DamageError](err)
			if !ok || !strings.HasSuffix(path, damage.File) {
				t.Errorf("%s with %s: %v, want damage of it", path, what, err)
			}
			if left := b.files(); len(left) != 0 || b.store.Bytes() != 0 {
				t.Errorf("%s with %s leaves %v", path, what, left)
			}
		}
		for i := range whole {
			content := bytes.Clone(whole)
			content[i] ^= 1 << (i % 8)
			check(fmt.Sprintf("a bit of byte %d of %d changed", i, len(whole)), content)
			if i%20 == 0 {
				check(fmt.Sprintf("%d of %d bytes", i, len(whole)), whole[:i])
			}
		}
		check("a byte more", append(bytes.Clone(whole), 0))
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.pull(shelf, m)
	b.holds(a, m)
}

// A push counts on no pack whose index is damaged, or that is cut short.
func TestPushNoticesDamage(t *testing.T) {
	dir := t.TempDir()
	shelf := openShelf(t, dir)
	a := newWorld(t)
	first := a.snapshot("first", nil, someRows(500))
	second := a.snapshot("second", first, onePercent(500, 1))
	a.push(shelf, first)
	for _, kind := range []string{"packs/*.index", "packs/*.pack"} {
		found, err := filepath.Glob(filepath.Join(dir, kind))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %v, %v", kind, found, err)
		}
		whole, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		contents := [][]byte{nil, whole[:len(whole)-1], append(bytes.Clone(whole), 0)}
		for i := range whole {
			if strings.HasSuffix(kind, ".index") {
				content := bytes.Clone(whole)
				content[i] ^= 1 << (i % 8)
				contents = append(contents, content)
			}
		}
		for i, content := range contents {
			if err := os.WriteFile(found[0], content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := snapshotstore.Push(t.Context(), a.store, shelf, second, nil)
			if damage, ok := errors.AsType[*snapshotstore.DamageError](err); !ok || !strings.HasSuffix(found[0], damage.File) {
				t.Errorf("%s spoilt in way %d: %v, want damage of it", kind, i, err)
			}
		}
		if err := os.WriteFile(found[0], whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := shelved(t, shelf); len(got) != 1 {
		t.Errorf("on the shelf are %v", got)
	}
	a.push(shelf, second)
}

// A snapshot whose pack is gone is not taken for one that is there.
func TestMissingPack(t *testing.T) {
	shelf := openShelf(t, t.TempDir())
	a, b := newWorld(t), newWorld(t)
	m := a.snapshot("s", nil, someRows(500))
	a.push(shelf, m)
	items, err := shelf.List(t.Context(), "packs/")
	if err != nil || len(items) != 2 {
		t.Fatal(items, err)
	}
	if err := shelf.Remove(t.Context(), items[1].Name); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshotstore.Pull(t.Context(), shelf, "s", b.store, nil); !errors.Is(err, snapshotstore.ErrNotOnShelf) || len(b.files()) != 0 {
		t.Errorf("Pull: %v, want ErrNotOnShelf; the store has %v", err, b.files())
	}
	if _, err := snapshotstore.Push(t.Context(), a.store, shelf, m, nil); !isDamage(err) {
		t.Errorf("Push of the same again: %v, want damage", err)
	}
	if err := snapshotstore.Unshelve(t.Context(), shelf, "s"); err != nil {
		t.Fatal(err)
	}
	a.push(shelf, m)
	b.pull(shelf, m)
	b.holds(a, m)
}
