//go:build linux

package projection

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestFailedWrite puts a read-only file in the place of the delta's descriptor, so that the first write of a commit
// fails.
func TestFailedWrite(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(crashConfig(dir))
	if err != nil {
		t.Fatal(err)
	}
	g := s.Groups()[0]
	for at := eventlog.Seq(50); at < 200; at += 50 {
		foldTo(g, at)
		d, err := g.delta()
		if err != nil {
			t.Fatal(err)
		}
		makeReadOnly(t, d.path)
		f, err := g.Fold()
		if err != nil {
			t.Fatal(err)
		}
		in := NewPreparer(f.Projections()).Prepare(fixedRecord(at+1), false)
		if err := f.Apply(&in); err != nil {
			t.Fatal(err)
		}
		b, err := f.Seal()
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Commit(b); err == nil {
			t.Error("a commit into a read-only file succeeded")
		}
		f.Close()
		if err := g.Reopen(); err != nil {
			t.Fatal(err)
		}
		if got, err := g.Checkpoint(); err != nil || got.Seq != at {
			t.Errorf("after a failed commit the group is at %s, %v; want %s", got.Seq, err, at)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	checkCrashed(t, dir, "failed write", map[string]eventlog.Seq{"p": 150, "q": 150})
}

func makeReadOnly(t *testing.T, path string) {
	t.Helper()
	closed, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer closed.Close()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		fd, err := strconv.Atoi(filepath.Base(link))
		if to, _ := os.Readlink(link); err != nil || to != path || fd == int(closed.Fd()) {
			continue
		}
		if err := syscall.Dup3(int(closed.Fd()), fd, syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
	}
}
