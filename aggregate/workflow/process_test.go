package workflow_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
)

func TestProcessStarted(t *testing.T) {
	runAll(t, []scenario{
		{
			name: "all that the document states is kept, opaque parts compacted",
			when: []fact{{"process_started", `{"workflow_id":"w","process_instance_id":"i","start_node":"a","input_data": {"n": 1.0},
				"initiator":"me","context": {"c":[ ]}}`}},
			then: []string{`process i running WorkflowID=w Started=true StartNode=a ActiveSteps=[a] Initiator=me ` +
				`StartedAt=1 UpdatedAt=1 ` +
				`InputData={"n":1.0} Context={"c":[]} Events=1 LastSequence=1`},
			history: []string{"event i#1 process_started Time=1 Actor=me"},
		},
		{
			name: "an instance alone is enough, and null is absent",
			when: []fact{{"process_started", `{"workflow_id":null,"process_instance_id":"i","start_node":null,"input_data":null,
				"initiator":null,"context":null}`}},
			then: []string{"process i running Started=true StartedAt=1 UpdatedAt=1 Events=1 LastSequence=1"},
		},
		{
			name:  "a second start adds what the first did not state, and changes nothing else",
			given: []fact{startI, doneA},
			when: []fact{{"process_started", `{"workflow_id":"v","process_instance_id":"i","start_node":"z","input_data":{},
				"initiator":"you"}`}},
			then: []string{"process i running WorkflowID=w Started=true Stepped=true StartNode=a ActiveSteps=[b] " +
				"Initiator=me StartedAt=1 " +
				"UpdatedAt=3 InputData={} Events=3 LastSequence=3"},
			anomalies: append(record(workflow.WorkflowMismatch, "v"), record(workflow.DuplicateStart, "i")...),
		},
		{
			name:  "a start that comes after the first steps fills the process in, and activates nothing",
			given: []fact{doneA},
			when:  []fact{startI},
			then: []string{"process i running WorkflowID=w Started=true Stepped=true StartNode=a ActiveSteps=[b] " +
				"Initiator=me StartedAt=2 " +
				"UpdatedAt=2 Events=2 LastSequence=2"},
		},
		{
			name:  "one that comes after a pause does activate, and the pause stands",
			given: []fact{pauseI},
			when:  []fact{startI},
			then: []string{"process i paused WorkflowID=w Started=true StartNode=a ActiveSteps=[a] Initiator=me " +
				"StartedAt=2 UpdatedAt=2 " +
				"Reason=lunch Events=2 LastSequence=2"},
		},
		{
			name:  "one that comes after the end keeps the end",
			given: []fact{endI},
			when:  []fact{startI},
			then: []string{`process i completed WorkflowID=w Started=true CompletionStatus="Success" StartNode=a ` +
				`Initiator=me StartedAt=2 ` +
				`CompletedAt=1 UpdatedAt=2 Events=2 LastSequence=2`},
		},
		{
			name: "a workflow that is its own process",
			when: []fact{{"process_started workflow_started", `{"workflow_id":{"id":"w"},"context":{"variables":{}},` +
				`"started_by":"me"}`}},
			then: []string{`process w running WorkflowID=w Started=true Initiator=me StartedAt=1 UpdatedAt=1 ` +
				`Context={"variables":{}} Events=1 LastSequence=1`},

			history: []string{"event w#1 process_started Time=1 Name=workflow_started Actor=me"},
		},
		{
			name: "a workflow that is the process of a definition",
			when: []fact{{"process_started workflow_started", `{"workflow_id":{"id":"i"},"definition_id":{"id":"d"},` +
				`"initial_state":"new"}`}},
			then: []string{"process i running WorkflowID=d Started=true CurrentState=new StartedAt=1 UpdatedAt=1 Events=1 " +
				"LastSequence=1"},

			history: []string{"event i#1 process_started Time=1 Name=workflow_started ToState=new"},
		},
	})
}

