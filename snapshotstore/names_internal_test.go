//go:build unix

package snapshotstore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// childEnv says what the test binary is to be, where it is not to be a test.
const childEnv = "SNAPSHOTSTORE_TEST_CHILD"

// children are what the test binary can be run for.
var children = map[string]func(){
	"names": namesChild,
	"copy":  copyChild,
}

func TestMain(m *testing.M) {
	if what := os.Getenv(childEnv); what != "" {
		stopDeadAt(os.Getenv("CRASH_POINT"))
		children[what]()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func stopDeadAt(point string) {
	crashPoint = func(name string) {
		if name == point {
			must(syscall.Kill(os.Getpid(), syscall.SIGKILL))
			select {}
		}
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(3)
	}
}

// dies runs the test binary as something else, with a directory, and tells whether it was stopped at the point.
func dies(t *testing.T, what, dir, point string) bool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childEnv+"="+what, "CRASH_DIR="+dir, "CRASH_POINT="+point)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = io.Discard, &said
	err = cmd.Run()
	if err != nil && cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the child failed: %v: %s", err, said.String())
	}
	return err != nil
}

// namesChild takes a name, gives up another.
func namesChild() {
	n, err := OpenNames(os.Getenv("CRASH_DIR"))
	must(err)
	must(n.Create(&Manifest{Name: "new", StreamSequence: 2}))
	must(n.Remove("old"))
}

// A process that stops dead anywhere leaves each name as it was or as it should be, and nothing else once the folder is
// opened again.
func TestCrashWhileNaming(t *testing.T) {
	for _, point := range []string{"file begun", "file written", "file synced", "file named", "name removed"} {
		t.Run(point, func(t *testing.T) {
			dir := t.TempDir()
			n, err := OpenNames(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := n.Create(&Manifest{Name: "old", StreamSequence: 1}); err != nil {
				t.Fatal(err)
			}
			if !dies(t, "names", dir, point) {
				t.Fatal("the process never came to the point")
			}
			named := point == "file named" || point == "name removed"
			removed := point == "name removed"
			if n, err = OpenNames(dir); err != nil {
				t.Fatal(err)
			}
			list, err := n.List()
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]bool{"new": named, "old": !removed}
			for name, there := range want {
				_, err := n.Get(name)
				if there && err != nil || !there && !errors.Is(err, ErrNoName) {
					t.Errorf("%s: %v; want it there: %t", name, err, there)
				}
			}
			files, err := os.ReadDir(dir)
			if err != nil || len(files) != len(list) {
				t.Errorf("the folder holds %v, %v; and %d names", files, err, len(list))
			}
			if !named {
				if err := n.Create(&Manifest{Name: "new"}); err != nil {
					t.Errorf("the name cannot be taken again: %v", err)
				}
			}
		})
	}
}
