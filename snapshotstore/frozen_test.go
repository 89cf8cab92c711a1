package snapshotstore_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

var update = flag.Bool("update", false, "write the frozen pack where there is none; an existing one is never overwritten")

// What the frozen pack must hold for ever, worked out when it was written.
const (
	frozenDir    = "testdata/frozen/pack-2"
	frozenPack   = "cd4c264b8a20786b8af36af0956ef012.pack"
	frozenFile   = "5e470485a0982d62aa25b841c31f7e5af331c30f6aa47fa40f094e653ef447df"
	frozenCommit = "5749b4043eec58c00a3620a52b505747d8a784876de3e20e1bdf0432c603c3ed"
	frozenDigest = "1c3075be2358ff957341bf9120fb24b1145ec32a255b356a4884f90ca568ddbf"
	frozenState  = "the state of whoever wrote the commit: \x00\xff"
)

var frozenTables = []struct {
	name  string
	hash  string
	rows  uint64
	bytes uint64
}{
	{"edges", "7750887c0e71b03c4dc76b17996c13d97a763710788c5b12c711e6dc243cac24", 400, 5494},
	{"empty", "4b2364fceb8d69119f1635c523253f5251faf79e517273a597b470ecadbf1032", 0, 0},
	{"nodes", "156b587c54a3c4f1e1203d3635c25789166ffae40934602fc80c8580d4ee1bd6", 316, 57588},
	{"tall", "519588c985e2d1acc36dccd821222461676902fdf472137119391dc135dc5b48", 194, 2540},
}

// frozenRow is a row of rows.jsonl, with what was worked out of its key.
type frozenRow struct {
	Table string `json:"table"`
	Key   []byte `json:"key"`
	Cuts  int    `json:"cuts"`
	Value []byte `json:"value"`
}

