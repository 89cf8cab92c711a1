package cli_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

// ownServer is a server of the user's own: nothing is on it.
func ownServer(t *testing.T) (line, jetstream.JetStream) {
	t.Helper()
	server := embeddedtest.Start(t)
	js, err := jetstream.New(embeddedtest.Connect(t, server.URL()))
	if err != nil {
		t.Fatal(err)
	}
	return line{env: map[string]string{"NATS_URL": server.URL()}}, js
}

// moments are the times in what is shown.
var moments = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`)

func TestStreamsFromNothing(t *testing.T) {
	l, _ := ownServer(t)
	if got := l.ok(t, "streams", "ls"); got != "There is no stream. Make the stream of events with: projector streams apply\n" {
		t.Errorf("ls: %q", got)
	}
	golden(t, "streams-plan.txt", l.ok(t, "streams", "plan"))
	everything := []string{
		"--domain-streams", "all", "--graph-stream", "memory-queue", "--limits", "document", "--with-consumers", "--families",
	}
	golden(t, "streams-plan-all.txt", l.ok(t, append([]string{"streams", "plan"}, everything...)...))

	golden(t, "streams-apply.txt", l.ok(t, "streams", "apply"))
	if got := l.ok(t, "streams", "apply"); got != "Nothing was to be done: everything is as the layout says.\n" {
		t.Errorf("apply again: %q", got)
	}
	golden(t, "streams-plan-change.txt", l.ok(t, append([]string{"streams", "plan", "--subjects", "orders.>"}, everything...)...))

	done := decode[struct {
		Items []streams.Item
		Done  []string
	}](t, l.ok(t, append([]string{"streams", "apply", "--json"}, everything...)...))
	if len(done.Items) != 6 || len(done.Done) != 6 || done.Done[0] != "stream CIM_EVENTS" || done.Items[0].Action != streams.Change {
		t.Errorf("apply --json: %+v", done)
	}
	again := decode[streams.Plan](t, l.ok(t, append([]string{"streams", "plan", "--json"}, everything...)...))
	if !again.Empty() || len(again.Items) != 6 {
		t.Errorf("plan --json: %+v", again)
	}
	golden(t, "streams-ls.txt", l.ok(t, "streams", "ls"))
	golden(t, "streams-info.txt", moments.ReplaceAllString(l.ok(t, "streams", "info"), "TIME"))
}

func TestStreamsListAndInfo(t *testing.T) {
	l, js := ownServer(t)
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: "JOBS", Subjects: []string{"jobs.>"}, Retention: jetstream.WorkQueuePolicy, Storage: jetstream.MemoryStorage,
	}); err != nil {
		t.Fatal(err)
	}
	l.ok(t, "streams", "apply", "--domain-streams", "graph=COPY")
	type listed struct {
		Name        string
		Subjects    []string
		Sources     []string
		Projectable bool
		Reason      *string
	}
	all := decode[struct{ Streams []listed }](t, l.ok(t, "streams", "ls", "--json")).Streams
	if len(all) != 3 || all[0].Name != "CIM_EVENTS" || !all[0].Projectable || all[0].Reason != nil || len(all[0].Subjects) != 5 {
		t.Fatalf("ls: %+v", all)
	}
	if all[1].Name != "COPY" || len(all[1].Subjects) != 0 || len(all[1].Sources) != 1 || all[1].Sources[0] != "CIM_EVENTS event.graph.>" {
		t.Errorf("ls: %+v", all[1])
	}
	if all[2].Projectable || !strings.HasPrefix(*all[2].Reason, "stream JOBS has WorkQueue retention") {
		t.Errorf("ls: %+v", all[2])
	}
	info := decode[struct {
		listed
		Limits map[string]any
		Feeds  []struct{ Origin string }
	}](t, l.ok(t, "streams", "info", "COPY", "--json"))
	if info.Name != "COPY" || info.Limits["max_msgs"] != -1.0 || len(info.Feeds) != 1 || info.Feeds[0].Origin != "CIM_EVENTS" {
		t.Errorf("info: %+v", info)
	}
	if got := l.refused(t, cli.StatusNotFound, "streams", "info", "NONE"); got != "there is no stream NONE; see: projector streams ls" {
		t.Errorf("info of nothing: %q", got)
	}
}

func TestStreamsRefused(t *testing.T) {
	l, js := ownServer(t)
	for _, cfg := range []jetstream.StreamConfig{
		{Name: "GRAPH", Subjects: []string{"event.graph.>"}},
		{Name: "CIM_SYSTEM_EVENTS", Subjects: []string{"local.cim.>"}},
	} {
		if _, err := js.CreateStream(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"--replicas", "3", "--domain-streams", "system"}
	var shown [2]string
	for i, verb := range []string{"plan", "apply"} {
		got := l.run(t.Context(), append([]string{"streams", verb}, args...)...)
		if got.status != cli.StatusRefused || got.stderr != "nothing is done: 2 of 2 are refused, as shown\n" {
			t.Errorf("%s: status %d, stderr %q", verb, got.status, got.stderr)
		}
		shown[i] = got.stdout
	}
	golden(t, "streams-refused.txt", shown[0])
	if shown[0] != shown[1] {
		t.Errorf("apply shows another plan: %s", shown[1])
	}
	got := l.run(t.Context(), "streams", "plan", "--json")
	plan := decode[streams.Plan](t, got.stdout)
	if got.status != cli.StatusRefused || plan.Items[0].Refusals[0].Code != 10065 {
		t.Errorf("--json: status %d, %s", got.status, got.stdout)
	}
	if _, err := js.Stream(t.Context(), "CIM_EVENTS"); err == nil {
		t.Error("the stream was made all the same")
	}
}

func TestStreamsWrongUsage(t *testing.T) {
	for _, c := range []struct {
		want string
		args []string
	}{
		{`--limits "some" is not one of keep, none, document`, []string{"--limits", "some"}},
		{`--replicas "many" is neither auto nor a number above zero`, []string{"--replicas", "many"}},
		{`--replicas "0" is neither auto nor a number above zero`, []string{"--replicas", "0"}},
		{`7 replicas are not possible; choose 1 to 5, or 0 for what the cluster gives`, []string{"--replicas", "7"}},
		{`--domain-streams "grahp" is not one of graph, conceptual, system, all`, []string{"--domain-streams", "graph,grahp"}},
		{`--graph-stream "fast" is not one of copy, memory, queue, memory-queue`,
			[]string{"--graph-stream", "fast", "--domain-streams", "all"}},
		{`--graph-stream memory needs the graph stream: add --domain-streams graph`, []string{"--graph-stream", "memory"}},
		{`two streams are to be named CIM_GRAPH_EVENTS; give one another name`, []string{"--domain-streams", "graph,all"}},
		{`"" is not the name of a stream; it must not be empty nor hold spaces, dots, wildcards or slashes`,
			[]string{"--domain-streams", "graph="}},
		{`subject "event.>" takes in event.dlq.>: events that could not be applied would come back as events; name the events' own subjects`,
			[]string{"--subjects", "event.>"}},
	} {
		for _, verb := range []string{"plan", "apply"} {
			if got := (line{}).refused(t, cli.StatusUsage, append([]string{"streams", verb}, c.args...)...); got != c.want {
				t.Errorf("%s %q:\ngot  %q\nwant %q", verb, c.args, got, c.want)
			}
		}
	}
	if got := (line{}).refused(t, cli.StatusUsage, "streams", "aply"); got != `there is no command "aply"; did you mean "apply"?` {
		t.Errorf("got %q", got)
	}
	const nowhere = "nats://127.0.0.1:1"
	for _, verb := range []string{"plan", "apply", "ls", "info"} {
		got := line{}.refused(t, cli.StatusFailed, "streams", verb, "--nats", nowhere)
		if !strings.HasPrefix(got, "no NATS server answers at "+nowhere) {
			t.Errorf("%s: %q", verb, got)
		}
	}
}

