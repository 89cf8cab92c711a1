package cli_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// fill publishes lines of a history, and waits until the worker holds them.
func (l *timeline) fill(t *testing.T, h *history, n int) {
	t.Helper()
	line{env: l.env, stdin: string(h.lines(n))}.ok(t, "publish", "-")
	l.holds(t, h.n)
}

// holds waits until all projections hold an event.
func (l *timeline) holds(t *testing.T, seq int) {
	t.Helper()
	deadline := time.After(60 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		st := decode[engine.Status](t, l.ok(t, "status", "--json"))
		if !slices.ContainsFunc(st.Projections, func(p engine.ProjectionStatus) bool { return p.AppliedSequence < uint64(seq) }) {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the models do not come to %d: %+v", seq, st.Projections)
		}
	}
}

// digests returns position and digests of everything that is live.
func (l *timeline) digests(t *testing.T) (out []string) {
	t.Helper()
	found := decode[engine.Verification](t, l.ok(t, "verify", "--json"))
	for _, d := range found.Projections {
		if !d.OK {
			t.Errorf("%+v", d)
		}
		out = append(out, fmt.Sprintf("%s %d %s %s", d.Name, d.Sequence, d.Digest, d.RecordsDigest))
	}
	return out
}

// onShelf waits until a shelf has these snapshots and no others.
func (l *timeline) onShelf(t *testing.T, place string, want ...string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var got result
	for {
		var names []string
		if got = l.run(t.Context(), "snapshot", "ls", "--shelf", place, "--json"); got.status == cli.StatusDone {
			for _, m := range decode[struct{ Snapshots []manifest }](t, got.stdout).Snapshots {
				names = append(names, m.Name)
			}
		}
		if slices.Equal(names, want) {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the shelf does not come to %v: %+v", want, got)
		}
	}
}

// external is a NATS of the user's own with the stream in it.
func external(t *testing.T) (url string, stream jetstream.Stream, l *timeline) {
	t.Helper()
	server := embeddedtest.Start(t)
	stream = makeStream(t, server.URL(), jetstream.StreamConfig{AllowDirect: true})
	return server.URL(), stream, &timeline{line: line{env: map[string]string{"NATS_URL": server.URL()}}}
}

// A machine is lost with its data directory. Another one begins from the shelf, though the stream no longer holds what is in the
// snapshot, and comes to the same state. The same command line can then be started again.
func TestMachineIsLost(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"nats", "directory"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url, stream, l := external(t)
			place := kind
			if kind == "directory" {
				place = filepath.Join(t.TempDir(), "shelf")
			}
			h := &history{random: seeded(t)}
			lost := t.TempDir()
			a, _ := startWorker(t, "--data", lost, "--nats", url, "--shelf", place)
			l.fill(t, h, 2000)
			l.ok(t, "snapshot", "create", "first")
			l.fill(t, h, 1000)
			l.ok(t, "snapshot", "create", "second")
			l.onShelf(t, place, "first", "second")
			l.fill(t, h, 500)
			want := l.digests(t)
			a.kill()
			if err := os.RemoveAll(lost); err != nil {
				t.Fatal(err)
			}
			if err := stream.Purge(t.Context(), jetstream.WithPurgeSequence(2900)); err != nil {
				t.Fatal(err)
			}

			data := filepath.Join(t.TempDir(), "data")
			refused := []string{"run", "--log-level", "error", "--data", t.TempDir(), "--nats", url}
			l.refused(t, cli.StatusRefused, refused...) // the stream alone is not enough
			flags := []string{"--data", data, "--nats", url, "--shelf", place, "--from-snapshot", "latest"}
			b, _ := startWorker(t, flags...)
			l.holds(t, h.n)
			if got := l.digests(t); !slices.Equal(got, want) {
				t.Errorf("the new machine\ngot  %v\nwant %v", got, want)
			}
			if got := l.names(t); got != "second" {
				t.Errorf("snapshots %s", got)
			}
			l.fill(t, h, 100)
			want = l.digests(t)
			b.kill()
			b, _ = startWorker(t, flags...)
			l.holds(t, h.n)
			if got := l.digests(t); !slices.Equal(got, want) {
				t.Errorf("started again\ngot  %v\nwant %v", got, want)
			}
			l.ok(t, "snapshot", "create", "third")
			l.onShelf(t, place, "first", "second", "third") // what is only there stays
			l.ok(t, "snapshot", "rm", "second")
			l.onShelf(t, place, "first", "third")
			b.kill()
			again := append([]string{"run", "--log-level", "error"}, flags...)
			again[len(again)-1] = "first"
			if got := l.refused(t, cli.StatusRefused, again...); !strings.Contains(got, "the data directory is not empty") {
				t.Errorf("got %q", got)
			}
		})
	}
}

