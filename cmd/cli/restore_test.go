package cli_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

// restoreJob is what restore --json prints.
type restoreJob struct {
	ID      string
	Kind    string
	State   string
	Started time.Time  `json:"started_at"`
	Ended   *time.Time `json:"ended_at"`
	Result  *engine.RestoreReport
	Error   *struct{ Code, Message string }
}

// restored runs restore with these arguments, which must come to an end, and returns what it did.
func (l *timeline) restored(t *testing.T, args ...string) engine.RestoreReport {
	t.Helper()
	job := decode[restoreJob](t, l.ok(t, append([]string{"restore", "--json"}, args...)...))
	if job.ID == "" || job.Kind != "restore" || job.State != "done" || job.Ended == nil || job.Error != nil || job.Result == nil {
		t.Fatalf("restore %s: got %+v", strings.Join(args, " "), job)
	}
	return *job.Result
}

func TestRestoreStandsStillUntilItIsResumed(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 4)
	then := l.answers(t)
	l.ok(t, "snapshot", "create", "before")
	l.play(t, len(timelineSteps))
	now := l.answers(t)

	if got := l.restored(t, "before"); got.Sequence != 4 || got.Replayed != 0 || !got.Paused {
		t.Errorf("got %+v", got)
	}
	still := func() {
		t.Helper()
		if diff := cmp.Diff(then, l.answers(t)); diff != "" {
			t.Errorf("the models do not answer as they did (-then +now):\n%s", diff)
		}
		if got := l.states(t); got != allOf("paused", 4) {
			t.Errorf("got %s", got)
		}
		if got := l.refused(t, cli.StatusFailed, "query", "graph.list", "--min-seq", "9"); got != "graph is paused at 4 and does not come to 9" {
			t.Errorf("a wait for more: got %q", got)
		}
	}
	still()
	l = l.again(t)
	still()
	l.ok(t, "resume")
	l.ok(t, "query", "graph.list", "--min-seq", "9")
	for _, name := range []string{"projection.types", "graph.list"} {
		l.ok(t, "query", name, "--min-seq", "9")
	}
	if diff := cmp.Diff(now, l.answers(t)); diff != "" {
		t.Errorf("the models did not come back to where they were (-before +after):\n%s", diff)
	}
	if got := decode[engine.SnapshotVerification](t, l.ok(t, "snapshot", "verify", "before", "--json")); !got.OK {
		t.Errorf("got %+v", got)
	}
}

func TestRestoreIsUndone(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 4)
	if got := l.refused(t, cli.StatusNotFound, "restore", "--undo"); got != "there is nothing to undo" {
		t.Errorf("got %q", got)
	}
	l.ok(t, "snapshot", "create", "before")
	l.play(t, 7)
	now := l.answers(t)
	l.restored(t, "before")
	l = l.again(t)
	if got := l.restored(t, "--undo"); got.Sequence != 7 || got.Paused {
		t.Errorf("got %+v", got)
	}
	l.ok(t, "query", "projection.types", "--min-seq", "7")
	if diff := cmp.Diff(now, l.answers(t)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	l.play(t, 9)
	if got := l.restored(t, "--undo"); got.Sequence != 4 { // which goes on
		t.Errorf("an undo is undone: got %+v", got)
	}
	l.ok(t, "query", "projection.types", "--min-seq", "9")
}

