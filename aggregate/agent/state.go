package agent

import "github.com/thecowboyai/cim-projector/eventlog"

// Agent is the row of one agent. Opaque parts stay as received, compacted; lists are nil when they are empty.
type Agent struct {
	ID                    string
	Known                 bool // false: a placeholder, made by an event of an agent that was never registered
	Type                  eventlog.Value
	Kind                  string // the tag of Type
	Name                  *string
	Description           *string
	PersonID              *string
	Capabilities          []Capability // a set, in the order of CompareCapabilities
	CommunicationPatterns []eventlog.Value
	ResourceRequirements  eventlog.Value
	PerformanceMetrics    eventlog.Value // of the last capability update that stated any
	Status                Status
	StatusSince           eventlog.Time
	StatusReason          eventlog.Value // why it was suspended or deregistered, where that was stated
	ModelConfig           eventlog.Value
	ModelConfigurationID  *string
	SystemPrompt          eventlog.Value
	ActiveTasks           uint64 // rows of tasks that are assigned
	CompletedTasks        uint64 // rows of tasks that are completed
	Activity              Activity
	RegisteredAt          eventlog.Time // 0 in a placeholder
	UpdatedAt             eventlog.Time // the producer's clock, of the last event, in the order of the log, but for Activity
}

// Activity counts what an agent said and was told. Texts and identifiers of messages are not kept.
type Activity struct {
	Conversations      uint64
	MessagesSent       uint64
	ChunksReceived     uint64
	ResponsesCompleted uint64
	ResponsesFailed    uint64
	Tokens             uint64 // the sum of what completed responses state, or the most that the type holds
	LastAt             eventlog.Time
}

// Task is the row of one task of one agent.
type Task struct {
	AgentID     string
	ID          string
	Type        eventlog.Value
	Kind        string
	Parameters  map[string]eventlog.Value // nil when it is empty
	Priority    eventlog.Value
	Deadline    *eventlog.Time
	Assigner    *string
	Status      TaskStatus
	AssignedAt  eventlog.Time // 0 where only the completion is known
	CompletedAt eventlog.Time // 0 until then
}

// Collaboration is the row of one collaboration. Its participants need not be agents that are known.
type Collaboration struct {
	ID                  string
	Type                eventlog.Value
	Kind                string
	Participants        []string                  // sorted, each once; nil when there are none
	SharedContext       map[string]eventlog.Value // nil when it is empty
	CoordinationPattern eventlog.Value
	InitiatedAt         eventlog.Time // of the first initiation
	UpdatedAt           eventlog.Time
}

// Node is the row of one node of the system, which is something else than the node of a graph.
type Node struct {
	ID            string
	Type          eventlog.Value
	Kind          string
	Capabilities  []Capability // as those of an agent
	Capacity      eventlog.Value
	Address       *string
	FirstJoinedAt eventlog.Time
	JoinedAt      eventlog.Time // of the last time that it joined
}

// Metric is the row of one metric that exceeded its threshold, with the last event of it. The row without a name
// counts all metrics that have no row of their own, and holds nothing but the count and the time.
type Metric struct {
	Name               string
	Count              uint64
	Source             string   // the envelope's aggregate
	CurrentValue       *float64 // nil where it was not finite
	ThresholdValue     *float64
	Severity           eventlog.Value
	AffectedComponents []eventlog.Value
	RecommendedActions []eventlog.Value
	LastAt             eventlog.Time
}

// State is what the rules read and write. A value that it returns must not be changed: a changed row is a new value,
// put. What is put is the state's: neither the rules nor the state change it, or anything that it points to,
// afterwards. A failing store keeps its error to itself, returns nothing from then on, and fails the whole commit.
// Nothing is ever deleted.
//
// Package agenttest holds the suite that every implementation passes.
type State interface {
	Agent(id string) (*Agent, bool)
	PutAgent(*Agent)

	Task(agent, task string) (*Task, bool)
	PutTask(*Task)

	Collaboration(id string) (*Collaboration, bool)
	PutCollaboration(*Collaboration)

	Node(id string) (*Node, bool)
	PutNode(*Node)

	// Metric returns the row of a metric, or, for the name "", the row of all that have none of their own.
	Metric(name string) (*Metric, bool)
	PutMetric(*Metric)

	// Metrics returns how many rows of metrics there are, the one without a name left out.
	Metrics() uint64

	// Anomaly records that an event met a state which it did not expect. The subject is the id that the code's comment
	// names.
	Anomaly(code Anomaly, subject string)
}
