package snapshotstore_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

func openNames(t testing.TB, dir string) *snapshotstore.Names {
	t.Helper()
	names, err := snapshotstore.OpenNames(dir)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestNamesAreChecked(t *testing.T) {
	dir := t.TempDir()
	names := openNames(t, filepath.Join(dir, "snapshots"))
	bad := []string{
		"", ".", "..", "-a", "_a", "a.b", "a b", "a/b", "../a", "a\x00", "ä", "a\n", "*", ">", strings.Repeat("a", 129),
	}
	for _, name := range bad {
		_, getErr := names.Get(name)
		for what, err := range map[string]error{
			"Create": names.Create(sample(name, 1)), "Get": getErr, "Remove": names.Remove(name),
		} {
			if !errors.Is(err, snapshotstore.ErrBadName) {
				t.Errorf("%s of %q: %v, want ErrBadName", what, name, err)
			}
		}
	}
	for _, name := range []string{"a", "0", "A-_-z", strings.Repeat("a", 128)} {
		if err := names.Create(sample(name, 1)); err != nil {
			t.Errorf("Create of %q: %v", name, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("beside the folder stands %v, %v", left, err)
	}
}

func TestNamesComeAndGo(t *testing.T) {
	dir := t.TempDir()
	names := openNames(t, dir)
	if list, err := names.List(); len(list) != 0 || err != nil {
		t.Fatalf("a new folder lists %v, %v", list, err)
	}
	for name, seq := range map[string]uint64{"b": 5, "a": 5, "z": 1, "m": 70} {
		if err := names.Create(sample(name, seq)); err != nil {
			t.Fatal(err)
		}
	}
	if err := names.Create(sample("a", 9)); !errors.Is(err, snapshotstore.ErrNameUsed) {
		t.Errorf("a second a: %v, want ErrNameUsed", err)
	}
	if m, err := names.Get("a"); err != nil || m.StreamSequence != 5 {
		t.Errorf("the first a is %v, %v", m, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := names.Remove("b"); err != nil {
		t.Fatal(err)
	}
	names = openNames(t, dir)
	if got := listed(t, names); !slices.Equal(got, []string{"z", "a", "m"}) {
		t.Errorf("listed as %v", got)
	}
	if _, err := names.Get("b"); !errors.Is(err, snapshotstore.ErrNoName) {
		t.Errorf("Get of a removed name: %v, want ErrNoName", err)
	}
	if err := names.Remove("b"); !errors.Is(err, snapshotstore.ErrNoName) {
		t.Errorf("Remove of a removed name: %v, want ErrNoName", err)
	}
}

func listed(t testing.TB, names *snapshotstore.Names) []string {
	t.Helper()
	list, err := names.List()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range list {
		out = append(out, m.Name)
	}
	return out
}

// Of many who take a name at once, one gets it.
func TestOneNameGoesToOne(t *testing.T) {
	names := openNames(t, t.TempDir())
	for range 20 {
		var wg sync.WaitGroup
		got := make([]error, 4)
		for i := range got {
			wg.Go(func() { got[i] = names.Create(sample("s", uint64(i+1))) })
		}
		wg.Wait()
		winner := slices.Index(got, nil)
		for i, err := range got {
			if i != winner && !errors.Is(err, snapshotstore.ErrNameUsed) {
				t.Fatalf("of 4 at once, %d got %v; want one nil and ErrNameUsed", i, got)
			}
		}
		if m, err := names.Get("s"); winner < 0 || err != nil || m.StreamSequence != uint64(winner+1) {
			t.Fatalf("%d got the name, and it is %v, %v", winner, m, err)
		}
		if err := names.Remove("s"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNamesInAFolderThatIsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshotstore.OpenNames(path); err == nil {
		t.Error("a file is opened as a folder of names")
	}
}
