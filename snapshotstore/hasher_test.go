package snapshotstore_test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

func root(table string, rows map[string]string) snapshotstore.Root {
	h := snapshotstore.NewHasher(table)
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		h.Add([]byte(key), []byte(rows[key]))
	}
	return h.Sum()
}

func numbered(n int) map[string]string {
	rows := map[string]string{}
	for i := range n {
		rows[fmt.Sprintf("key-%06d", i)] = fmt.Sprintf("value %d", i)
	}
	return rows
}

// TestRootIsFrozen holds the rule: these digests may only change together with DigestVersion.
func TestRootIsFrozen(t *testing.T) {
	tests := []struct {
		rows int
		want string
	}{
		{0, "4b2364fceb8d69119f1635c523253f5251faf79e517273a597b470ecadbf1032"},
		{1, "13677bf6fcda0a034fd37ac63c8e808548e0933e11d3ddb84f4b03a11c4bbea8"},
		{1000, "f1f79cc50ca0dfc8acf2b4df5b76bcf22320845e0c375e8aa4a530afeeda4535"},
		{100_000, "cd10584638212f88766b89dee99431c8524f0637d0f881640ee0d84bfd62c52f"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.rows), func(t *testing.T) {
			if got := root("nodes", numbered(tt.rows)); got.Hash.String() != tt.want || got.Rows != uint64(tt.rows) {
				t.Errorf("root of %d rows is %s, want %s", got.Rows, got.Hash, tt.want)
			}
		})
	}
	named := []snapshotstore.Named{{Table: "b", Root: root("b", numbered(3))}, {Table: "a", Root: root("a", numbered(30))}}
	const want = "6ccff7a1b4e0c60e965486473f8328db7323e31bab017c757ba05abdf262280b"
	if got := snapshotstore.Digest(named).String(); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
	slices.Reverse(named)
	if got := snapshotstore.Digest(named).String(); got != want {
		t.Errorf("digest in another order is %s, want %s", got, want)
	}
}

