package natsshelf_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/snapshotstore"
	"github.com/thecowboyai/cim-projector/snapshotstore/natsshelf"
)

// rows are changes that put the rows from first to below end.
type rows struct {
	first, end, version int
}

func (r *rows) Next() (snapshotstore.Change, bool, error) {
	if r.first >= r.end {
		return snapshotstore.Change{}, false, nil
	}
	i := r.first
	r.first++
	value := bytes.Repeat(fmt.Appendf(nil, "row %d of version %d; ", i, r.version), 3)
	if i%1000 == 0 {
		value = bytes.Repeat(value, 100)
	}
	return snapshotstore.Change{Key: fmt.Appendf(nil, "%07d", i), Value: value}, true, nil
}

func (r *rows) Ranges() [][]byte { return nil }

func openStore(t testing.TB) *snapshotstore.Store {
	t.Helper()
	s, err := snapshotstore.OpenStore(t.TempDir(), 1<<20, nil)
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

// snapshot folds changes into a state and returns the manifest and root of what that gives.
func snapshot(
	t testing.TB, s *snapshotstore.Store, name string, base snapshotstore.Root, changes *rows,
) (*snapshotstore.Manifest, snapshotstore.Root) {
	t.Helper()
	w, err := s.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	root, err := w.Fold(s.Tree("t", base), changes)
	if err != nil {
		t.Fatal(err)
	}
	commit := snapshotstore.Commit{Tables: []snapshotstore.Named{{Table: "t", Root: root}}, State: []byte(name)}
	hash, err := w.PutCommit(&commit)
	if err == nil {
		_, err = w.Commit()
	}
	if err != nil {
		t.Fatal(err)
	}
	m := &snapshotstore.Manifest{Name: name, Projections: []snapshotstore.ManifestProjection{
		{Name: "p", Digest: snapshotstore.Digest(commit.Tables).String(), Commit: hash.String()},
	}}
	m.Digest = snapshotstore.DigestOf(m.Projections)
	return m, root
}

// digestOf reads all rows of a snapshot and returns the digest over them.
func digestOf(t testing.TB, s *snapshotstore.Store, m *snapshotstore.Manifest) string {
	t.Helper()
	roots, err := m.Roots()
	if err != nil {
		t.Fatal(err)
	}
	commit, err := s.Commit(roots[0])
	if err != nil {
		t.Fatal(err)
	}
	h := snapshotstore.NewHasher("t")
	for walk := s.Tree("t", commit.Root("t")).Rows(nil); ; {
		key, value, ok, err := walk.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return snapshotstore.Digest([]snapshotstore.Named{{Table: "t", Root: h.Sum()}}).String()
		}
		h.Add(key, value)
	}
}

// A snapshot that is pushed to NATS and pulled into an empty store is the same there, the next one costs little, and when
// both are taken off, nothing is left in the bucket.
func TestPushAndPull(t *testing.T) {
	server := embeddedtest.StartProcess(t)
	js := connect(t, server)
	shelf := create(t, js, natsshelf.Config{Worker: "w"})
	a, b := openStore(t), openStore(t)
	first, root := snapshot(t, a, "first", snapshotstore.Root{}, &rows{end: 50_000})
	second, _ := snapshot(t, a, "second", root, &rows{first: 10_000, end: 10_500, version: 1})
	one, err := snapshotstore.Push(t.Context(), a, shelf, first, nil)
	if err != nil {
		t.Fatal(err)
	}
	two, err := snapshotstore.Push(t.Context(), a, shelf, second, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("pushed %+v, then %+v", one, two)
	if two.Bytes > one.Bytes/30 {
		t.Errorf("the second push takes %d bytes, the first %d", two.Bytes, one.Bytes)
	}
	server.Kill()
	server.Restart(t)
	js = connect(t, server)
	if shelf, err = natsshelf.Open(t.Context(), js, "w"); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*snapshotstore.Manifest{second, first} {
		p, err := snapshotstore.Pull(t.Context(), shelf, m.Name, b, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := digestOf(t, b, p.Manifest); got != m.Projections[0].Digest {
			t.Errorf("%s has the digest %s, want %s", m.Name, got, m.Projections[0].Digest)
		}
		p.Close()
	}
	for _, m := range []*snapshotstore.Manifest{first, second} {
		if err := snapshotstore.Unshelve(t.Context(), shelf, m.Name); err != nil {
			t.Fatal(err)
		}
	}
	if n := messages(t, js, "w"); n != 0 {
		t.Errorf("when nothing is on the shelf, the bucket has %d messages", n)
	}
}

// A chunk that the server lost is damage that a pull names, and nothing of it reaches the store.
func TestPullNoticesALostChunk(t *testing.T) {
	js := connect(t, embeddedtest.StartProcess(t))
	shelf := create(t, js, natsshelf.Config{Worker: "w"})
	a, b := openStore(t), openStore(t)
	m, _ := snapshot(t, a, "s", snapshotstore.Root{}, &rows{end: 50_000})
	if _, err := snapshotstore.Push(t.Context(), a, shelf, m, nil); err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), "OBJ_"+natsshelf.Bucket("w"))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.DeleteMsg(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	_, err = snapshotstore.Pull(t.Context(), shelf, "s", b, nil)
	if damage, ok := errors.AsType[*snapshotstore.DamageError](err); !ok || damage.File == "" {
		t.Errorf("Pull: %v, want damage", err)
	}
	if b.Bytes() != 0 {
		t.Errorf("the store has %d bytes of it", b.Bytes())
	}
}

// BenchmarkShelf puts and reads one big file.
func BenchmarkShelf(b *testing.B) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 4<<20)
	js, err := jetstream.New(embeddedtest.Connect(b, embeddedtest.StartProcess(b).URL()))
	if err != nil {
		b.Fatal(err)
	}
	s := create(b, js, natsshelf.Config{Worker: "w"})
	if err := s.Put(b.Context(), "read", bytes.NewReader(content)); err != nil {
		b.Fatal(err)
	}
	b.Run("put", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		for b.Loop() {
			if err := s.Put(b.Context(), "put", bytes.NewReader(content)); err != nil {
				b.Fatal(err)
			}
			if err := s.Remove(b.Context(), "put"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		for b.Loop() {
			if got, err := read(b, s, "read"); err != nil || len(got) != len(content) {
				b.Fatalf("%d bytes, %v", len(got), err)
			}
		}
	})
}
