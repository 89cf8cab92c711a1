package workflow

import (
	"strings"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Domain is the domain of the events that Decode reads: other domains have types of the same names.
const Domain = "workflow"

// Known tells whether an event of the domain with this canonical type has a meaning here.
func Known(eventType string) bool {
	_, ok := meanings[eventType]
	return ok
}

// meaning is what a type stands for.
type meaning struct {
	of   subject
	read func(r *reader, e *eventlog.Event) Change
}

// subject says what a type tells about.
type subject uint8

const (
	ofProcess subject = iota
	ofDefinition
)

var meanings = map[string]meaning{
	"process_started":         {ofProcess, decodeProcessStarted},
	"process_paused":          {ofProcess, decodeProcessHeld},
	"process_resumed":         {ofProcess, decodeProcessHeld},
	"process_completed":       {ofProcess, decodeProcessCompleted},
	"process_failed":          {ofProcess, decodeProcessFailed},
	"process_cancelled":       {ofProcess, decodeProcessCancelled},
	"step_started":            {ofProcess, decodeStepStarted},
	"step_completed":          {ofProcess, decodeStepCompleted},
	"step_failed":             {ofProcess, decodeStepLeft},
	"step_skipped":            {ofProcess, decodeStepLeft},
	"step_approval_requested": {ofProcess, decodeStepApproval},
	"step_approval_granted":   {ofProcess, decodeStepApproval},
	"step_approval_rejected":  {ofProcess, decodeStepApproval},
	"task_assigned":           {ofProcess, decodeTaskAssigned},
	"task_reassigned":         {ofProcess, decodeTaskAssigned},
	"decision_reached":        {ofProcess, decodeDecisionReached},
	"state_transitioned":      {ofProcess, decodeStateTransitioned},
	"transition_triggered":    {ofProcess, decodeStateTransitioned},
	"state_entered":           {ofProcess, decodeStateEntered},
	"state_exited":            {ofProcess, decodeStateExited},

	"workflow_created":                  {ofDefinition, decodeWorkflowCreated},
	"workflow_validated":                {ofDefinition, decodeWorkflowValidated},
	"workflow_metadata_added":           {ofDefinition, decodeProperty(Metadata, false)},
	"workflow_metadata_removed":         {ofDefinition, decodeProperty(Metadata, true)},
	"workflow_context_variable_set":     {ofDefinition, decodeProperty(Variable, false)},
	"workflow_context_variable_removed": {ofDefinition, decodeProperty(Variable, true)},
	"step_configuration_added":          {ofDefinition, decodeProperty(Configuration, false)},
	"step_configuration_removed":        {ofDefinition, decodeProperty(Configuration, true)},
	"step_added":                        {ofDefinition, decodeStepAdded},
	"step_removed":                      {ofDefinition, decodeStepRemoved},
	"step_assignment_changed":           {ofDefinition, decodeStepAssigned},
	"step_dependency_added":             {ofDefinition, decodeDependency},
	"step_dependency_removed":           {ofDefinition, decodeDependency},
	"steps_connected":                   {ofDefinition, decodeStepsConnected},
	"state_added":                       {ofDefinition, decodeStateAdded},
	"transition_added":                  {ofDefinition, decodeTransitionAdded},
}

// Decode reads the payload of a workflow event. The change is nil, without an error, for another domain and for a type that is
// not Known: new types appear, and are not errors. An error says which part of the payload cannot be understood; its field
// begins with "payload".
//
// Decode depends on nothing but its argument, and may be called from any number of goroutines.
func Decode(e *eventlog.Event) (Change, *eventlog.FieldError) {
	means, ok := meanings[e.Type]
	switch {
	case e.Domain != Domain || !ok:
		return nil, nil
	case e.Payload.IsNull():
		return nil, eventlog.Refuse(eventlog.CodeMissingField, "payload")
	}
	m, err := readMembers(e.Payload)
	if err != nil {
		return nil, err.In("payload")
	}
	r := reader{m: m}
	change := means.read(&r, e)
	if r.err != nil {
		return nil, r.err.In("payload")
	}
	return change, nil
}

// Owner returns the aggregate that an event belongs to, as far as the event alone tells. An event of a process belongs to the
// process that it names, or else to its workflow, or else to the envelope's aggregate; one of a definition to the workflow, or else
// to the envelope's aggregate. It answers for payloads too that Decode refuses, as far as it can. It is "" for what Decode does not
// know, for a task that names no process, and for an event that nothing but its step identifies: whom these belong to, only
// the state knows. For every change that Decode returns it is the change's Owner.
func Owner(e *eventlog.Event) string {
	means, ok := meanings[e.Type]
	if e.Domain != Domain || !ok {
		return ""
	}
	m, err := readMembers(e.Payload)
	if err != nil {
		return e.AggregateID
	}
	a := address(e, func(names ...string) string { return firstID(m, names...) })
	if means.of == ofDefinition {
		return DefinitionAddress{a}.Owner()
	}
	return ProcessAddress{a}.Owner()
}

// firstID returns the first of these members that is an identifier, and "" where none is.
func firstID(m members, names ...string) string {
	for _, name := range names {
		if id, err := m.first(name).value.ID(); err == nil {
			return id
		}
	}
	return ""
}

// address makes the address of an event, but for its step. id returns the first identifier under these names.
func address(e *eventlog.Event, id func(names ...string) string) Address {
	a := Address{
		Instance:  id("process_instance_id", "instance_id", "execution_id"),
		Workflow:  id("workflow_id"),
		Aggregate: e.AggregateID,
		Task:      strings.HasPrefix(e.Name, "task_") || strings.HasPrefix(e.Type, "task_"),
	}
	// Where there is a definition apart from the workflow, the workflow is the process.
	if definition := id("definition_id"); definition != "" {
		if a.Instance == "" {
			a.Instance = a.Workflow
		}
		a.Workflow = definition
	}
	return a
}

// address reads whom an event belongs to. step is "" for an event that is not about one.
func (r *reader) address(e *eventlog.Event, step string) Address {
	a := address(e, r.id)
	a.Step = step
	return a
}

// process reads the address of an event of a process, which must have one.
func (r *reader) process(e *eventlog.Event, step string) ProcessAddress {
	a := r.address(e, step)
	if a.Instance == "" && a.Workflow == "" && a.Step == "" && a.Aggregate == "" {
		r.missing("process_instance_id")
	}
	return ProcessAddress{a}
}

// definition reads the address of an event of a definition, which must have one.
func (r *reader) definition(e *eventlog.Event, step string) DefinitionAddress {
	a := r.address(e, step)
	if a.Workflow == "" && a.Step == "" && a.Aggregate == "" {
		r.missing("workflow_id")
	}
	return DefinitionAddress{a}
}

// entry makes what all entries have.
func (r *reader) entry(e *eventlog.Event, step string) Entry {
	name := e.Name
	if name == "" {
		name = e.Type
	}
	out := Entry{
		Sequence: e.Seq, Time: e.Occurred, Type: e.Type, Name: name, StepID: step,
		Error:   r.opaque("error"),
		Details: r.opaque("error_details", "failure_context", "pause_context", "resume_context", "cancellation_context", "input", "trigger"),
		Reason:  r.optionalText("reason", "message"),
		Actor: r.optionalID("initiator", "started_by", "completed_by", "failed_by", "skipped_by", "paused_by", "resumed_by",
			"cancelled_by", "requested_by", "approved_by", "rejected_by", "assigned_by", "reassigned_by"),
	}
	if out.Actor == nil && e.Actor != "" {
		actor := e.Actor
		out.Actor = &actor
	}
	return out
}