func TestProcessEnds(t *testing.T) {
	ended := func(status, more string) []string {
		return []string{"process i " + status + " WorkflowID=w Started=true" + more}
	}
	runAll(t, []scenario{
		{
			name:  "completed, with the numbers that the event states, whatever was counted",
			given: []fact{startI, {"step_completed", `{"process_instance_id":"i","step_id":"a"}`}},
			when: []fact{{"process_completed", `{"process_instance_id":"i","completion_status":{"Partial":{"done":1}},"final_output": {"ok":true},
				"total_execution_time_ms":18446744073709551615,"steps_executed":7}`}},
			then: ended("completed", ` Stepped=true CompletionStatus={"Partial":{"done":1}} StartNode=a Initiator=me `+
				`StartedAt=1 CompletedAt=3 `+
				`UpdatedAt=3 StepsExecuted=7 TotalExecutionTimeMS=18446744073709551615 FinalOutput={"ok":true} Events=3 `+
				`LastSequence=3`),
		},
		{
			name:  "completed with steps that are still active",
			given: []fact{startI},
			when:  []fact{endI},
			then: ended("completed", ` CompletionStatus="Success" StartNode=a Initiator=me StartedAt=1 CompletedAt=2 `+
				`UpdatedAt=2 Events=2 LastSequence=2`),
			anomalies: record(workflow.ActiveAtEnd, "i"),
		},
		{
			name:  "failed, with active steps as a matter of course",
			given: []fact{startI},
			when: []fact{{"process_failed workflow_failed", `{"execution_id":"i","workflow_id":"w","error":"boom","failed_step":"a",
				"failure_context":{"k":1},"duration_seconds":2}`}},
			then: ended("failed", ` StartNode=a Initiator=me StartedAt=1 CompletedAt=2 UpdatedAt=2 `+
				`TotalExecutionTimeMS=2000 Error="boom" `+
				`Events=2 LastSequence=2`),
			history: []string{`event i#2 process_failed Time=2 Name=workflow_failed StepID=a Error="boom" Details={"k":1}`},
		},
		{
			name:  "cancelled",
			given: []fact{startI},
			when:  []fact{{"process_cancelled workflow_cancelled", `{"instance_id":"i","reason":"no more","cancelled_by":"you"}`}},
			then: ended("cancelled", ` StartNode=a Initiator=me StartedAt=1 CompletedAt=2 UpdatedAt=2 Reason=no more `+
				`Events=2 LastSequence=2`),
			history: []string{"event i#2 process_cancelled Time=2 Name=workflow_cancelled Reason=no more Actor=you"},
		},
		{
			name:  "completed in a state, after a duration",
			given: []fact{startI},
			when: []fact{{"process_completed workflow_completed", `{"instance_id":"i","final_state":"z",` +
				`"total_duration":{"secs":1,"nanos":500000000}}`}},
			then: ended("completed", ` StartNode=a CurrentState=z Initiator=me StartedAt=1 CompletedAt=2 UpdatedAt=2 `+
				`TotalExecutionTimeMS=1500 `+
				`Events=2 LastSequence=2`),
			anomalies: record(workflow.ActiveAtEnd, "i"),
		},
		{
			name: "an end of a process that nobody knows",
			when: []fact{endI},
			then: []string{`process i completed WorkflowID=w CompletionStatus="Success" CompletedAt=1 UpdatedAt=1 ` +
				`Events=1 LastSequence=1`},

			anomalies: record(workflow.UnknownInstance, "i"),
		},
	})
}

func TestNothingChangesAfterTheEnd(t *testing.T) {
	var when []fact
	for _, kind := range []string{
		"step_started", "step_completed", "step_failed", "step_skipped", "step_approval_requested", "decision_reached",
		"process_paused", "process_resumed", "process_completed", "process_failed", "process_cancelled", "state_transitioned",
		"task_assigned",
	} {
		when = append(when, fact{kind, `{"process_instance_id":"i","step_id":"x","next_steps":["y"],"chosen_path":"z","to_state":"t",
			"completion_status":"Failed","error":"e","reason":"r","steps_executed":1,"assigned_to":"p"}`})
	}
	var late []string
	for range when {
		late = append(late, "i")
	}
	runAll(t, []scenario{{
		name:  "but the history",
		given: []fact{{"process_started", `{"workflow_id":"w","process_instance_id":"i"}`}, endI},
		when:  when,
		then: []string{`process i completed WorkflowID=w Started=true CompletionStatus="Success" StartedAt=1 ` +
			`CompletedAt=2 UpdatedAt=15 ` +
			`Events=15 LastSequence=15`},
		anomalies: record(workflow.EventAfterEnd, late...),
	}})
}

