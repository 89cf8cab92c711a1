package snapshotstore_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

func (w *world) export(m *snapshotstore.Manifest) []byte {
	w.Helper()
	var out bytes.Buffer
	p := &told{TB: w}
	if err := snapshotstore.Export(w.Context(), w.store, m, &out, p.progress); err != nil {
		w.Fatal(err)
	}
	p.ended(p.total)
	return out.Bytes()
}

// take imports a file and lets go of what it brought.
func (w *world) take(file []byte) (*snapshotstore.Manifest, error) {
	pulled, err := snapshotstore.Import(w.Context(), w.store, bytes.NewReader(file), nil)
	if err != nil {
		return nil, err
	}
	pulled.Close()
	return pulled.Manifest, nil
}

func TestExportAndImport(t *testing.T) {
	a, b := newWorld(t), newWorld(t)
	first := a.snapshot("first", nil, someRows(5000))
	second := a.snapshot("second", first, onePercent(5000, 2))
	file := a.export(second)
	if again := a.export(second); !bytes.Equal(file, again) {
		t.Error("the same snapshot is exported as another file")
	}
	p := &told{TB: t}
	pulled, err := snapshotstore.Import(t.Context(), b.store, iotest.HalfReader(bytes.NewReader(file)), p.progress)
	if err != nil {
		t.Fatal(err)
	}
	if p.done != int64(len(file)) {
		t.Errorf("progress ends at %d of %d bytes", p.done, len(file))
	}
	b.collect()
	b.holds(a, second)
	pulled.Close()
	if got, want := string(encoded(t, pulled.Manifest)), string(encoded(t, second)); got != want {
		t.Errorf("imported the manifest %s, want %s", got, want)
	}
	if _, err := b.store.Commit(rootsOf(t, first)[0]); !isMissing(err) {
		t.Errorf("what the snapshot does not reach is imported as well: %v", err)
	}
	if again := b.export(second); !bytes.Equal(file, again) {
		t.Error("what was imported is exported as another file")
	}
	before := b.store.Bytes()
	if _, err := b.take(file); err != nil || b.store.Bytes() != before {
		t.Errorf("imported again: %v, and the store has %d bytes, before %d", err, b.store.Bytes(), before)
	}
	next, err := b.take(a.export(first))
	if err != nil {
		t.Fatal(err)
	}
	b.holds(a, next)
	if more := b.store.Bytes() - before; more > before/10 {
		t.Errorf("a snapshot that shares nearly everything takes %d bytes beside %d", more, before)
	}
	b.collect()
	if b.store.Bytes() != 0 {
		t.Errorf("%d bytes are left when nothing is named", b.store.Bytes())
	}
}

func rootsOf(t testing.TB, m *snapshotstore.Manifest) []snapshotstore.Hash {
	t.Helper()
	roots, err := m.Roots()
	if err != nil {
		t.Fatal(err)
	}
	return roots
}

// entry is one of a tar archive.
type entry struct {
	name    string
	content []byte
}

func untar(t testing.TB, file []byte) []entry {
	t.Helper()
	var out []entry
	for r := tar.NewReader(bytes.NewReader(file)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg || h.Mode != 0o644 || h.Format&tar.FormatUSTAR == 0 {
			t.Errorf("%s is of type %c, mode %o and format %v", h.Name, h.Typeflag, h.Mode, h.Format)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, entry{h.Name, content})
	}
}

