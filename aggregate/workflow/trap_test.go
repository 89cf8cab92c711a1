package workflow_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// The numbers are those of the known contradictions in CIM's sources. What each is, its scenarios say.

func TestTrap53IDsAreStringsOrObjects(t *testing.T) {
	for _, payload := range []string{
		`{"workflow_id":"w","process_instance_id":"i","start_node":"a","initiator":"me"}`,
		`{"workflow_id":{"id":"w"},"instance_id":{"id":"i"},"start_step":{"value":"a"},"started_by":{"id":"me"}}`,
		`{"workflow_id":{"id":"w","phantom":null},"execution_id":"i","start_node":"a","initiator":"me"}`,
	} {
		scenario{when: []fact{{"process_started", payload}}, then: []string{runningI}}.run(t)
	}
}

func TestTrap57NullConfidenceIsNeverZero(t *testing.T) {
	var s workflowtest.State
	apply(t, &s, event(t, startI, 1))
	apply(t, &s, event(t, fact{"decision_reached", `{"process_instance_id":"i","decision_node":"a","confidence":null}`}, 2))
	apply(t, &s, event(t, fact{"decision_reached", `{"process_instance_id":"i","decision_node":"a",` +
		`"confidence":0.8700000047683716}`}, 3))
	entries := s.Entries()
	if got := entries[1].Confidence; got != nil {
		t.Errorf("a null confidence is %v", *got)
	}
	if got := entries[2].Confidence; got == nil || *got != 0.87 {
		t.Errorf("a widened confidence is %v, want the float32 0.87", got)
	}
}

func TestTrap58NumbersAreLossless(t *testing.T) {
	const most = `18446744073709551615`
	scenario{
		when: []fact{{"process_completed", `{"process_instance_id":"i","workflow_id":"w",` +
			`"total_execution_time_ms":` + most + `,"final_output":{"n":` + most + `.0}}`}},
		then: []string{"process i completed WorkflowID=w CompletedAt=1 UpdatedAt=1 " +
			"TotalExecutionTimeMS=" + most + ` FinalOutput={"n":` + most +
			".0} Events=1 LastSequence=1"},
		anomalies: record(workflow.UnknownInstance, "i"),
	}.run(t)
}

func TestTrap60UnknownTypesAreNoErrors(t *testing.T) {
	for _, kind := range []string{"", "process_exploded", "ProcessStarted", "workflow.process_started", "transaction_started", "event_received"} {
		e := event(t, fact{kind, `{"process_instance_id":"i"}`}, 1)
		if c, err := workflow.Decode(e); c != nil || err != nil || workflow.Known(kind) {
			t.Errorf("%q: Decode = %v, %v, Known = %v; want nothing at all", kind, c, err, workflow.Known(kind))
		}
		var s workflowtest.State
		if err := workflow.Apply(&s, e, nil); err != nil || len(s.Lines())+len(s.Anomalies) > 0 {
			t.Errorf("%q changed the state: %q, %v, %v", kind, s.Lines(), s.Anomalies, err)
		}
	}
	e := event(t, fact{"task_assigned", `{"process_instance_id":"i","step_id":"s","assigned_to":"p"}`}, 1)
	e.Domain = "agent"
	if c, err := workflow.Decode(e); c != nil || err != nil || workflow.Owner(e) != "" {
		t.Errorf("an event of another domain: Decode = %v, %v", c, err)
	}
}

func TestTrap61UnknownFieldsAreIgnored(t *testing.T) {
	scenario{
		when: []fact{{startI.kind, strings.Replace(startI.payload, "{", `{"":1,"later":{"process_instance_id":"x"},`, 1)}},
		then: []string{runningI},
	}.run(t)
}

func TestTrap63PayloadWinsOverEnvelope(t *testing.T) {
	for aggregate, want := range map[string][]workflowtest.Record{
		"": nil, "i": nil, "w": nil, "other": record(workflow.AggregateMismatch, "other"),
	} {
		var s workflowtest.State
		e := event(t, startI, 1)
		e.AggregateID = aggregate
		apply(t, &s, e)
		if rows, _ := split(s.Lines()); rows[0] != runningI {
			t.Errorf("with the envelope's aggregate %q: %q", aggregate, rows)
		}
		if diff := cmp.Diff(want, s.Anomalies); diff != "" {
			t.Errorf("anomalies with the envelope's aggregate %q (-want +got):\n%s", aggregate, diff)
		}
	}
}

