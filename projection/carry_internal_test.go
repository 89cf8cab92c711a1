//go:build unix

package projection

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// withSnapshot is a store at record 40 with the snapshot "s" of record 30.
func withSnapshot(t *testing.T) *Store {
	t.Helper()
	s := openPast(t, t.TempDir(), "p", "q")
	foldTo(s.Groups()[0], 30)
	ok(t, s.Cut(Cut{Name: "s", Keep: "30d", Generated: true, CreatedAt: time.Now().UTC()}))
	foldPast(t, s)
	foldTo(s.Groups()[0], 40)
	return s
}

func exportPast(t *testing.T, s *Store, name string) []byte {
	t.Helper()
	var out bytes.Buffer
	ok(t, s.Export(t.Context(), name, &out, nil))
	return out.Bytes()
}

func importPast(t *testing.T, s *Store, raw []byte, as string) (*snapshotstore.Manifest, error) {
	t.Helper()
	return s.Import(t.Context(), bytes.NewReader(raw), as, nil)
}

// An imported snapshot is kept until it is removed, survives a collection and a restart, and what is there already stays as it is.
func TestImportedSnapshotIsOnesOwn(t *testing.T) {
	raw := exportPast(t, withSnapshot(t), "s")
	other := openPast(t, t.TempDir(), "p", "q")
	m, err := importPast(t, other, raw, "")
	ok(t, err)
	if m.Name != "s" || m.Keep != "" || m.Generated {
		t.Errorf("imported %+v", m)
	}
	_, err = other.Collect()
	ok(t, err)
	other = reopen(t, other, "p", "q")
	ok(t, other.Switch(startsOf(t, other, "s"), "a test"))
	standsAt(t, other, 30, "after the switch")

	again, err := importPast(t, other, raw, "")
	ok(t, err)
	if !SameSnapshot(again, m) || !again.CreatedAt.Equal(m.CreatedAt) {
		t.Errorf("imported again: %+v", again)
	}
	second, err := importPast(t, other, raw, "t")
	ok(t, err)
	if second.Name != "t" || second.Digest != m.Digest {
		t.Errorf("imported under another name: %+v", second)
	}
	ok(t, other.RemoveSnapshot("s"))
	_, err = other.Collect()
	ok(t, err)
	if !bytes.Contains(exportPast(t, other, "t"), []byte(m.Digest)) {
		t.Error("what the second name needs is gone with the first")
	}
}

func TestNamesOfImports(t *testing.T) {
	s := withSnapshot(t)
	raw := exportPast(t, s, "s")
	cutAll(t, s, "making")
	_, err := importPast(t, s, raw, "making")
	refused(t, err, snapshotstore.ErrNameUsed, "the name of a snapshot that is being made")
	foldPast(t, s)
	_, err = importPast(t, s, raw, "making")
	refused(t, err, snapshotstore.ErrNameUsed, "the name of another snapshot")
	for _, name := range []string{"../s", "a/b", ".", "a.b", " ", strings.Repeat("n", 129)} {
		read := countingReader{}
		_, err = s.Import(t.Context(), &read, name, nil)
		refused(t, err, snapshotstore.ErrBadName, name)
		if read.n > 0 {
			t.Errorf("%d bytes were read for the name %q", read.n, name)
		}
	}
	all, err := s.Snapshots()
	ok(t, err)
	if len(all) != 2 {
		t.Errorf("%d snapshots", len(all))
	}
}

// countingReader counts what is read of it.
type countingReader struct{ n int }

func (r *countingReader) Read(p []byte) (int, error) {
	r.n += len(p)
	return len(p), nil
}

// forged writes a snapshot as a file, with a manifest that says something else, in all the right checksums.
func forged(t *testing.T, s *Store, edit func(*snapshotstore.Manifest)) []byte {
	t.Helper()
	m, err := s.Snapshot("s")
	ok(t, err)
	m.Projections = slices.Clone(m.Projections)
	edit(m)
	m.Digest = snapshotstore.DigestOf(m.Projections)
	var out bytes.Buffer
	ok(t, snapshotstore.Export(t.Context(), s.chunks, m, &out, nil))
	return out.Bytes()
}

// A manifest that its own commits contradict is refused, and leaves nothing.
func TestMisstatedSnapshotsAreRefused(t *testing.T) {
	s := withSnapshot(t)
	for name, edit := range map[string]func(*snapshotstore.Manifest){
		"sequence":   func(m *snapshotstore.Manifest) { m.StreamSequence = 29 },
		"stream":     func(m *snapshotstore.Manifest) { m.StreamName = "other" },
		"created":    func(m *snapshotstore.Manifest) { m.StreamCreated = m.StreamCreated.Add(1) },
		"projection": func(m *snapshotstore.Manifest) { m.Projections[0].Name = "r" },
		"swapped": func(m *snapshotstore.Manifest) {
			m.Projections[0].Commit, m.Projections[1].Commit = m.Projections[1].Commit, m.Projections[0].Commit
		},
		"version": func(m *snapshotstore.Manifest) { m.Projections[0].Version++ },
		"decoder": func(m *snapshotstore.Manifest) { m.Projections[0].Decoder = "0" },
		"digest":  func(m *snapshotstore.Manifest) { m.Projections[0].Digest = strings.Repeat("0", 64) },
		"rows":    func(m *snapshotstore.Manifest) { m.Projections[0].Rows++ },
		"nothing": func(m *snapshotstore.Manifest) { m.Projections = nil },
		"size":    func(m *snapshotstore.Manifest) { m.Description = strings.Repeat("d", mostManifest) },
	} {
		t.Run(name, func(t *testing.T) {
			other := openPast(t, t.TempDir(), "p", "q")
			_, err := importPast(t, other, forged(t, s, edit), "")
			refused(t, err, ErrMisstated, name)
			_, err = other.Collect()
			ok(t, err)
			if all, err := other.Snapshots(); err != nil || len(all) > 0 || other.ChunkBytes() > 0 {
				t.Errorf("it left %v, %d bytes, %v", all, other.ChunkBytes(), err)
			}
		})
	}
	if _, err := importPast(t, openPast(t, t.TempDir(), "p", "q"), forged(t, s, func(*snapshotstore.Manifest) {}), ""); err != nil {
		t.Errorf("the forge cannot make what is right: %v", err)
	}
}

