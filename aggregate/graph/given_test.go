package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// fact is an event as the tables write it: its type, with the producer's name of it behind a slash where that is
// another, and its payload. The n-th of a history occurred at n nanoseconds.
type fact struct{ kind, payload string }

// scenario is a history and what must come of it. The events of given may record whatever anomalies they like.
type scenario struct {
	name      string
	given     []fact
	when      []fact
	then      []string // all rows, as graphtest.State.Lines prints them
	anomalies []graphtest.Record
}

func (c scenario) run(t *testing.T) {
	t.Helper()
	var s graphtest.State
	for i, f := range slices.Concat(c.given, c.when) {
		if i == len(c.given) {
			s.Anomalies = nil
		}
		apply(t, &s, event(t, f, eventlog.Time(i+1)))
		if err := s.Check(); err != nil {
			t.Fatalf("after event %d, %v: %v", i+1, f, err)
		}
	}
	if diff := cmp.Diff(c.then, s.Lines()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(c.anomalies, s.Anomalies); diff != "" {
		t.Errorf("anomalies (-want +got):\n%s", diff)
	}
}

func runAll(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, c := range scenarios {
		t.Run(c.name, c.run)
	}
}

// event makes an event of the graph domain without an aggregate in its envelope.
func event(t testing.TB, f fact, at eventlog.Time) *eventlog.Event {
	t.Helper()
	payload, err := eventlog.ParseValue([]byte(f.payload))
	if err != nil {
		t.Fatalf("the test's own payload %s: %v", f.payload, err)
	}
	kind, name, ok := strings.Cut(f.kind, "/")
	if !ok {
		name = kind
	}
	return &eventlog.Event{Domain: "graph", Type: kind, Name: name, Version: 1, Payload: payload, Occurred: at}
}

func apply(t testing.TB, s graph.State, e *eventlog.Event) {
	t.Helper()
	c, err := graph.Decode(e)
	if err != nil {
		t.Fatalf("Decode(%s %s): %v", e.Type, e.Payload, err)
	}
	if c == nil {
		t.Fatalf("Decode(%s) does not know the type", e.Type)
	}
	graph.Apply(s, e, c)
}

// record makes a list of anomalies.
func record(code graph.Anomaly, subjects ...string) []graphtest.Record {
	var out []graphtest.Record
	for _, s := range subjects {
		out = append(out, graphtest.Record{Code: code, Subject: s})
	}
	return out
}

// Short histories that many scenarios begin with.
var (
	graphG = fact{"graph_created", `{"graph_id":"g"}`}
	nodeA  = fact{"node_created", `{"graph_id":"g","node_id":"a"}`}
	nodeB  = fact{"node_created", `{"graph_id":"g","node_id":"b"}`}
	edgeAB = fact{"edge_created", `{"graph_id":"g","edge_id":"ab","source_node":"a","target_node":"b"}`}
	edgeBA = fact{"edge_created", `{"graph_id":"g","edge_id":"ba","source_node":"b","target_node":"a"}`}
	loopA  = fact{"edge_created", `{"graph_id":"g","edge_id":"aa","source_node":"a","target_node":"a"}`}
	goneA  = fact{"node_deleted", `{"graph_id":"g","node_id":"a"}`}
	goneAB = fact{"edge_deleted", `{"graph_id":"g","edge_id":"ab"}`}
)
