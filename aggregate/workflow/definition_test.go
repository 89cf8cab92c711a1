package workflow_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
)

func TestWorkflowCreated(t *testing.T) {
	full := fact{"workflow_created", `{"workflow_id":"w","name":"N","version":"1.0.0","description":"D","tags": ["t"],"created_by":"me",
		"metadata":{"k": 1}}`}
	runAll(t, []scenario{
		{name: "all attributes are kept", when: []fact{full},
			then: []string{`workflow w Known=true Name=N Version="1.0.0" Description=D Tags=["t"] CreatedBy=me ` +
				`Metadata={k:1} CreatedAt=1 UpdatedAt=1`}},
		{name: "an id alone is enough", when: []fact{{"workflow_created " +
			"workflow_defined", `{"workflow_id":{"id":"w"},"name":null,"metadata":{}}`}},
			then: []string{"workflow w Known=true CreatedAt=1 UpdatedAt=1"}},
		{name: "a placeholder is filled, and its parts stay", given: []fact{addedS}, when: []fact{createdW},
			then: []string{"workflow w Known=true Name=W CreatedAt=2 UpdatedAt=2", "step w/s CreatedAt=1 UpdatedAt=1"}},
		{name: "a second creation overwrites attributes, and wipes nothing",
			given: []fact{full, addedS, {"workflow_context_variable_set", `{"workflow_id":"w","key":"v","value":1}`}},
			when:  []fact{createdW},
			then: []string{"workflow w Known=true Name=W Variables={v:1} CreatedAt=1 " +
				"UpdatedAt=4", "step w/s CreatedAt=2 UpdatedAt=2"},

			anomalies: record(workflow.DuplicateWorkflow, "w")},
		{name: "validated", given: []fact{createdW},
			when: []fact{{"workflow_validated", `{"workflow_id":"w","validated_by":"you","validation_result":{"Ok": null}}`}},
			then: []string{`workflow w Known=true Name=W Validation={"Ok":null} ValidatedBy=you ValidatedAt=2 CreatedAt=1 ` +
				`UpdatedAt=2`}},
	})
}

func TestProperties(t *testing.T) {
	for _, c := range []struct{ set, removed, field string }{
		{"workflow_metadata_added", "workflow_metadata_removed", "Metadata"},
		{"workflow_context_variable_set", "workflow_context_variable_removed", "Variables"},
	} {
		set := func(key, value string) fact {
			return fact{c.set, `{"workflow_id":"w","key":"` + key + `","value":` + value + `}`}
		}
		removed := func(key string) fact { return fact{c.removed, `{"workflow_id":"w","key":"` + key + `"}`} }
		row := func(values, at string) []string {
			if values != "" {
				values = c.field + "={" + values + "} "
			}
			return []string{"workflow w Known=true Name=W " + values + "CreatedAt=1 UpdatedAt=" + at}
		}
		t.Run(c.field, func(t *testing.T) {
			runAll(t, []scenario{
				{name: "set", given: []fact{createdW}, when: []fact{set("k", `{"a": 1}`), set("l", "null")}, then: row(`k:{"a":1},l:null`, "3")},
				{name: "set again", given: []fact{createdW, set("k", "1")}, when: []fact{set("k", "2")}, then: row("k:2", "3")},
				{name: "removed", given: []fact{createdW, set("k", "1"), set("l", "2")}, when: []fact{removed("k")}, then: row("l:2", "4")},
				{name: "the last removed", given: []fact{createdW, set("k", "1")}, when: []fact{removed("k")}, then: row("", "3")},
				{name: "removed, which is not there", given: []fact{createdW}, when: []fact{removed("k")}, then: row("", "1"),
					anomalies: record(workflow.AbsentKey, "k")},
				{name: "removed from nothing", when: []fact{removed("k")}, anomalies: record(workflow.AbsentKey, "k")},
				{name: "set at a workflow that was never created", when: []fact{set("k", "1")},
					then: []string{"workflow w " + c.field + "={k:1} UpdatedAt=1"}, anomalies: record(workflow.UnknownWorkflow, "w")},
			})
		})
	}
}

