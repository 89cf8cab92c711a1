package snapshotstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"slices"
	"strings"
	"testing"
)

// forgery is a pack that is made by hand: every hash and sum in it is right, whatever else is wrong.
type forgery struct {
	objects []Object
	filter  []byte // of every object; nil = the right one
}

// add adds an object and returns its hash.
func (f *forgery) add(kind Kind, content []byte) Hash {
	o := Object{Kind: kind, Bytes: content}
	f.objects = append(f.objects, o)
	return o.Hash()
}

func (f *forgery) leaf(rows ...string) Hash {
	var b []byte
	for _, r := range rows {
		k, v, _ := strings.Cut(r, "=")
		b = appendRow(b, []byte(k), []byte(v))
	}
	return f.add(KindLeaf, b)
}

func (f *forgery) node(level byte, members ...entry) Hash {
	b := []byte{level}
	for _, m := range members {
		b = appendBytes(b, m.key)
		b = binary.BigEndian.AppendUint64(b, m.rows)
		b = append(b, m.hash[:]...)
	}
	return f.add(KindNode, b)
}

func (f *forgery) commit(hash Hash, rows, bytes uint64) Hash {
	c := Commit{Tables: []Named{{Table: "t", Root: Root{Hash: hash, Rows: rows, Bytes: bytes}}}}
	return f.add(KindCommit, c.encode())
}

func at(key string, rows uint64, hash Hash) entry {
	return entry{key: []byte(key), rows: rows, hash: hash}
}

