package engine_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// crashVariable holds the data directory of the worker that a child is to be, and a seed.
const crashVariable = "ENGINE_TEST_CRASH"

// crashRecords is how long the history of crash tests is. Every process makes the same one.
const crashRecords = 900

func crashConfig(dir string) (engine.Config, error) {
	now := eventlog.Time(1000)
	log := memlog.New(memlog.Config{Created: 7, Clock: func() eventlog.Time { now++; return now }})
	for i := range crashRecords {
		body := event(i, kinds[i*7%len(kinds)], fmt.Sprintf("a%d", i*31%97))
		if _, err := log.Append(context.Background(), "event.test.thing", nil, body); err != nil {
			return engine.Config{}, err
		}
	}
	return engine.Config{
		Data: dir, Log: log, CommitRecords: 40, DeltaBytes: 1, Projections: []projection.Projection{newTally("tally"), newTally("other")},
	}, nil
}

// liveIfAsked makes this process a worker that makes, removes and restores snapshots until it is killed, where a test started it for
// that. It says what it has done, each on a line.
func liveIfAsked() {
	asked, ok := os.LookupEnv(crashVariable)
	if !ok {
		return
	}
	dir, text, _ := strings.Cut(asked, "\n")
	seed, err := strconv.ParseUint(text, 10, 64)
	if err == nil {
		err = live(dir, rand.New(rand.NewPCG(seed, 2)))
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func live(dir string, random *rand.Rand) error {
	c, err := crashConfig(dir)
	if err != nil {
		return err
	}
	w, err := engine.Open(c)
	if err != nil {
		return err
	}
	ctx := context.Background()
	go func() { _ = w.Run(ctx) }()
	for i := 0; ; i++ {
		if err := act(ctx, w, random, fmt.Sprintf("s%d-%d", os.Getpid(), i)); err != nil {
			return err
		}
	}
}

// act does one thing, and says so. What a person would be refused is no fault.
func act(ctx context.Context, w *engine.Worker, random *rand.Rand, name string) error {
	all, err := w.Snapshots()
	if err != nil {
		return err
	}
	switch n := random.IntN(8); {
	case n < 3:
		m, err := w.Snapshot(ctx, engine.SnapshotWish{Name: name, Only: []string{"tally"}})
		if err == nil {
			fmt.Println("named", m.Name, m.StreamSequence, m.Projections[0].Digest)
		}
		return unlessRefused(err)
	case n == 3 && len(all) > 4:
		gone := all[random.IntN(len(all))].Name
		fmt.Println("removing", gone)
		_, err = w.RemoveSnapshots(gone)
	case n == 4:
		_, err = w.Restore(ctx, engine.RestoreWish{Undo: true}, nil)
	case n == 5 && len(all) > 0:
		_, err = w.Restore(ctx, engine.RestoreWish{Snapshot: all[random.IntN(len(all))].Name, ToCurrent: random.IntN(2) == 0}, nil)
	case n == 6:
		_, err = w.Restore(ctx, engine.RestoreWish{ToSequence: eventlog.Seq(1 + random.IntN(crashRecords))}, nil)
	default:
		err = w.Resume(ctx)
	}
	fmt.Println("did something")
	return unlessRefused(err)
}

func unlessRefused(err error) error {
	var q *projection.QueryError
	if errors.As(err, &q) && q.Code == projection.Refused || errors.Is(err, projection.ErrNoUndo) {
		return nil
	}
	return err
}

// crash runs a child in the directory, kills it after some of its lines, and returns them.
func crash(t *testing.T, dir string, seed uint64, lines int) (out []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s\n%d", crashVariable, dir, seed))
	var faults strings.Builder
	cmd.Stderr = &faults
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	scan := bufio.NewScanner(stdout)
	for scan.Scan() {
		if out = append(out, scan.Text()); len(out) == lines {
			_ = cmd.Process.Kill() // in the middle of what it does next; it goes on saying what it had done
		}
	}
	_ = cmd.Wait()
	if faults.Len() > 0 {
		t.Fatalf("the worker failed: %s", faults.String())
	}
	return out
}

// A worker that is killed again and again while it makes, removes and restores snapshots loses none that it said was there, and its
// models are always those of their position.
func TestCrashesAroundSnapshotsAndRestores(t *testing.T) {
	chance := newChance(t)
	dir := t.TempDir()
	c, err := crashConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	straight := c
	straight.Data, straight.DeltaBytes = t.TempDir(), 0
	truth := start(t, straight)
	truth.waitFor(crashRecords, "tally", "other")
	named := map[string]string{}
	for range 6 {
		for _, line := range crash(t, dir, chance.Uint64(), chance.between(1, 25)) {
			words := strings.Fields(line)
			switch words[0] {
			case "named":
				named[words[1]] = words[2] + " " + words[3]
			case "removing":
				delete(named, words[1])
			}
		}
		w := start(t, c)
		for name, want := range named {
			m, err := w.SnapshotNamed(name)
			if err != nil {
				t.Fatalf("snapshot %s is lost: %v", name, err)
			}
			if got := fmt.Sprintf("%d %s", m.StreamSequence, m.Projections[0].Digest); got != want {
				t.Errorf("snapshot %s is %s, and was %s", name, got, want)
			}
			if err := w.ProveSnapshot(t.Context(), name); err != nil {
				t.Errorf("snapshot %s: %v", name, err)
			}
		}
		v, err := w.View("tally")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := outcomeOf(t, v), pastOf(t, truth, v.At().Seq); got != want {
			t.Errorf("at %s\ngot  %+v\nwant %+v", v.At().Seq, got, want)
		}
		v.Close()
		w.stop()
	}
	w := start(t, c)
	w.resume()
	w.waitFor(crashRecords, "tally", "other")
	if got, want := w.outcome("other"), truth.outcome("other"); got != want {
		t.Errorf("in the end\ngot  %+v\nwant %+v", got, want)
	}
}

func pastOf(t *testing.T, w *running, seq eventlog.Seq) outcome {
	t.Helper()
	if seq == 0 {
		return start(t, config(t, memlog.New(memlog.Config{}), newTally("tally"))).outcome("tally")
	}
	v, err := w.ViewAsOf(t.Context(), "tally", engine.AsOf{Sequence: seq})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	return outcomeOf(t, v.View)
}
