package workflow_test

import (
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
)

func TestStepEvents(t *testing.T) {
	active := func(steps string) []string {
		if steps != "" {
			steps = "ActiveSteps=[" + steps + "] "
		}
		return []string{"process i running WorkflowID=w Started=true Stepped=true StartNode=a " + steps + "Initiator=me StartedAt=1 UpdatedAt=2 Events=2 LastSequence=2"}
	}
	of := func(kind, more string) []fact {
		return []fact{{kind, `{"workflow_id":"w","process_instance_id":"i",` + more + `}`}}
	}
	runAll(t, []scenario{
		{name: "completed: it is active no longer, what follows is", given: []fact{startI},
			when: of("step_completed", `"step_id":"a","step_type": {"Custom": "x"},"execution_time_ms":120,`+
				`"output_data":{"ok": true},"next_steps":["c","b","c"]`),
			then: active("b,c"),
			history: []string{`event i#2 step_completed Time=2 StepID=a StepType={"Custom":"x"} ExecutionTimeMS=120 ` +
				`NextSteps=[c,b,c] ` +
				`Output={"ok":true}`}},
		{name: "completed without anything that follows", given: []fact{startI}, when: of("step_completed", `"step_id":"a","next_steps":[]`), then: active("")},
		{name: "completed into itself", given: []fact{startI}, when: of("step_completed", `"step_id":"a",`+
			`"next_steps":["a"]`), then: active("a")},
		{name: "completed under the names of other producers", given: []fact{startI},
			when: of("step_completed step_execution_completed", `"step_id":"a","next_step":"b","duration_seconds":3,`+
				`"outputs":[1],"completed_by":"you"`),
			then: active("b"),
			history: []string{`event i#2 step_completed Time=2 Name=step_execution_completed StepID=a ` +
				`ExecutionTimeMS=3000 NextSteps=[b] ` +
				`Output=[1] Actor=you`}},
		{name: "completed, which was not active", given: []fact{startI}, when: of("step_completed", `"step_id":"z",`+
			`"next_steps":["b"]`), then: active("a,b")},
		{name: "started", given: []fact{startI}, when: of("step_started", `"step_id":"b","started_by":"you"`), then: active("a,b"),
			history: []string{"event i#2 step_started Time=2 StepID=b Actor=you"}},
		{name: "started, which was active", given: []fact{startI}, when: of("step_started", `"step_id":"a"`), then: active("a")},
		{name: "failed", given: []fact{startI}, when: of("step_failed", `"step_id":"a","error":"e",`+
			`"error_details":{"d":1}`), then: active(""),
			history: []string{`event i#2 step_failed Time=2 StepID=a Error="e" Details={"d":1}`}},
		{name: "failed for a reason", given: []fact{startI}, when: of("step_failed", `"step_id":"a",`+
			`"reason":"r"`), then: active(""),
			history: []string{`event i#2 step_failed Time=2 StepID=a Reason=r`}},
		{name: "skipped", given: []fact{startI}, when: of("step_skipped", `"step_id":"a","reason":"r"`), then: active("")},
		{name: "an approval changes nothing that is active", given: []fact{startI},
			when: of("step_approval_requested", `"step_id":"a","approver":"boss","message":"please",`+
				`"requested_by":"me"`), then: active("a"),
			history: []string{`event i#2 step_approval_requested Time=2 StepID=a Reason=please Assignee=boss Actor=me`}},
		{name: "a decision leaves its node for the chosen path", given: []fact{startI},
			when: of("decision_reached", `"decision_node":"a","decision_criteria": "Score","chosen_path":"b",`+
				`"evaluation_data":{"s":1},"confidence":0.8700000047683716`),
			then: active("b"),
			history: []string{`event i#2 decision_reached Time=2 StepID=a ChosenPath=b Criteria="Score" ` +
				`Evaluation={"s":1} Confidence=0.87`}},
		{name: "a decision without a path", given: []fact{startI}, when: of("decision_reached", `"decision_node":"a",`+
			`"confidence":null`), then: active("")},
	})
}

func TestActiveStepsForkAndJoin(t *testing.T) {
	step := func(id, next string) fact {
		return fact{"step_completed", `{"process_instance_id":"i","step_id":"` + id + `","next_steps":[` + next + `]}`}
	}
	at := func(active string, n string) []string {
		return []string{"process i running WorkflowID=w Started=true Stepped=true StartNode=a " +
			"ActiveSteps=[" + active + "] Initiator=me StartedAt=1 UpdatedAt=" + n +
			" Events=" + n + " LastSequence=" + n}
	}
	fork := []fact{startI, step("a", `"x","y"`)}
	runAll(t, []scenario{
		{name: "both branches", when: fork, then: at("x,y", "2")},
		{name: "one has arrived", given: fork, when: []fact{step("x", `"join"`)}, then: at("join,y", "3")},
		{name: "both have arrived, at one", given: fork, when: []fact{step("x", `"join"`), step("y", `"join"`)}, then: at("join", "4")},
	})
}

// TestRowsStayAsTheyWere enters steps in an order in which a set that grows in place would change the rows before.
func TestRowsStayAsTheyWere(t *testing.T) {
	var s workflowtest.State
	apply(t, &s, event(t, startI, 1))
	for i, step := range strings.Split("z y x w v u t", " ") {
		apply(t, &s, event(t, fact{"step_started", `{"process_instance_id":"i","step_id":"` + step + `"}`}, i+2))
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUnknownInstanceIsNoError(t *testing.T) {
	for _, kind := range []string{"step_started", "step_completed", "step_failed", "step_skipped", "decision_reached"} {
		steps := ""
		if kind == "step_started" {
			steps = "ActiveSteps=[a] "
		}
		scenario{
			when: []fact{{kind, `{"workflow_id":"w","process_instance_id":"i","step_id":"a"}`}},
			then: []string{"process i unknown_start WorkflowID=w Stepped=true " + steps + "UpdatedAt=1 Events=1 LastSequence=1"},

			anomalies: record(workflow.UnknownInstance, "i"),
		}.run(t)
	}
}
