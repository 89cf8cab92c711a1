package workflow

import "github.com/thecowboyai/cim-projector/eventlog"

// Process is the row of one instance of a workflow. Opaque parts (CompletionStatus, InputData, Context, FinalOutput, Error)
// stay as received, compacted.
type Process struct {
	InstanceID           string
	WorkflowID           string // "" where no event has named it
	Status               Status
	Started              bool           // its start was seen
	Stepped              bool           // a step or a decision of it was seen
	CompletionStatus     eventlog.Value // nil where the end stated none
	StartNode            *string
	CurrentState         *string  // of a state machine
	ActiveSteps          []string // sorted, each once; nil when there are none
	Initiator            *string
	StartedAt            eventlog.Time // the producer's clock, as all times in rows; 0 where the start was not seen
	CompletedAt          eventlog.Time // of the event that ended it, however it ended
	UpdatedAt            eventlog.Time // of its last event, in the order of the log
	StepsExecuted        *uint64       // as process_completed states it
	TotalExecutionTimeMS *uint64       // as process_completed states it
	InputData            eventlog.Value
	Context              eventlog.Value
	FinalOutput          eventlog.Value
	Error                eventlog.Value // of the event that made it fail
	Reason               *string        // of the pause that stands, or of the end
	Events               uint64         // how many entries its history has
	LastSequence         eventlog.Seq   // of the last entry
}

// Entry is one event in the history of a process. What the event did not state is nil or "".
type Entry struct {
	InstanceID      string
	Sequence        eventlog.Seq
	Time            eventlog.Time
	Type            string // canonical
	Name            string // as the producer names it
	StepID          string // the step, the decision's node, or the step that failed the process
	StepName        *string
	StepType        eventlog.Value
	ExecutionTimeMS *uint64
	NextSteps       []string // as received
	ChosenPath      *string
	Criteria        eventlog.Value
	Evaluation      eventlog.Value
	Confidence      *float32
	FromState       *string
	ToState         *string
	Output          eventlog.Value
	Error           eventlog.Value
	Details         eventlog.Value
	Reason          *string
	Assignee        *string // whom a task was given to, or who is to approve
	Actor           *string // by the payload, else by the envelope
}

// Definition is the row of one workflow. Metadata and Variables are nil when they are empty.
type Definition struct {
	ID          string
	Known       bool // false: a placeholder, made by the first part of a workflow that was never created
	Name        *string
	Version     eventlog.Value
	Description *string
	Tags        eventlog.Value
	CreatedBy   *string
	Metadata    map[string]eventlog.Value
	Variables   map[string]eventlog.Value // of its context
	Validation  eventlog.Value            // what the last validation found
	ValidatedBy *string
	ValidatedAt eventlog.Time
	CreatedAt   eventlog.Time // 0 in a placeholder
	UpdatedAt   eventlog.Time
}

// Step is the row of one step of a workflow's definition. Config is nil when it is empty.
type Step struct {
	WorkflowID       string
	ID               string
	Name             *string
	Description      *string
	StepType         eventlog.Value
	Config           map[string]eventlog.Value
	Dependencies     []string // sorted, each once; nil when there are none
	EstimatedMinutes *uint64
	AssignedTo       *string
	Approval         *Approval
	CreatedAt        eventlog.Time
	UpdatedAt        eventlog.Time
}

// Approval is what was last said about the approval of a step.
type Approval struct {
	Status   ApprovalStatus
	Approver *string // who was asked
	By       *string // who asked, granted or rejected
	Message  *string // a message, or the reason of a rejection
	At       eventlog.Time
}

// MachineState is the row of one state of a workflow that is defined as a state machine.
type MachineState struct {
	WorkflowID string
	ID         string
	StateType  *string // "initial", "normal", "final"
	CreatedAt  eventlog.Time
}

// Link is the row of one way from a state or step to another. Its ends need not be defined.
type Link struct {
	WorkflowID string
	Kind       LinkKind
	From       string
	To         string
	Label      string // a transition's trigger, a connection's edge; "" where there is none
	Condition  eventlog.Value
	CreatedAt  eventlog.Time
}

// LinkKind says what a link is between.
type LinkKind string

// The kinds of links.
const (
	Transition LinkKind = "transition" // between states
	Connection LinkKind = "connection" // between steps
)

// State is what the rules read and write. A value that it returns must not be changed: a changed row is a new value, put.
// What is put is the state's: neither the rules nor the state change it, or anything that it points to, afterwards. A failing
// store keeps its error to itself, returns nothing from then on, and fails the whole commit.
//
// Package workflowtest holds the suite that every implementation passes.
type State interface {
	Process(instance string) (*Process, bool)
	// PutProcess keeps what Instances and ActiveAt answer from.
	PutProcess(*Process)
	// PutEntry adds to the history of a process, or replaces the entry of the same sequence.
	PutEntry(*Entry)

	Definition(workflow string) (*Definition, bool)
	PutDefinition(*Definition)
	Step(workflow, step string) (*Step, bool)
	// PutStep and DeleteStep keep what Definers answers from.
	PutStep(*Step)
	DeleteStep(workflow, step string)
	MachineState(workflow, state string) (*MachineState, bool)
	PutMachineState(*MachineState)
	// PutLink replaces the link with the same workflow, kind, ends and label.
	PutLink(*Link)
	// HasLink tells whether a workflow has a link of this kind: any, or one from the first end, or one from the first to the
	// second.
	HasLink(workflow string, kind LinkKind, ends ...string) bool

	// Instances returns ids of a workflow's processes, those that have ended or those that have not. ActiveAt returns ids of
	// processes in which a step is active, of one workflow, or of all where workflow is "". Definers returns ids of workflows
	// that define a step. All three return two at most, each once, in any order: the rules ask whether there is just one.
	Instances(workflow string, ended bool) []string
	ActiveAt(step, workflow string) []string
	Definers(step string) []string

	// Anomaly records that an event met a state which it did not expect. The subject is the id that the code's comment names.
	Anomaly(code Anomaly, subject string)
}