func TestRestoreToAnyPlace(t *testing.T) {
	l := startTimeline(t)
	then := map[int][]string{}
	moments := map[int]string{}
	for n := 1; n <= len(timelineSteps); n++ {
		l.play(t, n)
		then[n], moments[n] = l.answers(t), storedAt(t, l)
		if n == 3 || n == 6 {
			l.ok(t, "snapshot", "create", "at-"+strconv.Itoa(n))
		}
	}
	for _, c := range []struct {
		args []string
		want engine.RestoreReport
	}{
		{[]string{"--to-seq", "5"}, engine.RestoreReport{Sequence: 5, Base: 3, Replayed: 2, Paused: true}},
		{[]string{"at-3", "--to-seq", "7"}, engine.RestoreReport{Sequence: 7, Base: 3, Replayed: 4, Paused: true}},
		{[]string{"--to-time", moments[8], "--verify"}, engine.RestoreReport{Sequence: 8, Base: 7, Replayed: 1, Paused: true}}, // what is live is at hand too
		{[]string{"at-6", "--verify"}, engine.RestoreReport{Sequence: 6, Base: 6, Paused: true}},
		{[]string{"at-3", "--to-time", moments[3]}, engine.RestoreReport{Sequence: 3, Base: 3, Paused: true}},
		{[]string{"--to-seq", "2"}, engine.RestoreReport{Sequence: 2, Replayed: 2, Paused: true}},
		{[]string{"at-6", "--replay-to-current"}, engine.RestoreReport{Sequence: 9, Base: 6, Replayed: 3}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			got := l.restored(t, c.args...)
			if got.TookUS <= 0 || got.Generation == 0 {
				t.Errorf("got %+v", got)
			}
			got.TookUS, got.Generation = 0, 0
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(then[int(c.want.Sequence)], l.answers(t)); diff != "" {
				t.Errorf("the models do not answer as they did (-then +now):\n%s", diff)
			}
		})
	}
}

func TestRestoreIsPlanned(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 4)
	l.ok(t, "snapshot", "create", "before")
	l.play(t, 9)
	plan := decode[engine.RestorePlan](t, l.ok(t, "restore", "--to-seq", "6", "--dry-run", "--json"))
	if plan.Sequence != 6 || plan.Replay != 2 || !plan.Replays || plan.UndoDropped || len(plan.Bases) != 5 || plan.Bases[0].Sequence != 4 {
		t.Errorf("got %+v", plan)
	}
	if got := l.states(t); got != allOf("live", 9) && got != allOf("idle", 9) {
		t.Errorf("a plan changes nothing: got %s", got)
	}
}

