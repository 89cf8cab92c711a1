package agentmodel

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/projection/show"
)

// AgentView is an agent as it is answered. What was never set is null, lists are then empty.
type AgentView struct {
	AgentID               string            `json:"agent_id"`
	AgentType             json.RawMessage   `json:"agent_type"` // as received
	Kind                  *string           `json:"kind"`       // the tag of agent_type
	Name                  *string           `json:"name"`
	Description           *string           `json:"description"`
	PersonID              *string           `json:"person_id"`
	Status                agent.Status      `json:"status"`
	StatusSince           *time.Time        `json:"status_since"`
	StatusReason          json.RawMessage   `json:"status_reason"`
	Capabilities          []json.RawMessage `json:"capabilities"` // sorted
	CommunicationPatterns []json.RawMessage `json:"communication_patterns"`
	ResourceRequirements  json.RawMessage   `json:"resource_requirements"`
	PerformanceMetrics    json.RawMessage   `json:"performance_metrics"`
	ModelConfiguration    json.RawMessage   `json:"model_configuration"`
	ModelConfigurationID  *string           `json:"model_configuration_id"`
	SystemPrompt          json.RawMessage   `json:"system_prompt"`
	ActiveTasks           uint64            `json:"active_task_count"`
	CompletedTasks        uint64            `json:"completed_task_count"`
	Activity              ActivityView      `json:"activity"`
	RegisteredAt          *time.Time        `json:"registered_at"`
	UpdatedAt             *time.Time        `json:"updated_at"`
}

// AgentStatus is an agent with what belongs to it, as it is answered. Collaborations and Tasks are absent where the
// question did not ask for them.
type AgentStatus struct {
	AgentView

	Collaborations []string   `json:"collaborations,omitzero"` // ids, sorted
	Tasks          []TaskView `json:"tasks,omitzero"`          // active and completed ones, by id
}

// ActivityView counts what an agent said and was told, as it is answered.
type ActivityView struct {
	Conversations      uint64     `json:"conversations"`
	MessagesSent       uint64     `json:"messages_sent"`
	ChunksReceived     uint64     `json:"chunks_received"`
	ResponsesCompleted uint64     `json:"responses_completed"`
	ResponsesFailed    uint64     `json:"responses_failed"`
	Tokens             uint64     `json:"tokens"`
	LastAt             *time.Time `json:"last_at"`
}

// TaskView is a task as it is answered.
type TaskView struct {
	AgentID     string                     `json:"agent_id"`
	TaskID      string                     `json:"task_id"`
	TaskType    json.RawMessage            `json:"task_type"` // as received
	Kind        *string                    `json:"kind"`      // the tag of task_type
	Parameters  map[string]json.RawMessage `json:"task_parameters"`
	Priority    json.RawMessage            `json:"priority"`
	Deadline    *time.Time                 `json:"deadline"`
	Assigner    *string                    `json:"assigner"`
	Status      agent.TaskStatus           `json:"status"`
	AssignedAt  *time.Time                 `json:"assigned_at"`
	CompletedAt *time.Time                 `json:"completed_at"`
}

// CollaborationView is a collaboration as it is answered.
type CollaborationView struct {
	CollaborationID     string                     `json:"collaboration_id"`
	CollaborationType   json.RawMessage            `json:"collaboration_type"` // as received
	Kind                *string                    `json:"kind"`               // the tag of collaboration_type
	Participants        []string                   `json:"participating_agents"`
	SharedContext       map[string]json.RawMessage `json:"shared_context"`
	CoordinationPattern json.RawMessage            `json:"coordination_pattern"`
	InitiatedAt         *time.Time                 `json:"initiated_at"`
	UpdatedAt           *time.Time                 `json:"updated_at"`
}

// SystemNode is a node of the system as it is answered.
type SystemNode struct {
	NodeID        string            `json:"node_id"`
	NodeType      json.RawMessage   `json:"node_type"` // as received
	Kind          *string           `json:"kind"`      // the tag of node_type
	Capabilities  []json.RawMessage `json:"capabilities"`
	Capacity      json.RawMessage   `json:"resource_capacity"`
	Address       *string           `json:"network_address"`
	FirstJoinedAt *time.Time        `json:"first_joined_at"`
	JoinedAt      *time.Time        `json:"joined_at"`
}

