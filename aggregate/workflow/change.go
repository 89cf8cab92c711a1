package workflow

import "github.com/thecowboyai/cim-projector/eventlog"

// Change is what one event says about a process or a definition: the payload, read. It holds nothing of the event's body, is
// never changed, and may be applied to any number of states at once. The types of this file are all there are.
type Change interface {
	// To returns whom the event says that it belongs to.
	To() Address

	// Owner returns the aggregate that the change belongs to, as the event alone tells it: see Owner.
	Owner() string

	apply(scope) *eventlog.FieldError
}

// Address is what an event says about whom it belongs to. Members that it does not state are "".
type Address struct {
	Instance  string
	Workflow  string
	Step      string
	Aggregate string // of the envelope
	Task      bool   // of a producer that invents a workflow for each event
}

// To returns the address itself.
func (a Address) To() Address { return a }

// ProcessStarted says that a process began.
type ProcessStarted struct {
	ProcessAddress

	Entry        Entry // without the process, as in all changes of this file
	StartNode    *string
	CurrentState *string
	Initiator    *string
	InputData    eventlog.Value
	Context      eventlog.Value
}

// StepReported says what happened to a step, or at a decision.
type StepReported struct {
	ProcessAddress

	Entry    Entry
	Leaves   string   // the step that is active no longer, or ""
	Enters   []string // the steps that are active from now on
	Approval *Approval
}

// ProcessHeld says that a process was paused or resumed.
type ProcessHeld struct {
	ProcessAddress

	Entry        Entry
	Paused       bool
	CurrentState *string
}

// ProcessEnded says that a process completed, failed, or was cancelled.
type ProcessEnded struct {
	ProcessAddress

	Entry                Entry
	Status               Status
	CompletionStatus     eventlog.Value
	FinalOutput          eventlog.Value
	CurrentState         *string
	StepsExecuted        *uint64
	TotalExecutionTimeMS *uint64
}

// StateTransitioned says that a state machine went on.
type StateTransitioned struct {
	ProcessAddress

	Entry  Entry // with both states; the former can be nil
	Stated bool  // the state is stated alone, without the transition that leads there
}

// StateExited says that a state machine left a state, and not where it went.
type StateExited struct {
	ProcessAddress

	Entry Entry // with the former state
}

// TaskAssigned says whom the task of a step was given to.
type TaskAssigned struct {
	ProcessAddress

	Entry Entry // with the assignee
}

// WorkflowCreated describes a workflow. What the payload does not state is nil.
type WorkflowCreated struct {
	DefinitionAddress

	Name        *string
	Version     eventlog.Value
	Description *string
	Tags        eventlog.Value
	CreatedBy   *string
	Metadata    map[string]eventlog.Value
}

// WorkflowValidated says what a validation found.
type WorkflowValidated struct {
	DefinitionAddress

	Result eventlog.Value
	By     *string
}

// PropertyChanged says that metadata or a context variable of a workflow, or the configuration of a step, has another value, or
// none.
type PropertyChanged struct {
	DefinitionAddress

	Of    PropertyKind
	Key   string
	Value eventlog.Value // nil where it was removed; the text null where it was set to null
}

// PropertyKind says what a property belongs to.
type PropertyKind uint8

// The kinds of properties.
const (
	Metadata PropertyKind = iota
	Variable
	Configuration
)

// StepAdded describes a step.
type StepAdded struct {
	DefinitionAddress

	Name             *string
	Description      *string
	StepType         eventlog.Value
	Config           map[string]eventlog.Value
	Dependencies     []string // sorted, each once
	EstimatedMinutes *uint64
	AssignedTo       *string
}

// StepRemoved says that a step is no part of the workflow any longer.
type StepRemoved struct{ DefinitionAddress }

// StepAssigned says whom a step is given to: nil is nobody.
type StepAssigned struct {
	DefinitionAddress

	AssignedTo *string
}

// DependencyChanged says that a step waits for another, or no longer.
type DependencyChanged struct {
	DefinitionAddress

	On      string
	Removed bool
}

// StateAdded describes a state of a state machine.
type StateAdded struct {
	DefinitionAddress

	ID        string
	StateType *string
}

// Linked describes a way from a state or step to another.
type Linked struct {
	DefinitionAddress

	Kind      LinkKind
	From      string
	Next      string
	Label     string
	Condition eventlog.Value
}

// ProcessAddress is the address of a change to a process.
type ProcessAddress struct{ Address }

// Owner returns the process that the event names, or else the workflow, which is its own process for some producers, or else the
// envelope's aggregate. For a task that names no process it is "": only the state knows.
func (a ProcessAddress) Owner() string {
	switch {
	case a.Instance != "":
		return a.Instance
	case a.Task:
		return ""
	case a.Workflow != "":
		return a.Workflow
	}
	return a.Aggregate
}

// DefinitionAddress is the address of a change to a definition.
type DefinitionAddress struct{ Address }

// Owner returns the workflow that the event names, or else the envelope's aggregate.
func (a DefinitionAddress) Owner() string {
	if a.Workflow != "" {
		return a.Workflow
	}
	return a.Aggregate
}
