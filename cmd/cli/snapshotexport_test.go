package cli_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

// empty fails the test where a folder holds anything.
func empty(t *testing.T, dir, what string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) || len(left) > 0 {
		t.Errorf("%s left %v, %v", what, left, err)
	}
}

// An export or import that is interrupted anywhere leaves no file, here or at the worker.
func TestInterruptedTransfersLeaveNothing(t *testing.T) {
	t.Parallel()
	random := seeded(t)
	l := startTimeline(t)
	line{env: l.env, stdin: incompressible(random, 300)}.ok(t, "publish", "-")
	l.holds(t, 300)
	l.ok(t, "snapshot", "create", "s")
	whole := filepath.Join(t.TempDir(), "s.snapshot")
	begun := time.Now()
	l.ok(t, "snapshot", "export", "s", whole)
	took := time.Since(begun)
	transfers := filepath.Join(l.data, "scratch", "transfers")
	empty(t, transfers, "an export that was not interrupted")
	interrupted := 0
	for i := range 20 {
		dir := t.TempDir()
		args := []string{"snapshot", "export", "s", filepath.Join(dir, "s.snapshot")}
		if i%2 == 1 {
			args = []string{"snapshot", "import", whole, "--as", fmt.Sprintf("copy-%d", i)}
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Duration(random.Int64N(int64(took))), context.Canceled)
		asked, stop := context.WithCancel(t.Context())
		context.AfterFunc(ctx, stop) // as a signal ends it
		got := l.run(asked, args...)
		cancel()
		stop()
		switch {
		case got.status == cli.StatusDone:
			continue
		case got.status != cli.StatusFailed:
			t.Errorf("%v: %+v", args, got)
		}
		interrupted++
		if i%2 == 0 {
			empty(t, dir, "an interrupted export")
		}
		deadline := time.After(20 * time.Second)
		tick := time.NewTicker(5 * time.Millisecond)
		for left, err := os.ReadDir(transfers); len(left) > 0; left, err = os.ReadDir(transfers) {
			select { // an import that the worker has begun goes on
			case <-tick.C:
			case <-deadline:
				t.Fatalf("%v: %+v left %v, %v", args, got, left, err)
			}
		}
		tick.Stop()
	}
	t.Logf("%d of 20 were interrupted, one takes %s", interrupted, took)
	if interrupted == 0 {
		t.Error("none was interrupted")
	}
	for _, m := range l.list(t) {
		l.ok(t, "snapshot", "verify", m.Name)
	}
}

func TestFilesThatExportDoesNotTouch(t *testing.T) {
	t.Parallel()
	l := startTimeline(t)
	l.play(t, 4)
	l.ok(t, "snapshot", "create", "s")
	dir := t.TempDir()
	l.refused(t, cli.StatusUsage, "snapshot", "export", "s", dir, "--force")
	l.refused(t, cli.StatusUsage, "snapshot", "export", "s", os.DevNull, "--force")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "target"), link); err != nil {
		t.Fatal(err)
	}
	l.refused(t, cli.StatusRefused, "snapshot", "export", "s", link) // which leads to nothing, and is there all the same
	if _, err := os.Lstat(filepath.Join(dir, "target")); !os.IsNotExist(err) {
		t.Errorf("something was written through a link: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("what is left beside: %v, %v", left, err)
	}
	offline := []string{"--offline", "--data", l.data}
	l.refused(t, cli.StatusRefused, append([]string{"snapshot", "export", "s", filepath.Join(dir, "x")}, offline...)...)
	l.refused(t, cli.StatusRefused, append([]string{"snapshot", "import", "-"}, offline...)...)
}
