package snapshotstore_test

import (
	"fmt"
	"testing"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Two tables that hold the same rows share their leaves, and what is known of a leaf must be true for both.
func TestTablesThatShareLeaves(t *testing.T) {
	s, err := snapshotstore.OpenStore(t.TempDir(), 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	const rows = 20
	for _, table := range []string{"t", "u"} {
		w, err := s.NewWriter()
		if err != nil {
			t.Fatal(err)
		}
		c := &changes{rows: map[string][]byte{}}
		for i := range rows {
			c.rows[fmt.Sprintf("key %d", i)] = []byte{byte(i)}
		}
		root, err := w.Fold(s.Tree(table, snapshotstore.Root{}), c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			got, ok, err := s.Tree(table, root).Get(fmt.Appendf(nil, "key %d", i))
			if err != nil || !ok || len(got) != 1 || got[0] != byte(i) {
				t.Errorf("table %s, key %d: %v, %t, %v", table, i, got, ok, err)
			}
		}
	}
}