func TestTrap79FailureIsSeenInTheCompletionStatus(t *testing.T) {
	for status, want := range map[string]workflow.Status{
		`"Success"`: workflow.Completed, `"Completed"`: workflow.Completed, `null`: workflow.Completed, `"Timeout"`: workflow.Completed,
		`"PartialFailure"`: workflow.Completed, `""`: workflow.Completed, `7`: workflow.Completed, `{"a":1,"Failed":2}`: workflow.Completed,
		`"Failed"`: workflow.Failed, `"failed"`: workflow.Failed, `"FAILURE"`: workflow.Failed, `{"Failed":{"reason":"r"}}`: workflow.Failed,
		`"Cancelled"`: workflow.Cancelled, `"canceled"`: workflow.Cancelled, `{"Aborted":null}`: workflow.Cancelled,
	} {
		var s workflowtest.State
		apply(t, &s, event(t, startI, 1))
		apply(t, &s, event(t, fact{"process_completed", `{"process_instance_id":"i","completion_status":` + status + `}`}, 2))
		p, _ := s.Process("i")
		if p.Status != want {
			t.Errorf("completion_status %s makes the process %s, want %s", status, p.Status, want)
		}
		if got := string(p.CompletionStatus); got != status && status != "null" {
			t.Errorf("completion_status %s is kept as %s", status, got)
		}
	}
}

// TestTrap80NoTransitionIsRefused takes every event in every status: none is refused, and only the ends stay.
func TestTrap80NoTransitionIsRefused(t *testing.T) {
	kinds := []string{
		"process_started", "process_paused", "process_resumed", "process_completed", "process_failed", "process_cancelled",
		"step_started", "step_completed", "step_failed", "step_skipped", "decision_reached", "state_transitioned",
		"state_entered", "state_exited", "step_approval_requested", "step_approval_granted", "step_approval_rejected", "task_assigned", "task_reassigned",
	}
	const payload = `{"process_instance_id":"i","step_id":"s","to_state":"t","state_id":"t","assigned_to":"p"}`
	for _, first := range kinds {
		for _, second := range kinds {
			var s workflowtest.State
			apply(t, &s, event(t, fact{first, payload}, 1))
			before, _ := s.Process("i")
			apply(t, &s, event(t, fact{second, payload}, 2))
			after, _ := s.Process("i")
			if err := s.Check(); err != nil {
				t.Errorf("%s, %s: %v", first, second, err)
			}
			if before.Status.Ended() && after.Status != before.Status {
				t.Errorf("%s after %s made %s of %s", second, first, after.Status, before.Status)
			}
			if after.Events != 2 {
				t.Errorf("%s, %s: %d events in the history", first, second, after.Events)
			}
		}
	}
}

func TestTrap81NoLegacyBugs(t *testing.T) {
	runAll(t, []scenario{
		{
			name:  "the last step done is not the end of the process",
			given: []fact{startI},
			when:  []fact{{"step_completed", `{"process_instance_id":"i","step_id":"a"}`}},
			then: []string{"process i running WorkflowID=w Started=true Stepped=true StartNode=a Initiator=me StartedAt=1 " +
				"UpdatedAt=2 Events=2 " +
				"LastSequence=2"},
		},
		{
			name:  "resuming does not reset the start",
			given: []fact{startI, pauseI},
			when:  []fact{resumeI},
			then: []string{"process i running WorkflowID=w Started=true StartNode=a ActiveSteps=[a] Initiator=me " +
				"StartedAt=1 UpdatedAt=3 Events=3 " +
				"LastSequence=3"},
		},
		{
			name:  "suspending and cancelling are not ignored",
			given: []fact{startI, {"process_paused workflow_suspended", `{"instance_id":"i"}`}},
			when:  []fact{{"process_cancelled", `{"instance_id":"i"}`}},
			then: []string{"process i cancelled WorkflowID=w Started=true StartNode=a Initiator=me StartedAt=1 " +
				"CompletedAt=3 UpdatedAt=3 Events=3 " +
				"LastSequence=3"},
		},
		{
			name:  "a skipped step is done with",
			given: []fact{startI},
			when:  []fact{{"step_skipped", `{"process_instance_id":"i","step_id":"a"}`}},
			then: []string{"process i running WorkflowID=w Started=true Stepped=true StartNode=a Initiator=me StartedAt=1 " +
				"UpdatedAt=2 Events=2 " +
				"LastSequence=2"},
		},
		{
			name:  "a step that is repeated is in the history each time",
			given: []fact{startI},
			when:  []fact{doneA, doneA, doneA},
			then: []string{"process i running WorkflowID=w Started=true Stepped=true StartNode=a ActiveSteps=[b] " +
				"Initiator=me StartedAt=1 UpdatedAt=4 " +
				"Events=4 LastSequence=4"},
			history: []string{
				"event i#2 step_completed Time=2 StepID=a NextSteps=[b]", "event i#3 step_completed Time=3 StepID=a NextSteps=[b]",
				"event i#4 step_completed Time=4 StepID=a NextSteps=[b]",
			},
		},
	})
}

