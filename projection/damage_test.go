package projection_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

// longHistory makes rows enough for a tree of pages, with deleted ones among them.
func longHistory(n int) []eventlog.Record {
	var h projectiontest.History
	for i := range n {
		p := payload{Account: fmt.Sprintf("a%d", i%7), Item: fmt.Sprintf("i%d", i), N: i}
		switch {
		case i%50 == 49:
			h.Add(ledgerSubject, "close", p)
		case i%10 == 9:
			p.N = "refused"
			h.Add(ledgerSubject, "put", p)
		default:
			h.Add(ledgerSubject, "put", p)
		}
	}
	return h.Records
}

// made is a data directory with two projections: one was split off, one is merged back.
func made(t *testing.T, dir string) []projection.Projection {
	t.Helper()
	projections := []projection.Projection{newLedgerNamed("one"), newLedgerNamed("two")}
	s := projectiontest.Open(t, dir, projections...)
	history := longHistory(400)
	projectiontest.Commit(t, s.Groups()[0], history[:200]...)
	if err := s.Groups()[0].Detach("two"); err != nil {
		t.Fatal(err)
	}
	for _, g := range s.Groups() {
		for i := 200; i < 400; i += 50 {
			projectiontest.Commit(t, g, history[i:i+50]...)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return projections
}

// state is everything that a store answers.
func state(t *testing.T, dir string, projections []projection.Projection) (string, error) {
	t.Helper()
	s, err := projection.Open(projection.Config{Dir: dir, Worker: "test", Projections: projections})
	if err != nil {
		return "", err
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	var out bytes.Buffer
	for _, p := range projections {
		if err := describe(&out, s, p.Name()); err != nil {
			return "", err
		}
	}
	paused, err := s.Paused()
	fmt.Fprint(&out, len(paused))
	return out.String(), err
}

func describe(out *bytes.Buffer, s *projection.Store, name string) error {
	v, err := s.View(name)
	if err != nil {
		return err
	}
	defer v.Close()
	d, err := v.Digest()
	fmt.Fprintln(out, name, v.At().Seq, v.At().Chain.Hash, d, v.Check())
	return err
}

// refused asserts that a data directory is refused with an error that names one file.
func refused(t *testing.T, dir, file string, projections []projection.Projection, what string) {
	t.Helper()
	got, err := state(t, dir, projections)
	damage, ok := errors.AsType[*projection.DamageError](err)
	if !ok || damage.File != filepath.Join(dir, file) {
		t.Errorf("%s: %q, %v; want a DamageError that names %s", what, got, err, file)
	}
}

const firstDelta = "deltas/delta-1.db"

func TestDamagedDeltaIsRefused(t *testing.T) {
	dir := t.TempDir()
	projections := made(t, dir)
	path := filepath.Join(dir, firstDelta)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	foreign, twin := t.TempDir(), filepath.Join(dir, "deltas/delta-2.db")
	made(t, foreign)
	other, err := os.ReadFile(filepath.Join(foreign, firstDelta))
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(twin)
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	tests := map[string][]byte{
		"empty": {}, "foreign": other, "another delta under its name": second, "zeros": make([]byte, len(whole)),
		"garbage": bytes.Repeat([]byte("garbage!"), len(whole)/8), "text": []byte("not a database"),
		"zeroed meta page": overwrite(whole, page, make([]byte, page)), "swapped meta pages": swapped(whole, page),
	}
	for name, content := range tests {
		write(t, path, content)
		refused(t, dir, firstDelta, projections, name)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, firstDelta, projections, "missing")
	if _, err := os.Stat(path); err == nil {
		t.Error("a missing delta was made anew")
	}
}

func overwrite(whole []byte, at int, with []byte) []byte {
	out := bytes.Clone(whole)
	copy(out[at:], with)
	return out
}

func swapped(whole []byte, page int) []byte {
	return overwrite(overwrite(whole, 0, whole[page:2*page]), page, make([]byte, page))
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestOverwrittenPagesAreRefused spoils one page at a time: refused, unless it is a free one.
func TestOverwrittenPagesAreRefused(t *testing.T) {
	dir := t.TempDir()
	projections := made(t, dir)
	path := filepath.Join(dir, firstDelta)
	want, err := state(t, dir, projections)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page, noticed := os.Getpagesize(), 0
	pages := (len(bytes.TrimRight(whole, "\x00")) + page - 1) / page
	for i := range pages {
		for _, with := range []byte{0, 0xa5, 0xff} {
			write(t, path, overwrite(whole, i*page, bytes.Repeat([]byte{with}, page)))
			got, err := state(t, dir, projections)
			damage, ok := errors.AsType[*projection.DamageError](err)
			switch {
			case ok && damage.File == path:
				noticed++
			case err != nil || got != want:
				t.Errorf("page %d of %#x: %q, %v; want %q", i, with, got, err, want)
			}
		}
	}
	if noticed < pages {
		t.Errorf("%d of %d spoiled pages were noticed", noticed, 3*pages)
	}
}

// TestShortDeltaIsRefused cuts a delta at every page and at odd places in between: refused, or nothing was cut that
// matters.
func TestShortDeltaIsRefused(t *testing.T) {
	dir := t.TempDir()
	projections := made(t, dir)
	path := filepath.Join(dir, firstDelta)
	want, err := state(t, dir, projections)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	used := len(bytes.TrimRight(whole, "\x00"))
	page := os.Getpagesize()
	for size := 0; size < used+2*page; size += page {
		for _, odd := range []int{0, 1, 15, 17, 100, page - 1} {
			write(t, path, whole[:size+odd])
			got, err := state(t, dir, projections)
			damage, ok := errors.AsType[*projection.DamageError](err)
			switch {
			case ok && damage.File == path:
			case err != nil || got != want:
				t.Errorf("cut to %d bytes of %d: %q, %v", size+odd, used, got, err)
			case size+odd < used:
				t.Errorf("cut to %d bytes of %d: not noticed", size+odd, used)
			}
		}
	}
}

func TestDamagedLiveIsRefused(t *testing.T) {
	dir := t.TempDir()
	projections := made(t, dir)
	path := filepath.Join(dir, "LIVE")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		for bit := range 8 {
			flipped := bytes.Clone(whole)
			flipped[i] ^= 1 << bit
			write(t, path, flipped)
			refused(t, dir, "LIVE", projections, fmt.Sprintf("bit %d of byte %d", bit, i))
		}
	}
	for size := range whole {
		write(t, path, whole[:size])
		refused(t, dir, "LIVE", projections, fmt.Sprintf("cut to %d", size))
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, "LIVE", projections, "missing beside deltas")
	if err := os.RemoveAll(filepath.Join(dir, "deltas")); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, "LIVE", projections, "missing beside LIVE.prev")
}

// TestOldLiveIsRefused puts a LIVE back that is older than the newest delta: what it does not name must not be removed.
func TestOldLiveIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := projectiontest.Open(t, dir, newLedgerNamed("one"), newLedgerNamed("two"))
	old, err := os.ReadFile(filepath.Join(dir, "LIVE"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Groups()[0].Detach("two"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "LIVE"), old)
	refused(t, dir, "LIVE", []projection.Projection{newLedgerNamed("one"), newLedgerNamed("two")}, "an old one")
	if _, err := os.Stat(filepath.Join(dir, "deltas/delta-2.db")); err != nil {
		t.Errorf("the newest delta is gone: %v", err)
	}
}

func TestForeignLiveIsRefused(t *testing.T) {
	dir, foreign := t.TempDir(), t.TempDir()
	projections := made(t, dir)
	made(t, foreign)
	other, err := os.ReadFile(filepath.Join(foreign, "LIVE"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "LIVE"), other)
	refused(t, dir, "worker.db", projections, "LIVE of another directory")
	if err := os.Remove(filepath.Join(dir, "worker.db")); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, firstDelta, projections, "LIVE of another directory, no worker.db")
}

func TestLivePrevIsNeverRead(t *testing.T) {
	dir := t.TempDir()
	projections := made(t, dir)
	want, err := state(t, dir, projections)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "LIVE.prev"), []byte("garbage"))
	if got, err := state(t, dir, projections); err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestDeltaBelowItsFloorIsRefused(t *testing.T) {
	dir := t.TempDir()
	projections := made(t, dir)
	old, err := os.ReadFile(filepath.Join(dir, firstDelta))
	if err != nil {
		t.Fatal(err)
	}
	s := projectiontest.Open(t, dir, projections...)
	var h projectiontest.History
	h.Miss(400)
	h.Add(ledgerSubject, "put", payload{"a", "i", 1, nil})
	groups := s.Groups()
	for _, g := range groups {
		projectiontest.Commit(t, g, h.Records...)
	}
	if err := groups[0].Merge(groups[1]); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, firstDelta), old)
	refused(t, dir, firstDelta, projections, "older than LIVE")
}

