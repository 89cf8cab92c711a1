package cli_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/engine"
)

// manifest is a snapshot as --json documents it.
type manifest struct {
	Name           string
	Description    string
	CreatedAt      time.Time  `json:"created_at"`
	StreamName     string     `json:"stream_name"`
	StreamCreated  time.Time  `json:"stream_created"`
	StreamSequence int        `json:"stream_sequence"`
	StreamTime     *time.Time `json:"stream_time"`
	EventCount     int        `json:"event_count"`
	Digest         string
	Bytes          int
	StoredBytes    int `json:"stored_bytes"`
	Keep           string
	Hold           bool
	Generated      bool
	Projections    []struct {
		Name        string
		Version     int
		Digest      string
		Rows, Bytes int
	}
	State string
}

// list returns the snapshots.
func (l *timeline) list(t *testing.T, args ...string) []manifest {
	t.Helper()
	return decode[struct{ Snapshots []manifest }](t, l.ok(t, append([]string{"snapshot", "ls", "--json"}, args...)...)).Snapshots
}

// names returns the names of the snapshots.
func (l *timeline) names(t *testing.T) string {
	t.Helper()
	var out []string
	for _, m := range l.list(t) {
		out = append(out, m.Name)
	}
	return strings.Join(out, " ")
}

// TestSnapshotsForPeople runs every command as a person would, and compares what is printed.
func TestSnapshotsForPeople(t *testing.T) {
	l := startTimeline(t)
	var out strings.Builder
	run := func(args ...string) {
		t.Helper()
		got := l.run(t.Context(), args...)
		fmt.Fprintf(&out, "$ projector %s\n%s%s", strings.Join(args, " "), got.stdout, got.stderr)
		if got.status != cli.StatusDone {
			fmt.Fprintf(&out, "(status %d)\n", got.status)
		}
		out.WriteString("\n")
	}
	run("snapshot", "create", "early")
	run("snapshot", "ls")
	l.play(t, 4)
	run("snapshot", "create", "before", "--description", "two nodes and an edge", "--keep", "180d")
	run("snapshot", "create", "before")
	run("snapshot", "diff", "before")
	l.play(t, len(timelineSteps))
	run("snapshot", "create", "after", "--hold")
	run("snapshot", "ls")
	run("snapshot", "show", "after")
	run("snapshot", "verify", "--all")
	run("snapshot", "diff", "before", "after", "--counts")
	run("snapshot", "diff", "before", "--projection", "graph")
	run("snapshot", "diff", "before", "after", "--projection", "graph", "--limit", "2")
	run("history", "graph/node/g/a")
	run("history", "graph/g/node/b", "--limit", "1")
	run("restore", "before", "--dry-run")
	run("restore", "before")
	run("status")
	run("query", "graph.list", "--min-seq", "9")
	run("restore", "--undo")
	run("restore", "--to-seq", "6", "--verify")
	run("restore", "before", "--replay-to-current")
	run("snapshot", "rm", "after")
	run("snapshot", "rm", "before")
	run("snapshot", "prune", "--dry-run")
	golden(t, "snapshots.txt", normalisedTimeline(out.String()))
}

// normalisedTimeline leaves out what differs between two runs.
func normalisedTimeline(text string) string {
	text = normalisedSnapshots(text)
	var out strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "Worker ") && !strings.HasPrefix(line, "Data ") {
			out.WriteString(behind.ReplaceAllString(line, "${1}LAG RATE"))
		}
	}
	return out.String()
}

