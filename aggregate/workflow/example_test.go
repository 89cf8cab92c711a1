package workflow_test

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func Example() {
	var state workflowtest.State
	for i, e := range []eventlog.Event{
		{Type: "step_completed", Payload: eventlog.Value(`{"process_instance_id":"p","step_id":"a","next_steps":["b"]}`)},
		{Type: "process_started", Payload: eventlog.Value(`{"process_instance_id":"p","workflow_id":"w","start_node":"a"}`)},
		{Type: "step_completed", Payload: eventlog.Value(`{"step_id":"c"}`)},
	} {
		e.Domain, e.Seq, e.Occurred = workflow.Domain, eventlog.Seq(i+1), eventlog.Time(i+1)
		change, err := workflow.Decode(&e)
		if err == nil {
			err = workflow.Apply(&state, &e, change)
		}
		if err != nil {
			fmt.Println(err)
		}
	}
	for _, p := range state.Processes() {
		fmt.Println(p.InstanceID, p.WorkflowID, p.Status, p.ActiveSteps, p.Events)
	}
	for _, a := range state.Anomalies {
		fmt.Println(a.Code, a.Subject)
	}
	// Output:
	// payload.process_instance_id: missing_field
	// p w running [b] 2
	// unknown_instance p
}
