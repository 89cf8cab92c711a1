package agent

import "github.com/thecowboyai/cim-projector/eventlog"

// ThresholdOwner is the owner of all threshold events: how many metrics have a row is decided over all of them.
const ThresholdOwner = "performance_thresholds"

// Known tells whether an event of this domain and canonical type has a meaning here.
func Known(domain, eventType string) bool { return meaningOf(domain, eventType) != unknown }

// Decode reads the payload of an agent or system event. The change is nil, without an error, for a type that is not
// Known: new types appear, and are not errors. An error says which part of the payload cannot be understood; its
// field begins with "payload".
//
// Decode depends on nothing but its argument, and may be called from any number of goroutines.
func Decode(e *eventlog.Event) (Change, *eventlog.FieldError) {
	means := meaningOf(e.Domain, e.Type)
	if means == unknown {
		return nil, nil
	}
	if e.Payload.IsNull() {
		return nil, eventlog.Refuse(eventlog.CodeMissingField, "payload")
	}
	m, err := readMembers(e.Payload)
	if err != nil {
		return nil, err.In("payload")
	}
	r := reader{members: m, event: e}
	change := r.change(means)
	if r.err != nil {
		return nil, r.err.In("payload")
	}
	return change, nil
}

// Owner returns the aggregate that an event belongs to: the agent, collaboration or node that the payload names, or
// else the envelope's aggregate; ThresholdOwner for a threshold event. It answers for payloads too that Decode
// refuses, as far as it can. It is "" for a type that is not Known, and where nothing names an aggregate. For every
// change that Decode returns, it is the change's Owner.
func Owner(e *eventlog.Event) string {
	means := meaningOf(e.Domain, e.Type)
	switch means {
	case unknown:
		return ""
	case thresholdExceeded:
		return ThresholdOwner
	}
	if m, err := readMembers(e.Payload); err == nil {
		if id, err := m.get(means.identifier()).ID(); err == nil {
			return id
		}
	}
	return e.AggregateID
}

// meaning is what a domain and type stand for.
type meaning int

const (
	unknown meaning = iota
	registered
	deregistered
	capabilityUpdated
	modelConfigured
	modelConfigurationAssigned
	systemPromptConfigured
	activated
	suspended
	conversationStarted
	messageSent
	chunkReceived
	responseCompleted
	responseFailed
	taskAssigned
	taskCompleted
	collaborationInitiated
	nodeJoined
	thresholdExceeded
)

// meanings are keyed by domain first: graphs have nodes too, and workflows tasks.
var meanings = map[string]map[string]meaning{
	"agent": {
		"registered":                   registered,
		"deregistered":                 deregistered,
		"capability_updated":           capabilityUpdated,
		"model_configured":             modelConfigured,
		"model_configuration_assigned": modelConfigurationAssigned,
		"system_prompt_configured":     systemPromptConfigured,
		"agent_activated":              activated,
		"agent_suspended":              suspended,
		"conversation_started":         conversationStarted,
		"message_sent":                 messageSent,
		"response_chunk_received":      chunkReceived,
		"response_completed":           responseCompleted,
		"response_failed":              responseFailed,
		"task_assigned":                taskAssigned,
		"task_completed":               taskCompleted,
		"collaboration_initiated":      collaborationInitiated,
	},
	"system": {
		"node_joined":                    nodeJoined,
		"performance_threshold_exceeded": thresholdExceeded,
	},
}

func meaningOf(domain, eventType string) meaning { return meanings[domain][eventType] }

// identifier is the member that names the owner.
func (m meaning) identifier() string {
	switch m {
	case collaborationInitiated:
		return "collaboration_id"
	case nodeJoined:
		return "node_id"
	}
	return "agent_id"
}

// change reads the members as what they mean.
func (r *reader) change(means meaning) Change {
	if means == thresholdExceeded {
		return r.thresholdExceedance()
	}
	owner := r.owner(means.identifier())
	switch means {
	case registered:
		return r.registration(owner)
	case deregistered:
		return &Deregistration{
			Agent: owner, Reason: r.opaque("reason"), At: r.time("decommissioned_at", "deregistered_at", "terminated_at"),
		}
	case capabilityUpdated:
		return r.capabilityUpdate(owner)
	case modelConfigured, modelConfigurationAssigned, systemPromptConfigured:
		return r.configuration(owner, means)
	case activated:
		return &Transition{Agent: owner, Status: Active, At: r.time("activated_at")}
	case suspended:
		return &Transition{Agent: owner, Status: Suspended, Reason: r.opaque("reason"), At: r.time("suspended_at")}
	case taskAssigned:
		return r.taskAssignment(owner)
	case taskCompleted:
		return &TaskCompletion{Agent: owner, Task: r.id("task_id"), At: r.time("completed_at")}
	case collaborationInitiated:
		return r.collaborationInitiation(owner)
	case nodeJoined:
		return r.nodeJoin(owner)
	}
	return r.exchange(owner, means)
}
