package agent

import "github.com/thecowboyai/cim-projector/eventlog"

// Change is what one event says: the payload, read. It holds nothing of the event's body, is never changed, and may be
// applied to any number of states at once. The types of this file are all there are. A time of 0 is the envelope's.
type Change interface {
	// Owner returns the aggregate that the change, and every row that it puts, belongs to.
	Owner() string

	apply(scope)
}

// Registration describes an agent. What the payload does not state is nil.
type Registration struct {
	Agent                 string
	Type                  eventlog.Value
	Kind                  string
	Name                  *string
	Description           *string
	PersonID              *string
	Capabilities          []Capability // a set
	HasCapabilities       bool         // the payload states them, if only that there are none
	CommunicationPatterns []eventlog.Value
	HasPatterns           bool
	ResourceRequirements  eventlog.Value
	At                    eventlog.Time
}

// Deregistration says that an agent is gone.
type Deregistration struct {
	Agent  string
	Reason eventlog.Value
	At     eventlog.Time
}

// CapabilityUpdate says what an agent can do now, and what no more.
type CapabilityUpdate struct {
	Agent              string
	Added              []Capability // a set
	Removed            []Capability // a set
	PerformanceMetrics eventlog.Value
}

// Configuration is one part of an agent's configuration; the other two are nil.
type Configuration struct {
	Agent                string
	ModelConfig          eventlog.Value
	ModelConfigurationID *string
	SystemPrompt         eventlog.Value
	At                   eventlog.Time
}

// Transition says that an agent is Active or Suspended.
type Transition struct {
	Agent  string
	Status Status
	Reason eventlog.Value
	At     eventlog.Time
}

// Exchange is something that was said: one of the counters of Activity.
type Exchange struct {
	Agent  string
	What   ExchangeKind
	Tokens uint64
	At     eventlog.Time
}

// ExchangeKind is what kind of thing was said.
type ExchangeKind int

// The kinds of exchanges.
const (
	ConversationStarted ExchangeKind = iota + 1
	MessageSent
	ChunkReceived
	ResponseCompleted
	ResponseFailed
)

// TaskAssignment gives a task to an agent.
type TaskAssignment struct {
	Agent      string
	Task       string
	Type       eventlog.Value
	Kind       string
	Parameters map[string]eventlog.Value
	Priority   eventlog.Value
	Deadline   *eventlog.Time
	Assigner   *string
	At         eventlog.Time
}

// TaskCompletion says that a task is done.
type TaskCompletion struct {
	Agent string
	Task  string
	At    eventlog.Time
}

// CollaborationInitiation brings agents together.
type CollaborationInitiation struct {
	Collaboration       string
	Type                eventlog.Value
	Kind                string
	Participants        []string // sorted, each once
	HasParticipants     bool
	SharedContext       map[string]eventlog.Value
	CoordinationPattern eventlog.Value
}

// NodeJoin describes a node of the system.
type NodeJoin struct {
	Node         string
	Type         eventlog.Value
	Kind         string
	Capabilities []Capability
	Capacity     eventlog.Value
	Address      *string
	At           eventlog.Time
}

// ThresholdExceedance says that a metric is beyond its threshold.
type ThresholdExceedance struct {
	Metric             string
	CurrentValue       *float64
	ThresholdValue     *float64
	Severity           eventlog.Value
	AffectedComponents []eventlog.Value
	RecommendedActions []eventlog.Value
}

// Owner returns the agent.
func (c *Registration) Owner() string { return c.Agent }

// Owner returns the agent.
func (c *Deregistration) Owner() string { return c.Agent }

// Owner returns the agent.
func (c *CapabilityUpdate) Owner() string { return c.Agent }

// Owner returns the agent.
func (c *Configuration) Owner() string { return c.Agent }

// Owner returns the agent.
func (c *Transition) Owner() string { return c.Agent }

// Owner returns the agent.
func (c *Exchange) Owner() string { return c.Agent }

// Owner returns the agent.
func (c *TaskAssignment) Owner() string { return c.Agent }

// Owner returns the agent.
func (c *TaskCompletion) Owner() string { return c.Agent }

// Owner returns the collaboration.
func (c *CollaborationInitiation) Owner() string { return c.Collaboration }

// Owner returns the node.
func (c *NodeJoin) Owner() string { return c.Node }

// Owner returns ThresholdOwner.
func (c *ThresholdExceedance) Owner() string { return ThresholdOwner }