// A snapshot that is removed and collected while it is exported is exported whole.
func TestExportBesideRemoval(t *testing.T) {
	s := withSnapshot(t)
	want := exportPast(t, s, "s")
	var out bytes.Buffer
	removed := false
	ok(t, s.Export(t.Context(), "s", writeFunc(func(p []byte) (int, error) {
		if !removed {
			removed = true
			ok(t, s.RemoveSnapshot("s"))
			_, err := s.Collect()
			ok(t, err)
		}
		return out.Write(p)
	}), nil))
	if !bytes.Equal(out.Bytes(), want) {
		t.Error("the file is another one")
	}
	refused(t, s.Export(t.Context(), "s", io.Discard, nil), snapshotstore.ErrNoName, "a second export")
	_, err := s.Collect()
	ok(t, err)
	standsAt(t, s, 40, "after it all")
}

type writeFunc func([]byte) (int, error)

func (f writeFunc) Write(p []byte) (int, error) { return f(p) }

// An import that is broken off anywhere leaves nothing, and the next one succeeds.
func TestBrokenImport(t *testing.T) {
	raw := exportPast(t, withSnapshot(t), "s")
	s := openPast(t, t.TempDir(), "p", "q")
	for at := 0; at < len(raw); at += max(1, len(raw)/23) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := s.Import(ctx, io.MultiReader(bytes.NewReader(raw[:at]), readFunc(func([]byte) (int, error) {
			cancel()
			return 0, ctx.Err()
		})), "", nil)
		refused(t, err, context.Canceled, "broken off")
		if left := names(t, s.config.Dir+"/"+chunksDir); len(left) > 0 {
			t.Fatalf("broken off at %d of %d, it left %v", at, len(raw), left)
		}
	}
	if _, err := importPast(t, s, raw, ""); err != nil {
		t.Error(err)
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// Fresh is a directory without an event, also where snapshots were brought in, and over restarts.
func TestFresh(t *testing.T) {
	raw := exportPast(t, withSnapshot(t), "s")
	s := openPast(t, t.TempDir(), "p", "q")
	isFresh := func(want bool, what string) {
		t.Helper()
		if got, err := s.Fresh(); err != nil || got != want {
			t.Errorf("%s: Fresh is %t, %v", what, got, err)
		}
	}
	isFresh(true, "new")
	_, err := importPast(t, s, raw, "")
	ok(t, err)
	s = reopen(t, s, "p", "q")
	isFresh(true, "with a snapshot")
	ok(t, s.SetOrigin("a/file <of> \"mine\""))
	s = reopen(t, s, "p", "q")
	if text, err := s.Origin(); err != nil || text != "a/file <of> \"mine\"" {
		t.Errorf("Origin is %q, %v", text, err)
	}
	ok(t, s.Switch(startsOf(t, s, "s"), "a test"))
	isFresh(false, "begun from a snapshot")
	s = openPast(t, t.TempDir(), "p", "q")
	foldTo(s.Groups()[0], 1)
	isFresh(false, "with one record")
}

// Removals are kept over restarts, and forgotten one by one, unless another of the same name has come.
func TestRemovals(t *testing.T) {
	s := openPast(t, t.TempDir(), "p")
	a, b := Removal{Name: "a", Digest: "1", Stream: "S", Created: 1, Seq: 7}, Removal{Name: "b", Seq: 9}
	ok(t, s.NoteRemovals([]Removal{a, b}))
	s = reopen(t, s, "p")
	have := func(want ...Removal) {
		t.Helper()
		if got, err := s.Removals(); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	have(a, b)
	later := a
	later.Seq = 8
	ok(t, s.NoteRemovals([]Removal{later}))
	ok(t, s.ForgetRemoval(a))
	have(later, b)
	ok(t, s.ForgetRemoval(later))
	ok(t, s.ForgetRemoval(later))
	have(b)
	branch, err := s.Branch(startsOf(t, s, ""))
	ok(t, err)
	refused(t, branch.NoteRemovals([]Removal{a}), errBranch, "a branch")
	_, err = branch.Import(t.Context(), strings.NewReader(""), "", nil)
	refused(t, err, errBranch, "a branch")
	ok(t, branch.Close())
}
