package workflow

import "github.com/thecowboyai/cim-projector/eventlog"

func decodeProcessStarted(r *reader, e *eventlog.Event) Change {
	c := &ProcessStarted{
		ProcessAddress: r.process(e, ""),
		Entry:          r.entry(e, ""),
		StartNode:      r.optionalID("start_node", "start_step"),
		CurrentState:   r.optionalID("initial_state"),
		InputData:      r.opaque("input_data", "initial_inputs"),
		Context:        r.opaque("context"),
	}
	c.Initiator = c.Entry.Actor
	c.Entry.ToState = c.CurrentState
	if c.Instance == "" && c.Workflow == "" && c.Aggregate == "" {
		r.missing("process_instance_id")
	}
	return c
}

func (r *reader) stepReport(e *eventlog.Event, names ...string) *StepReported {
	step := r.requiredID(names...)
	c := &StepReported{ProcessAddress: r.process(e, step), Entry: r.entry(e, step)}
	c.Entry.StepName = r.optionalText("step_name")
	c.Entry.StepType = r.opaque("step_type")
	c.Entry.ExecutionTimeMS = r.duration("execution_time_ms")
	c.Entry.Output = r.opaque("output_data", "output", "outputs", "completion_data")
	return c
}

func decodeStepStarted(r *reader, e *eventlog.Event) Change {
	c := r.stepReport(e, "step_id")
	c.Enters = []string{c.Step}
	return c
}

func decodeStepCompleted(r *reader, e *eventlog.Event) Change {
	c := r.stepReport(e, "step_id")
	c.Leaves = c.Step
	c.Enters = r.ids("next_steps")
	if c.Enters == nil {
		if next := r.id("next_step"); next != "" {
			c.Enters = []string{next}
		}
	}
	c.Entry.NextSteps = c.Enters
	return c
}

// decodeStepLeft reads a step that failed or was skipped.
func decodeStepLeft(r *reader, e *eventlog.Event) Change {
	c := r.stepReport(e, "step_id")
	c.Leaves = c.Step
	return c
}

func decodeDecisionReached(r *reader, e *eventlog.Event) Change {
	c := r.stepReport(e, "decision_node", "step_id")
	c.Leaves = c.Step
	c.Entry.ChosenPath = r.optionalID("chosen_path")
	if c.Entry.ChosenPath != nil {
		c.Enters = []string{*c.Entry.ChosenPath}
	}
	c.Entry.Criteria = r.opaque("decision_criteria")
	c.Entry.Evaluation = r.opaque("evaluation_data")
	c.Entry.Confidence = r.optionalFloat("confidence")
	return c
}

func decodeStepApproval(r *reader, e *eventlog.Event) Change {
	c := r.stepReport(e, "step_id")
	c.Entry.Assignee = r.optionalID("approver")
	c.Approval = &Approval{
		Status: ApprovalRequested, Approver: c.Entry.Assignee, By: c.Entry.Actor, Message: c.Entry.Reason, At: e.Occurred,
	}
	switch e.Type {
	case "step_approval_granted":
		c.Approval.Status = ApprovalGranted
	case "step_approval_rejected":
		c.Approval.Status = ApprovalRejected
	}
	return c
}

func decodeTaskAssigned(r *reader, e *eventlog.Event) Change {
	step := r.requiredID("step_id")
	c := &TaskAssigned{ProcessAddress: r.process(e, step), Entry: r.entry(e, step)}
	assignee := r.requiredID("assigned_to", "to_assignee")
	c.Entry.Assignee = &assignee
	return c
}

// ended reads what the three ends have in common.
func (r *reader) ended(e *eventlog.Event, status Status) *ProcessEnded {
	step := r.id("failed_step")
	return &ProcessEnded{
		ProcessAddress:       r.process(e, step),
		Entry:                r.entry(e, step),
		Status:               status,
		CurrentState:         r.optionalID("final_state", "current_state"),
		TotalExecutionTimeMS: r.duration("total_execution_time_ms"),
	}
}

func decodeProcessCompleted(r *reader, e *eventlog.Event) Change {
	c := r.ended(e, Completed)
	c.CompletionStatus = r.opaque("completion_status")
	c.Status = Outcome(c.CompletionStatus)
	c.FinalOutput = r.opaque("final_output", "final_context", "result")
	c.StepsExecuted = r.optionalNumber("steps_executed")
	return c
}

func decodeProcessFailed(r *reader, e *eventlog.Event) Change    { return r.ended(e, Failed) }
func decodeProcessCancelled(r *reader, e *eventlog.Event) Change { return r.ended(e, Cancelled) }

func decodeProcessHeld(r *reader, e *eventlog.Event) Change {
	return &ProcessHeld{
		ProcessAddress: r.process(e, ""),
		Entry:          r.entry(e, ""),
		Paused:         e.Type == "process_paused",
		CurrentState:   r.optionalID("current_state"),
	}
}

func decodeStateTransitioned(r *reader, e *eventlog.Event) Change {
	c := &StateTransitioned{ProcessAddress: r.process(e, ""), Entry: r.entry(e, "")}
	to := r.requiredID("to_state")
	c.Entry.FromState, c.Entry.ToState = r.optionalID("from_state"), &to
	c.Entry.Output = r.opaque("output")
	return c
}

func decodeStateEntered(r *reader, e *eventlog.Event) Change {
	c := &StateTransitioned{ProcessAddress: r.process(e, ""), Entry: r.entry(e, ""), Stated: true}
	to := r.requiredID("state_id")
	c.Entry.ToState = &to
	return c
}

func decodeStateExited(r *reader, e *eventlog.Event) Change {
	c := &StateExited{ProcessAddress: r.process(e, ""), Entry: r.entry(e, "")}
	from := r.requiredID("state_id")
	c.Entry.FromState = &from
	return c
}