func TestTrap82TasksAreFoundByTheirStep(t *testing.T) {
	self := []fact{createdW, addedS, {"process_started workflow_started", `{"workflow_id":"w"}`}}
	task := func(name, step string) fact {
		kind := map[string]string{"task_started": "step_started", "task_completed": "step_completed"}[name]
		if kind == "" {
			kind = name
		}
		return fact{kind + " " + name, `{"workflow_id":"random","step_id":"` + step + `","assigned_to":"me"}`}
	}
	process := func(more string) string {
		return "process w running WorkflowID=w Started=true " + more + " Events=2 LastSequence=4"
	}
	defined := []string{"workflow w Known=true Name=W CreatedAt=1 UpdatedAt=2", "step w/s CreatedAt=2 UpdatedAt=2"}
	runAll(t, []scenario{
		{name: "that a definition has", given: self, when: []fact{task("task_started", "s")},
			then:      append([]string{process("Stepped=true ActiveSteps=[s] StartedAt=3 UpdatedAt=4")}, defined...),
			anomalies: record(workflow.WorkflowMismatch, "random")},
		{name: "completed", given: self, when: []fact{task("task_completed", "s")},
			then:      append([]string{process("Stepped=true StartedAt=3 UpdatedAt=4")}, defined...),
			anomalies: record(workflow.WorkflowMismatch, "random")},
		{name: "that is active", given: []fact{startI}, when: []fact{task("task_completed", "a")},
			then: []string{"process i running WorkflowID=w Started=true Stepped=true StartNode=a Initiator=me StartedAt=1 " +
				"UpdatedAt=2 " +
				"Events=2 LastSequence=2"},
			anomalies: record(workflow.WorkflowMismatch, "random")},
		{name: "given out, in the history and in the definition", given: self, when: []fact{task("task_assigned", "s")},
			then: []string{process("StartedAt=3 UpdatedAt=4"), "workflow w Known=true Name=W CreatedAt=1 UpdatedAt=4",
				"step w/s AssignedTo=me CreatedAt=2 UpdatedAt=4"},
			history:   []string{"event w#4 task_assigned Time=4 StepID=s Assignee=me"},
			anomalies: record(workflow.WorkflowMismatch, "random")},
		{name: "given out before the process starts, which it does not by " +
			"that", given: self[:2], when: []fact{task("task_reassigned", "s")},
			then: []string{"workflow w Known=true Name=W CreatedAt=1 " +
				"UpdatedAt=3", "step w/s AssignedTo=me CreatedAt=2 UpdatedAt=3"}},
		{name: "of a workflow that is known, at a step that is not", given: []fact{{"process_started", `{"workflow_id":"random"}`}},
			when: []fact{task("task_started", "s")},
			then: []string{"process random running WorkflowID=random Started=true Stepped=true ActiveSteps=[s] " +
				"StartedAt=1 UpdatedAt=2 " +
				"Events=2 LastSequence=2"}},
		{name: "of a process that is named, whose workflow stays unknown", given: []fact{pauseI},
			when: []fact{{"step_started task_started", `{"process_instance_id":"i","workflow_id":"random","step_id":"s"}`}},
			then: []string{"process i paused Stepped=true ActiveSteps=[s] UpdatedAt=2 Reason=lunch Events=2 LastSequence=2"},

			anomalies: record(workflow.WorkflowMismatch, "random")},
		{name: "nobody's, and kept as a dead letter", when: []fact{task("task_started", "s")}, refused: true},
		{name: "two definitions', and kept as a dead letter", refused: true,
			given: []fact{createdW, addedS, {"workflow_created", `{"workflow_id":"v"}`}, {"step_added", `{"workflow_id":"v","step_id":"s"}`}},
			when:  []fact{task("task_completed", "s")},
			then: []string{"workflow v Known=true CreatedAt=3 UpdatedAt=4", "workflow w Known=true Name=W CreatedAt=1 UpdatedAt=2",
				"step v/s CreatedAt=4 UpdatedAt=4", "step w/s CreatedAt=2 UpdatedAt=2"}},
	})
}

