package agent_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

var hostile = []string{
	``, `null`, `[]`, `"x"`, `7`, `{}`, `{"agent_id":null}`, `{"agent_id":{"id":{"id":"a"}}}`,
	`{"agent_id":"a","capabilities":[[],{},0,""]}`,
	`{"agent_id":"a","capabilities":[{"":1},{"a":{"b":[{}]}},true]}`,
	`{"metric_name":"m","current_value":-0.0,"threshold_value":1e308}`,
	`{"agent_id":"a","task_id":"t","deadline":-1}`, `{"collaboration_id":"c","participating_agents":["a","a",{"value":"b"}]}`,
	`{"agent_id":"\u0000","task_id":"\u0000\u0001"}`,
}

// FuzzDecode decodes anything: there is a change that can be applied to any state, or a refusal that says what is
// wrong.
func FuzzDecode(f *testing.F) {
	for _, one := range everyEvent {
		e := event(f, one, 1)
		f.Add(e.Domain, e.Type, e.Name, one.payload, "")
		f.Add(e.Domain, e.Type, "capability_added", one.payload, "other")
		for _, payload := range hostile {
			f.Add(e.Domain, e.Type, e.Name, payload, "a")
			f.Add(e.Domain, e.Type, e.Name, payload, "")
		}
	}
	f.Fuzz(func(t *testing.T, domain, kind, name, payload, aggregate string) {
		v, refused := eventlog.ParseValue([]byte(payload))
		if refused != nil {
			return
		}
		e := &eventlog.Event{Domain: domain, Type: kind, Name: name, Payload: v, AggregateID: aggregate, Occurred: 99}
		c, err := agent.Decode(e)
		switch {
		case err != nil:
			checkRefusal(t, c, err)
			return
		case (c != nil) != agent.Known(domain, kind):
			t.Fatalf("Decode = %v, Known = %v", c, agent.Known(domain, kind))
		}
		if c != nil && agent.Owner(e) != c.Owner() {
			t.Errorf("Owner = %q, the change belongs to %q", agent.Owner(e), c.Owner())
		}
		checkApply(t, e, c, nil)
		checkApply(t, e, c, everyEvent)
	})
}

func checkRefusal(t *testing.T, c agent.Change, err *eventlog.FieldError) {
	t.Helper()
	if c != nil || !strings.HasPrefix(err.Field, "payload") {
		t.Errorf("Decode = %v, %v; want no change, and a place in the payload", c, err)
	}
	switch err.Code {
	case eventlog.CodeMissingField, eventlog.CodeWrongType, eventlog.CodeOutOfRange, eventlog.CodeTooLong,
		eventlog.CodeEmptyID:
	default:
		t.Errorf("refused with the code %s", err.Code)
	}
}

func checkApply(t *testing.T, e *eventlog.Event, c agent.Change, given []fact) {
	t.Helper()
	var s agenttest.State
	for i, f := range given {
		apply(t, &s, event(t, f, eventlog.Time(i+1)))
	}
	agent.Apply(&s, e, c)
	once := uncounted(s.Lines())
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	agent.Apply(&s, e, c)
	if diff := cmp.Diff(once, uncounted(s.Lines())); diff != "" {
		t.Errorf("rows (-once +twice):\n%s", diff)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
}