// A worker that is killed while it copies leaves whole snapshots on the shelf or none, and the next one copies the rest.
func TestCopiesSurviveCrashes(t *testing.T) {
	t.Parallel()
	random := seeded(t)
	url, _, l := external(t)
	dir, place := t.TempDir(), t.TempDir()
	h := &history{random: random}
	var made []string
	for i := range crashes(t) {
		worker, _ := startWorker(t, "--data", dir, "--nats", url, "--shelf", place)
		l.fill(t, h, 1500)
		name := fmt.Sprintf("s%d", i)
		l.ok(t, "snapshot", "create", name)
		made = append(made, name)
		<-time.After(time.Duration(random.Int64N(int64(20 * time.Millisecond)))) // a moment chosen by chance
		worker.kill()
		wholeOnShelf(t, place)
	}
	worker, _ := startWorker(t, "--data", dir, "--nats", url, "--shelf", place)
	l.onShelf(t, place, made...)
	wholeOnShelf(t, place)
	worker.kill()
}

// wholeOnShelf takes in every snapshot of a shelf in a directory, which proves all of it.
func wholeOnShelf(t *testing.T, place string) {
	t.Helper()
	dir, err := snapshotstore.OpenDirShelf(place)
	if err != nil {
		t.Fatal(err)
	}
	shelf, err := snapshotstore.ShelfFolder(dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	store, err := snapshotstore.OpenStore(t.TempDir(), 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := snapshotstore.Shelved(t.Context(), shelf)
	if err != nil {
		t.Error(err)
	}
	for _, m := range all {
		pulled, err := snapshotstore.Pull(t.Context(), shelf, m.Name, store, nil)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		pulled.Close()
	}
	if err := errors.Join(store.Close(), dir.Close()); err != nil {
		t.Error(err)
	}
}

// A worker runs without its shelf, says so, and uses it when it is there.
func TestShelfThatCannotBeReached(t *testing.T) {
	t.Parallel()
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(blocked, "shelf")
	l := startTimeline(t, "--shelf", place)
	l.play(t, 4)
	l.ok(t, "snapshot", "create", "one")
	shown := func(text string) {
		t.Helper()
		deadline := time.After(30 * time.Second)
		for got := ""; !strings.Contains(got, text); {
			got = l.ok(t, "status")
			select {
			case <-deadline:
				t.Fatalf("status does not come to %q: %s", text, got)
			default:
			}
		}
	}
	shown("the shelf cannot be reached")
	shown("1 waiting")
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	l.onShelf(t, place, "one")
	shown("1 snapshot copied there since the start")
}

func TestShelvesThatAreRefused(t *testing.T) {
	t.Parallel()
	_, _, l := external(t)
	data := t.TempDir()
	for _, place := range []string{data, filepath.Join(data, "shelf"), filepath.Join(data, "x", "..", "chunks")} {
		if got := l.refused(t, cli.StatusUsage, "run", "--data", data, "--shelf", place); !strings.Contains(got, "is in the data directory") {
			t.Errorf("%s: %q", place, got)
		}
	}
	ls := []string{"snapshot", "ls", "--shelf"}
	l.refused(t, cli.StatusNotFound, append(ls, "nats")...)
	missing := filepath.Join(t.TempDir(), "none")
	l.refused(t, cli.StatusNotFound, append(ls, missing)...)
	if _, err := os.Stat(missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("looking made a directory: %v", err)
	}
	l.refused(t, cli.StatusUsage, append(ls, "")...)
	l.refused(t, cli.StatusUsage, append(ls, "nats", "--offline")...)
	l.refused(t, cli.StatusUsage, append(ls, "nats", "--name", "../x")...)

	own := startRun(t, t.TempDir(), "--listen", "127.0.0.1:0", "--shelf", "nats", "--log-level", "warn")
	o := timelineOf(own)
	o.play(t, 3)
	o.ok(t, "snapshot", "create", "one")
	o.onShelf(t, "nats", "one")
	own.stop()
	if got := own.stderr.String(); !strings.Contains(got, "is lost with this machine") {
		t.Errorf("its own server is no shelf to rely on, and %q does not say so", got)
	}
}
