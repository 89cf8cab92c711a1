package projection_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

// groupNames returns which projections stand together.
func groupNames(s *projection.Store) (names [][]string) {
	for _, g := range s.Groups() {
		names = append(names, g.Names())
	}
	return names
}

func deltaFiles(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "deltas"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestDetachAndMerge(t *testing.T) {
	dir := t.TempDir()
	s := projectiontest.Open(t, dir, newLedgerNamed("one"), newLedgerNamed("two"), newLedgerNamed("three"))
	first := s.Groups()[0]
	if err := errors.Join(first.Detach(), first.Detach("one", "two", "three")); err != nil {
		t.Fatal(err)
	}
	if err := first.Detach("four"); err == nil {
		t.Error("a projection was split off that there is not")
	}
	if diff := cmp.Diff([][]string{{"one", "two", "three"}}, groupNames(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := first.Detach("two", "two"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"one", "three"}, {"two"}}, groupNames(s)); diff != "" {
		t.Errorf("after Detach (-want +got):\n%s", diff)
	}
	if got := deltaFiles(t, dir); len(got) != 2 {
		t.Errorf("after Detach the files are %v", got)
	}
	rest, two := s.GroupOf("one"), s.GroupOf("two")
	projectiontest.Commit(t, two, sample()...)
	if err := rest.Merge(two); !errors.Is(err, projection.ErrApart) {
		t.Errorf("groups at different positions: %v, want ErrApart", err)
	}
	projectiontest.Commit(t, rest, sample()...)
	if err := errors.Join(rest.Merge(rest), rest.Merge(two)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"one", "two", "three"}}, groupNames(s)); diff != "" {
		t.Errorf("after Merge (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"delta-1.db"}, deltaFiles(t, dir)); diff != "" {
		t.Errorf("files after Merge (-want +got):\n%s", diff)
	}
	if _, err := two.Checkpoint(); !errors.Is(err, projection.ErrNotOpen) {
		t.Errorf("the merged group: %v, want ErrNotOpen", err)
	}
}

// TestUnlikeGroupsStayApart tries to merge groups that stand at one position, and one of which has not seen a record
// that was deleted.
func TestUnlikeGroupsStayApart(t *testing.T) {
	s := projectiontest.Open(t, t.TempDir(), newLedgerNamed("one"), newLedgerNamed("two"))
	if err := s.Groups()[0].Detach("two"); err != nil {
		t.Fatal(err)
	}
	history := sample()
	projectiontest.Commit(t, s.GroupOf("one"), history...)
	projectiontest.Commit(t, s.GroupOf("two"), append(history[:2:2], history[3:]...)...)
	if err := s.GroupOf("one").Merge(s.GroupOf("two")); !errors.Is(err, projection.ErrUnlike) {
		t.Errorf("%v, want ErrUnlike", err)
	}
}

// TestProjectionsComeAndGo opens a directory with other projections each time.
func TestProjectionsComeAndGo(t *testing.T) {
	dir := t.TempDir()
	one, two := newLedgerNamed("one"), newLedgerNamed("two")
	open := func(want [][]string, projections ...projection.Projection) *projection.Store {
		t.Helper()
		s := projectiontest.Open(t, dir, projections...)
		if diff := cmp.Diff(want, groupNames(s)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return s
	}
	history := sample()
	s := open([][]string{{"one", "two"}}, one, two)
	projectiontest.Commit(t, s.Groups()[0], history[:5]...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open([][]string{{"one"}}, one) // two is set aside at 5
	projectiontest.Commit(t, s.Groups()[0], history[5:]...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	three := newLedgerNamed("three")
	s = open([][]string{{"one"}, {"two"}, {"three"}}, one, two, three)
	if low, err := s.Floor(); err != nil || low != 0 {
		t.Errorf("the floor is %s, %v; want 0", low, err)
	}
	projectiontest.Commit(t, s.GroupOf("two"), history[5:]...)
	projectiontest.Commit(t, s.GroupOf("three"), history...)
	if err := errors.Join(s.GroupOf("three").Merge(s.GroupOf("two")), s.GroupOf("one").Merge(s.GroupOf("three"))); err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"one", "two", "three"}}
	if diff := cmp.Diff(want, groupNames(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	digests := map[projection.Digests]bool{}
	for _, p := range []string{"one", "two", "three"} {
		v, err := s.View(p)
		if err != nil {
			t.Fatal(err)
		}
		d, err := v.Digest()
		if err != nil {
			t.Fatal(err)
		}
		digests[d] = true
		v.Close()
	}
	if len(digests) != 1 {
		t.Errorf("three projections of one kind at one position have %d digests", len(digests))
	}
}
