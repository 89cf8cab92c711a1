package snapshotstore_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// The rows of a large worker: 10,000 graphs with 25 rows in each of four tables, keys of 30 bytes, values of 150.
const (
	benchGraphs   = 10_000
	benchEntities = 25
	benchTables   = 4
	benchRows     = benchGraphs * benchEntities * benchTables
)

func benchTable(i int) string { return fmt.Sprintf("table-%d", i) }

// mix is a number that looks drawn, from one that counts.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// benchKey writes the key of an entity: ids that rise, with bytes between them as hashes have.
func benchKey(b []byte, graph, entity int) []byte {
	g := uint64(graph)*(1<<63/benchGraphs*2) + mix(uint64(graph))%(1<<48)
	e := uint64(entity)*(1<<44/benchEntities) + mix(uint64(graph*benchEntities+entity))%(1<<38)
	var raw [16]byte
	for i := range 8 {
		raw[i] = byte(g >> (56 - 8*i))
		raw[8+i] = byte(e >> (56 - 8*i))
	}
	b = hex.AppendEncode(b[:0], raw[:8])
	b = append(b, '/', 'n')
	return hex.AppendEncode(b, raw[10:])
}

// benchValue writes a value: names of fields and kinds that repeat, an id and coordinates that do not.
func benchValue(b []byte, table, graph, entity, version int) []byte {
	x := mix(uint64((graph*benchEntities+entity)*benchTables+table) + uint64(version)<<40)
	raw := [16]byte{}
	for i := range 8 {
		raw[i], raw[8+i] = byte(x>>(8*i)), byte(mix(x)>>(8*i))
	}
	b = append(b[:0], "\x86\xa2id\xd9\x24"...)
	b = hex.AppendEncode(b, raw[:])
	b = append(b, "\xa4kind\xa8customer\xa4name\xae"...)
	b = append(b, "entity of graph "...)
	b = append(b, byte('0'+graph/1000%10), byte('0'+graph/100%10), byte('0'+graph/10%10), byte('0'+graph%10))
	b = append(b, "\xa1x\xcb"...)
	b = append(b, raw[:8]...)
	b = append(b, "\xa1y\xcb"...)
	b = append(b, raw[8:]...)
	b = append(b, "\xa7updated\xd3\x18\x2a"...)
	b = append(b, raw[3:9]...)
	return append(b, "\xa4tags\x92\xa6active\xa7checked\xa5count\x01\xa3rev\x01"...)
}

// benchChanges are the rows of one table: of every step-th graph.
type benchChanges struct {
	table, version, step int
	graph, entity        int
	key, value           []byte
}

func (c *benchChanges) Ranges() [][]byte { return nil }

func (c *benchChanges) Next() (snapshotstore.Change, bool, error) {
	if c.entity == benchEntities {
		c.graph, c.entity = c.graph+c.step, 0
	}
	if c.graph >= benchGraphs {
		return snapshotstore.Change{}, false, nil
	}
	c.key = benchKey(c.key, c.graph, c.entity)
	c.value = benchValue(c.value, c.table, c.graph, c.entity, c.version)
	c.entity++
	return snapshotstore.Change{Key: c.key, Value: c.value}, true, nil
}

// benchFold folds every step-th graph into all tables, and returns the bytes of the pack.
func benchFold(
	b *testing.B, store *snapshotstore.Store, old []snapshotstore.Root, version, step int,
) ([]snapshotstore.Root, int64) {
	b.Helper()
	return benchWrite(b, store, old, func(table int) snapshotstore.Changes {
		return &benchChanges{table: table, version: version, step: step}
	})
}

// boltChanges are all rows of a bucket.
type boltChanges struct {
	rows  *bolt.Cursor
	begun bool
}

func (c *boltChanges) Ranges() [][]byte { return nil }

func (c *boltChanges) Next() (snapshotstore.Change, bool, error) {
	step := c.rows.Next
	if !c.begun {
		c.begun, step = true, c.rows.First
	}
	key, value := step()
	return snapshotstore.Change{Key: key, Value: value}, key != nil, nil
}

