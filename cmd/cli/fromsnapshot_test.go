package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/engine"
)

// An exported snapshot is imported into another worker and restored there, and a third one begins from it.
func TestSnapshotGoesFromWorkerToWorker(t *testing.T) {
	t.Parallel()
	url, _, a := external(t)
	c := &timeline{line: line{env: map[string]string{"NATS_URL": url, "PROJECTOR_NAME": "c"}}}
	h := &history{random: seeded(t)}
	first, _ := startWorker(t, "--data", t.TempDir(), "--nats", url)
	a.fill(t, h, 2000)
	a.ok(t, "snapshot", "create", "s", "--keep", "1d")
	then := a.digests(t)
	file := filepath.Join(t.TempDir(), "s.snapshot")
	a.ok(t, "snapshot", "export", "s", file)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	a.fill(t, h, 500)
	now := a.digests(t)

	second, _ := startWorker(t, "--data", t.TempDir(), "--nats", url, "--name", "c")
	c.holds(t, h.n)
	c.ok(t, "snapshot", "import", file, "--as", "from-a")
	c.ok(t, "restore", "from-a")
	if got := c.digests(t); !slices.Equal(got, then) {
		t.Errorf("restored elsewhere\ngot  %v\nwant %v", got, then)
	}
	c.ok(t, "resume")
	c.holds(t, h.n)
	if got := c.digests(t); !slices.Equal(got, now) {
		t.Errorf("caught up elsewhere\ngot  %v\nwant %v", got, now)
	}
	second.kill()

	data := t.TempDir()
	flags := []string{"--data", data, "--nats", url, "--name", "c", "--from-snapshot", file}
	third, _ := startWorker(t, flags...)
	c.holds(t, h.n)
	if got := c.digests(t); !slices.Equal(got, now) {
		t.Errorf("begun from a file\ngot  %v\nwant %v", got, now)
	}
	third.kill()
	if err := os.Remove(file); err != nil { // it is not needed any more
		t.Fatal(err)
	}
	third, _ = startWorker(t, flags...)
	third.kill()
	first.kill()
}

