package snapshotstore

import (
	"fmt"
	"maps"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// opened runs a comparison over freshly opened stores, whose caches hold what was opened afterwards.
func opened(t rapid.TB, dirs [2]string, roots [2]Root) (objects [2]map[Hash]*parsed, found int) {
	t.Helper()
	var trees [2]*Tree
	var stores [2]*Store
	for i, dir := range dirs {
		store, err := OpenStore(dir, 1<<30, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		stores[i], trees[i] = store, store.Tree("t", roots[i])
	}
	for diff := Diff(trees[0], trees[1]); ; found++ {
		_, ok, err := diff.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
	}
	for i, store := range stores {
		if len(store.cache.old) > 0 {
			t.Fatal("the cache has forgotten something")
		}
		objects[i] = store.cache.young
	}
	return objects, found
}

// mustFold writes into a folder the tree that a tree of the same folder becomes.
func mustFold(t rapid.TB, dir string, old Root, c Changes) Root {
	t.Helper()
	store, err := OpenStore(dir, 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	w, err := store.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	root, err := w.Fold(store.Tree("t", old), c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return root
}

// numberedChanges puts or deletes the rows of rising numbers.
type numberedChanges struct {
	numbers []int
	version int
	del     bool
	at      int
}

func (c *numberedChanges) Ranges() [][]byte { return nil }

func (c *numberedChanges) Next() (Change, bool, error) {
	if c.at == len(c.numbers) {
		return Change{}, false, nil
	}
	n := c.numbers[c.at]
	c.at++
	key, value := fmt.Appendf(nil, "%08d", n), fmt.Appendf(nil, "row %d/%d", n, c.version)
	return Change{Key: key, Value: value, Delete: c.del}, true, nil
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// reachable returns every leaf and node of a tree.
func reachable(t rapid.TB, dir string, root Root) map[Hash]bool {
	t.Helper()
	store, err := OpenStore(dir, 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	live := map[Hash]bool{}
	if err := store.mark(root.Hash, live); err != nil {
		t.Fatal(err)
	}
	return live
}

// One row of 100,000 costs one path from the root on each side, and no row costs nothing.
func TestDiffOpensOnePath(t *testing.T) {
	const rows = 100_000
	dirs := [2]string{filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")}
	before := mustFold(t, dirs[0], Root{}, &numberedChanges{numbers: upTo(rows)})
	if again := mustFold(t, dirs[1], Root{}, &numberedChanges{numbers: upTo(rows)}); again != before {
		t.Fatal("two stores hold different trees of the same rows")
	}
	if objects, found := opened(t, dirs, [2]Root{before, before}); found != 0 || len(objects[0])+len(objects[1]) != 0 {
		t.Errorf("a diff of equal roots finds %d rows and opens %d and %d objects", found, len(objects[0]), len(objects[1]))
	}
	inOne := [2]string{dirs[1], dirs[1]}
	for _, tt := range []struct {
		name string
		c    numberedChanges
		dirs [2]string
	}{
		{"changed", numberedChanges{numbers: []int{51_234}, version: 1}, dirs},
		{"first changed", numberedChanges{numbers: []int{0}, version: 1}, dirs},
		{"last changed", numberedChanges{numbers: []int{rows - 1}, version: 1}, dirs},
		{"in one store", numberedChanges{numbers: []int{51_234}, version: 1}, inOne},
		{"removed", numberedChanges{numbers: []int{70_001}, del: true}, dirs},
		{"added", numberedChanges{numbers: []int{rows}}, dirs},
	} {
		t.Run(tt.name, func(t *testing.T) {
			after := mustFold(t, dirs[1], before, &tt.c)
			objects, found := opened(t, tt.dirs, [2]Root{before, after})
			if found != 1 {
				t.Errorf("%d rows differ", found)
			}
			for side, o := range objects {
				leaves, nodes := 0, 0
				for _, p := range o {
					if p.level == 0 {
						leaves++
					} else {
						nodes++
					}
				}
				if leaves != 1 || nodes != 3 { // the tree has three levels of nodes
					t.Errorf("side %d opens %d leaves and %d nodes, want one path of 1 and 3", side, leaves, nodes)
				}
			}
		})
	}
}

// Whatever differs, nothing that both trees hold is opened but for the roots, in trees of natural and of forced cuts.
func TestDiffOpensNothingThatIsShared(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		dirs := [2]string{dir, dir}
		numbers := drawNumbers(rt)
		before := mustFold(rt, dir, Root{}, &numberedChanges{numbers: numbers})
		after := before
		for range rapid.IntRange(0, 3).Draw(rt, "edits") {
			from := rapid.IntRange(0, len(numbers)-1).Draw(rt, "from")
			to := min(len(numbers), from+rapid.SampledFrom([]int{1, 1, 2, 30, 500, 5000}).Draw(rt, "rows"))
			c := &numberedChanges{numbers: numbers[from:to], version: 1, del: rapid.Bool().Draw(rt, "delete")}
			after = mustFold(rt, dir, after, c)
		}
		shared := reachable(rt, dir, before)
		other := reachable(rt, dir, after)
		maps.DeleteFunc(shared, func(h Hash, _ bool) bool { return !other[h] })
		objects, _ := opened(rt, dirs, [2]Root{before, after})
		for side, o := range objects {
			for hash, p := range o {
				if shared[hash] && hash != before.Hash && hash != after.Hash {
					rt.Errorf("side %d opens an object of level %d that both trees hold", side, p.level)
				}
			}
		}
	})
}

// drawNumbers draws the rows of a tree: rising numbers, all or those alone with few cuts before them, or with many.
func drawNumbers(rt *rapid.T) []int {
	n := rapid.IntRange(1, 4000).Draw(rt, "rows of the tree")
	from := rapid.IntRange(0, 1_000_000).Draw(rt, "first number")
	least := 0
	most := rapid.SampledFrom([]int{0, 1, 2, 10}).Draw(rt, "cuts at most")
	if most > 0 && rapid.IntRange(0, 3).Draw(rt, "a leaf for each row") == 0 {
		n, least = min(n, 600), 1
	}
	var out []int
	for i := from; len(out) < n; i++ {
		if cuts := Boundaries("t", fmt.Appendf(nil, "%08d", i)); cuts >= least && cuts <= most {
			out = append(out, i)
		}
	}
	return out
}
