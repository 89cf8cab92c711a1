package workflowmodel

import (
	"encoding/json"
	"time"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection/show"
)

// Process is an instance of a workflow as it is answered. Parts that were never set are null, and ActiveSteps then empty. History
// and Metrics are absent where the question did not ask for them.
type Process struct {
	WorkflowID           *string         `json:"workflow_id"`
	ProcessInstanceID    string          `json:"process_instance_id"`
	Status               workflow.Status `json:"status"`
	CompletionStatus     json.RawMessage `json:"completion_status"` // as received
	StartNode            *string         `json:"start_node"`
	ActiveSteps          []string        `json:"active_steps"`  // sorted
	CurrentState         *string         `json:"current_state"` // of a state machine
	Initiator            *string         `json:"initiator"`
	StartedAt            *time.Time      `json:"started_at"`
	CompletedAt          *time.Time      `json:"completed_at"` // when it ended, however it did
	UpdatedAt            *time.Time      `json:"updated_at"`
	StepsExecuted        *uint64         `json:"steps_executed"`
	TotalExecutionTimeMS *uint64         `json:"total_execution_time_ms"`
	InputData            json.RawMessage `json:"input_data"`
	Context              json.RawMessage `json:"context"`
	FinalOutput          json.RawMessage `json:"final_output"`
	Error                json.RawMessage `json:"error"`
	Reason               *string         `json:"reason"`
	Events               uint64          `json:"events"`        // how many its history has
	LastSequence         eventlog.Seq    `json:"last_sequence"` // of the last of them
	History              []HistoryEntry  `json:"history,omitzero"`
	Metrics              *Metrics        `json:"metrics,omitzero"`
}

// HistoryEntry is one event of a process as it is answered: what it did not state is null, NextSteps then empty.
type HistoryEntry struct {
	Sequence         eventlog.Seq    `json:"sequence"`
	Time             *time.Time      `json:"time"`
	Type             string          `json:"type"`
	Name             string          `json:"name"`          // as the producer names the type
	StepID           *string         `json:"step_id"`       // null for a decision
	DecisionNode     *string         `json:"decision_node"` // null for everything else
	StepName         *string         `json:"step_name"`
	StepType         json.RawMessage `json:"step_type"`
	ExecutionTimeMS  *uint64         `json:"execution_time_ms"`
	NextSteps        []string        `json:"next_steps"`
	ChosenPath       *string         `json:"chosen_path"`
	DecisionCriteria json.RawMessage `json:"decision_criteria"`
	EvaluationData   json.RawMessage `json:"evaluation_data"`
	Confidence       *float32        `json:"confidence"`
	FromState        *string         `json:"from_state"`
	ToState          *string         `json:"to_state"`
	OutputData       json.RawMessage `json:"output_data"`
	Error            json.RawMessage `json:"error"`
	Details          json.RawMessage `json:"details"`
	Reason           *string         `json:"reason"`
	Assignee         *string         `json:"assignee"`
	Actor            *string         `json:"actor"`
}

// Definition is a workflow as it is answered. A placeholder, made by the first part of a workflow that was never created, has
// null for all that a creation states.
type Definition struct {
	WorkflowID  string                     `json:"workflow_id"`
	Name        *string                    `json:"name"`
	Version     json.RawMessage            `json:"version"`
	Description *string                    `json:"description"`
	Tags        json.RawMessage            `json:"tags"`
	CreatedBy   *string                    `json:"created_by"`
	Metadata    map[string]json.RawMessage `json:"metadata"`
	Variables   map[string]json.RawMessage `json:"variables"`
	Validation  json.RawMessage            `json:"validation"`
	ValidatedBy *string                    `json:"validated_by"`
	ValidatedAt *time.Time                 `json:"validated_at"`
	CreatedAt   *time.Time                 `json:"created_at"`
	UpdatedAt   *time.Time                 `json:"updated_at"`
	Steps       []StepView                 `json:"steps"`       // by id
	Connections []LinkView                 `json:"connections"` // between steps, by ends and label
	States      []StateView                `json:"states"`      // by id
	Transitions []LinkView                 `json:"transitions"` // between states, by ends and label
}

// StepView is a step of a definition as it is answered.
type StepView struct {
	StepID           string                     `json:"step_id"`
	Name             *string                    `json:"name"`
	Description      *string                    `json:"description"`
	StepType         json.RawMessage            `json:"step_type"`
	Config           map[string]json.RawMessage `json:"config"`
	Dependencies     []string                   `json:"dependencies"` // sorted
	EstimatedMinutes *uint64                    `json:"estimated_duration_minutes"`
	AssignedTo       *string                    `json:"assigned_to"`
	Approval         *ApprovalView              `json:"approval"`
	CreatedAt        *time.Time                 `json:"created_at"`
	UpdatedAt        *time.Time                 `json:"updated_at"`
}