// Today's build reads everything of a pack that an earlier one wrote, and finds it undamaged.
func TestFrozenPackIsRead(t *testing.T) {
	dir := t.TempDir()
	raw, err := os.ReadFile(filepath.Join(frozenDir, frozenPack))
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != frozenFile {
		t.Fatalf("the frozen pack was changed: it has SHA-256 %x", sum)
	}
	if err := os.WriteFile(filepath.Join(dir, frozenPack), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	store := openStore(t, dir)
	store.Verify(func(err error) bool {
		t.Error(err)
		return true
	})
	hash, err := snapshotstore.ParseHash(frozenCommit)
	if err != nil {
		t.Fatal(err)
	}
	commit, err := store.Commit(hash)
	if err != nil {
		t.Fatal(err)
	}
	checkFrozenCommit(t, &commit)
	rows := frozenRows(t)
	for _, table := range frozenTables {
		checkFrozenTable(t, store.Tree(table.name, commit.Root(table.name)), rows[table.name])
	}
}

func checkFrozenCommit(t *testing.T, commit *snapshotstore.Commit) {
	t.Helper()
	if string(commit.State) != frozenState || len(commit.Tables) != len(frozenTables) {
		t.Errorf("the commit has %d tables and the state %q", len(commit.Tables), commit.State)
	}
	for _, want := range frozenTables {
		got := commit.Root(want.name)
		if got.Hash.String() != want.hash || got.Rows != want.rows || got.Bytes != want.bytes {
			t.Errorf("table %s is %s, %d rows, %d bytes; want %+v", want.name, got.Hash, got.Rows, got.Bytes, want)
		}
	}
	if got := snapshotstore.Digest(commit.Tables).String(); got != frozenDigest {
		t.Errorf("the digest is %s, want %s", got, frozenDigest)
	}
}

// checkFrozenTable reads a table in both ways, and cuts its keys anew.
func checkFrozenTable(t *testing.T, tree *snapshotstore.Tree, want []frozenRow) {
	t.Helper()
	walk := tree.Rows(nil)
	for _, row := range want {
		key, value, ok, err := walk.Next()
		if err != nil || !ok || !bytes.Equal(key, row.Key) || !bytes.Equal(value, row.Value) || value == nil {
			t.Fatalf("%s: the walk comes to %x (%t, %v), want %x with %d bytes", row.Table, key, ok, err, row.Key, len(row.Value))
		}
		value, ok, err = tree.Get(row.Key)
		if err != nil || !ok || !bytes.Equal(value, row.Value) {
			t.Errorf("%s: get %x: %t, %v, %d bytes", row.Table, row.Key, ok, err, len(value))
		}
		if got := snapshotstore.Boundaries(row.Table, row.Key); got != row.Cuts {
			t.Errorf("%s: %d cuts before %x, want %d", row.Table, got, row.Key, row.Cuts)
		}
	}
	if key, _, ok, err := walk.Next(); ok || err != nil {
		t.Errorf("the walk goes on with %x (%v)", key, err)
	}
}

// The same rows give the same commit today, so that snapshots of before and after an upgrade share what they can.
func TestFrozenRowsAreWrittenTheSame(t *testing.T) {
	_, hash := writeFrozen(t, t.TempDir(), frozenRows(t))
	if hash.String() != frozenCommit {
		t.Errorf("the frozen rows give commit %s, want %s", hash, frozenCommit)
	}
	for _, table := range frozenTables {
		h := snapshotstore.NewHasher(table.name)
		for _, row := range frozenRows(t)[table.name] {
			h.Add(row.Key, row.Value)
		}
		if got := h.Sum(); got.Hash.String() != table.hash {
			t.Errorf("the frozen rows of %s give %s, want %s", table.name, got.Hash, table.hash)
		}
	}
}

// frozenRows reads the rows of each table.
func frozenRows(t *testing.T) map[string][]frozenRow {
	t.Helper()
	f, err := os.Open(filepath.Join(frozenDir, "rows.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string][]frozenRow{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row frozenRow
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		out[row.Table] = append(out[row.Table], row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// frozenChanges puts rows.
type frozenChanges struct{ rows []frozenRow }

func (c *frozenChanges) Ranges() [][]byte { return nil }

func (c *frozenChanges) Next() (snapshotstore.Change, bool, error) {
	if len(c.rows) == 0 {
		return snapshotstore.Change{}, false, nil
	}
	row := c.rows[0]
	c.rows = c.rows[1:]
	return snapshotstore.Change{Key: row.Key, Value: row.Value}, true, nil
}

// writeFrozen writes the frozen tables into a folder, in one pack, and returns their commit.
func writeFrozen(t *testing.T, dir string, rows map[string][]frozenRow) (*snapshotstore.Commit, snapshotstore.Hash) {
	t.Helper()
	store := openStore(t, dir)
	w, err := store.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	commit := &snapshotstore.Commit{State: []byte(frozenState)}
	for _, table := range []string{"edges", "empty", "nodes", "tall"} {
		root, err := w.Fold(store.Tree(table, snapshotstore.Root{}), &frozenChanges{rows[table]})
		if err != nil {
			t.Fatal(err)
		}
		commit.Tables = append(commit.Tables, snapshotstore.Named{Table: table, Root: root})
	}
	hash, err := w.PutCommit(commit)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return commit, hash
}

// With -update, and where there is no frozen pack, this writes one and prints the constants that belong to it.
func TestFrozenPackIsMade(t *testing.T) {
	if _, err := os.Stat(frozenDir); err == nil || !*update {
		if err != nil {
			t.Fatalf("%v; write it with: go test ./snapshotstore -run FrozenPackIsMade -update", err)
		}
		return
	}
	if err := os.MkdirAll(frozenDir, 0o755); err != nil {
		t.Fatal(err)
	}
	rows := newFrozenRows()
	var lines bytes.Buffer
	for _, table := range []string{"edges", "nodes", "tall"} {
		for _, row := range rows[table] {
			line, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&lines, "%s\n", line)
		}
	}
	if err := os.WriteFile(filepath.Join(frozenDir, "rows.jsonl"), lines.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	commit, hash := writeFrozen(t, frozenDir, rows)
	packs, err := filepath.Glob(filepath.Join(frozenDir, "*.pack"))
	if err != nil || len(packs) != 1 {
		t.Fatal(packs, err)
	}
	raw, err := os.ReadFile(packs[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("pack %s, SHA-256 %x, commit %s, digest %s", packs[0], sha256.Sum256(raw), hash, snapshotstore.Digest(commit.Tables))
	for _, table := range commit.Tables {
		t.Logf("{%q, %q, %d, %d},", table.Table, table.Root.Hash, table.Root.Rows, table.Root.Bytes)
	}
}

// newFrozenRows makes rows of all kinds: in nodes short and long keys, empty, long and incompressible values and blobs;
// in edges keys before which nothing is cut, so that every cut is forced; in tall keys before which much is cut.
func newFrozenRows() map[string][]frozenRow {
	out := map[string][]frozenRow{}
	add := func(table, key string, value []byte) {
		out[table] = append(out[table], frozenRow{table, []byte(key), snapshotstore.Boundaries(table, []byte(key)), value})
	}
	add("nodes", "", []byte("under the empty key"))
	for i := range 300 {
		add("nodes", fmt.Sprintf("graph-%02d/node-%04d", i/25, i), fmt.Appendf(nil, `{"name":"node %d","kind":"%d"}`, i, i%7))
	}
	for i, size := range []int{0, 1, 300, 4095, 4096, 4097, 9000} {
		add("nodes", fmt.Sprintf("size-%d", i), noise(size))
		add("nodes", fmt.Sprintf("size-%d\x00", i), bytes.Repeat([]byte("plain "), size/6))
	}
	add("nodes", "\xff\xff\xff", noise(20))
	for i, n := 0, 0; n < 400; i++ {
		if key := fmt.Sprintf("edge-%06d", i); snapshotstore.Boundaries("edges", []byte(key)) == 0 {
			add("edges", key, fmt.Appendf(nil, "%d", i))
			n++
		}
	}
	for i := range 120_000 {
		key := binary.BigEndian.AppendUint64(nil, uint64(i))
		cuts := snapshotstore.Boundaries("tall", key)
		if cuts > 2 || cuts == 2 && i%3 == 0 || cuts == 1 && i%60 == 0 || i%2000 == 0 {
			add("tall", string(key), fmt.Appendf(nil, "%d", i))
		}
	}
	slices.SortFunc(out["nodes"], func(a, b frozenRow) int { return bytes.Compare(a.Key, b.Key) })
	return out
}

// noise returns bytes that cannot be compressed.
func noise(n int) []byte {
	out := []byte{}
	for i := uint64(0); len(out) < n; i++ {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, i))
		out = append(out, sum[:]...)
	}
	return out[:n]
}