func TestSnapshotsAsJSON(t *testing.T) {
	l := startTimeline(t)
	if got := l.list(t); len(got) != 0 {
		t.Errorf("of nothing: got %+v", got)
	}
	l.event(t, timelineSteps[0].kind, timelineSteps[0].payload)
	l.event(t, timelineSteps[1].kind, timelineSteps[1].payload)
	made := decode[manifest](t, l.ok(t, "snapshot", "create", "one", "--min-seq", "2", "--description", "d", "--keep", "12h", "--hold", "--json"))
	if made.Name != "one" || made.Description != "d" || made.Keep != "12h" || !made.Hold || made.Generated || made.State != "complete" ||
		made.StreamName != "CIM_EVENTS" || made.StreamSequence != 2 || made.EventCount != 2 || len(made.Digest) != 64 || made.Bytes == 0 ||
		made.StoredBytes == 0 || made.StreamTime == nil || time.Since(*made.StreamTime) > time.Minute || made.CreatedAt.Before(*made.StreamTime) ||
		made.StreamCreated.After(*made.StreamTime) || len(made.Projections) != 5 {
		t.Errorf("create: got %+v", made)
	}
	for _, p := range made.Projections {
		if p.Name == "" || p.Version == 0 || p.Rows == 0 || len(p.Digest) != 64 {
			t.Errorf("create: got %+v", p)
		}
	}
	if diff := cmp.Diff(made, decode[manifest](t, l.ok(t, "snapshot", "show", "one", "--json"))); diff != "" {
		t.Errorf("show is not what create said:\n%s", diff)
	}
	if diff := cmp.Diff([]manifest{made}, l.list(t)); diff != "" {
		t.Errorf("ls is not what create said:\n%s", diff)
	}
	part := decode[manifest](t, l.ok(t, "snapshot", "create", "part", "--only", "graph,events", "--json"))
	if len(part.Projections) != 2 || part.Projections[0].Name != "events" || part.Projections[1].Name != "graph" {
		t.Errorf("--only: got %+v", part.Projections)
	}
	l = l.again(t)
	if got := l.list(t); len(got) != 2 || cmp.Diff(made, got[0]) != "" && cmp.Diff(made, got[1]) != "" {
		t.Errorf("after a restart: got %+v", got)
	}
	lines := strings.Split(strings.TrimSpace(l.ok(t, "snapshot", "verify", "--all", "--json")), "\n")
	for _, text := range lines {
		if v := decode[engine.SnapshotVerification](t, text); !v.OK || v.Problems == nil || v.Sequence != 2 {
			t.Errorf("verify: got %+v", v)
		}
	}
	if len(lines) != 2 {
		t.Errorf("verify: got %d lines", len(lines))
	}
	removed := decode[engine.Removed](t, l.ok(t, "snapshot", "rm", "part", "--json"))
	if cmp.Diff([]string{"part"}, removed.Names) != "" || removed.Dry {
		t.Errorf("rm: got %+v", removed)
	}
	if got := decode[engine.Removed](t, l.ok(t, "snapshot", "prune", "--json", "--dry-run")); len(got.Names) != 0 || got.Names == nil || !got.Dry {
		t.Errorf("prune: got %+v", got)
	}
}

func TestDiffAsJSON(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 4)
	l.ok(t, "snapshot", "create", "before")
	l.play(t, len(timelineSteps))
	head, rows := diffOf(t, l.ok(t, "snapshot", "diff", "before", "--json"))
	if *head.Before.Snapshot != "before" || head.Before.Sequence != 4 || head.After.Snapshot != nil || head.After.Sequence != 9 {
		t.Errorf("got %+v", head)
	}
	counted := map[string]uint64{}
	for _, c := range head.Tables {
		counted[c.Projection+"/"+c.Table] = c.Added + c.Removed + c.Changed
	}
	listed := map[string]uint64{}
	for _, r := range rows {
		listed[r.Projection+"/"+r.Table]++
	}
	if diff := cmp.Diff(counted, listed); diff != "" || counted["graph/node"] != 3 {
		t.Errorf("counts and rows differ:\n%s", diff)
	}
	if _, few := diffOf(t, l.ok(t, "snapshot", "diff", "before", "--json", "--limit", "3")); cmp.Diff(rows[:3], few) != "" {
		t.Errorf("--limit: got %+v", few)
	}
	if _, none := diffOf(t, l.ok(t, "snapshot", "diff", "before", "--json", "--counts")); len(none) != 0 {
		t.Errorf("--counts: got %+v", none)
	}
	l.ok(t, "snapshot", "create", "same")
	if head, rows := diffOf(t, l.ok(t, "snapshot", "diff", "same", "--json")); len(head.Tables) != 0 || len(rows) != 0 {
		t.Errorf("of the same state: got %+v, %+v", head, rows)
	}
}

type diffHead struct {
	Before, After engine.DiffSide
	Tables        []engine.TableDiff
}

// diffOf reads what diff --json prints.
func diffOf(t *testing.T, text string) (head diffHead, rows []engine.RowDiff) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if i == 0 {
			head = decode[diffHead](t, line)
			continue
		}
		rows = append(rows, decode[engine.RowDiff](t, line))
	}
	return head, rows
}

// TestDiffGoesOverPages compares states that differ in more rows than one answer holds, some of them large.
func TestDiffGoesOverPages(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 1)
	l.ok(t, "snapshot", "create", "before")
	var lines strings.Builder
	const nodes = 700
	for i := range nodes {
		fmt.Fprintf(&lines, `{"event_id":"m%d","event_type":"node_created","aggregate_type":"Graph","aggregate_id":"g","payload":`+
			`{"graph_id":"g","node_id":"n%03d","node_type":{"Concept":{}},"metadata":{"text":%q}}}`+"\n", i, i, strings.Repeat("x", 8000))
	}
	line{env: l.env, stdin: lines.String()}.ok(t, "publish", "-")
	l.ok(t, "snapshot", "create", "after", "--min-seq", fmt.Sprint(nodes+1))
	_, rows := diffOf(t, l.ok(t, "snapshot", "diff", "before", "after", "--projection", "graph", "--json"))
	seen := map[string]bool{}
	for _, r := range rows {
		if r.Table == "node" {
			seen[r.Key] = true
		}
	}
	if len(seen) != nodes || len(rows) != nodes+2 { // with the graph's own row, and the one that counts events
		t.Errorf("got %d nodes in %d rows", len(seen), len(rows))
	}
}

