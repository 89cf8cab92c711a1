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

// keyspace names keys by number: all of them, or only those before which nothing is ever cut, so that every cut is
// forced.
type keyspace []string

func makeKeyspace(n int, uncut bool) keyspace {
	var out keyspace
	for i := 0; len(out) < n; i++ {
		if key := fmt.Sprintf("%06d", i); !uncut || snapshotstore.Boundaries("t", []byte(key)) == 0 {
			out = append(out, key)
		}
	}
	return out
}

func (k keyspace) draw(rt *rapid.T, label string) int {
	return rapid.IntRange(0, len(k)-1).Draw(rt, label)
}

func (k keyspace) drawChanges(rt *rapid.T) *changes {
	c := &changes{rows: map[string][]byte{}}
	for range rapid.IntRange(0, 2).Draw(rt, "ranges") {
		c.ranges = append(c.ranges, k[k.draw(rt, "range")][:rapid.IntRange(3, 6).Draw(rt, "range bytes")])
	}
	for range rapid.IntRange(0, 3).Draw(rt, "runs") {
		from, n := k.draw(rt, "from"), rapid.IntRange(1, 300).Draw(rt, "rows")
		del := rapid.IntRange(0, 2).Draw(rt, "delete") == 0
		for i := from; i < min(from+n, len(k)); i++ {
			c.rows[k[i]] = value(i, 0)
			if del {
				c.rows[k[i]] = nil
			}
		}
	}
	for range rapid.IntRange(0, 30).Draw(rt, "points") {
		i := k.draw(rt, "point")
		c.rows[k[i]] = nil
		if rapid.Bool().Draw(rt, "put") {
			c.rows[k[i]] = value(i, rapid.IntRange(0, 3).Draw(rt, "value"))
		}
	}
	return c
}

func value(i, version int) []byte {
	if i%97 == 0 {
		return bytes.Repeat([]byte{byte(i + version)}, snapshotstore.BlobBytes+i)
	}
	return fmt.Appendf(nil, "%d/%d", i, version)
}

// A fold gives the tree that all rows written at once would give, and reading it gives the rows.
func TestFoldIsTheTreeOfItsRows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		store, err := snapshotstore.OpenStore(t.TempDir(), 1<<20, nil)
		if err != nil {
			rt.Fatal(err)
		}
		defer store.Close()
		keys := makeKeyspace(rapid.IntRange(1, 1500).Draw(rt, "keys"), rapid.Bool().Draw(rt, "uncut"))
		model := map[string][]byte{}
		tree := store.Tree("t", snapshotstore.Root{})
		for n := range rapid.IntRange(1, 5).Draw(rt, "folds") {
			c := keys.drawChanges(rt)
			for i := 0; n == 0 && i < len(keys); i++ { // begin with a full table
				c.rows[keys[i]] = value(i, 0)
			}
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
			readBack(rt, tree, model, keys)
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

func readBack(rt *rapid.T, tree *snapshotstore.Tree, model map[string][]byte, keys keyspace) {
	from := keys[keys.draw(rt, "read from")]
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
		key := keys[keys.draw(rt, "get")]
		v, ok, err := tree.Get([]byte(key))
		want, has := model[key]
		if err != nil || ok != has || !bytes.Equal(v, want) {
			rt.Fatalf("get %s: %q %t %v, want %q", key, v, ok, err, want)
		}
	}
}
