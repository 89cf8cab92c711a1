package snapshotstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// sample returns a manifest in which every field is set.
func sample(name string, seq uint64) *snapshotstore.Manifest {
	last := time.Date(2025, 3, 4, 5, 6, 7, 890, time.UTC)
	m := &snapshotstore.Manifest{
		Name: name, Description: "before \"the\" <migration> &\u2028 ünïcode", CreatedAt: last.Add(time.Hour),
		StreamName: "EVENTS", StreamCreated: last.Add(-time.Hour), StreamSequence: seq, StreamTime: &last,
		EventCount: seq - 1, Bytes: 123456789, StoredBytes: 4321, Keep: "180d", Hold: true, Generated: true,
		Projections: []snapshotstore.ManifestProjection{
			{Name: "graph", Version: 3, Decoder: "d1", Digest: strings.Repeat("ab", 32), Rows: 7, Bytes: 70, Commit: strings.Repeat("cd", 32)},
			{Name: "agents", Version: 1, Decoder: "d2", Digest: strings.Repeat("01", 32), Rows: 9, Bytes: 90, Commit: strings.Repeat("23", 32)},
		},
	}
	m.Digest = snapshotstore.DigestOf(m.Projections)
	return m
}

func encoded(t testing.TB, m *snapshotstore.Manifest) []byte {
	t.Helper()
	raw, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestManifestComesBack(t *testing.T) {
	bare := &snapshotstore.Manifest{Name: "bare"}
	for _, m := range []*snapshotstore.Manifest{sample("full", 42), bare} {
		raw := encoded(t, m)
		again, err := snapshotstore.DecodeManifest(raw)
		if err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		if diff := cmp.Diff(m, again); diff != "" {
			t.Errorf("%s comes back otherwise (-want +got):\n%s", m.Name, diff)
		}
		if !bytes.Equal(raw, encoded(t, again)) {
			t.Errorf("%s is spelled otherwise the second time", m.Name)
		}
	}
}

// Whatever becomes of the file of a manifest, it is damage that names the file, and never another manifest.
func TestDamagedManifestsAreNoticed(t *testing.T) {
	dir := t.TempDir()
	names := openNames(t, dir)
	if err := names.Create(sample("s", 42)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s.json")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := names.Get("s")
		if damage, ok := errors.AsType[*snapshotstore.DamageError](err); !ok || damage.File != path || m != nil {
			t.Errorf("%s gives %v, %v; want damage of %s", what, m, err, path)
		}
		if list, err := names.List(); len(list) != 0 || !isDamage(err) {
			t.Errorf("%s is listed as %v, %v; want damage", what, list, err)
		}
	}
	for i := range whole {
		for _, mask := range []byte{1, 0x20, 0x80, 0xff} {
			content := bytes.Clone(whole)
			content[i] ^= mask
			check(fmt.Sprintf("byte %d of %d (%q) changed by %#x", i, len(whole), whole[i], mask), content)
		}
		check(fmt.Sprintf("the file cut to %d of %d bytes", i, len(whole)), whole[:i])
	}
	for _, extra := range []string{" ", "\n", "x", "\x00", "{}", string(whole)} {
		check(fmt.Sprintf("the file with %.5q behind it", extra), append(bytes.Clone(whole), extra...))
		check(fmt.Sprintf("the file with %.5q before it", extra), append([]byte(extra), whole...))
	}
	check("another's manifest", encoded(t, sample("other", 42)))
	check("another spelling", bytes.Replace(whole, []byte(`"hold": true`), []byte(`"hold":  true`), 1))
	check("a field twice", bytes.Replace(whole, []byte(`"hold": true`), []byte(`"hold": true, "hold": true`), 1))
	check("an unknown field", bytes.Replace(whole, []byte(`"hold": true`), []byte(`"hold": true, "new": 1`), 1))
	check("a name in capitals", bytes.Replace(whole, []byte(`"hold"`), []byte(`"HOLD"`), 1))
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := names.Get("s"); err != nil {
		t.Errorf("the file as it was is refused: %v", err)
	}
}

func TestDigestOfASnapshot(t *testing.T) {
	m := sample("s", 1)
	want := snapshotstore.DigestOf(m.Projections)
	turned := slices.Clone(m.Projections)
	slices.Reverse(turned)
	if got := snapshotstore.DigestOf(turned); got != want {
		t.Errorf("the order of projections changes the digest from %s to %s", want, got)
	}
	if got := "2a62309174f8c8efa61b25ad001b1ab2f9206bdd87177fd80032b3308e9eb109"; got != want {
		t.Errorf("the digest is %s, it was %s when it was frozen", want, got)
	}
	seen := map[string]bool{want: true}
	for _, change := range []func(p *snapshotstore.ManifestProjection){
		func(p *snapshotstore.ManifestProjection) { p.Name += "x" },
		func(p *snapshotstore.ManifestProjection) { p.Digest = strings.Repeat("ac", 32) },
		func(p *snapshotstore.ManifestProjection) { p.Name, p.Digest = p.Name+p.Digest[:1], p.Digest[1:] },
	} {
		changed := slices.Clone(m.Projections)
		change(&changed[0])
		if got := snapshotstore.DigestOf(changed); seen[got] {
			t.Errorf("%+v has the digest of another", changed)
		} else {
			seen[got] = true
		}
	}
	if got := snapshotstore.DigestOf(m.Projections[:1]); seen[got] {
		t.Error("a projection less has the same digest")
	}
	m.Projections[0].Rows++ // counts follow from the state and are no part of it
	if got := snapshotstore.DigestOf(m.Projections); got != want {
		t.Error("a count changes the digest")
	}
}

func TestRootsOfAManifest(t *testing.T) {
	m := sample("s", 1)
	roots, err := m.Roots()
	if err != nil || len(roots) != 2 || roots[0].String() != m.Projections[0].Commit {
		t.Fatalf("roots %v, %v", roots, err)
	}
	for _, bad := range []string{"", "ab", strings.Repeat("g", 64), strings.Repeat("ab", 33)} {
		m.Projections[1].Commit = bad
		if roots, err := m.Roots(); err == nil {
			t.Errorf("a commit %q gives %v", bad, roots)
		}
	}
}