func TestBeginningsFromSnapshotsThatAreRefused(t *testing.T) {
	t.Parallel()
	l := startTimeline(t)
	l.play(t, 5)
	l.ok(t, "snapshot", "create", "one")
	dir := t.TempDir()
	file := filepath.Join(dir, "one.snapshot")
	l.ok(t, "snapshot", "export", "one", file)
	l.stop()
	broken := filepath.Join(dir, "broken.snapshot")
	raw := contents(t, file)
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(broken, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	url, _, other := external(t)
	for range 7 {
		other.event(t, "graph_created", `,"metadata":{"name":"another"}`)
	}
	empty := filepath.Join(dir, "empty")
	for _, c := range []struct {
		name, from string
		status     int
		want       string
		more       []string
	}{
		{"no such file", "./none.snapshot", cli.StatusNotFound, "there is no file ./none.snapshot", nil},
		{"a name without a shelf", "one", cli.StatusNotFound, "no shelf is configured", nil},
		{"a name that the shelf does not have", "one", cli.StatusNotFound, "no such snapshot", []string{"--shelf", t.TempDir()}},
		{"a shelf that cannot be reached", "latest", cli.StatusFailed, "the shelf cannot be reached", []string{"--shelf", filepath.Join(file, "shelf")}},
		{"a damaged file", broken, cli.StatusRefused, "", nil},
		{"another stream", file, cli.StatusRefused, "is not the history", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"run", "--data", empty, "--nats", url, "--from-snapshot", c.from}, c.more...)
			if got := other.refused(t, c.status, args...); !strings.Contains(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	got := other.refused(t, cli.StatusRefused, "run", "--data", l.data, "--listen", "127.0.0.1:0", "--from-snapshot", file)
	if !strings.Contains(got, "the data directory is not empty") || !strings.Contains(got, "use restore") {
		t.Errorf("a directory that is not empty: %q", got)
	}

	// Where there is no snapshot yet, latest is the first event; and where there is a state, whatever that is from, it is passed over.
	for range 2 {
		w := startRun(t, empty, "--nats", url, "--from-snapshot", "latest", "--shelf", filepath.Join(dir, "shelf"))
		other.holds(t, 7)
		w.stop()
	}
	w := startRun(t, l.data, "--listen", "127.0.0.1:0", "--from-snapshot", "latest")
	timelineOf(w).holds(t, 5)
	w.stop()
}

// A worker that is killed on its way to its first state begins again with the same command line, and ends where it should.
func TestBeginningSurvivesCrashes(t *testing.T) {
	t.Parallel()
	random := seeded(t)
	url, _, l := external(t)
	place := t.TempDir()
	h := &history{random: random}
	a, _ := startWorker(t, "--data", t.TempDir(), "--nats", url, "--shelf", place)
	l.fill(t, h, 3000)
	l.ok(t, "snapshot", "create", "s")
	l.onShelf(t, place, "s")
	l.fill(t, h, 300)
	want := l.digests(t)
	a.kill()
	data := t.TempDir()
	flags := []string{"--data", data, "--nats", url, "--shelf", place, "--from-snapshot", "s"}
	for range crashes(t) {
		b := start(t, append([]string{"run", "--json", "--log-level", "error"}, flags...)...)
		<-time.After(time.Duration(random.Int64N(int64(400 * time.Millisecond)))) // a moment chosen by chance
		b.kill()
	}
	b, _ := startWorker(t, flags...)
	l.holds(t, h.n)
	if got := l.digests(t); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	b.kill()
}

// A worker that is killed while it imports has the snapshot whole or not at all afterwards, and nothing beside.
func TestImportSurvivesCrashes(t *testing.T) {
	t.Parallel()
	random := seeded(t)
	url, _, l := external(t)
	source := startRun(t, t.TempDir(), "--nats", url)
	line{env: l.env, stdin: incompressible(random, 400)}.ok(t, "publish", "-")
	l.holds(t, 400)
	made := decode[manifest](t, l.ok(t, "snapshot", "create", "s", "--json"))
	file := filepath.Join(t.TempDir(), "s.snapshot")
	l.ok(t, "snapshot", "export", "s", file)
	source.stop()
	data := t.TempDir()
	var took time.Duration
	for i := range crashes(t) {
		worker, _ := startWorker(t, "--data", data, "--nats", url)
		ended := make(chan result, 1)
		begun := time.Now()
		go func() { ended <- l.run(t.Context(), "snapshot", "import", file, "--timeout", "3s") }() // nobody answers once it is dead
		if i == 0 {
			if got := <-ended; got.status != cli.StatusDone {
				t.Fatalf("%+v", got)
			}
			took = time.Since(begun)
			l.ok(t, "snapshot", "rm", "s")
			worker.kill()
			continue
		}
		<-time.After(time.Duration(random.Int64N(int64(took)))) // a moment chosen by chance
		worker.kill()
		acknowledged := (<-ended).status == cli.StatusDone
		worker, _ = startWorker(t, "--data", data, "--nats", url)
		names := l.names(t)
		if names != "" && names != "s" || acknowledged && names != "s" {
			t.Errorf("there are %q, acknowledged: %t", names, acknowledged)
		}
		if names == "s" {
			v := decode[engine.SnapshotVerification](t, l.ok(t, "snapshot", "verify", "s", "--json"))
			if !v.OK || v.Digest != made.Digest {
				t.Errorf("got %+v", v)
			}
			l.ok(t, "snapshot", "rm", "s")
		}
		for _, pattern := range []string{"scratch/transfers/*", "chunks/*.tmp", "snapshots/*.tmp"} {
			if left, err := filepath.Glob(filepath.Join(data, pattern)); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		}
		worker.kill()
	}
}