func TestLostFactsPauseEverything(t *testing.T) {
	dir := t.TempDir()
	projections := made(t, dir)
	if err := os.Remove(filepath.Join(dir, "worker.db")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // and it stays so over a restart
		s := projectiontest.Open(t, dir, projections...)
		paused, err := s.Paused()
		if err != nil || len(paused) != 2 || paused["one"].Reason == "" || paused["two"].Since.IsZero() {
			t.Errorf("paused is %v, %v; want both", paused, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s := projectiontest.Open(t, dir, projections...)
	if err := s.SetPaused([]string{"one", "two"}, nil); err != nil {
		t.Fatal(err)
	}
	if paused, err := s.Paused(); err != nil || len(paused) != 0 {
		t.Errorf("paused is %v, %v; want nothing", paused, err)
	}
}

func TestDamagedFactsAreRefused(t *testing.T) {
	dir, foreign := t.TempDir(), t.TempDir()
	projections := made(t, dir)
	made(t, foreign)
	path := filepath.Join(dir, "worker.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(filepath.Join(foreign, "worker.db"))
	if err != nil {
		t.Fatal(err)
	}
	delta, err := os.ReadFile(filepath.Join(dir, firstDelta))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"empty": {}, "foreign": other, "a delta": delta, "short": whole[:len(whole)/2], "garbage": []byte("garbage"),
	} {
		write(t, path, content)
		refused(t, dir, "worker.db", projections, name)
	}
}

func TestAnotherVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	made(t, dir)
	_, err := state(t, dir, []projection.Projection{&raised{newLedgerNamed("one")}, newLedgerNamed("two")})
	if _, ok := errors.AsType[*projection.DamageError](err); err == nil || ok {
		t.Errorf("another version gave %v", err)
	}
}

type raised struct{ *ledger }

func (*raised) Version() int { return 2 }

func TestDirectoryWithPatternInItsName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "[a-")
	projections := made(t, dir)
	if err := os.Remove(filepath.Join(dir, "LIVE")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "LIVE.prev")); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, "LIVE", projections, "LIVE and LIVE.prev missing")
}
