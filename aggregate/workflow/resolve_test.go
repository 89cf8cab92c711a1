package workflow_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
)

// TestProcessOfAWorkflow looks for the process that an event means which names none.
func TestProcessOfAWorkflow(t *testing.T) {
	endedI, endedJ := endI, fact{"process_failed", `{"process_instance_id":"j"}`}
	self := fact{"process_started", `{"workflow_id":"w"}`}
	for _, c := range []struct {
		name, payload, aggregate string
		given                    []fact
		want                     string // "" = refused
	}{
		{"the only one", `{"workflow_id":"w","step_id":"z"}`, "", []fact{startI}, "i"},
		{"the only one that has not ended", `{"workflow_id":"w","step_id":"z"}`, "", []fact{startI, startJ, endedI}, "j"},
		{"the only one in which the step is active", `{"workflow_id":"w","step_id":"b"}`, "", []fact{startI, startJ}, "j"},
		{"two, and the step is active in neither", `{"workflow_id":"w","step_id":"z"}`, "", []fact{startI, startJ}, ""},
		{"the only one that has ended", `{"workflow_id":"w","step_id":"z"}`, "", []fact{startI, endedI}, "i"},
		{"two that have ended", `{"workflow_id":"w","step_id":"z"}`, "", []fact{startI, startJ, endedI, endedJ}, ""},
		{"the workflow itself, where it is a process", `{"workflow_id":"w","step_id":"b"}`, "", []fact{startI, startJ, self}, "w"},
		{"the workflow itself, where none is known", `{"workflow_id":"w","step_id":"z"}`, "", nil, "w"},
		{"the envelope's aggregate, where it is a process", `{"workflow_id":"w","step_id":"z"}`, "j", []fact{startI, startJ}, "j"},
		{"but not where it is none", `{"workflow_id":"w","step_id":"z"}`, "k", []fact{startI}, "i"},
		{"the envelope's aggregate, where nothing else is named", `{"step_id":"z"}`, "w", []fact{startI}, "i"},
		{"the envelope's aggregate itself", `{"step_id":"z"}`, "k", []fact{startI}, "k"},
		{"the process that is named, whatever else", `{"workflow_id":"w","process_instance_id":"n",` +
			`"step_id":"a"}`, "i", []fact{startI}, "n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s workflowtest.State
			for i, f := range c.given {
				apply(t, &s, event(t, f, i+1))
			}
			e := event(t, fact{"step_failed", c.payload}, 9)
			e.AggregateID = c.aggregate
			before := s.Lines()
			err := workflow.Apply(&s, e, decode(t, e))
			if err != nil {
				if diff := cmp.Diff(before, s.Lines()); c.want != "" || diff != "" {
					t.Errorf("refused: %v; want %q; rows:\n%s", err, c.want, diff)
				}
				return
			}
			for _, entry := range s.Entries() {
				if entry.Sequence == 9 && entry.InstanceID != c.want {
					t.Errorf("the event went to %q, want %q", entry.InstanceID, c.want)
				}
			}
		})
	}
}

// TestWorkflowOfAStep looks for the definition that an event means which names none.
func TestWorkflowOfAStep(t *testing.T) {
	of := func(kind, more string) fact { return fact{kind, `{"step_id":"s","new_assignee":"me"` + more + `}`} }
	assigned := []string{"workflow w Known=true Name=W CreatedAt=1 UpdatedAt=3", "step w/s AssignedTo=me CreatedAt=2 UpdatedAt=3"}
	runAll(t, []scenario{
		{name: "the only one that defines it", given: []fact{createdW, addedS}, when: []fact{of("step_assignment_changed", "")}, then: assigned},
		{name: "the one that is named", given: []fact{createdW, addedS}, when: []fact{of("step_assignment_changed", `,"workflow_id":"w"`)}, then: assigned},
		{name: "none", when: []fact{of("step_assignment_changed", "")}, refused: true},
	})
	e := event(t, addedS, 1)
	e.AggregateID = "other"
	var s workflowtest.State
	apply(t, &s, e)
	want := append(record(workflow.AggregateMismatch, "other"), record(workflow.UnknownWorkflow, "w")...)
	if diff := cmp.Diff(want, s.Anomalies); diff != "" {
		t.Errorf("anomalies (-want +got):\n%s", diff)
	}
}