func TestSteps(t *testing.T) {
	w := func(at string) string { return "workflow w Known=true Name=W CreatedAt=1 UpdatedAt=" + at }
	given := []fact{createdW, addedS}
	one := func(kind, more string) []fact {
		return []fact{{kind, `{"workflow_id":"w","step_id":"s",` + more + `}`}}
	}
	runAll(t, []scenario{
		{name: "added, with everything", given: []fact{createdW},
			when: one("step_added", `"name":"N","description":"D","step_type":{"Custom": "c"},"config":{"k":1},"dependencies":["b","a","b"],
				"estimated_duration_minutes":5,"assigned_to":"me"`),
			then: []string{w("2"), `step w/s Name=N Description=D StepType={"Custom":"c"} Config={k:1} Dependencies=[a,b] ` +
				`EstimatedMinutes=5 ` +
				`AssignedTo=me CreatedAt=2 UpdatedAt=2`}},
		{name: "added under a member of its own", given: []fact{createdW},
			when: []fact{{"step_added", `{"workflow_id":"w","step":{"id":"s","name":"N","step_type":"Manual"}}`}},
			then: []string{w("2"), `step w/s Name=N StepType="Manual" CreatedAt=2 UpdatedAt=2`}},
		{name: "added to a workflow that was never created", when: []fact{addedS},
			then:      []string{"workflow w UpdatedAt=1", "step w/s CreatedAt=1 UpdatedAt=1"},
			anomalies: record(workflow.UnknownWorkflow, "w")},
		{name: "added twice", given: given, when: one("step_added", `"name":"N"`),
			then: []string{w("3"), "step w/s Name=N CreatedAt=2 UpdatedAt=3"}, anomalies: record(workflow.DuplicateStep, "s")},
		{name: "removed", given: given, when: one("step_removed", `"reason":"r"`), then: []string{w("3")}},
		{name: "removed, which is not there", given: []fact{createdW}, when: one("step_removed", `"reason":"r"`), then: []string{w("1")},
			anomalies: record(workflow.UnknownStep, "s")},
		{name: "assigned", given: given, when: one("step_assignment_changed", `"previous_assignee":null,"new_assignee":"me"`),
			then: []string{w("3"), "step w/s AssignedTo=me CreatedAt=2 UpdatedAt=3"}},
		{name: "assigned to nobody", given: append(given, one("step_assignment_changed", `"new_assignee":"me"`)...),
			when: one("step_assignment_changed", `"previous_assignee":"me","new_assignee":null`),
			then: []string{w("4"), "step w/s CreatedAt=2 UpdatedAt=4"}},
		{name: "assigned, which is not there", given: []fact{createdW}, when: one("step_assignment_changed", `"new_assignee":"me"`),
			then: []string{w("1")}, anomalies: record(workflow.UnknownStep, "s")},
		{name: "a dependency more", given: given, when: append(one("step_dependency_added", `"dependency_step_id":"b"`),
			append(one("step_dependency_added", `"dependency_step_id":"a"`), one("step_dependency_added", `"dependency_step_id":"a"`)...)...),
			then: []string{w("5"), "step w/s Dependencies=[a,b] CreatedAt=2 UpdatedAt=5"}},
		{name: "a dependency less", given: append(given, one("step_dependency_added", `"dependency_step_id":"b"`)...),
			when: one("step_dependency_removed", `"dependency_step_id":"b"`), then: []string{w("4"), "step w/s " +
				"CreatedAt=2 UpdatedAt=4"}},
		{name: "a dependency less, which is not there", given: given, when: one("step_dependency_removed", `"dependency_step_id":"b"`),
			then: []string{w("2"), "step w/s CreatedAt=2 UpdatedAt=2"}, anomalies: record(workflow.AbsentKey, "b")},
		{name: "configured", given: given, when: one("step_configuration_added", `"key":"k","value":[1, 2]`),
			then: []string{w("3"), "step w/s Config={k:[1,2]} CreatedAt=2 UpdatedAt=3"}},
		{name: "configured no longer", given: append(given, one("step_configuration_added", `"key":"k","value":1`)...),
			when: one("step_configuration_removed", `"key":"k"`), then: []string{w("4"), "step w/s CreatedAt=2 UpdatedAt=4"}},
		{name: "configured no longer, which is not there", given: given, when: one("step_configuration_removed", `"key":"k"`),
			then: []string{w("2"), "step w/s CreatedAt=2 UpdatedAt=2"}, anomalies: record(workflow.AbsentKey, "k")},
	})
}

