package conceptual_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/aggregate/conceptual/conceptualtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// fact is an event as the tables write it: its type and its payload. A type "a<b" has the canonical name a and the
// producer's name b. The n-th of a history has the sequence n, and occurred at n nanoseconds.
type fact struct{ kind, payload string }

// scenario is a history and what must come of it. The events of given may record whatever anomalies they like.
type scenario struct {
	name      string
	given     []fact
	when      []fact
	then      []string // all rows, as conceptualtest.State.Lines prints them
	anomalies []conceptualtest.Record
}

func (c scenario) run(t *testing.T) {
	t.Helper()
	var s conceptualtest.State
	for i, f := range slices.Concat(c.given, c.when) {
		if i == len(c.given) {
			s.Anomalies = nil
		}
		apply(t, &s, event(t, f, i+1))
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

// event makes an event of the conceptual domain without an aggregate in its envelope.
func event(t testing.TB, f fact, n int) *eventlog.Event {
	t.Helper()
	payload, err := eventlog.ParseValue([]byte(f.payload))
	if err != nil {
		t.Fatalf("the test's own payload %s: %v", f.payload, err)
	}
	e := &eventlog.Event{
		Seq: eventlog.Seq(n), Domain: "conceptual", Version: 1, Payload: payload, Occurred: eventlog.Time(n),
	}
	e.Type, e.Name, _ = strings.Cut(f.kind, "<")
	if e.Name == "" {
		e.Name = e.Type
	}
	return e
}

func apply(t testing.TB, s conceptual.State, e *eventlog.Event) {
	t.Helper()
	c, err := conceptual.Decode(e)
	if err != nil {
		t.Fatalf("Decode(%s %s): %v", e.Name, e.Payload, err)
	}
	if c == nil {
		t.Fatalf("Decode(%s) does not know the type", e.Name)
	}
	conceptual.Apply(s, e, c)
}

// record makes a list of anomalies.
func record(code conceptual.Anomaly, subjects ...string) []conceptualtest.Record {
	var out []conceptualtest.Record
	for _, s := range subjects {
		out = append(out, conceptualtest.Record{Code: code, Subject: s})
	}
	return out
}
