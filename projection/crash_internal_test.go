//go:build unix

package projection

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// fixedScript is record seq of the history that crash tests fold: a function of seq alone.
func fixedScript(seq eventlog.Seq) string {
	rng := rand.New(rand.NewPCG(uint64(seq), 42))
	key := func() string { return "k" + strconv.Itoa(rng.IntN(40)) }
	text := "+" + key() + " +" + key() + " -" + key()
	if seq%7 == 0 {
		text += " *k" + strconv.Itoa(rng.IntN(4))
	}
	if seq%5 == 0 {
		text += " !"
	}
	return text
}

// lastScripted is where the history of the crash tests ends.
const lastScripted = 3000

func fixedRecord(seq eventlog.Seq) eventlog.Record {
	body := fmt.Appendf(nil, `{"event_type":"change","payload":%q}`, fixedScript(seq))
	return eventlog.Record{Seq: seq, Time: eventlog.Time(seq), Subject: "event.x.y", Body: body}
}

func crashConfig(dir string) Config {
	return Config{Dir: dir, Worker: "crash", Projections: []Projection{newScripted("p"), newScripted("q")}}
}

// crashChild folds the history in random steps, splits and merges, and stops dead at the named point or when it is
// killed. It says on its standard output what is committed.
func crashChild() {
	s, steps := openToCrash()
	for step := range steps {
		groups := s.Groups()
		switch {
		case step%5 == 3 && len(groups) == 1:
			must(groups[0].Detach("q"))
		case step%5 == 0 && len(groups) == 2:
			to := max(position(groups[0]), position(groups[1]))
			foldTo(groups[0], to)
			foldTo(groups[1], to)
			must(groups[step%2].Merge(groups[1-step%2]))
		case step%5 == 1:
			rotateAndFold(s, groups)
		default:
			for _, g := range groups {
				foldTo(g, position(g)+eventlog.Seq(1+rand.IntN(25)))
			}
		}
	}
	must(s.Close())
}

// openToCrash opens the store that the environment names, arms the crash, and returns how many steps are to be made.
func openToCrash() (*Store, int) {
	dir, point := os.Getenv("CRASH_DIR"), os.Getenv("CRASH_POINT")
	nth, err := strconv.Atoi(os.Getenv("CRASH_NTH"))
	must(err)
	steps, err := strconv.Atoi(os.Getenv("CRASH_STEPS"))
	must(err)
	crashPoint = func(name string) {
		if name != point {
			return
		}
		if nth--; nth == 0 {
			must(syscall.Kill(os.Getpid(), syscall.SIGKILL))
			select {}
		}
	}
	progress = os.Stdout
	s, err := Open(crashConfig(dir))
	must(err)
	fmt.Println("open")
	return s, steps
}

// rotateAndFold freezes what the groups write and folds everything that is frozen.
func rotateAndFold(s *Store, groups []*Group) {
	for _, g := range groups {
		if err := g.Rotate(); !errors.Is(err, ErrFrozen) {
			must(err)
		}
	}
	must(s.foldAllFrozen(context.Background()))
}

// progress is where foldTo says what it has committed.
var progress io.Writer = io.Discard

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(3)
	}
}

func position(g *Group) eventlog.Seq {
	at, err := g.Checkpoint()
	must(err)
	return at.Seq
}

func foldTo(g *Group, to eventlog.Seq) {
	f, err := g.Fold()
	must(err)
	defer f.Close()
	prepare := NewPreparer(f.Projections(), nil)
	for seq := f.Position() + 1; seq <= min(to, lastScripted); seq++ {
		in := prepare.Prepare(fixedRecord(seq), false)
		must(f.Apply(&in))
	}
	b, err := f.Seal()
	must(err)
	if b == nil {
		return
	}
	must(g.Commit(b))
	f.Committed(b)
	for _, name := range g.Names() {
		fmt.Fprintln(progress, "committed", name, b.At.Seq)
	}
}

// child starts the test binary as something else.
func child(t *testing.T, what string, env ...string) (*exec.Cmd, io.ReadCloser) {
	t.Helper()
	return childWith(t, nil, what, env...)
}