func TestSnapshotsAreRefused(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 2)
	l.ok(t, "snapshot", "create", "held", "--hold")
	l.ok(t, "snapshot", "create", "free")
	const noName = ` is not a name of a snapshot; use up to 128 letters, digits, - and _, the first a letter or digit`
	for _, c := range []struct {
		want   string
		status int
		args   []string
	}{
		{"the name of the snapshot is missing; see: projector snapshot create --help", cli.StatusUsage, []string{"create"}},
		{`"b" is one argument too many; see: projector snapshot create --help`, cli.StatusUsage, []string{"create", "a", "b"}},
		{`"a b"` + noName, cli.StatusUsage, []string{"create", "a b"}},
		{`"../up"` + noName, cli.StatusUsage, []string{"show", "../up"}},
		{`""` + noName, cli.StatusUsage, []string{"create", ""}},
		{`"x.y"` + noName, cli.StatusUsage, []string{"diff", "held", "x.y"}},
		{"a snapshot of this name exists: held", cli.StatusRefused, []string{"create", "held"}},
		{`"soon" is not a term; give days, weeks or hours, such as 180d, 8w or 12h`, cli.StatusUsage, []string{"create", "a", "--keep", "soon"}},
		{"graph is at 2 and did not come to 7 in time", cli.StatusFailed, []string{"create", "a", "--min-seq", "7", "--timeout", "300ms"}},
		{`no projection has that name: "grph"; there are graph, conceptual, workflow, agents, events`, cli.StatusNotFound, []string{"create", "a", "--only", "grph"}},
		{"no such snapshot: none", cli.StatusNotFound, []string{"show", "none"}},
		{"no such snapshot: none", cli.StatusNotFound, []string{"verify", "none"}},
		{"no such snapshot: none", cli.StatusNotFound, []string{"diff", "none"}},
		{"no such snapshot: none", cli.StatusNotFound, []string{"diff", "held", "none"}},
		{"no such snapshot: none", cli.StatusNotFound, []string{"rm", "free", "none"}},
		{"the snapshot is on hold: held", cli.StatusRefused, []string{"rm", "free", "held"}},
		{"the name of a snapshot is missing; see: projector snapshot rm --help", cli.StatusUsage, []string{"rm"}},
		{"the name of a snapshot, or --all, is missing; see: projector snapshot verify --help", cli.StatusUsage, []string{"verify"}},
		{"--all and the name held exclude each other: give one of them", cli.StatusUsage, []string{"verify", "--all", "held"}},
		{"--limit must not be below zero", cli.StatusUsage, []string{"diff", "held", "--limit", "-1"}},
		{`there is no command "mak"; see: projector snapshot --help`, cli.StatusUsage, []string{"mak"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			if got := l.refused(t, c.status, append([]string{"snapshot"}, c.args...)...); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	if got := l.names(t); got != "free held" {
		t.Errorf("what is refused changes nothing: got %s", got)
	}
}

func TestASnapshotOfPausedProjectionsIsRefused(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 2)
	l.ok(t, "pause", "workflow")
	got := l.refused(t, cli.StatusRefused, "snapshot", "create", "a")
	if want := "workflow is paused at 2; resume, or name those to cover with --only"; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
	l.ok(t, "snapshot", "create", "a", "--only", "graph,events")
	l.ok(t, "resume")
	l.ok(t, "snapshot", "create", "b")
}

func TestSnapshotsOffline(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 4)
	made := decode[manifest](t, l.ok(t, "snapshot", "create", "one", "--json"))
	offline := []string{"--offline", "--data", l.data, "--json"}
	for _, args := range [][]string{{"ls"}, {"show", "one"}, {"verify", "one"}} {
		got := line{}.refused(t, cli.StatusRefused, append(append([]string{"snapshot"}, args...), offline...)...)
		if !strings.Contains(got, "is held by worker") {
			t.Errorf("%s: got %q", args[0], got)
		}
	}
	l.stop()
	if diff := cmp.Diff([]manifest{made}, l.list(t, offline...)); diff != "" {
		t.Errorf("ls:\n%s", diff)
	}
	if diff := cmp.Diff(made, decode[manifest](t, line{}.ok(t, append([]string{"snapshot", "show", "one"}, offline...)...))); diff != "" {
		t.Errorf("show:\n%s", diff)
	}
	for _, args := range [][]string{{"one"}, {"--all"}} {
		v := decode[engine.SnapshotVerification](t, line{}.ok(t, append(append([]string{"snapshot", "verify"}, args...), offline...)...))
		if !v.OK || v.Name != "one" || v.Digest != made.Digest {
			t.Errorf("verify: got %+v", v)
		}
	}
	line{}.refused(t, cli.StatusNotFound, append([]string{"snapshot", "show", "two"}, offline...)...)
	line{}.refused(t, cli.StatusNotFound, append([]string{"snapshot", "verify", "two"}, offline...)...)
	line{}.refused(t, cli.StatusNotFound, "snapshot", "ls", "--offline", "--data", t.TempDir())
}