func TestPauseAndResume(t *testing.T) {
	paused := "process i paused WorkflowID=w Started=true StartNode=a ActiveSteps=[a] Initiator=me StartedAt=1 UpdatedAt="
	running := "process i running WorkflowID=w Started=true StartNode=a ActiveSteps=[a] Initiator=me StartedAt=1 UpdatedAt="
	runAll(t, []scenario{
		{name: "paused", given: []fact{startI}, when: []fact{pauseI},
			then: []string{paused + "2 Reason=lunch Events=2 LastSequence=2"}},
		{name: "paused twice", given: []fact{startI, pauseI}, when: []fact{pauseI},
			then: []string{paused + "3 Reason=lunch Events=3 LastSequence=3"}, anomalies: record(workflow.IllegalTransition, "i")},
		{name: "resumed", given: []fact{startI, pauseI}, when: []fact{resumeI},
			then: []string{running + "3 Events=3 LastSequence=3"}},
		{name: "resumed while running", given: []fact{startI}, when: []fact{resumeI},
			then: []string{running + "2 Events=2 LastSequence=2"}, anomalies: record(workflow.IllegalTransition, "i")},
		{name: "suspended in a state", given: []fact{startI},
			when: []fact{{"process_paused workflow_suspended", `{"workflow_id":{"id":"i"},"current_state":"x","reason":"r"}`}},
			then: []string{"process i paused WorkflowID=w Started=true StartNode=a CurrentState=x ActiveSteps=[a] " +
				"Initiator=me StartedAt=1 " +
				"UpdatedAt=2 Reason=r Events=2 LastSequence=2"}},
		{name: "an unknown process, paused and resumed", when: []fact{pauseI, resumeI},
			then: []string{"process i unknown_start UpdatedAt=2 Events=2 " +
				"LastSequence=2"}, anomalies: record(workflow.UnknownInstance, "i")},
		{name: "an unknown process, resumed", when: []fact{resumeI},
			then: []string{"process i unknown_start UpdatedAt=1 Events=1 " +
				"LastSequence=1"}, anomalies: record(workflow.UnknownInstance, "i")},
	})
}

func TestStateTransitioned(t *testing.T) {
	created := fact{"process_started instance_created", `{"workflow_id":"w","instance_id":"i","initial_state":"new"}`}
	defined := fact{"transition_added", `{"workflow_id":"w","from_state":"new","to_state":"done","trigger":"ship"}`}
	moved := func(from, to string) []fact {
		return []fact{{"state_transitioned", `{"instance_id":"i","from_state":` + from + `,"to_state":"` + to + `"}`}}
	}
	in := func(state, at string) string {
		return "process i running WorkflowID=w Started=true " +
			"CurrentState=" + state + " StartedAt=1 UpdatedAt=" + at + " Events=2 LastSequence=" + at
	}
	w := []string{"workflow w UpdatedAt=2", "transition w/new->done Label=ship CreatedAt=2"}
	runAll(t, []scenario{
		{name: "the state is the new one", given: []fact{created}, when: moved(`"new"`, "done"), then: []string{in("done", "2")},
			history: []string{"event i#2 state_transitioned Time=2 FromState=new ToState=done"}},
		{name: "from nowhere", given: []fact{created}, when: moved("null", "done"), then: []string{in("done", "2")}},
		{name: "from a state that it was not in", given: []fact{created}, when: moved(`"other"`, "done"), then: []string{in("done", "2")},
			anomalies: record(workflow.StateMismatch, "i")},
		{name: "along a transition that is defined", given: []fact{created, defined}, when: moved(`"new"`, "done"),
			then: append([]string{in("done", "3")}, w...)},
		{name: "along one that is not", given: []fact{created, defined}, when: moved("null", "lost"),
			then: append([]string{in("lost", "3")}, w...), anomalies: record(workflow.UndefinedTransition, "i")},
		{name: "triggered", given: []fact{created, defined},
			when: []fact{{"transition_triggered", `{"instance_id":"i","from_state":"new","to_state":"done","trigger":"ship"}`}},
			then: append([]string{in("done", "3")}, w...),

			history: []string{`event i#3 transition_triggered Time=3 FromState=new ToState=done Details="ship"`}},
		{name: "entered, whatever led there", given: []fact{created, defined},
			when: []fact{{"state_entered", `{"instance_id":"i","state_id":"lost"}`}}, then: append([]string{in("lost", "3")}, w...),

			history: []string{"event i#3 state_entered Time=3 ToState=lost"}},
		{name: "exited, which says not where to", given: []fact{created},
			when: []fact{{"state_exited", `{"instance_id":"i","state_id":"new"}`}}, then: []string{in("new", "2")},

			history: []string{"event i#2 state_exited Time=2 FromState=new"}},
		{name: "of a process that nobody knows", when: moved(`"new"`, "done"),
			then:      []string{"process i unknown_start CurrentState=done UpdatedAt=1 Events=1 LastSequence=1"},
			anomalies: record(workflow.UnknownInstance, "i")},
	})
}