func retar(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		err := w.WriteHeader(&tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.content)), Format: tar.FormatUSTAR})
		if err == nil {
			_, err = w.Write(e.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// refuses fails the test where a file is imported, or its refusal is none of those that say what is wrong.
func (w *world) refuses(what string, file []byte) {
	w.Helper()
	m, err := w.take(file)
	if m != nil || !isDamage(err) && !errors.Is(err, snapshotstore.ErrForeign) {
		w.Errorf("%s is imported as %v, %v; want damage or ErrForeign", what, m, err)
	}
	if left := w.files(); len(left) != 0 {
		w.Errorf("%s leaves %v", what, left)
	}
}

// A tool that knows tar archives reads an exported file, and every byte of it counts.
func TestExportedFilesAreExact(t *testing.T) {
	a, b := newWorld(t), newWorld(t)
	file := a.export(a.snapshot("s", nil, someRows(60)))
	entries := untar(t, file)
	if len(entries) != 2 || !strings.HasPrefix(entries[0].name, "packs/") || entries[1].name != "snapshot.json" {
		t.Fatalf("the file has %d entries, %v", len(entries), entries[0].name)
	}
	if again := retar(t, entries...); !bytes.Equal(again, file) {
		t.Error("another writer of tar archives spells it otherwise")
	}
	for i := range file {
		content := bytes.Clone(file)
		content[i] ^= 1 << (i % 8)
		b.refuses(fmt.Sprintf("a file with a bit of byte %d of %d changed", i, len(file)), content)
		if i%40 == 0 || i%512 == 0 {
			b.refuses(fmt.Sprintf("a file cut to %d of %d bytes", i, len(file)), file[:i])
		}
	}
	for _, extra := range []string{"\x00", "x", strings.Repeat("\x00", 512), string(file)} {
		b.refuses(fmt.Sprintf("a file with %d bytes behind it", len(extra)), append(bytes.Clone(file), extra...))
	}
	if _, err := b.take(file); err != nil {
		t.Errorf("the file as it was is refused: %v", err)
	}
}

func TestImportRefusesOtherArchives(t *testing.T) {
	a, b := newWorld(t), newWorld(t)
	one, two := a.snapshot("one", nil, someRows(200)), a.snapshot("two", nil, onePercent(3000, 0))
	e, f := untar(t, a.export(one)), untar(t, a.export(two))
	packs := []entry{e[0], f[0]}
	if packs[0].name > packs[1].name {
		packs[0], packs[1] = packs[1], packs[0]
	}
	other := strings.Replace(string(e[1].content), `"name": "one"`, `"name": "two"`, 1)
	big := bytes.Repeat([]byte(" "), 17<<20)
	for what, entries := range map[string][]entry{
		"nothing":                        {},
		"the document first":             {e[1], e[0]},
		"no document":                    {e[0]},
		"no pack":                        {e[1]},
		"a pack twice":                   {e[0], e[0], e[1]},
		"a pack too many":                {packs[0], packs[1], e[1]},
		"packs in another order":         {packs[1], packs[0], e[1]},
		"another's pack":                 {f[0], e[1]},
		"another's document":             {e[0], f[1]},
		"a changed document":             {e[0], {"snapshot.json", []byte(other)}},
		"two documents":                  {e[0], e[1], e[1]},
		"a pack under another's name":    {{f[0].name, e[0].content}, e[1]},
		"a pack outside":                 {{"../" + e[0].name, e[0].content}, e[1]},
		"a pack at the root":             {{"/" + e[0].name, e[0].content}, e[1]},
		"a pack in another folder":       {{"packs/../packs/" + e[0].name[6:], e[0].content}, e[1]},
		"a pack below a folder":          {{"packs/x/" + e[0].name[6:], e[0].content}, e[1]},
		"a pack in capitals":             {{"packs/" + strings.ToUpper(e[0].name[6:38]) + ".pack", e[0].content}, e[1]},
		"something else first":           {{"README", []byte("read me")}, e[0], e[1]},
		"an empty pack":                  {{e[0].name, nil}, e[1]},
		"an empty document":              {e[0], {"snapshot.json", nil}},
		"a document of many bytes":       {e[0], {"snapshot.json", big}},
		"a manifest without what it has": {e[0], {"snapshot.json", encoded(t, one)}},
	} {
		b.refuses(what, retar(t, entries...))
	}
	var other2 bytes.Buffer
	w := tar.NewWriter(&other2)
	if err := w.WriteHeader(&tar.Header{Name: "link", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}); err != nil {
		t.Fatal(err)
	}
	b.refuses("a link", other2.Bytes())
}

// What claims to be huge is refused before it takes place or memory.
func TestImportRefusesAbsurdSizes(t *testing.T) {
	b := newWorld(t)
	for name, size := range map[string]int64{
		"packs/" + strings.Repeat("0", 32) + ".pack": 1<<33 - 1,
		"packs/" + strings.Repeat("1", 32) + ".pack": 1<<30 + 1,
		"snapshot.json": 1<<33 - 1,
	} {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: size, Format: tar.FormatUSTAR}); err != nil {
			t.Fatal(err)
		}
		zeros := &counted{left: 1 << 20}
		_, err := snapshotstore.Import(t.Context(), b.store, io.MultiReader(&out, zeros), nil)
		if !errors.Is(err, snapshotstore.ErrForeign) || zeros.left != 1<<20 {
			t.Errorf("%s of %d bytes: %v, after %d of them", name, size, err, 1<<20-zeros.left)
		}
	}
}

// counted gives zeros and counts them.
type counted struct{ left int }

func (c *counted) Read(p []byte) (int, error) {
	n := min(len(p), c.left)
	clear(p[:n])
	if c.left -= n; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestImportBrokenOff(t *testing.T) {
	a, b := newWorld(t), newWorld(t)
	m := a.snapshot("s", nil, someRows(3000))
	file := a.export(m)
	broken := errors.New("the line is dead")
	for _, n := range []int{0, 512, 700, len(file) / 2, len(file) - 1, len(file)} {
		r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken))
		if _, err := snapshotstore.Import(t.Context(), b.store, r, nil); !errors.Is(err, broken) || len(b.files()) != 0 {
			t.Errorf("an import broken off after %d bytes: %v; the store has %v", n, err, b.files())
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	p := &told{TB: t, stop: cancel}
	if _, err := snapshotstore.Import(ctx, b.store, bytes.NewReader(file), p.progress); !errors.Is(err, context.Canceled) {
		t.Errorf("an import whose context ends: %v", err)
	}
	full := &limited{left: len(file) / 2}
	if err := snapshotstore.Export(t.Context(), a.store, m, full, nil); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("an export onto a full disk: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	p = &told{TB: t, stop: cancel}
	if err := snapshotstore.Export(ctx, a.store, m, io.Discard, p.progress); !errors.Is(err, context.Canceled) {
		t.Errorf("an export whose context ends: %v", err)
	}
}

// limited takes so many bytes.
type limited struct{ left int }

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// FuzzImport imports what may be anything: it is refused and leaves nothing, or it is what Export writes of it.
func FuzzImport(f *testing.F) {
	a := newWorld(f)
	small := a.export(a.snapshot("small", nil, someRows(3)))
	more := a.export(a.snapshot("more", nil, someRows(300)))
	none := sample("none", 1)
	none.Projections, none.Digest = nil, snapshotstore.DigestOf(nil)
	f.Add(small)
	f.Add(more)
	f.Add(a.export(none))
	f.Add(small[:len(small)-512])
	f.Add(append(bytes.Clone(small), small...))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		b := newWorld(t)
		m, err := b.take(file)
		if err != nil {
			if left := b.files(); len(left) != 0 {
				t.Errorf("what is refused (%v) leaves %v", err, left)
			}
			return
		}
		if again := b.export(m); !bytes.Equal(again, file) {
			t.Errorf("%d bytes are imported, and %d other ones exported", len(file), len(again))
		}
	})
}