// Threshold is a metric that exceeded its threshold, with the last event of it, as it is answered. The folded one has
// neither a name nor values.
type Threshold struct {
	MetricName         *string           `json:"metric_name"`
	Folded             bool              `json:"folded"` // whatever is not counted by itself
	Count              uint64            `json:"count"`
	Source             *string           `json:"source"` // the aggregate of the last event
	CurrentValue       *float64          `json:"current_value"`
	ThresholdValue     *float64          `json:"threshold_value"`
	Severity           json.RawMessage   `json:"severity"`
	AffectedComponents []json.RawMessage `json:"affected_components"`
	RecommendedActions []json.RawMessage `json:"recommended_actions"`
	LastAt             *time.Time        `json:"last_at"`
}

func agentView(a *agent.Agent) AgentView {
	n := a.Activity
	return AgentView{
		AgentID: a.ID, AgentType: json.RawMessage(a.Type), Kind: show.Text(a.Kind), Name: a.Name, Description: a.Description,
		PersonID: a.PersonID, Status: a.Status, StatusSince: show.Moment(a.StatusSince), StatusReason: json.RawMessage(a.StatusReason),
		Capabilities: capabilities(a.Capabilities), CommunicationPatterns: show.List(a.CommunicationPatterns),
		ResourceRequirements: json.RawMessage(a.ResourceRequirements), PerformanceMetrics: json.RawMessage(a.PerformanceMetrics),
		ModelConfiguration: json.RawMessage(a.ModelConfig), ModelConfigurationID: a.ModelConfigurationID,
		SystemPrompt: json.RawMessage(a.SystemPrompt), ActiveTasks: a.ActiveTasks, CompletedTasks: a.CompletedTasks,
		Activity: ActivityView{
			Conversations: n.Conversations, MessagesSent: n.MessagesSent, ChunksReceived: n.ChunksReceived,
			ResponsesCompleted: n.ResponsesCompleted, ResponsesFailed: n.ResponsesFailed, Tokens: n.Tokens, LastAt: show.Moment(n.LastAt),
		},
		RegisteredAt: show.Moment(a.RegisteredAt), UpdatedAt: show.Moment(a.UpdatedAt),
	}
}

func taskView(t *agent.Task) TaskView {
	v := TaskView{
		AgentID: t.AgentID, TaskID: t.ID, TaskType: json.RawMessage(t.Type), Kind: show.Text(t.Kind), Parameters: show.Object(t.Parameters),
		Priority: json.RawMessage(t.Priority), Assigner: t.Assigner, Status: t.Status,
		AssignedAt: show.Moment(t.AssignedAt), CompletedAt: show.Moment(t.CompletedAt),
	}
	if t.Deadline != nil {
		std := t.Deadline.Std()
		v.Deadline = &std
	}
	return v
}

func collaborationView(c *agent.Collaboration) CollaborationView {
	return CollaborationView{
		CollaborationID: c.ID, CollaborationType: json.RawMessage(c.Type), Kind: show.Text(c.Kind),
		Participants: append([]string{}, c.Participants...), SharedContext: show.Object(c.SharedContext),
		CoordinationPattern: json.RawMessage(c.CoordinationPattern),
		InitiatedAt:         show.Moment(c.InitiatedAt), UpdatedAt: show.Moment(c.UpdatedAt),
	}
}

func nodeView(n *agent.Node) SystemNode {
	return SystemNode{
		NodeID: n.ID, NodeType: json.RawMessage(n.Type), Kind: show.Text(n.Kind), Capabilities: capabilities(n.Capabilities),
		Capacity: json.RawMessage(n.Capacity), Address: n.Address,
		FirstJoinedAt: show.Moment(n.FirstJoinedAt), JoinedAt: show.Moment(n.JoinedAt),
	}
}

func thresholdView(m *agent.Metric) Threshold {
	return Threshold{
		MetricName: show.Text(m.Name), Folded: m.Name == "", Count: m.Count, Source: show.Text(m.Source), CurrentValue: m.CurrentValue,
		ThresholdValue: m.ThresholdValue, Severity: json.RawMessage(m.Severity), AffectedComponents: show.List(m.AffectedComponents),
		RecommendedActions: show.List(m.RecommendedActions), LastAt: show.Moment(m.LastAt),
	}
}

// capabilities returns a set as JSON; never nil.
func capabilities(set []agent.Capability) []json.RawMessage {
	out := make([]json.RawMessage, len(set))
	for i, c := range set {
		switch {
		case c.Name == "":
			out[i] = json.RawMessage(c.Content)
		case c.Content == nil:
			out[i] = quoted(c.Name)
		default:
			out[i] = json.RawMessage(slices.Concat([]byte{'{'}, quoted(c.Name), []byte{':'}, c.Content, []byte{'}'}))
		}
	}
	return out
}

// quoted writes a text as JSON, without escapes that it does not need.
func quoted(text string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a string and a buffer: neither fails
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'})
}
