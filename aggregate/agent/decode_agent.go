package agent

import (
	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func (r *reader) registration(owner string) Change {
	c := &Registration{
		Agent:                owner,
		Type:                 r.opaque("agent_type"),
		Kind:                 serde.Kind(r.members.get("agent_type")),
		Name:                 r.optionalText("name"),
		Description:          r.optionalText("description"),
		PersonID:             r.optionalID("person_id"),
		ResourceRequirements: r.opaque("resource_requirements"),
		At:                   r.time("registration_timestamp", "deployed_at", "registered_at"),
	}
	c.Capabilities, c.HasCapabilities = r.capabilities("capabilities")
	c.CommunicationPatterns, c.HasPatterns = r.opaqueList("communication_patterns")
	return c
}

// capabilityUpdate reads what was added and removed. No source defines the payload of the event that is named
// capability_added; it must say in one of these ways what was added, or else it would be applied without any effect.
func (r *reader) capabilityUpdate(owner string) Change {
	c := &CapabilityUpdate{Agent: owner, PerformanceMetrics: r.opaque("performance_metrics")}
	stated := false
	c.Added, stated = r.capabilities("added_capabilities")
	c.Removed, _ = r.capabilities("removed_capabilities")
	if stated || r.event.Name != "capability_added" {
		return c
	}
	if c.Added, stated = r.capabilities("capabilities"); stated {
		return c
	}
	if v := r.members.get("capability"); !v.IsNull() {
		one, err := ReadCapability(v)
		r.fail("capability", err)
		c.Added = []Capability{one}
		return c
	}
	r.missing("added_capabilities")
	return c
}

func (r *reader) configuration(owner string, means meaning) Change {
	c := &Configuration{Agent: owner, At: r.time("configured_at", "assigned_at")}
	switch means {
	case modelConfigured:
		c.ModelConfig = r.requiredOpaque("config")
	case modelConfigurationAssigned:
		id := r.id("configuration_id")
		c.ModelConfigurationID = &id
	case systemPromptConfigured:
		c.SystemPrompt = r.requiredOpaque("system_prompt")
	}
	return c
}

func (r *reader) exchange(owner string, means meaning) Change {
	c := &Exchange{Agent: owner}
	switch means {
	case conversationStarted:
		c.What, c.At = ConversationStarted, r.time("started_at")
	case messageSent:
		c.What, c.At = MessageSent, r.time("sent_at")
	case chunkReceived:
		c.What, c.At = ChunkReceived, r.time("received_at")
	case responseCompleted:
		c.What, c.At, c.Tokens = ResponseCompleted, r.time("completed_at"), r.totalTokens()
	case responseFailed:
		c.What, c.At = ResponseFailed, r.time("failed_at")
	}
	return c
}

// totalTokens returns token_usage.total_tokens, or 0.
func (r *reader) totalTokens() (total uint64) {
	usage := r.members.get("token_usage")
	if usage.IsNull() {
		return 0
	}
	r.fail("token_usage", usage.Object(func(name string, v eventlog.Value) (err *eventlog.FieldError) {
		if name != "total_tokens" || v.IsNull() {
			return nil
		}
		total, err = v.Uint64()
		return err.InIfAny(name)
	}))
	return total
}

func (r *reader) taskAssignment(owner string) Change {
	return &TaskAssignment{
		Agent:      owner,
		Task:       r.id("task_id"),
		Type:       r.opaque("task_type"),
		Kind:       serde.Kind(r.members.get("task_type")),
		Parameters: r.opaqueMap("task_parameters"),
		Priority:   r.opaque("priority"),
		Deadline:   r.optionalTime("deadline"),
		Assigner:   r.optionalID("assigner"),
		At:         r.time("assigned_at"),
	}
}

func (r *reader) collaborationInitiation(owner string) Change {
	c := &CollaborationInitiation{
		Collaboration:       owner,
		Type:                r.opaque("collaboration_type"),
		Kind:                serde.Kind(r.members.get("collaboration_type")),
		SharedContext:       r.opaqueMap("shared_context"),
		CoordinationPattern: r.opaque("coordination_pattern"),
	}
	c.Participants, c.HasParticipants = r.ids("participating_agents")
	return c
}
