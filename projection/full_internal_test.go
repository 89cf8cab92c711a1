//go:build unix

package projection

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// fullChild works with files that cannot become longer than a limit, as on a full disk: the commit that needs more
// fails whole, and after Reopen the group is where it was, and goes on once there is room.
func fullChild() {
	signal.Ignore(syscall.SIGXFSZ)
	dir := os.Getenv("CRASH_DIR")
	s, err := Open(crashConfig(dir))
	must(err)
	g := s.Groups()[0]
	foldTo(g, 50)
	var room syscall.Rlimit
	must(syscall.Getrlimit(syscall.RLIMIT_FSIZE, &room))
	must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(g.Bytes()), Max: room.Max}))
	for range 3 {
		failingCommit(g)
		must(g.Reopen())
		if at := position(g); at != 50 {
			must(fmt.Errorf("after a failed commit the group is at %s", at))
		}
	}
	must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 8 << 10, Max: room.Max}))
	if err := g.Detach("q"); err == nil {
		must(errors.New("a delta was made where there is no room"))
	}
	if n := len(s.Groups()); n != 1 {
		must(fmt.Errorf("after a failed Detach there are %d groups", n))
	}
	must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &room))
	foldTo(g, 120)
	must(g.Detach("q"))
	must(s.Close())
}

// failingCommit tries to store more than there is room for.
func failingCommit(g *Group) {
	f, err := g.Fold()
	must(err)
	defer f.Close()
	prepare := NewPreparer(f.Projections())
	filler := strings.Repeat("!", 64<<10)
	for seq := f.Position() + 1; f.Dirty() < 40<<20; seq++ {
		body := fmt.Appendf(nil, `{"event_type":"change","payload":%q}`, filler)
		in := prepare.Prepare(eventlog.Record{Seq: seq, Subject: "event.x.y", Body: body}, false)
		must(f.Apply(&in))
	}
	b, err := f.Seal()
	must(err)
	if err = g.Commit(b); err == nil {
		must(errors.New("a commit was stored for which there is no room"))
	}
	fmt.Println("refused:", err)
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	cmd, out := child(t, "full", "CRASH_DIR="+dir)
	said, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if n := strings.Count(string(said), "refused: commit up to"); n != 3 {
		t.Errorf("%d commits were refused: %s", n, said)
	}
	checkCrashed(t, dir, "full disk", map[string]eventlog.Seq{"p": 120, "q": 120})
}

// TestFailedCommit closes the file below bolt, so that a commit fails in the middle of writing.
func TestFailedCommit(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(crashConfig(dir))
	if err != nil {
		t.Fatal(err)
	}
	g := s.Groups()[0]
	foldTo(g, 50)
	d, err := g.delta()
	if err != nil {
		t.Fatal(err)
	}
	before := d.db.MaxSize
	d.db.MaxSize = int(d.size())
	failBig(t, g)
	d.db.MaxSize = before
	if at := position(g); at != 50 {
		t.Errorf("after a failed commit the group is at %s, want 50", at)
	}
	if err := g.Reopen(); err != nil {
		t.Fatal(err)
	}
	foldTo(g, 60)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	checkCrashed(t, dir, "failed commit", map[string]eventlog.Seq{"p": 60, "q": 60})
}

func failBig(t *testing.T, g *Group) {
	t.Helper()
	f, err := g.Fold()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	prepare := NewPreparer(f.Projections())
	for seq := f.Position() + 1; f.Dirty() < 40<<20; seq++ {
		body := fmt.Appendf(nil, `{"event_type":"change","payload":%q}`, strings.Repeat("!", 64<<10))
		in := prepare.Prepare(eventlog.Record{Seq: seq, Subject: "event.x.y", Body: body}, false)
		if err := f.Apply(&in); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.Seal()
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Commit(b); err == nil {
		t.Error("a commit that does not fit was stored")
	}
}

// TestReopenBesideViews opens a group again while views of it are open and asked for.
func TestReopenBesideViews(t *testing.T) {
	s, err := Open(crashConfig(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	g := s.Groups()[0]
	foldTo(g, 50)
	v, err := s.View("p")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- g.Reopen() }()
	second, err := s.View("p")
	if err == nil {
		defer second.Close()
	}
	for err == nil { // until Reopen has taken the delta away, and waits for the view
		var other *View
		if other, err = s.View("q"); err == nil {
			other.Close()
		}
	}
	if !errors.Is(err, ErrNotOpen) {
		t.Errorf("a view meanwhile: %v, want ErrNotOpen", err)
	}
	if _, err := g.Checkpoint(); !errors.Is(err, ErrNotOpen) {
		t.Errorf("the checkpoint meanwhile: %v, want ErrNotOpen", err)
	}
	if v.Counts().Seen() != 50 || v.Err() != nil {
		t.Errorf("the view that was open counts %d, %v", v.Counts().Seen(), v.Err())
	}
	if second != nil {
		second.Close()
	}
	v.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	foldTo(g, 60)
	if position(g) != 60 {
		t.Errorf("the group is at %s, want 60", position(g))
	}
}

// TestLock opens a directory that is held: by another process, by this one, and by one that was killed.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	input, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	cmd, out := childWith(t, input, "hold", "CRASH_DIR="+dir)
	if err := input.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 5)); err != nil { // "open"
		t.Fatal(err)
	}
	_, err = Open(crashConfig(dir))
	locked, ok := errors.AsType[*LockedError](err)
	if !ok || locked.Dir != dir || locked.Holder.Worker != "crash" || locked.Holder.PID != cmd.Process.Pid {
		t.Errorf("beside process %d: %v", cmd.Process.Pid, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	s, err := Open(crashConfig(dir))
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	_, err = Open(crashConfig(dir))
	if locked, ok := errors.AsType[*LockedError](err); !ok || locked.Holder.PID != os.Getpid() {
		t.Errorf("a second store in this process: %v", err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	s, err = Open(crashConfig(dir))
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