func TestTrap82StepsWithoutAWorkflow(t *testing.T) {
	i := "process i running WorkflowID=w Started=true Stepped=true StartNode=a Initiator=me StartedAt=1 UpdatedAt="
	runAll(t, []scenario{
		{name: "by the execution", given: []fact{startI},
			when: []fact{{"step_completed workflow_step_completed", `{"execution_id":"i","step_id":"a","step_name":"A"}`}},
			then: []string{i + "2 Events=2 LastSequence=2"}},
		{name: "a transition by its instance", given: []fact{{"process_started " +
			"instance_created", `{"workflow_id":"w","instance_id":"i","initial_state":"n"}`}},
			when: []fact{{"state_transitioned", `{"instance_id":"i","from_state":"n","to_state":"d"}`}},
			then: []string{"process i running WorkflowID=w Started=true CurrentState=d StartedAt=1 UpdatedAt=2 Events=2 " +
				"LastSequence=2"}},
		{name: "by the step that is active in one process", given: []fact{startI, startJ}, when: []fact{{"step_completed", `{"step_id":"a"}`}},
			then: []string{i + "3 Events=2 LastSequence=3",
				"process j running WorkflowID=w Started=true StartNode=b ActiveSteps=[b] StartedAt=2 UpdatedAt=2 Events=1 " +
					"LastSequence=2"}},
		{name: "a step that is active nowhere and in no definition", given: []fact{startI}, when: []fact{{"step_completed", `{"step_id":"z"}`}},
			then: []string{runningI}, refused: true},
		{name: "a step that is active in two processes", given: []fact{startI, {"step_started", `{"process_instance_id":"j","step_id":"a"}`}},
			when: []fact{{"step_completed", `{"step_id":"a"}`}}, refused: true,
			then: []string{runningI, "process j unknown_start Stepped=true ActiveSteps=[a] UpdatedAt=2 Events=1 LastSequence=2"}},
	})
	e := event(t, fact{"step_completed", `{"step_id":"z"}`}, 1)
	err := workflow.Apply(new(workflowtest.State), e, decode(t, e))
	if err == nil || err.Code != eventlog.CodeMissingField || err.Field != "payload.process_instance_id" {
		t.Errorf("nobody's step is refused as %v", err)
	}
}

func TestTrap83CompletedWithoutAStatus(t *testing.T) {
	scenario{
		given: []fact{{"process_started workflow_started", `{"execution_id":"i","workflow_id":"w"}`}},
		when:  []fact{{"process_completed workflow_completed", `{"execution_id":"i","workflow_id":"w"}`}},
		then: []string{"process i completed WorkflowID=w Started=true StartedAt=1 CompletedAt=2 UpdatedAt=2 Events=2 " +
			"LastSequence=2"},
	}.run(t)
	scenario{
		name:  "and one that had failed before stays so",
		given: []fact{startI, {"process_failed", `{"execution_id":"i"}`}},
		when:  []fact{{"process_completed workflow_completed", `{"execution_id":"i","workflow_id":"w"}`}},
		then: []string{"process i failed WorkflowID=w Started=true StartNode=a Initiator=me StartedAt=1 CompletedAt=2 " +
			"UpdatedAt=3 Events=3 " +
			"LastSequence=3"},
		anomalies: record(workflow.EventAfterEnd, "i"),
	}.run(t)
}

// TestTrap88OutOfOrder takes a life in reverse: what must not differ does not.
func TestTrap88OutOfOrder(t *testing.T) {
	life := []fact{startI, doneA, {"step_completed", `{"process_instance_id":"i","step_id":"b"}`}, endI}
	var s workflowtest.State
	for i := len(life) - 1; i >= 0; i-- {
		apply(t, &s, event(t, life[i], len(life)-i))
	}
	p, _ := s.Process("i")
	if p.Status != workflow.Completed || p.ActiveSteps != nil || *p.StartNode != "a" || p.StartedAt != 4 || p.CompletedAt != 1 || p.Events != 4 {
		t.Errorf("a life in reverse ends as %+v", *p)
	}
}