// ApprovalView is what was last said about the approval of a step.
type ApprovalView struct {
	Status   workflow.ApprovalStatus `json:"status"`
	Approver *string                 `json:"approver"`
	By       *string                 `json:"by"`
	Message  *string                 `json:"message"`
	At       *time.Time              `json:"at"`
}

// StateView is a state of a state machine as it is answered.
type StateView struct {
	StateID   string     `json:"state_id"`
	StateType *string    `json:"state_type"`
	CreatedAt *time.Time `json:"created_at"`
}

// LinkView is a way between two steps or states as it is answered.
type LinkView struct {
	From      string          `json:"from"`
	To        string          `json:"to"`
	Label     *string         `json:"label"` // the trigger of a transition, the edge of a connection
	Condition json.RawMessage `json:"condition"`
}

func processView(p *workflow.Process) Process {
	return Process{
		WorkflowID: show.Text(p.WorkflowID), ProcessInstanceID: p.InstanceID, Status: p.Status,
		CompletionStatus: json.RawMessage(p.CompletionStatus), StartNode: p.StartNode, ActiveSteps: list(p.ActiveSteps),
		CurrentState: p.CurrentState, Initiator: p.Initiator, StartedAt: show.Moment(p.StartedAt), CompletedAt: show.Moment(p.CompletedAt),
		UpdatedAt: show.Moment(p.UpdatedAt), StepsExecuted: p.StepsExecuted, TotalExecutionTimeMS: p.TotalExecutionTimeMS,
		InputData: json.RawMessage(p.InputData), Context: json.RawMessage(p.Context), FinalOutput: json.RawMessage(p.FinalOutput),
		Error: json.RawMessage(p.Error), Reason: p.Reason, Events: p.Events, LastSequence: p.LastSequence,
	}
}

func historyEntry(e *workflow.Entry) HistoryEntry {
	v := HistoryEntry{
		Sequence: e.Sequence, Time: show.Moment(e.Time), Type: e.Type, Name: e.Name, StepID: show.Text(e.StepID),
		StepName: e.StepName, StepType: json.RawMessage(e.StepType), ExecutionTimeMS: e.ExecutionTimeMS, NextSteps: list(e.NextSteps),
		ChosenPath: e.ChosenPath, DecisionCriteria: json.RawMessage(e.Criteria), EvaluationData: json.RawMessage(e.Evaluation),
		Confidence: e.Confidence, FromState: e.FromState, ToState: e.ToState, OutputData: json.RawMessage(e.Output),
		Error: json.RawMessage(e.Error), Details: json.RawMessage(e.Details), Reason: e.Reason, Assignee: e.Assignee, Actor: e.Actor,
	}
	if e.Type == decisionReached {
		v.StepID, v.DecisionNode = nil, v.StepID
	}
	return v
}

func definitionView(d *workflow.Definition) Definition {
	return Definition{
		WorkflowID: d.ID, Name: d.Name, Version: json.RawMessage(d.Version), Description: d.Description,
		Tags: json.RawMessage(d.Tags), CreatedBy: d.CreatedBy, Metadata: show.Object(d.Metadata), Variables: show.Object(d.Variables),
		Validation: json.RawMessage(d.Validation), ValidatedBy: d.ValidatedBy, ValidatedAt: show.Moment(d.ValidatedAt),
		CreatedAt: show.Moment(d.CreatedAt), UpdatedAt: show.Moment(d.UpdatedAt),
		Steps: []StepView{}, Connections: []LinkView{}, States: []StateView{}, Transitions: []LinkView{},
	}
}

func stepView(s *workflow.Step) StepView {
	v := StepView{
		StepID: s.ID, Name: s.Name, Description: s.Description, StepType: json.RawMessage(s.StepType), Config: show.Object(s.Config),
		Dependencies: list(s.Dependencies), EstimatedMinutes: s.EstimatedMinutes, AssignedTo: s.AssignedTo,
		CreatedAt: show.Moment(s.CreatedAt), UpdatedAt: show.Moment(s.UpdatedAt),
	}
	if a := s.Approval; a != nil {
		v.Approval = &ApprovalView{Status: a.Status, Approver: a.Approver, By: a.By, Message: a.Message, At: show.Moment(a.At)}
	}
	return v
}

func linkView(l *workflow.Link) LinkView {
	return LinkView{From: l.From, To: l.To, Label: show.Text(l.Label), Condition: json.RawMessage(l.Condition)}
}

// list returns the ids; never nil.
func list(ids []string) []string {
	if ids == nil {
		return []string{}
	}
	return ids
}
