package snapshotstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
)

func openTestShelf(t testing.TB) *DirShelf {
	t.Helper()
	s, err := OpenDirShelf(t.TempDir())
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

// failing is a shelf that fails after so many puts.
type failing struct {
	*DirShelf
	puts int
}

var errFailing = errors.New("the shelf fails here")

func (f *failing) Put(ctx context.Context, name string, content io.Reader) error {
	if f.puts--; f.puts < 0 {
		return errFailing
	}
	return f.DirShelf.Put(ctx, name, content)
}

// What a push had put when it broke off is not put again.
func TestPushGoesOn(t *testing.T) {
	s := openTestStore(t)
	m, err := crashManifest(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	try := func(shelf Shelf) (Pushed, error) {
		return (&push{store: s, shelf: shelf, manifest: m, limit: 2000, meter: &meter{}}).run(t.Context())
	}
	whole, err := try(openTestShelf(t))
	if err != nil || whole.Packs < 5 {
		t.Fatalf("at once: %+v, %v", whole, err)
	}
	shelf := openTestShelf(t)
	for done := 0; ; done++ {
		pushed, err := try(&failing{shelf, 2}) // a pack and its index
		if list, listErr := Shelved(t.Context(), shelf); listErr != nil || err != nil && len(list) != 0 {
			t.Fatalf("after %d packs, on the shelf are %v, %v", done, list, listErr)
		}
		if err == nil {
			if pushed.Packs > 1 || pushed.Total != whole.Total || done < whole.Packs-1 {
				t.Errorf("the last push is %+v after %d others, at once it is %+v", pushed, done, whole)
			}
			break
		}
		if !errors.Is(err, errFailing) || done > whole.Packs {
			t.Fatalf("after %d packs: %v", done, err)
		}
	}
	b := openTestStore(t)
	p, err := Pull(t.Context(), shelf, m.Name, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if b.Packs() != whole.Packs {
		t.Errorf("%d packs are pulled, %d were pushed", b.Packs(), whole.Packs)
	}
}

// fewRows adds one row with a blob, which makes up most of what is new.
type fewRows struct {
	n    int
	done bool
}

func (r *fewRows) Next() (Change, bool, error) {
	if r.done {
		return Change{}, false, nil
	}
	r.done = true
	value := make([]byte, 2*BlobBytes)
	_, _ = rand.NewChaCha8([32]byte{byte(r.n)}).Read(value) // never fails
	return Change{Key: fmt.Appendf(nil, "%05d", r.n), Value: value}, true, nil
}

func (r *fewRows) Ranges() [][]byte { return nil }

// However many snapshots are pushed, each needs few packs, and taking the old ones away frees the shelf of what was theirs.
func TestPacksOnAShelfStayFew(t *testing.T) {
	s, shelf := openTestStore(t), openTestShelf(t)
	root := Root{Hash: emptyRoot}
	var m *Manifest
	const n = 150
	for i := range n {
		w, err := s.NewWriter()
		if err != nil {
			t.Fatal(err)
		}
		if root, err = w.Fold(s.Tree("t", root), &fewRows{n: i}); err != nil {
			t.Fatal(err)
		}
		hash, err := w.PutCommit(&Commit{Tables: []Named{{Table: "t", Root: root}}, State: fmt.Append(nil, i)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		m = &Manifest{Name: fmt.Sprint("s", i), Projections: []ManifestProjection{{Name: "p", Commit: hash.String()}}}
		m.Digest = DigestOf(m.Projections)
		if _, err := Push(t.Context(), s, shelf, m, nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if i >= 3 {
			if err := Unshelve(t.Context(), shelf, fmt.Sprint("s", i-3)); err != nil {
				t.Fatal(err)
			}
		}
		d, err := fetchDocument(t.Context(), shelf, m.Name)
		if err != nil || len(d.Packs) > scatter+1 {
			t.Fatalf("snapshot %d needs %d packs, %v", i, len(d.Packs), err)
		}
	}
	var all, last int64
	items, err := shelf.List(t.Context(), packFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range items {
		all += i.Bytes
	}
	d, err := fetchDocument(t.Context(), shelf, m.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range d.Packs {
		last += p.Bytes
	}
	if all > 4*last {
		t.Errorf("of %d snapshots three are left, of which the last has %d bytes; the shelf holds %d", n, last, all)
	}
	b := openTestStore(t)
	p, err := Pull(t.Context(), shelf, m.Name, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	roots, err := m.Roots()
	if err != nil {
		t.Fatal(err)
	}
	if err := readThrough(b, roots[0]); err != nil {
		t.Error(err)
	}
}

func TestGather(t *testing.T) {
	many := func(n int, bytes int64) (out []*shelved) {
		for i := range n {
			out = append(out, &shelved{name: fmt.Sprint(i), bytes: bytes - int64(i)})
		}
		return out
	}
	if got := gather(append(many(scatter, 1000), many(500, 2*smallOnShelf)...)); got != nil {
		t.Errorf("of %d small packs and 500 large ones, %d are put together", scatter, len(got))
	}
	got := gather(append(many(scatter+2, 1000), many(5, 2*smallOnShelf)...))
	if len(got) != scatter/2+1 {
		t.Errorf("of %d small packs, %d are put together", scatter+2, len(got))
	}
	for _, p := range got {
		if p.bytes > 1000-scatter/2 {
			t.Errorf("a pack of %d bytes is among the smaller half", p.bytes)
		}
	}
}