func TestHasherAgainstReference(t *testing.T) {
	for _, n := range []int{1, 2, 23, 24, 25, 191, 192, 193, 1000, 5000, 60_000} {
		rows := numbered(n)
		if got, want := root("t", rows), refRoot("t", rows); got != want {
			t.Errorf("%d rows: %+v, want %+v", n, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		table := rapid.SampledFrom([]string{"", "t", "nodes"}).Draw(t, "table")
		rows := rapid.MapOf(rapid.StringN(0, 6, 20), rapid.StringN(0, 10, 40)).Draw(t, "rows")
		for range rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "blobs") {
			rows[rapid.String().Draw(t, "key")] = strings.Repeat("x", rapid.SampledFrom([]int{4095, 4096, 4097, 9000}).Draw(t, "size"))
		}
		if got, want := root(table, rows), refRoot(table, rows); got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

// chosenKeys returns n rising keys of the table "t" whose cuts, in order, are as asked for by wanted.
func chosenKeys(n int, wanted func(i, cuts int) bool) []string {
	var out []string
	for k := uint64(0); len(out) < n; k++ {
		key := string(binary.BigEndian.AppendUint64(nil, k))
		if wanted(len(out), snapshotstore.Boundaries("t", []byte(key))) {
			out = append(out, key)
		}
	}
	return out
}

func TestForcedCuts(t *testing.T) {
	tests := []struct {
		name   string
		rows   int
		wanted func(i, cuts int) bool
		leaves int
	}{
		{"no boundary, one leaf", 192, func(_, cuts int) bool { return cuts == 0 }, 1},
		{"no boundary, two leaves", 193, func(_, cuts int) bool { return cuts == 0 }, 2},
		{"no boundary, full node of full leaves", 192 * 256, func(_, cuts int) bool { return cuts == 0 }, 256},
		{"no boundary, one leaf more", 192*256 + 1, func(_, cuts int) bool { return cuts == 0 }, 257},
		{"a leaf for each row, no cut above", 300, func(_, cuts int) bool { return cuts == 1 }, 300},
		{"a boundary on high levels before anything stands there", 60, func(i, cuts int) bool {
			if i == 2 {
				return cuts >= 3
			}
			return cuts <= 1
		}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows := map[string]string{}
			for _, key := range chosenKeys(tt.rows, tt.wanted) {
				rows[key] = "v"
			}
			if leaves := refTree("t", rows)[0]; tt.leaves > 0 && len(leaves) != tt.leaves {
				t.Fatalf("the keys make %d leaves, the test is about %d", len(leaves), tt.leaves)
			}
			if got, want := root("t", rows), refRoot("t", rows); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

func TestEveryChangeShows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.MapOfN(rapid.StringN(1, 4, 8), rapid.StringN(0, 4, 8), 1, 100).Draw(t, "rows")
		keys := slices.Sorted(maps.Keys(rows))
		key := rapid.SampledFrom(keys).Draw(t, "key")
		changed := maps.Clone(rows)
		switch rapid.SampledFrom([]string{"value", "remove", "add", "rename", "swap", "blob"}).Draw(t, "change") {
		case "value":
			changed[key] += "x"
		case "remove":
			delete(changed, key)
		case "add":
			changed[key+"x"] = rows[key]
		case "rename":
			delete(changed, key)
			changed[key+"x"] = rows[key]
		case "swap":
			changed[key], changed[keys[0]] = rows[keys[0]], rows[key]
		case "blob":
			rows[key] = strings.Repeat("a", 5000)
			changed[key] = strings.Repeat("a", 4999) + "b"
		}
		if maps.Equal(rows, changed) {
			return
		}
		if root("t", rows).Hash == root("t", changed).Hash {
			t.Fatalf("the same root for different rows")
		}
	})
}

func TestDigestSeparatesTables(t *testing.T) {
	digest := func(names ...string) snapshotstore.Hash {
		var named []snapshotstore.Named
		for _, name := range names {
			named = append(named, snapshotstore.Named{Table: name, Root: root("t", nil)})
		}
		return snapshotstore.Digest(named)
	}
	seen := map[snapshotstore.Hash]string{}
	for _, names := range [][]string{{}, {"a"}, {"b"}, {"a", "b"}, {"ab"}, {""}, {"", "ab"}} {
		d := digest(names...)
		if other, ok := seen[d]; ok {
			t.Errorf("tables %q and %s have the same digest", names, other)
		}
		seen[d] = fmt.Sprintf("%q", names)
	}
}

// TestLocality proves that a changed row leaves almost all leaves as they were.
func TestLocality(t *testing.T) {
	rows := numbered(20_000)
	before := map[[32]byte]bool{}
	total := 0
	for _, level := range refTree("t", rows) {
		for _, m := range level {
			before[m.hash] = true
			total++
		}
	}
	changes := map[string]func(){
		"value":  func() { rows["key-010000"] = "other" },
		"remove": func() { delete(rows, "key-005000") },
		"add":    func() { rows["key-015000x"] = "new" },
	}
	for name, change := range changes {
		change()
		tree := refTree("t", rows)
		fresh := 0
		for _, level := range tree {
			for _, m := range level {
				if !before[m.hash] {
					fresh++
					before[m.hash] = true
				}
			}
		}
		if most := len(tree) + 2; fresh > most {
			t.Errorf("%s: %d of %d leaves and nodes are new, want at most %d", name, fresh, total, most)
		}
	}
}

func TestLeavesHaveTheMeanSize(t *testing.T) {
	tree := refTree("t", numbered(100_000))
	if rows := 100_000 / len(tree[0]); rows < 20 || rows > 28 {
		t.Errorf("%d rows a leaf, want about %d", rows, snapshotstore.LeafRows)
	}
	if fan := len(tree[0]) / len(tree[1]); fan < 20 || fan > 45 {
		t.Errorf("%d leaves a node, want about %d", fan, snapshotstore.Fanout)
	}
}

func TestAddPanicsWhenKeysDoNotRise(t *testing.T) {
	for _, keys := range [][2]string{{"b", "a"}, {"a", "a"}, {"ab", "a"}, {"", ""}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was taken after %q", keys[1], keys[0])
				}
			}()
			h := snapshotstore.NewHasher("t")
			h.Add([]byte(keys[0]), nil)
			h.Add([]byte(keys[1]), nil)
		}()
	}
}

func TestAddKeepsNothing(t *testing.T) {
	key, value := []byte("key-000000"), []byte("value")
	h := snapshotstore.NewHasher("t")
	rows := map[string]string{}
	for i := range 500 {
		copy(key[4:], fmt.Sprintf("%06d", i))
		value[0] = byte(i)
		rows[string(key)] = string(value)
		h.Add(key, value)
	}
	if got, want := h.Sum(), refRoot("t", rows); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func BenchmarkHasher(b *testing.B) {
	rows := numbered(10_000)
	keys := slices.Sorted(maps.Keys(rows))
	value := []byte(strings.Repeat("v", 200))
	for b.Loop() {
		h := snapshotstore.NewHasher("t")
		for _, key := range keys {
			h.Add([]byte(key), value)
		}
		h.Sum()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/row")
}