// benchFoldBolt folds all rows of a bbolt file.
func benchFoldBolt(b *testing.B, store *snapshotstore.Store, path string) []snapshotstore.Root {
	b.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	var roots []snapshotstore.Root
	err = db.View(func(tx *bolt.Tx) error {
		roots, _ = benchWrite(b, store, make([]snapshotstore.Root, benchTables), func(table int) snapshotstore.Changes {
			return &boltChanges{rows: tx.Bucket([]byte(benchTable(table))).Cursor()}
		})
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return roots
}

// benchWrite folds changes into all tables, and returns the bytes of the pack.
func benchWrite(
	b *testing.B, store *snapshotstore.Store, old []snapshotstore.Root, changes func(table int) snapshotstore.Changes,
) ([]snapshotstore.Root, int64) {
	b.Helper()
	w, err := store.NewWriter()
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	var out []snapshotstore.Root
	commit := &snapshotstore.Commit{}
	for i := range benchTables {
		root, err := w.Fold(store.Tree(benchTable(i), old[i]), changes(i))
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, root)
		commit.Tables = append(commit.Tables, snapshotstore.Named{Table: benchTable(i), Root: root})
	}
	if _, err := w.PutCommit(commit); err != nil {
		b.Fatal(err)
	}
	n, err := w.Commit()
	if err != nil {
		b.Fatal(err)
	}
	return out, n
}

// benchBolt writes the same rows into one bbolt file and returns its path.
func benchBolt(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "rows.db")
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	for i := range benchTables {
		err := db.Update(func(tx *bolt.Tx) error {
			bucket, err := tx.CreateBucket([]byte(benchTable(i)))
			if err != nil {
				return err
			}
			bucket.FillPercent = 0.9
			c := &benchChanges{table: i, step: 1}
			for row, ok, _ := c.Next(); ok; row, ok, _ = c.Next() {
				if err := bucket.Put(row.Key, bytes.Clone(row.Value)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// benchCopy copies a file, durably.
func benchCopy(b *testing.B, path string) int64 {
	b.Helper()
	from, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(path + ".copy")
	if err != nil {
		b.Fatal(err)
	}
	defer to.Close()
	n, err := io.Copy(to, from)
	if err == nil {
		err = to.Sync()
	}
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkMillionRows writes 1,000,000 rows, changes 1 % of them in 1 % of the graphs, and reads; times are set against
// a durable copy of a bbolt file with the same rows, taken in the same run.
func BenchmarkMillionRows(b *testing.B) {
	path := benchBolt(b)
	var copied, first, second time.Duration
	var copiedBytes, firstBytes, secondBytes int64
	var before, after []snapshotstore.Root
	version := 0
	dir := b.TempDir()
	store := benchOpen(b, dir)
	defer func() { _ = store.Close() }()

	b.Run("copy", func(b *testing.B) {
		for b.Loop() {
			copiedBytes = benchCopy(b, path)
		}
		copied = b.Elapsed() / time.Duration(b.N)
		b.ReportMetric(float64(copiedBytes), "bytes")
	})
	fresh := func(b *testing.B) {
		b.StopTimer()
		_ = store.Close()
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
		store = benchOpen(b, dir)
		b.StartTimer()
	}
	var fromBolt []snapshotstore.Root
	b.Run("first/from-bbolt", func(b *testing.B) {
		for b.Loop() {
			fresh(b)
			fromBolt = benchFoldBolt(b, store, path)
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/copied.Seconds(), "×copy")
	})
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			fresh(b)
			before, firstBytes = benchFold(b, store, make([]snapshotstore.Root, benchTables), 0, 1)
		}
		first = b.Elapsed() / time.Duration(b.N)
		b.ReportMetric(float64(first.Nanoseconds())/benchRows, "ns/row")
		b.ReportMetric(float64(firstBytes), "bytes")
		b.ReportMetric(first.Seconds()/copied.Seconds(), "×copy")
	})
	if fromBolt != nil && !slices.Equal(fromBolt, before) {
		b.Fatal("the rows of the bbolt file are not those that were written")
	}
	b.Run("second", func(b *testing.B) {
		for b.Loop() {
			version++ // or there would be nothing to write the next time
			after, secondBytes = benchFold(b, store, before, version, 100)
		}
		second = b.Elapsed() / time.Duration(b.N)
		b.ReportMetric(float64(secondBytes), "bytes")
		b.ReportMetric(100*float64(secondBytes)/float64(firstBytes), "%ofFirst")
		b.ReportMetric(second.Seconds()/copied.Seconds(), "×copy")
	})
	b.Run("diff", func(b *testing.B) {
		for b.Loop() {
			benchDiff(b, store, before, after)
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/copied.Seconds(), "×copy")
	})
	benchReads(b, dir, before)
}

func benchOpen(b *testing.B, dir string) *snapshotstore.Store {
	b.Helper()
	store, err := snapshotstore.OpenStore(dir, 64<<20, nil)
	if err != nil {
		b.Fatal(err)
	}
	return store
}

func benchDiff(b *testing.B, store *snapshotstore.Store, before, after []snapshotstore.Root) {
	b.Helper()
	total := uint64(0)
	for i := range benchTables {
		c, err := snapshotstore.Diff(store.Tree(benchTable(i), before[i]), store.Tree(benchTable(i), after[i])).Count(b.Context())
		if err != nil || c.Added+c.Removed > 0 {
			b.Fatal(c, err)
		}
		total += c.Changed
	}
	if total != benchRows/100 {
		b.Fatalf("%d rows differ", total)
	}
}

// benchReads looks keys up and scans graphs, with everything in the cache and with next to nothing in it.
func benchReads(b *testing.B, dir string, roots []snapshotstore.Root) {
	for _, cache := range []struct {
		name  string
		bytes int
	}{{"warm", 1 << 30}, {"cold", 0}} {
		store, err := snapshotstore.OpenStore(dir, cache.bytes, nil)
		if err != nil {
			b.Fatal(err)
		}
		trees := make([]*snapshotstore.Tree, benchTables)
		for i := range trees {
			trees[i] = store.Tree(benchTable(i), roots[i])
			if cache.bytes > 0 {
				benchScanAll(b, trees[i])
			}
		}
		key := []byte{}
		b.Run("get/hit/"+cache.name, func(b *testing.B) {
			for n := uint64(0); b.Loop(); n++ {
				x := mix(n)
				key = benchKey(key, int(x%benchGraphs), int(x>>32%benchEntities))
				if _, ok, err := trees[x>>60%benchTables].Get(key); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
		b.Run("get/miss/"+cache.name, func(b *testing.B) {
			for n := uint64(0); b.Loop(); n++ {
				x := mix(n)
				key = benchKey(key, int(x%benchGraphs), int(x>>32%benchEntities))
				key[len(key)-1] = 'z'
				if _, ok, err := trees[x>>60%benchTables].Get(key); ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
		b.Run("scan/"+cache.name, func(b *testing.B) {
			for n := uint64(0); b.Loop(); n++ {
				x := mix(n)
				benchScan(b, trees[x>>60%benchTables], int(x%benchGraphs))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEntities, "ns/row")
		})
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func benchScanAll(b *testing.B, tree *snapshotstore.Tree) {
	b.Helper()
	rows := tree.Rows(nil)
	for ok, err := true, error(nil); ok; {
		if _, _, ok, err = rows.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

// benchScan reads the rows of one graph in one table.
func benchScan(b *testing.B, tree *snapshotstore.Tree, graph int) {
	b.Helper()
	prefix := benchKey(nil, graph, 0)[:17]
	n := 0
	for rows := tree.Rows(prefix); ; n++ {
		key, _, ok, err := rows.Next()
		if err != nil {
			b.Fatal(err)
		}
		if !ok || !bytes.HasPrefix(key, prefix) {
			break
		}
	}
	if n != benchEntities {
		b.Fatalf("%d rows", n)
	}
}
