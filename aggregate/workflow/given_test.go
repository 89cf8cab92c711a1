package workflow_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// fact is an event as the tables write it: its type, or "type name" where the producer's name is another one, and its payload.
// The n-th of a history has the sequence n and occurred at n nanoseconds.
type fact struct{ kind, payload string }

// scenario is a history and what must come of it. The events of given may record whatever anomalies they like.
type scenario struct {
	name      string
	given     []fact
	when      []fact
	then      []string // all rows but histories, as workflowtest.State.Lines prints them
	history   []string // the rows of histories that when added, where they are looked at
	anomalies []workflowtest.Record
	refused   bool // the last event of when is nobody's
}

func (c scenario) run(t *testing.T) {
	t.Helper()
	var s workflowtest.State
	for i, f := range slices.Concat(c.given, c.when) {
		if i == len(c.given) {
			s.Anomalies = nil
		}
		e := event(t, f, i+1)
		err := workflow.Apply(&s, e, decode(t, e))
		if last := i+1 == len(c.given)+len(c.when); (err != nil) != (last && c.refused) {
			t.Fatalf("event %d, %v: %v", i+1, f, err)
		}
		if err := s.Check(); err != nil {
			t.Fatalf("after event %d, %v: %v", i+1, f, err)
		}
	}
	rows, history := split(s.Lines())
	if diff := cmp.Diff(c.then, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if c.history != nil {
		if diff := cmp.Diff(c.history, history[len(history)-len(c.history):]); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
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

// split takes histories apart from the other rows.
func split(lines []string) (rows, history []string) {
	for _, l := range lines {
		if strings.HasPrefix(l, "event ") {
			history = append(history, l)
		} else {
			rows = append(rows, l)
		}
	}
	return rows, history
}

// event makes an event of the workflow domain without an aggregate in its envelope.
func event(t testing.TB, f fact, seq int) *eventlog.Event {
	t.Helper()
	payload, err := eventlog.ParseValue([]byte(f.payload))
	if err != nil {
		t.Fatalf("the test's own payload %s: %v", f.payload, err)
	}
	kind, name, ok := strings.Cut(f.kind, " ")
	if !ok {
		name = kind
	}
	return &eventlog.Event{
		Seq: eventlog.Seq(seq), Domain: "workflow", Type: kind, Name: name, Version: 1, Payload: payload, Occurred: eventlog.Time(seq),
	}
}

func decode(t testing.TB, e *eventlog.Event) workflow.Change {
	t.Helper()
	c, err := workflow.Decode(e)
	if err != nil {
		t.Fatalf("Decode(%s %s): %v", e.Type, e.Payload, err)
	}
	if c == nil {
		t.Fatalf("Decode(%s) does not know the type", e.Type)
	}
	return c
}

func apply(t testing.TB, s workflow.State, e *eventlog.Event) {
	t.Helper()
	if err := workflow.Apply(s, e, decode(t, e)); err != nil {
		t.Fatalf("Apply(%s %s): %v", e.Type, e.Payload, err)
	}
}

// record makes a list of anomalies.
func record(code workflow.Anomaly, subjects ...string) []workflowtest.Record {
	var out []workflowtest.Record
	for _, s := range subjects {
		out = append(out, workflowtest.Record{Code: code, Subject: s})
	}
	return out
}

// Short histories that many scenarios begin with.
var (
	startI   = fact{"process_started", `{"workflow_id":"w","process_instance_id":"i","start_node":"a","initiator":"me"}`}
	startJ   = fact{"process_started", `{"workflow_id":"w","process_instance_id":"j","start_node":"b"}`}
	doneA    = fact{"step_completed", `{"workflow_id":"w","process_instance_id":"i","step_id":"a","next_steps":["b"]}`}
	endI     = fact{"process_completed", `{"workflow_id":"w","process_instance_id":"i","completion_status":"Success"}`}
	pauseI   = fact{"process_paused", `{"process_instance_id":"i","reason":"lunch"}`}
	resumeI  = fact{"process_resumed", `{"process_instance_id":"i"}`}
	createdW = fact{"workflow_created", `{"workflow_id":"w","name":"W"}`}
	addedS   = fact{"step_added", `{"workflow_id":"w","step_id":"s"}`}
)

const runningI = "process i running WorkflowID=w Started=true StartNode=a ActiveSteps=[a] Initiator=me " +
	"StartedAt=1 UpdatedAt=1 Events=1 LastSequence=1"