func TestRestoresAreRefused(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 4)
	l.ok(t, "snapshot", "create", "before")
	for _, c := range []struct {
		want   string
		status int
		args   []string
	}{
		{"the name of a snapshot is missing, or --to-seq, --to-time, --replay-to-current or --undo; see: projector restore --help",
			cli.StatusUsage, nil},
		{"no such snapshot: none", cli.StatusNotFound, []string{"none"}},
		{"no such snapshot: none", cli.StatusNotFound, []string{"none", "--dry-run"}},
		{`"a b" is not a name of a snapshot; use up to 128 letters, digits, - and _, the first a letter or digit`, cli.StatusUsage, []string{"a b"}},
		{"--to-seq and --to-time exclude each other: give one of them", cli.StatusUsage, []string{"--to-seq", "1", "--to-time", "now"}},
		{"--replay-to-current and --undo exclude each other: give one of them", cli.StatusUsage, []string{"--undo", "--replay-to-current"}},
		{"--undo goes back to what was live before, and takes no snapshot", cli.StatusUsage, []string{"before", "--undo"}},
		{"--to-seq must be above zero: the first event is 1", cli.StatusUsage, []string{"--to-seq", "0"}},
		{`--to-time: "noon" is not a moment; use a form such as 2026-11-01T10:30:00Z, "2026-11-01 10:30" (UTC), 2026-11-01 or -2h`,
			cli.StatusUsage, []string{"--to-time", "noon"}},
		{"event 5 has not come: stream CIM_EVENTS ends at 4", cli.StatusRefused, []string{"--to-seq", "5"}},
		{"the moment 2200-01-01T00:00:00Z has not come", cli.StatusRefused, []string{"--to-time", "2200-01-01"}},
		{"snapshot before is of event 4, which is after event 2; leave the snapshot out, and the best one before it is taken",
			cli.StatusRefused, []string{"before", "--to-seq", "2"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			if got := l.refused(t, c.status, append([]string{"restore"}, c.args...)...); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	if got := l.states(t); got != allOf("live", 4) && got != allOf("idle", 4) {
		t.Errorf("what is refused changes nothing: got %s", got)
	}
}

// long starts a timeline with so many events that work on them takes a while.
func long(t *testing.T) (l *timeline, events int) {
	t.Helper()
	l = startTimeline(t)
	l.n = 20_000
	h := &history{random: seeded(t)}
	line{env: l.env, stdin: string(h.lines(l.n))}.ok(t, "publish", "-")
	for _, name := range []string{"graph.list", "projection.types"} {
		l.ok(t, "query", name, "--min-seq", strconv.Itoa(l.n), "--timeout", "60s")
	}
	return l, l.n
}

// interrupted runs a command and interrupts it when it looks for the first time how far the worker has come.
func (l *timeline) interrupted(t *testing.T, look string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	conn := embeddedtest.Connect(t, l.url)
	looks, err := conn.SubscribeSync("projector.default." + look)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan result, 1)
	go func() { ended <- l.run(ctx, args...) }()
	if _, err := looks.NextMsgWithContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	cancel()
	return <-ended
}

func TestAnInterruptedRestoreGoesOn(t *testing.T) {
	l, events := long(t)
	got := l.interrupted(t, "query.projection.job", "restore", "--to-seq", strconv.Itoa(events-1))
	id, is := strings.CutPrefix(got.stderr, `interrupted; the restore goes on in the worker, see: projector query projection.job '{"id":"`)
	if got.status != cli.StatusFailed || got.stdout != "" || !is {
		t.Fatalf("status %d, stdout %q, stderr %q", got.status, got.stdout, got.stderr)
	}
	id, _, _ = strings.Cut(id, `"`)
	job := l.jobWhenEnded(t, id)
	if job.State != "done" || job.Result.Sequence != uint64(events-1) || !job.Result.Paused {
		t.Errorf("got %+v", job)
	}
	if got := l.states(t); got != allOf("paused", events-1) {
		t.Errorf("got %s", got)
	}
}

func TestAnInterruptedCreateGoesOn(t *testing.T) {
	l, events := long(t)
	got := l.interrupted(t, "query.snapshot.get.one", "snapshot", "create", "one")
	const want = "interrupted; snapshot one is taken at event 20,000 and is still being written, see: projector snapshot show one\n"
	if got.status != cli.StatusFailed || got.stdout != "" || got.stderr != want {
		t.Fatalf("status %d, stdout %q, stderr %q", got.status, got.stdout, got.stderr)
	}
	all := l.waitForSnapshots(t, func([]manifest) bool { return true })
	if len(all) != 1 || all[0].Name != "one" || all[0].StreamSequence != events {
		t.Errorf("got %+v", all)
	}
}

// jobWhenEnded asks for a job until it has ended.
func (l *timeline) jobWhenEnded(t *testing.T, id string) restoreJob {
	t.Helper()
	for t.Context().Err() == nil {
		job := decode[struct{ Data restoreJob }](t, l.ok(t, "query", "projection.job", `{"id":"`+id+`"}`, "--json")).Data
		if job.Ended != nil {
			return job
		}
	}
	t.Fatal("the test ended before the job did")
	return restoreJob{}
}

func TestDetached(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 4)
	taken := decode[manifest](t, l.ok(t, "snapshot", "create", "before", "--detach", "--json"))
	if taken.Name != "before" || taken.StreamSequence != 4 {
		t.Errorf("create: got %+v", taken)
	}
	l.play(t, 6)
	for taken.State != "complete" && t.Context().Err() == nil {
		taken = decode[manifest](t, l.ok(t, "snapshot", "show", "before", "--json"))
	}
	if taken.StreamSequence != 4 || len(taken.Projections) != 5 {
		t.Errorf("show: got %+v", taken)
	}
	job := decode[restoreJob](t, l.ok(t, "restore", "before", "--detach", "--json"))
	if job.ID == "" || job.Kind != "restore" || job.Started.IsZero() {
		t.Errorf("restore: got %+v", job)
	}
	if job = l.jobWhenEnded(t, job.ID); job.State != "done" || job.Result.Sequence != 4 {
		t.Errorf("restore: got %+v", job)
	}
	if got := l.states(t); got != allOf("paused", 4) {
		t.Errorf("got %s", got)
	}
	if got := l.refused(t, cli.StatusNotFound, "query", "projection.job", `{"id":"none"}`); !strings.HasPrefix(got, `there is no job "none"`) {
		t.Errorf("got %q", got)
	}
}
