package workflow_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// published is a message as a producer publishes it.
type published struct{ subject, headers, body string }

func (p published) event(t *testing.T, seq int) *eventlog.Event {
	t.Helper()
	r := eventlog.Record{
		Seq: eventlog.Seq(seq), Time: eventlog.Time(seq), Subject: p.subject, Header: eventlog.Header{}, Body: []byte(p.body),
	}
	for _, header := range strings.Fields(p.headers) {
		name, value, _ := strings.Cut(header, ":")
		r.Header[name] = []string{value}
	}
	e, err := eventlog.Decode(&r)
	if err != nil {
		t.Fatal(err)
	}
	return &e
}

// TestProducers folds the lives that CIM's producers publish, in their own envelopes.
func TestProducers(t *testing.T) {
	domain := func(workflowID, kind, fields string) published {
		return published{"events.workflow." + workflowID + "." + strings.ToLower(kind),
			"X-Event-Type:" + kind + " X-Workflow-ID:" + workflowID + " X-Timestamp:1700000000",
			`{"` + kind + `":{"workflow_id":"` + workflowID + `",` + fields + `}}`}
	}
	alchemist := func(tail, kind, fields string) published {
		return published{"alchemist.workflow." + tail, "",
			`{"type":"` + kind + `",` + fields + `,"timestamp":"2023-11-14T22:13:20Z"}`}
	}
	const at = "1700000000000000000"
	for name, c := range map[string]struct {
		messages  []published
		want      []string
		anomalies []workflowtest.Record
	}{
		"cim-domain-workflow, where the workflow is the process, and tasks invent one": {
			messages: []published{
				domain("w", "WorkflowCreated", `"name":"W","description":"","metadata":{},"created_by":null,"created_at":"2023-11-14T22:13:20Z"`),
				domain("w", "StepAdded", `"step_id":"s","name":"S","description":"","step_type":"Manual","config":{},"dependencies":[],`+
					`"estimated_duration_minutes":null,"assigned_to":null,"added_by":null,"added_at":"2023-11-14T22:13:20Z"`),
				domain("w", "WorkflowStarted", `"context":{"variables":{}},"started_by":"me","started_at":"2023-11-14T22:13:20Z"`),
				domain("x1", "TaskAssigned", `"step_id":"s","assigned_to":"me","assigned_by":null,"assigned_at":"2023-11-14T22:13:20Z"`),
				domain("x2", "TaskStarted", `"step_id":"s","started_by":"me","started_at":"2023-11-14T22:13:20Z"`),
				domain("x3", "TaskCompleted", `"step_id":"s","completed_by":"me","completion_data":{},"duration_seconds":5`),
				domain("w", "WorkflowCompleted", `"final_context":{"variables":{}},"completed_at":"2023-11-14T22:13:20Z","duration_seconds":9`),
			},
			want: []string{
				"process w completed WorkflowID=w Started=true Stepped=true Initiator=me StartedAt=" + at + " CompletedAt=" + at +
					" UpdatedAt=" + at + ` TotalExecutionTimeMS=9000 Context={"variables":{}} FinalOutput={"variables":{}} Events=5 LastSequence=7`,
				"workflow w Known=true Name=W Description= CreatedAt=" + at + " UpdatedAt=" + at,
				`step w/s Name=S Description= StepType="Manual" AssignedTo=me CreatedAt=` + at + " UpdatedAt=" + at,
			},
			anomalies: record(workflow.WorkflowMismatch, "x1", "x2", "x3"),
		},
		"alchemist, whose steps name no workflow": {
			messages: []published{
				alchemist("started", "WorkflowStarted", `"execution_id":"i","workflow_id":"w"`),
				alchemist("step.started", "WorkflowStepStarted", `"execution_id":"i","step_id":"a","step_name":"A"`),
				alchemist("step.failed", "WorkflowStepFailed", `"execution_id":"i","step_id":"a","step_name":"A","error":"e"`),
				alchemist("failed", "WorkflowFailed", `"execution_id":"i","workflow_id":"w","error":"e"`),
				alchemist("completed", "WorkflowCompleted", `"execution_id":"i","workflow_id":"w"`),
			},
			want: []string{
				"process i failed WorkflowID=w Started=true Stepped=true StartedAt=" + at + " CompletedAt=" + at + " UpdatedAt=" + at +
					` Error="e" Events=5 LastSequence=5`,
			},
			anomalies: record(workflow.EventAfterEnd, "i"),
		},
		"cim-domain-old, where the definition is apart": {
			messages: []published{
				{"workflows.workflow.started.v1", "", `{"WorkflowStarted":{"workflow_id":{"id":"i"},"definition_id":{"id":"d"},"initial_state":"new"}}`},
				{"workflows.workflow.transitioned.v1", "", `{"WorkflowTransitioned":{"workflow_id":{"id":"i"},"from_state":"new","to_state":"done"}}`},
				{"workflows.workflow.suspended.v1", "", `{"WorkflowSuspended":{"workflow_id":{"id":"i"},"current_state":"done","reason":"r"}}`},
			},
			want: []string{
				"process i paused WorkflowID=d Started=true CurrentState=done StartedAt=1 UpdatedAt=3 Reason=r Events=3 LastSequence=3",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var s workflowtest.State
			for i, m := range c.messages {
				apply(t, &s, m.event(t, i+1))
			}
			rows, _ := split(s.Lines())
			if diff := cmp.Diff(c.want, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.anomalies, s.Anomalies); diff != "" {
				t.Errorf("anomalies (-want +got):\n%s", diff)
			}
			if err := s.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}
