package snapshotstore_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// changes is a batch of changes as a test draws it.
type changes struct {
	rows   map[string][]byte // nil deletes
	ranges []string
	keys   []string
	at     int
}

func (c *changes) Next() (snapshotstore.Change, bool, error) {
	if c.keys == nil {
		c.keys = slices.Sorted(maps.Keys(c.rows))
	}
	if c.at == len(c.keys) {
		return snapshotstore.Change{}, false, nil
	}
	key := c.keys[c.at]
	c.at++
	return snapshotstore.Change{Key: []byte(key), Value: c.rows[key], Delete: c.rows[key] == nil}, true, nil
}

func (c *changes) Ranges() [][]byte {
	var out [][]byte
	for _, r := range slices.Sorted(slices.Values(c.ranges)) {
		if len(out) == 0 || !bytes.HasPrefix([]byte(r), out[len(out)-1]) {
			out = append(out, []byte(r))
		}
	}
	return out
}

// onto applies the changes to a plain map.
func (c *changes) onto(model map[string][]byte) {
	for _, r := range c.ranges {
		maps.DeleteFunc(model, func(key string, _ []byte) bool { return strings.HasPrefix(key, r) })
	}
	for key, value := range c.rows {
		if value == nil {
			delete(model, key)
		} else {
			model[key] = value
		}
	}
}

func drawChanges(rt *rapid.T) *changes {
	c := &changes{rows: map[string][]byte{}}
	for range rapid.IntRange(0, 2).Draw(rt, "ranges") {
		c.ranges = append(c.ranges, fmt.Sprintf("%03d", rapid.IntRange(0, 300).Draw(rt, "range"))[:rapid.IntRange(1, 3).Draw(rt, "range bytes")])
	}
	runs := rapid.IntRange(0, 6).Draw(rt, "runs")
	for range runs {
		from, n := rapid.IntRange(0, 3000).Draw(rt, "from"), rapid.IntRange(1, 300).Draw(rt, "rows")
		del := rapid.IntRange(0, 2).Draw(rt, "delete") == 0
		for i := from; i < from+n; i++ {
			key := fmt.Sprintf("%04d", i)
			switch {
			case del:
				c.rows[key] = nil
			case i%97 == 0:
				c.rows[key] = bytes.Repeat([]byte{byte(i)}, snapshotstore.BlobBytes+i)
			default:
				c.rows[key] = fmt.Appendf(nil, "%d/%d", i, rapid.IntRange(0, 3).Draw(rt, "value"))
			}
		}
	}
	return c
}

// A fold gives the tree that all rows written at once would give, and reading it gives the rows.
func TestFoldIsTheTreeOfItsRows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		store, err := snapshotstore.OpenStore(t.TempDir(), 1<<20, nil)
		if err != nil {
			rt.Fatal(err)
		}
		defer store.Close()
		model := map[string][]byte{}
		tree := store.Tree("t", snapshotstore.Root{})
		for range rapid.IntRange(1, 5).Draw(rt, "folds") {
			c := drawChanges(rt)
			c.onto(model)
			w, err := store.NewWriter()
			if err != nil {
				rt.Fatal(err)
			}
			root, err := w.Fold(tree, c)
			if err != nil {
				rt.Fatal(err)
			}
			if _, err := w.Commit(); err != nil {
				rt.Fatal(err)
			}
			if want := atOnce(model); root != want {
				rt.Fatalf("folded %+v, want %+v", root, want)
			}
			tree = store.Tree("t", root)
			readBack(rt, tree, model)
		}
	})
}

func atOnce(model map[string][]byte) snapshotstore.Root {
	h := snapshotstore.NewHasher("t")
	for _, key := range slices.Sorted(maps.Keys(model)) {
		h.Add([]byte(key), model[key])
	}
	return h.Sum()
}

func readBack(rt *rapid.T, tree *snapshotstore.Tree, model map[string][]byte) {
	from := fmt.Sprintf("%04d", rapid.IntRange(0, 3300).Draw(rt, "read from"))
	rows := tree.Rows([]byte(from))
	for _, key := range slices.Sorted(maps.Keys(model)) {
		if key < from {
			continue
		}
		k, v, ok, err := rows.Next()
		if err != nil || !ok || string(k) != key || !bytes.Equal(v, model[key]) {
			rt.Fatalf("walk from %s: got %q %t %v, want %q", from, k, ok, err, key)
		}
	}
	if k, _, ok, err := rows.Next(); ok || err != nil {
		rt.Fatalf("walk goes on behind the last row with %q (%v)", k, err)
	}
	for range 30 {
		key := fmt.Sprintf("%04d", rapid.IntRange(0, 3300).Draw(rt, "get"))
		v, ok, err := tree.Get([]byte(key))
		want, has := model[key]
		if err != nil || ok != has || !bytes.Equal(v, want) {
			rt.Fatalf("get %s: %q %t %v, want %q", key, v, ok, err, want)
		}
	}
}
