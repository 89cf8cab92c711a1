package agentmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// The sizes of rows are about those of what is opaque in them: producers decide how large that is.

func agentSize(a *agent.Agent) int {
	return len(a.Type) + len(a.StatusReason) + capabilitySize(a.Capabilities) + listSize(a.CommunicationPatterns) +
		len(a.ResourceRequirements) + len(a.PerformanceMetrics) + len(a.ModelConfig) + len(a.SystemPrompt) + textSize(a.Name) +
		textSize(a.Description)
}

func taskSize(t *agent.Task) int { return len(t.Type) + len(t.Priority) + objectSize(t.Parameters) }

func collaborationSize(c *agent.Collaboration) int {
	n := len(c.Type) + len(c.CoordinationPattern) + objectSize(c.SharedContext)
	for _, id := range c.Participants {
		n += len(id)
	}
	return n
}

func capabilitySize(set []agent.Capability) int {
	n := 0
	for _, c := range set {
		n += len(c.Name) + len(c.Content)
	}
	return n
}

func listSize(values []eventlog.Value) int {
	n := 0
	for _, v := range values {
		n += len(v)
	}
	return n
}

func objectSize(values map[string]eventlog.Value) int {
	n := 0
	for name, v := range values {
		n += len(name) + len(v)
	}
	return n
}

func textSize(text *string) int {
	if text == nil {
		return 0
	}
	return len(*text)
}
