package workflow_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// everyEvent is one event of each type, as the producers write it.
var everyEvent = []fact{
	{"process_started", `{"context":{"tenant":"t"},"initiator":"user-123","input_data":{"amount":1000},` +
		`"process_instance_id":"i","start_node":"a","workflow_id":"w"}`},
	{"step_completed", `{"execution_time_ms":120,"next_steps":["b"],"output_data":{"ok":true},` +
		`"process_instance_id":"i","step_id":"a","step_type":"Task","workflow_id":"w"}`},
	{"decision_reached", `{"chosen_path":"c","confidence":0.8700000047683716,"decision_criteria":"CreditScore",` +
		`"decision_node":"b","evaluation_data":{"score":720},"process_instance_id":"i","workflow_id":"w"}`},
	{"process_completed", `{"completion_status":"Success","final_output":{"approved":true},` +
		`"process_instance_id":"i","steps_executed":2,"total_execution_time_ms":150,"workflow_id":"w"}`},
	{"workflow_created", `{"workflow_id":"w","name":"N","description":"","metadata":{"k":"v"},"created_by":null,` +
		`"created_at":"2025-01-23T10:00:00Z"}`},
	{"step_added", `{"workflow_id":"w","step_id":"s","name":"S","description":"","step_type":{"Custom":"c"},` +
		`"config":{"k":1},"dependencies":["r"],"estimated_duration_minutes":5,"assigned_to":"me"}`},
	{"step_started task_started", `{"workflow_id":"random","step_id":"s","started_by":"me"}`},
	{"step_failed step_execution_failed", `{"workflow_id":"w","step_id":"s","error":"e","error_details":{},"duration_seconds":1}`},
	{"step_skipped", `{"workflow_id":"w","step_id":"s","reason":"r","skipped_by":null}`},
	{"step_approval_requested", `{"workflow_id":"w","step_id":"s","approver":"boss","message":null,"requested_by":"me"}`},
	{"step_approval_granted", `{"workflow_id":"w","step_id":"s","message":"ok","approved_by":"boss"}`},
	{"step_approval_rejected", `{"workflow_id":"w","step_id":"s","reason":"no","rejected_by":"boss"}`},
	{"task_assigned", `{"workflow_id":"random","step_id":"s","assigned_to":"me","assigned_by":null}`},
	{"task_reassigned", `{"workflow_id":"random","step_id":"s","from_assignee":"me","to_assignee":"you","reason":null}`},
	{"process_failed workflow_failed", `{"workflow_id":"w","error":"e","failed_step":"s","recovery_point":null}`},
	{"process_cancelled workflow_cancelled", `{"workflow_id":"w","reason":"r","cancellation_context":{},"cancelled_by":"me"}`},
	{"process_paused workflow_paused", `{"workflow_id":"w","reason":"r","pause_context":{},"paused_by":"me"}`},
	{"process_resumed workflow_resumed", `{"workflow_id":"w","resume_context":{},"resumed_by":"me"}`},
	{"state_transitioned", `{"instance_id":"i","from_state":"new","to_state":"done"}`},
	{"transition_triggered", `{"from_state":"new","to_state":"done","trigger":"ship","instance_id":"i"}`},
	{"state_entered", `{"state_id":"done","instance_id":"i"}`},
	{"state_exited", `{"state_id":"new","instance_id":"i"}`},
	{"workflow_validated", `{"workflow_id":"w","validated_by":"me","validation_result":"Valid"}`},
	{"workflow_metadata_added", `{"workflow_id":"w","key":"k","value":"v","added_by":null}`},
	{"workflow_metadata_removed", `{"workflow_id":"w","key":"k"}`},
	{"workflow_context_variable_set", `{"workflow_id":"w","key":"k","value":{"a":1}}`},
	{"workflow_context_variable_removed", `{"workflow_id":"w","key":"k"}`},
	{"step_configuration_added", `{"workflow_id":"w","step_id":"s","key":"k","value":null}`},
	{"step_configuration_removed", `{"workflow_id":"w","step_id":"s","key":"k"}`},
	{"step_removed", `{"workflow_id":"w","step_id":"s","reason":"r"}`},
	{"step_assignment_changed", `{"workflow_id":"w","step_id":"s","previous_assignee":null,"new_assignee":"me"}`},
	{"step_dependency_added", `{"workflow_id":"w","step_id":"s","dependency_step_id":"r"}`},
	{"step_dependency_removed", `{"workflow_id":"w","step_id":"s","dependency_step_id":"r"}`},
	{"steps_connected", `{"workflow_id":"w","from_step":"r","to_step":"s","edge_id":"e","condition":null}`},
	{"state_added", `{"workflow_id":"w","state_id":"new","state_type":"initial"}`},
	{"transition_added", `{"workflow_id":"w","from_state":"new","to_state":"done","trigger":"ship"}`},
}