func childWith(t *testing.T, input *os.File, what string, env ...string) (*exec.Cmd, io.ReadCloser) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), append(env, childEnv+"="+what)...)
	cmd.Stderr = os.Stderr
	if input != nil {
		cmd.Stdin = input
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// runCrash runs the child until it ends, or until it has said so many lines; then it is killed. It returns what was
// committed, and whether the child came to its own end.
func runCrash(t *testing.T, dir, point string, nth, steps, lines int) (committed map[string]eventlog.Seq, ended bool) {
	t.Helper()
	cmd, out := child(t, "crash", "CRASH_DIR="+dir, "CRASH_POINT="+point, "CRASH_NTH="+strconv.Itoa(nth), "CRASH_STEPS="+strconv.Itoa(steps))
	committed = map[string]eventlog.Seq{}
	said := bufio.NewScanner(out)
	for n := 0; said.Scan(); n++ {
		if name, seq, ok := strings.Cut(strings.TrimPrefix(said.Text(), "committed "), " "); ok {
			at, err := eventlog.ParseSeq(seq)
			if err != nil {
				t.Fatal(err)
			}
			committed[name] = at
		}
		if n == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	err := cmd.Wait()
	if err != nil && cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the child failed: %v", err)
	}
	return committed, err == nil
}

// checkCrashed opens what a child left, and compares it with the records up to its checkpoint.
func checkCrashed(t *testing.T, dir, what string, committed map[string]eventlog.Seq) {
	t.Helper()
	config := crashConfig(dir)
	s, err := Open(config)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer s.Close()
	for _, p := range config.Projections {
		v, err := s.View(p.Name())
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if v.At().Seq < committed[p.Name()] {
			t.Errorf("%s: %s is at %s, and %s was committed", what, p.Name(), v.At().Seq, committed[p.Name()])
		}
		compareScripted(t, v, p.(*scripted), what)
		v.Close()
	}
	names, err := s.deltaFiles()
	if err != nil || len(names) != len(s.live.Deltas) {
		t.Errorf("%s: the files %v are there, LIVE names %v, %v", what, names, s.live.Deltas, err)
	}
}

// compareScripted holds a view against a model of exactly the records up to its checkpoint.
func compareScripted(t *testing.T, v *View, p *scripted, what string) {
	t.Helper()
	want := rowsModel{}
	var counts Counts
	for seq := eventlog.Seq(1); seq <= v.At().Seq; seq++ {
		text := fixedScript(seq)
		want.apply(seq, text)
		if strings.HasSuffix(text, "!") {
			counts.DeadLetters++
		} else {
			counts.Applied++
		}
	}
	n := 0
	p.rows.Scan(v, "", "", func(k Key, row *scriptedRow) bool {
		if n++; want[k] != row.N {
			t.Errorf("%s: %s has %q = %d at %s, want %d", what, p.name, k, row.N, v.At().Seq, want[k])
		}
		return true
	})
	if n != len(want) || v.Counts() != counts {
		t.Errorf("%s: %s has %d rows and %+v at %s, want %d and %+v", what, p.name, n, v.Counts(), v.At().Seq, len(want), counts)
	}
	for _, problem := range v.Check() {
		t.Errorf("%s: %s", what, problem)
	}
}

// TestCrashBetweenSteps stops a process dead between the steps of everything that changes more than one file.
func TestCrashBetweenSteps(t *testing.T) {
	points := []string{
		"facts written", "facts named", "LIVE written", "LIVE named", "LIVE.prev written", "LIVE.prev named",
		"delta written", "delta named", "merge copying", "merge copied", "merge live", "fold packed", "fold live",
	}
	for _, point := range points {
		t.Run(point, func(t *testing.T) {
			for nth := 1; nth <= 4; nth++ {
				dir := t.TempDir()
				committed, ended := runCrash(t, dir, point, nth, 12, -1)
				if ended && nth == 1 {
					t.Errorf("the process never came to the point")
				}
				what := fmt.Sprintf("crash at the %d. %q", nth, point)
				checkCrashed(t, dir, what, committed)
				committed, _ = runCrash(t, dir, "", 0, 12, -1)
				checkCrashed(t, dir, what+", and on", committed)
				if ended {
					break
				}
			}
		})
	}
}

// TestKill kills a process at random moments, a dozen times on one directory; more often where PROJECTOR_CRASHES says so.
func TestKill(t *testing.T) {
	kills := 12
	if n, err := strconv.Atoi(os.Getenv("PROJECTOR_CRASHES")); err == nil {
		kills = n
	}
	var dir string
	for i := range kills {
		if i%12 == 0 { // the history would come to its end
			dir = t.TempDir()
		}
		committed, _ := runCrash(t, dir, "", 0, 40, rand.IntN(30))
		checkCrashed(t, dir, fmt.Sprintf("kill %d", i+1), committed)
	}
}

// TestCrashWhileFactsAreMadeAgain loses worker.db, and then the process that makes it anew: what was paused must not run.
func TestCrashWhileFactsAreMadeAgain(t *testing.T) {
	for _, point := range []string{"facts written", "facts named"} {
		dir := t.TempDir()
		runCrash(t, dir, "", 0, 2, -1)
		if err := os.Remove(filepath.Join(dir, factsFile)); err != nil {
			t.Fatal(err)
		}
		if _, ended := runCrash(t, dir, point, 1, 2, -1); ended {
			t.Fatalf("the process never came to %q", point)
		}
		s, err := Open(crashConfig(dir))
		if err != nil {
			t.Fatal(err)
		}
		if paused, err := s.Paused(); err != nil || len(paused) != 2 {
			t.Errorf("after a crash at %q: paused is %v, %v; want both projections", point, paused, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// holdChild opens a store and holds it until its standard input ends.
func holdChild() {
	s, err := Open(crashConfig(os.Getenv("CRASH_DIR")))
	must(err)
	fmt.Println("open")
	_, err = io.Copy(io.Discard, os.Stdin)
	must(err)
	must(s.Close())
}