// TestRunAfterApply follows the advice that run gives on a server without the stream.
func TestRunAfterApply(t *testing.T) {
	l, _ := ownServer(t)
	url := l.env["NATS_URL"]
	got := l.refused(t, cli.StatusNotFound, "run", "--data", t.TempDir())
	if want := "there is no stream CIM_EVENTS on " + url + "; make it with: projector streams apply, and the same connection"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	got = l.refused(t, cli.StatusNotFound, "run", "--data", t.TempDir(), "--stream", "MINE")
	if want := "make it with: projector streams apply --stream MINE, and"; !strings.Contains(got, want) {
		t.Errorf("got  %q\nwant %q in it", got, want)
	}
	l.ok(t, "streams", "apply")
	w := startRun(t, t.TempDir(), "--nats", url)
	l.ok(t, "publish", sampleFile)
	l.ok(t, "query", "graph.list", "--min-seq", "232")
	w.stop()
}

// TestHelpOfStreams shows each command's own help.
func TestHelpOfStreams(t *testing.T) {
	for _, verb := range []string{"plan", "apply", "ls", "info"} {
		golden(t, "help-streams-"+verb+".txt", line{}.ok(t, "streams", verb, "--help"))
	}
	if (line{}).ok(t, "streams") != (line{}).ok(t, "streams", "--help") {
		t.Error("without a command the help is shown")
	}
}