func TestApproval(t *testing.T) {
	given := []fact{createdW, addedS, {"process_started", `{"workflow_id":"w"}`}}
	of := func(kind, more string) fact { return fact{kind, `{"workflow_id":"w","step_id":"s",` + more + `}`} }
	then := func(approval, at string) []string {
		return []string{
			"process w running WorkflowID=w Started=true Stepped=true StartedAt=3 " +
				"UpdatedAt=" + at + " Events=" + map[string]string{"4": "2", "5": "3"}[at] +
				" LastSequence=" + at,
			"workflow w Known=true Name=W CreatedAt=1 UpdatedAt=" + at,
			"step w/s Approval=(" + approval + " At=" + at + ") CreatedAt=2 UpdatedAt=" + at,
		}
	}
	request := of("step_approval_requested", `"approver":"boss","message":"please","requested_by":"me"`)
	runAll(t, []scenario{
		{name: "requested", given: given, when: []fact{request}, then: then("Status=requested Approver=boss By=me "+
			"Message=please", "4")},
		{name: "granted", given: append(given, request), when: []fact{of("step_approval_granted", `"approved_by":"boss","message":null`)},
			then: then("Status=granted Approver=boss By=boss", "5")},
		{name: "rejected", given: append(given, request), when: []fact{of("step_approval_rejected", `"rejected_by":"vice","reason":"no"`)},
			then: then("Status=rejected Approver=boss By=vice Message=no", "5")},
		{name: "rejected, without a request", given: given, when: []fact{of("step_approval_rejected", `"rejected_by":"vice","reason":"no"`)},
			then: then("Status=rejected By=vice Message=no", "4")},
	})
}

func TestStatesAndLinks(t *testing.T) {
	w := func(at string) string { return "workflow w Known=true Name=W CreatedAt=1 UpdatedAt=" + at }
	state := fact{"state_added", `{"workflow_id":"w","state_id":"new","state_type":"initial"}`}
	runAll(t, []scenario{
		{name: "a state", given: []fact{createdW}, when: []fact{state}, then: []string{w("2"), "state w/new " +
			"StateType=initial CreatedAt=2"}},
		{name: "a state twice", given: []fact{createdW, state}, when: []fact{{"state_added", `{"workflow_id":"w",` +
			`"state_id":"new"}`}},
			then: []string{w("3"), "state w/new CreatedAt=2"}, anomalies: record(workflow.DuplicateState, "new")},
		{name: "transitions, two between the same states", given: []fact{createdW}, when: []fact{
			{"transition_added", `{"workflow_id":"w","from_state":"a","to_state":"b","trigger":"go"}`},
			{"transition_added", `{"workflow_id":"w","from_state":"a","to_state":"b","trigger":"run"}`},
			{"transition_added", `{"workflow_id":"w","from_state":"a","to_state":"b"}`},
		}, then: []string{w("4"), "transition w/a->b CreatedAt=4", "transition w/a->b Label=go " +
			"CreatedAt=2", "transition w/a->b Label=run CreatedAt=3"}},
		{name: "steps connected", given: []fact{createdW}, when: []fact{
			{"steps_connected", `{"workflow_id":"w","from_step":"a","to_step":"b","edge_id":"e","condition":{"if": 1}}`},
		}, then: []string{w("2"), `connection w/a->b Label=e Condition={"if":1} CreatedAt=2`}},
	})
}
