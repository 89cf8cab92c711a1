package workflow_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// FuzzDecode takes any JSON as the payload of any type: it is a change, no change, or an error with a known code and a place;
// the owner agrees; and the change has a result in an empty state and in one with rows, and leaves it whole.
func FuzzDecode(f *testing.F) {
	for _, c := range everyEvent {
		kind, name, _ := strings.Cut(c.kind, " ")
		f.Add(kind, name, c.payload, "i")
		f.Add(kind, "task_x", `{"workflow_id":{"id":"w"},"step_id":"s","key":"","to_state":"x","assigned_to":"p"}`, "")
	}
	for _, hostile := range []string{
		`null`, `true`, `""`, `-0`, `1e999`, `[]`, `{}`, `[[[[]]]]`, `{"":{"":""}}`,
		`{"process_instance_id":"\u0000","step_id":" ","next_steps":["","a"]}`,
		`{"process_instance_id":"i","step_id":"a","next_steps":["a","a","\u0000"],"confidence":3.4028235e38}`,
		`{"step":{"id":"s","dependencies":["b","b","a"],"config":{"":null}}}`,
		`{"workflow_id":"w","total_duration":{"secs":18446744073709551,"nanos":999999999}}`,
	} {
		for _, c := range everyEvent {
			kind, name, _ := strings.Cut(c.kind, " ")
			f.Add(kind, name, hostile, "")
		}
	}
	f.Fuzz(func(t *testing.T, kind, name, payload, aggregate string) {
		v, bad := eventlog.ParseValue([]byte(payload))
		if bad != nil {
			return
		}
		e := &eventlog.Event{
			Seq: 99, Domain: "workflow", Type: kind, Name: name, Payload: v, AggregateID: aggregate, Occurred: 99,
		}
		c, err := workflow.Decode(e)
		switch {
		case err != nil:
			checkRefusal(t, c, err)
			return
		case (c != nil) != workflow.Known(kind):
			t.Fatalf("Decode = %v, Known = %v", c, workflow.Known(kind))
		case c != nil && workflow.Owner(e) != c.Owner():
			t.Errorf("Owner = %q, the change's is %q", workflow.Owner(e), c.Owner())
		}
		checkApply(t, e, c, nil)
		checkApply(t, e, c, everyEvent[:6])
	})
}

func checkRefusal(t *testing.T, c workflow.Change, err *eventlog.FieldError) {
	t.Helper()
	if c != nil || !strings.HasPrefix(err.Field, "payload") {
		t.Errorf("Decode = %v, %v; want no change, and a place in the payload", c, err)
	}
	switch err.Code {
	case eventlog.CodeMissingField, eventlog.CodeWrongType, eventlog.CodeOutOfRange, eventlog.CodeTooLong, eventlog.CodeEmptyID:
	default:
		t.Errorf("refused with the code %s", err.Code)
	}
}

func checkApply(t *testing.T, e *eventlog.Event, c workflow.Change, given []fact) {
	t.Helper()
	var s workflowtest.State
	for i, f := range given {
		apply(t, &s, event(t, f, i+1))
	}
	before := s.Lines()
	err := workflow.Apply(&s, e, c)
	if err != nil {
		if diff := cmp.Diff(before, s.Lines()); diff != "" || err.Code != eventlog.CodeMissingField {
			t.Errorf("refused with %v, rows:\n%s", err, diff)
		}
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if err != nil || c == nil || c.To().Instance == "" {
		return
	}
	once := s.Lines()
	if err := workflow.Apply(&s, e, c); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(once, s.Lines()); diff != "" {
		t.Errorf("rows (-once +twice):\n%s", diff)
	}
}