// pack returns the name and bytes of the pack.
func (f *forgery) pack(t testing.TB) (string, []byte) {
	t.Helper()
	dir := t.TempDir()
	w, err := newPackWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range f.objects {
		filter := f.filter
		if filter == nil {
			filter = filterOf(o)
		}
		if err := w.put(o.Hash(), o, filter); err != nil {
			t.Fatal(err)
		}
	}
	name, err := w.finish()
	if err != nil || name == "" {
		t.Fatalf("pack %q, %v", name, err)
	}
	raw, err := os.ReadFile(dir + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return name, raw
}

// filterOf returns the filter that belongs to a leaf; nil for anything else.
func filterOf(o Object) []byte {
	rows, err := parseLeaf(o.Bytes)
	if err != nil || !o.Kind.leaf() {
		return nil
	}
	var points []uint64
	for _, r := range rows {
		points = append(points, keyPoint(r.key))
	}
	return makeFilter(points)
}

// A leaf's hash does not cover its filter, which must be the one that its keys make all the same.
func TestForgedFiltersAreRefused(t *testing.T) {
	for _, filter := range [][]byte{{}, {0}, {0xff}, {0xff, 0xff, 0xff}} {
		f, s := &forgery{filter: filter}, openTestStore(t)
		commit := f.commit(f.leaf("a=1", "b=2"), 2, 4)
		name, raw := f.pack(t)
		if err := arrive(t, s, name, raw, commit); err == nil {
			t.Errorf("a filter of %x is taken", filter)
		}
	}
}

// arrive lets a store have the pack and a snapshot of the commit.
func arrive(t testing.TB, s *Store, name string, raw []byte, commit Hash) error {
	t.Helper()
	m := &Manifest{Name: "s", Projections: []ManifestProjection{{Name: "p", Commit: commit.String()}}}
	p, err := bring(t.Context(), s, func(in *incoming) (*Manifest, error) {
		return m, in.receive(t.Context(), name, int64(len(raw)), bytes.NewReader(raw))
	})
	if p != nil {
		p.Close()
	}
	return err
}

func openTestStore(t testing.TB) *Store {
	t.Helper()
	s, err := OpenStore(t.TempDir(), 1<<20, nil)
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

// Objects that are what their hashes say are refused where readers or the collector would be misled by them.
func TestForgedSnapshotsAreRefused(t *testing.T) {
	long := strings.Repeat("v", BlobBytes+1)
	for name, make := range map[string]func(f *forgery) Hash{
		"no commit":        func(f *forgery) Hash { return f.leaf("a=1") },
		"commit cut short": func(f *forgery) Hash { return f.add(KindCommit, []byte{0, 0, 0, 9, 1}) },
		"absent":           func(f *forgery) Hash { f.leaf("a=1"); return Hash{7} },
		"absent root":      func(f *forgery) Hash { return f.commit(Hash{7}, 1, 2) },
		"rows":             func(f *forgery) Hash { return f.commit(f.leaf("a=1"), 2, 2) },
		"bytes":            func(f *forgery) Hash { return f.commit(f.leaf("a=1"), 1, 3) },
		"rows of nothing":  func(f *forgery) Hash { return f.commit(emptyRoot, 1, 0) },
		"no rows":          func(f *forgery) Hash { return f.commit(f.leaf("a=1"), 0, 0) },
		"empty leaf":       func(f *forgery) Hash { return f.commit(f.node(1, at("a", 0, f.leaf())), 0, 0) },
		"leaf out of order": func(f *forgery) Hash {
			return f.commit(f.leaf("b=1", "a=1"), 2, 4)
		},
		"key twice":       func(f *forgery) Hash { return f.commit(f.leaf("a=1", "a=2"), 2, 4) },
		"leaf cut short":  func(f *forgery) Hash { return f.commit(f.add(KindLeaf, []byte{0, 0, 0, 9, 'a'}), 1, 2) },
		"a blob for root": func(f *forgery) Hash { return f.commit(f.add(KindBlob, []byte("x")), 1, 1) },
		"a commit for root": func(f *forgery) Hash {
			return f.commit(f.commit(emptyRoot, 0, 0), 0, 0)
		},
		"node without members": func(f *forgery) Hash { return f.commit(f.node(1), 0, 0) },
		"node of level 0":      func(f *forgery) Hash { return f.commit(f.node(0, at("a", 1, f.leaf("a=1"))), 1, 2) },
		"node over a gap in levels": func(f *forgery) Hash {
			return f.commit(f.node(2, at("a", 1, f.leaf("a=1"))), 1, 2)
		},
		"node over a node of its level": func(f *forgery) Hash {
			return f.commit(f.node(1, at("a", 1, f.node(1, at("a", 1, f.leaf("a=1"))))), 1, 2)
		},
		"rows of a member": func(f *forgery) Hash {
			return f.commit(f.node(1, at("a", 1, f.leaf("a=1")), at("b", 2, f.leaf("b=1"))), 3, 4)
		},
		"key of a member": func(f *forgery) Hash {
			return f.commit(f.node(1, at("a", 1, f.leaf("a=1")), at("b", 1, f.leaf("c=1"))), 2, 4)
		},
		"key of the first member": func(f *forgery) Hash {
			return f.commit(f.node(2, at("a", 1, f.node(1, at("b", 1, f.leaf("b=1"))))), 1, 2)
		},
		"members out of order": func(f *forgery) Hash {
			return f.commit(f.node(1, at("b", 1, f.leaf("b=1")), at("a", 1, f.leaf("a=1"))), 2, 4)
		},
		"a member twice": func(f *forgery) Hash {
			leaf := f.leaf("a=1")
			return f.commit(f.node(1, at("a", 1, leaf), at("a", 1, leaf)), 2, 4)
		},
		"leaves that overlap": func(f *forgery) Hash {
			return f.commit(f.node(1, at("a", 2, f.leaf("a=1", "c=1")), at("b", 1, f.leaf("b=1"))), 3, 6)
		},
		"a leaf with a blob that does not say so": func(f *forgery) Hash {
			f.add(KindBlob, []byte(long))
			return f.commit(f.leaf("a="+long), 1, uint64(1+len(long)))
		},
		"a leaf without a blob that says it has one": func(f *forgery) Hash {
			return f.commit(f.add(KindBlobby, appendRow(nil, []byte("a"), []byte("1"))), 1, 2)
		},
		"absent blob": func(f *forgery) Hash {
			return f.commit(f.add(KindBlobby, appendRow(nil, []byte("a"), []byte(long))), 1, uint64(1+len(long)))
		},
		"a short blob": func(f *forgery) Hash {
			b := []byte{0, 0, 0, 1, 'a', 1, 0, 0, 0, 0, 0, 0, 0, 1}
			hash := f.add(KindBlob, []byte("x"))
			return f.commit(f.add(KindBlobby, append(b, hash[:]...)), 1, 2)
		},
		"a blob of another length": func(f *forgery) Hash {
			b := appendRow(nil, []byte("a"), []byte(long))
			b[5+8]++
			f.add(KindBlob, []byte(long))
			return f.commit(f.add(KindBlobby, b), 1, uint64(2+len(long)))
		},
		"a long value in its leaf": func(f *forgery) Hash {
			b := appendBytes(appendBytes(nil, []byte("a")), []byte(long))
			b = slices.Insert(b, 5, 0)
			return f.commit(f.add(KindLeaf, b), 1, uint64(1+len(long)))
		},
		"an unknown kind": func(f *forgery) Hash { f.add('X', []byte("x")); return f.commit(emptyRoot, 0, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			f := &forgery{}
			commit := make(f)
			s := openTestStore(t)
			pack, raw := f.pack(t)
			if err := arrive(t, s, pack, raw, commit); err == nil {
				t.Error("it is taken")
			}
			if left, err := os.ReadDir(s.dir); err != nil || len(left) != 0 || s.Packs() != 0 {
				t.Errorf("the store has %v, %v", left, err)
			}
		})
	}
}

// The forge can make what is right.
func TestForgedSnapshotIsTaken(t *testing.T) {
	f, s := &forgery{}, openTestStore(t)
	long := strings.Repeat("v", BlobBytes+1)
	f.add(KindBlob, []byte(long))
	blobby := f.add(KindBlobby, appendRow(nil, []byte("c"), []byte(long)))
	one := f.node(1, at("a", 2, f.leaf("a=1", "b=2")), at("c", 1, blobby))
	two := f.node(1, at("d", 1, f.leaf("d=4")))
	commit := f.commit(f.node(2, at("a", 3, one), at("d", 1, two)), 4, uint64(7+len(long)))
	name, raw := f.pack(t)
	if err := arrive(t, s, name, raw, commit); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Collect([]Hash{commit}); err != nil || s.Packs() != 1 {
		t.Errorf("%d packs are left, %v", s.Packs(), err)
	}
}

// Bytes of a pack that belong to no object, and objects that share bytes, are refused though every sum is right.
func TestPacksWithGapsAreRefused(t *testing.T) {
	a, b := Object{Kind: KindBlob, Bytes: []byte("aaaa")}, Object{Kind: KindBlob, Bytes: []byte("bbbbbb")}
	build := func(content string, offsets ...uint64) (string, []byte) {
		var lines []located
		for i, o := range []Object{a, b} {
			n := uint32(len(o.Bytes))
			lines = append(lines, located{
				hash: o.Hash(), offset: offsets[i], stored: n, raw: n, sum: crc32.Checksum(o.Bytes, castagnoli), kind: o.Kind,
			})
		}
		raw := append([]byte(packMagic), content...)
		name, end := packEnd(lines, uint64(len(raw)))
		return name, append(raw, end...)
	}
	for what, c := range map[string]struct {
		content string
		offsets []uint64
		taken   bool
	}{
		"nothing wrong":  {"aaaabbbbbb", []uint64{11, 15}, true},
		"a gap between":  {"aaaa.bbbbbb", []uint64{11, 16}, false},
		"a gap before":   {".aaaabbbbbb", []uint64{12, 16}, false},
		"a gap behind":   {"aaaabbbbbb.", []uint64{11, 15}, false},
		"bytes in front": {"aaaabbbbbb", []uint64{11, 1 << 63}, false},
	} {
		s := openTestStore(t)
		name, raw := build(c.content, c.offsets...)
		in := &incoming{store: s, hold: newHold(s)}
		err := in.receive(t.Context(), name, int64(len(raw)), bytes.NewReader(raw))
		if (err == nil) != c.taken {
			t.Errorf("a pack with %s: %v; want it taken: %t", what, err, c.taken)
		}
		if err := in.close(); err != nil {
			t.Error(err)
		}
	}
}

// refer stands in the objects of a fuzzed pack for the hash of another: a mark, its number, and zeros.
func refer(number byte) []byte {
	out := make([]byte, len(Hash{}))
	copy(out, []byte{0xfe, 0xed, number})
	return out
}

// fuzzed makes a pack of bytes: kind, length in 2 bytes, content, and so on, with hashes put in for references backward.
func fuzzed(raw []byte) (*forgery, []Hash) {
	f := &forgery{}
	var hashes []Hash
	for len(raw) >= 3 {
		kind, n := Kind(raw[0]), int(binary.BigEndian.Uint16(raw[1:]))
		raw = raw[3:]
		n = min(n, len(raw))
		content := bytes.Clone(raw[:n])
		raw = raw[n:]
		for i, hash := range hashes {
			content = bytes.ReplaceAll(content, refer(byte(i)), hash[:])
		}
		hashes = append(hashes, f.add(kind, content))
		if len(hashes) == 200 {
			break
		}
	}
	return f, hashes
}

func unfuzzed(f *forgery) []byte {
	var out []byte
	var hashes []Hash
	for _, o := range f.objects {
		content := bytes.Clone(o.Bytes)
		for i, hash := range hashes {
			content = bytes.ReplaceAll(content, hash[:], refer(byte(i)))
		}
		out = append(out, byte(o.Kind), byte(len(content)>>8), byte(len(content)))
		out = append(out, content...)
		hashes = append(hashes, o.Hash())
	}
	return out
}

// FuzzAdmit lets in packs in which every hash is right: what is taken can be read from end to end and collected.
func FuzzAdmit(f *testing.F) {
	good := &forgery{}
	leaf, other := good.leaf("a=1", "b=2"), good.leaf("c=3")
	good.commit(good.node(1, at("a", 2, leaf), at("c", 1, other)), 3, 6)
	f.Add(unfuzzed(good))
	blobs := &forgery{}
	long := strings.Repeat("v", BlobBytes+1)
	blobs.add(KindBlob, []byte(long))
	blobs.commit(blobs.add(KindBlobby, appendRow(nil, []byte("c"), []byte(long))), 1, uint64(1+len(long)))
	f.Add(unfuzzed(blobs))
	high := &forgery{}
	low := high.node(1, at("a", 1, high.leaf("a=1")), at("b", 1, high.leaf("b=")))
	high.commit(high.node(2, at("a", 2, low), at("c", 1, high.node(1, at("c", 1, high.leaf("c=1"))))), 3, 5)
	f.Add(unfuzzed(high))
	f.Fuzz(func(t *testing.T, raw []byte) {
		forged, hashes := fuzzed(raw)
		if len(hashes) == 0 || forged.objects[len(hashes)-1].Kind != KindCommit {
			return
		}
		s := openTestStore(t)
		commit := hashes[len(hashes)-1]
		name, pack := forged.pack(t)
		if arrive(t, s, name, pack, commit) != nil {
			return
		}
		if err := readThrough(s, commit); err != nil {
			t.Errorf("it was taken, and %v", err)
		}
		m := &Manifest{Name: "s", Projections: []ManifestProjection{{Name: "p", Commit: commit.String()}}}
		m.Digest = DigestOf(m.Projections)
		var file bytes.Buffer
		if err := Export(context.Background(), s, m, &file, nil); err != nil {
			t.Errorf("it was taken, and cannot be exported: %v", err)
		}
		if _, err := s.Collect([]Hash{commit}); err != nil {
			t.Errorf("it was taken, and cannot be collected: %v", err)
		}
		if err := readThrough(s, commit); err != nil {
			t.Errorf("it was collected, and %v", err)
		}
		if p, err := Import(context.Background(), openTestStore(t), &file, nil); err != nil {
			t.Errorf("it was exported, and cannot be imported: %v", err)
		} else {
			p.Close()
		}
	})
}

// readThrough walks over all rows of a commit, forward and one by one.
func readThrough(s *Store, hash Hash) error {
	commit, err := s.Commit(hash)
	if err != nil {
		return err
	}
	for _, table := range commit.Tables {
		tree := s.Tree(table.Table, table.Root)
		var got Root
		rows := tree.Rows(nil)
		for last := []byte(nil); ; got.Rows++ {
			key, value, ok, err := rows.Next()
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			if got.Rows > 0 && bytes.Compare(key, last) <= 0 {
				return fmt.Errorf("key %q comes behind %q", key, last)
			}
			last = bytes.Clone(key)
			got.Bytes += uint64(len(key) + len(value))
			if v, ok, err := tree.Get(key); err != nil || !ok || !bytes.Equal(v, value) {
				return fmt.Errorf("key %q has %.20q in the walk, and %.20q, %t, %w", key, value, v, ok, err)
			}
		}
		if got.Rows != table.Root.Rows || got.Bytes != table.Root.Bytes {
			return fmt.Errorf("table %q has %d rows of %d bytes, want %+v", table.Table, got.Rows, got.Bytes, table.Root)
		}
	}
	return nil
}