func TestEveryEventIsKnown(t *testing.T) {
	for _, f := range everyEvent {
		e := event(t, f, 1)
		c := decode(t, e)
		if !workflow.Known(e.Type) {
			t.Errorf("%s is not Known", e.Type)
		}
		if c.Owner() != workflow.Owner(e) {
			t.Errorf("%s belongs to %q, and its change to %q", e.Type, workflow.Owner(e), c.Owner())
		}
	}
}

// TestChangesHoldNothingOfTheBody decodes, overwrites the body, and compares with what was decoded.
func TestChangesHoldNothingOfTheBody(t *testing.T) {
	for _, f := range everyEvent {
		e := event(t, f, 1)
		want := decode(t, event(t, f, 1))
		got := decode(t, e)
		copy(e.Payload, bytes.Repeat([]byte{'#'}, len(e.Payload)))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s changed with its body: %+v", f.kind, got)
		}
	}
}

func TestDecodeAliases(t *testing.T) {
	for _, c := range []struct {
		kind, payload string
		want          workflow.Address
	}{
		{"step_started", `{"process_instance_id":"i","instance_id":"x","execution_id":"y","workflow_id":"w","step_id":"s"}`,
			workflow.Address{Instance: "i", Workflow: "w", Step: "s"}},
		{"step_started", `{"process_instance_id":null,"instance_id":{"id":"i"},"execution_id":"y","step_id":{"value":"s"}}`,
			workflow.Address{Instance: "i", Step: "s"}},
		{"step_started", `{"execution_id":"i","workflow_id":{"id":"w"},"step_id":"\u0073"}`,
			workflow.Address{Instance: "i", Workflow: "w", Step: "s"}},
		{"step_started task_started", `{"workflow_id":"w","step_id":"s"}`, workflow.Address{Workflow: "w", Step: "s", Task: true}},
		{"task_assigned", `{"workflow_id":"w","step_id":"s",` +
			`"assigned_to":"p"}`, workflow.Address{Workflow: "w", Step: "s", Task: true}},
		{"decision_reached", `{"process_instance_id":"i","decision_node":"d",` +
			`"step_id":"s"}`, workflow.Address{Instance: "i", Step: "d"}},
		{"decision_reached", `{"process_instance_id":"i","step_id":"s"}`, workflow.Address{Instance: "i", Step: "s"}},
		{"process_started", `{"workflow_id":"i","definition_id":"d"}`, workflow.Address{Instance: "i", Workflow: "d"}},
		{"process_started", `{"workflow_id":"w","definition_id":"d",` +
			`"instance_id":"i"}`, workflow.Address{Instance: "i", Workflow: "d"}},
		{"process_failed", `{"workflow_id":"w","failed_step":"s"}`, workflow.Address{Workflow: "w", Step: "s"}},
	} {
		t.Run(c.kind+" "+c.payload, func(t *testing.T) {
			e := event(t, fact{c.kind, c.payload}, 1)
			if diff := cmp.Diff(c.want, decode(t, e).To()); diff != "" {
				t.Errorf("address (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	const (
		missing  = eventlog.CodeMissingField
		wrong    = eventlog.CodeWrongType
		outRange = eventlog.CodeOutOfRange
		empty    = eventlog.CodeEmptyID
		tooLong  = eventlog.CodeTooLong
	)
	long := strings.Repeat("x", eventlog.MaxIDBytes+1)
	i, w := `"process_instance_id":"i","step_id":"s"`, `"workflow_id":"w","step_id":"s"`
	for _, c := range []struct {
		kind, payload string
		code          eventlog.Code
		field         string
	}{
		{"process_started", `null`, missing, "payload"},
		{"process_started", `[]`, wrong, "payload"},
		{"process_started", `{}`, missing, "payload.process_instance_id"},
		{"process_started", `{"start_node":"a"}`, missing, "payload.process_instance_id"},
		{"process_started", `{"instance_id":7}`, wrong, "payload.instance_id"},
		{"process_started", `{"process_instance_id":""}`, empty, "payload.process_instance_id"},
		{"process_started", `{"process_instance_id":"` + long + `"}`, tooLong, "payload.process_instance_id"},
		{"process_started", `{"process_instance_id":"i","workflow_id":[]}`, wrong, "payload.workflow_id"},
		{"process_started", `{"process_instance_id":"i","initiator":{}}`, wrong, "payload.initiator"},
		{"process_paused", `{}`, missing, "payload.process_instance_id"},
		{"process_paused", `{"instance_id":"i","reason":1}`, wrong, "payload.reason"},
		{"process_completed", `{}`, missing, "payload.process_instance_id"},
		{"process_completed", `{` + i + `,"steps_executed":1.0}`, wrong, "payload.steps_executed"},
		{"process_completed", `{` + i + `,"steps_executed":-1}`, outRange, "payload.steps_executed"},
		{"process_completed", `{` + i + `,"total_execution_time_ms":"1"}`, wrong, "payload.total_execution_time_ms"},
		{"process_completed", `{` + i + `,"duration_seconds":18446744073709551615}`, outRange, "payload.duration_seconds"},
		{"process_completed", `{` + i + `,"total_duration":5}`, wrong, "payload.total_duration"},
		{"process_completed", `{` + i + `,"total_duration":{}}`, missing, "payload.total_duration.secs"},
		{"process_completed", `{` + i + `,"total_duration":{"secs":"1"}}`, wrong, "payload.total_duration.secs"},
		{"process_completed", `{` + i + `,"total_duration":{"secs":1,"nanos":1000000000}}`, outRange, "payload.total_duration"},
		{"step_completed", `{"process_instance_id":"i"}`, missing, "payload.step_id"},
		{"step_completed", `{"process_instance_id":"i","step_id":["s"]}`, wrong, "payload.step_id"},
		{"step_completed", `{` + i + `,"next_steps":{}}`, wrong, "payload.next_steps"},
		{"step_completed", `{` + i + `,"next_steps":["a",null]}`, wrong, "payload.next_steps.1"},
		{"step_completed", `{` + i + `,"next_step":""}`, empty, "payload.next_step"},
		{"step_completed", `{` + i + `,"execution_time_ms":true}`, wrong, "payload.execution_time_ms"},
		{"decision_reached", `{"process_instance_id":"i"}`, missing, "payload.decision_node"},
		{"decision_reached", `{` + i + `,"confidence":"high"}`, wrong, "payload.confidence"},
		{"decision_reached", `{` + i + `,"confidence":1e39}`, outRange, "payload.confidence"},
		{"decision_reached", `{` + i + `,"chosen_path":7}`, wrong, "payload.chosen_path"},
		{"state_transitioned", `{"instance_id":"i","from_state":"a"}`, missing, "payload.to_state"},
		{"state_entered", `{"instance_id":"i"}`, missing, "payload.state_id"},
		{"state_exited", `{"instance_id":"i"}`, missing, "payload.state_id"},
		{"task_assigned", `{` + i + `}`, missing, "payload.assigned_to"},
		{"workflow_created", `{}`, missing, "payload.workflow_id"},
		{"workflow_created", `{"workflow_id":"w","name":7}`, wrong, "payload.name"},
		{"workflow_created", `{"workflow_id":"w","metadata":[]}`, wrong, "payload.metadata"},
		{"workflow_metadata_added", `{"workflow_id":"w","value":1}`, missing, "payload.key"},
		{"step_added", `{"workflow_id":"w"}`, missing, "payload.step_id"},
		{"step_added", `{"workflow_id":"w","step":{"name":"N"}}`, missing, "payload.step.step_id"},
		{"step_added", `{"workflow_id":"w","step":{"id":"s","config":1}}`, wrong, "payload.step.config"},
		{"step_added", `{` + w + `,"dependencies":"r"}`, wrong, "payload.dependencies"},
		{"step_added", `{` + w + `,"estimated_duration_minutes":-1}`, outRange, "payload.estimated_duration_minutes"},
		{"step_removed", `{"workflow_id":"w"}`, missing, "payload.step_id"},
		{"step_dependency_added", `{` + w + `}`, missing, "payload.dependency_step_id"},
		{"steps_connected", `{"workflow_id":"w","from_step":"a"}`, missing, "payload.to_step"},
		{"state_added", `{"workflow_id":"w"}`, missing, "payload.state_id"},
		{"transition_added", `{"workflow_id":"w","to_state":"b"}`, missing, "payload.from_state"},
	} {
		t.Run(c.kind+" "+c.payload, func(t *testing.T) {
			change, err := workflow.Decode(event(t, fact{c.kind, c.payload}, 1))
			if change != nil || err == nil || err.Code != c.code || err.Field != c.field {
				t.Errorf("Decode = %v, %v; want %s at %s", change, err, c.code, c.field)
			}
		})
	}
}

func TestOwner(t *testing.T) {
	for _, c := range []struct{ name, kind, payload, aggregate, want string }{
		{"the process that it names", "step_started", `{"execution_id":"i","workflow_id":"w","step_id":"s"}`, "agg", "i"},
		{"its workflow, where it names no process", "step_started", `{"workflow_id":{"id":"w"},"step_id":"s"}`, "agg", "w"},
		{"the envelope's aggregate, where it names neither", "step_started", `{"step_id":"s"}`, "agg", "agg"},
		{"nobody", "step_started", `{"step_id":"s"}`, "", ""},
		{"a task's process", "step_started task_started", `{"process_instance_id":"i","workflow_id":"w",` +
			`"step_id":"s"}`, "agg", "i"},
		{"a task without one", "step_started task_started", `{"workflow_id":"w","step_id":"s"}`, "agg", ""},
		{"the process where a definition is apart", "process_started", `{"workflow_id":"i","definition_id":"d"}`, "agg", "i"},
		{"a definition's workflow", "step_added", `{"workflow_id":"w","step_id":"s"}`, "agg", "w"},
		{"a definition's aggregate", "step_added", `{"step_id":"s"}`, "agg", "agg"},
		{"a payload that is refused still has an owner", "step_added", `{"workflow_id":"w"}`, "agg", "w"},
		{"an id that is none is passed over", "step_started", `{"process_instance_id":5,"execution_id":"i"}`, "agg", "i"},
		{"a payload that is no object", "step_started", `[1]`, "agg", "agg"},
		{"a type that is not known", "step_exploded", `{"workflow_id":"w"}`, "agg", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := event(t, fact{c.kind, c.payload}, 1)
			e.AggregateID = c.aggregate
			if got := workflow.Owner(e); got != c.want {
				t.Errorf("Owner = %q, want %q", got, c.want)
			}
		})
	}
}
