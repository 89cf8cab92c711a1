package cli_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// timeline is a worker with a graph that changes event by event.
type timeline struct {
	*worker
	line

	n int // events
}

// startTimeline starts a worker with a server of its own.
func startTimeline(t *testing.T, args ...string) *timeline {
	t.Helper()
	return timelineOf(startRun(t, t.TempDir(), append([]string{"--listen", "127.0.0.1:0"}, args...)...))
}

func timelineOf(w *worker) *timeline {
	return &timeline{worker: w, line: line{env: map[string]string{"NATS_URL": w.url}}}
}

// again starts the worker on the same directory once more.
func (l *timeline) again(t *testing.T, args ...string) *timeline {
	t.Helper()
	l.stop()
	out := timelineOf(startRun(t, l.data, append([]string{"--listen", "127.0.0.1:0"}, args...)...))
	out.n = l.n
	return out
}

// event publishes one event of graph g.
func (l *timeline) event(t *testing.T, kind, payload string) {
	t.Helper()
	l.n++
	line{env: l.env, stdin: fmt.Sprintf(
		`{"event_id":"v%d","event_type":%q,"aggregate_type":"Graph","aggregate_id":"g","metadata":{"actor":"ada"},"payload":{"graph_id":"g"%s}}`,
		l.n, kind, payload)}.ok(t, "publish", "-")
}

// timelineSteps are events that make, change and remove things; each is one step of a timeline.
var timelineSteps = []struct{ kind, payload string }{
	{"graph_created", `,"graph_type":"ConceptualGraph","metadata":{"name":"G"}`},
	{"node_created", `,"node_id":"a","node_type":{"Concept":{}},"position":{"x":1,"y":2,"z":3},"metadata":{"colour":"red"}`},
	{"node_created", `,"node_id":"b","node_type":{"Concept":{}}`},
	{"edge_created", `,"edge_id":"e","source_node":"a","target_node":"b","weight":0.5`},
	{"node_moved", `,"node_id":"a","new_position":{"x":4,"y":2,"z":3}`},
	{"node_deleted", `,"node_id":"b","connected_edges":["e"]`},
	{"node_created", `,"node_id":"c","node_type":{"Concept":{}}`},
	{"graph_exploded", ``},
	{"node_created", `,"node_id":7`},
}

// play publishes the next steps, up to this one.
func (l *timeline) play(t *testing.T, to int) {
	t.Helper()
	for l.n < to {
		l.event(t, timelineSteps[l.n].kind, timelineSteps[l.n].payload)
	}
	l.ok(t, "query", "graph.list", "--min-seq", strconv.Itoa(to), "--timeout", "30s")
}

// behind is what a status says of a stream that is not caught up with.
var behind = regexp.MustCompile(`(paused  [0-9]+  [0-9]+  ).*`)

// timelineQuestions are what is asked of a timeline at each step.
var timelineQuestions = [][]string{
	{"graph.list"},
	{"graph.get_node", `{"graph_id":"g","node_id":"a","include_edges":true}`},
	{"graph.find_nodes", `{"graph_id":"g"}`},
	{"graph.get_subgraph", `{"graph_id":"g","center_nodes":["a"],"radius":3}`},
	{"projection.types"},
	{"projection.deadletters"},
	{"projection.anomalies"},
}

// answers asks all questions with these flags. An answer is what was found, with its status; how long it took is left out.
func (l *timeline) answers(t *testing.T, flags ...string) []string {
	t.Helper()
	var out []string
	for _, q := range timelineQuestions {
		got := l.run(t.Context(), append(append([]string{"query", "--json"}, q...), flags...)...)
		text := cost.ReplaceAllString(got.stdout, "")
		out = append(out, fmt.Sprintf("%s: %d %s%s", q[0], got.status, text, got.stderr))
	}
	return out
}

var cost = regexp.MustCompile(`,"elapsed_us":\d+|,"as_of":\{[^}]*\}`)

// states returns where each projection stands, and in which state.
func (l *timeline) states(t *testing.T) string {
	t.Helper()
	var out []string
	st := decode[struct {
		Projections []struct {
			Name, State string
			Applied     uint64 `json:"applied_sequence"`
		}
	}](t, l.ok(t, "status", "--json"))
	for _, p := range st.Projections {
		out = append(out, fmt.Sprintf("%s %s %d", p.Name, p.State, p.Applied))
	}
	return strings.Join(out, ", ")
}

// allOf says of all projections what states says of each.
func allOf(state string, at int) string {
	var out []string
	for _, name := range []string{"graph", "conceptual", "workflow", "agents", "events"} {
		out = append(out, fmt.Sprintf("%s %s %d", name, state, at))
	}
	return strings.Join(out, ", ")
}

// surroundingsOfSnapshots are what differs between two runs: times, digests of what holds times, and sizes.
var surroundingsOfSnapshots = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`), "TIME"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "DIGEST"},
	{regexp.MustCompile(`\b[0-9a-f]{16}\b`), "DIGEST"},
	{regexp.MustCompile(`\d+(\.\d+)? ([KM]i)?B\b`), "SIZE"},
	{regexp.MustCompile(`in \d+(\.\d+)? (µs|ms|s)\b`), "in N ms"},
	{regexp.MustCompile(`(?m) +$`), ""},
	{regexp.MustCompile(`  +`), "  "},
}

func normalisedSnapshots(text string) string {
	for _, s := range surroundingsOfSnapshots {
		text = s.pattern.ReplaceAllString(text, s.with)
	}
	return text
}
