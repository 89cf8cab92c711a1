package agent

import (
	"math"

	"github.com/thecowboyai/cim-projector/eventlog"
)

func (c *Registration) apply(s scope) {
	next := Agent{ID: c.Agent, Status: Unknown}
	if row, ok := s.Agent(c.Agent); ok {
		next = *row
	}
	switch {
	case next.Status == Deregistered:
		s.Anomaly(RevivedAgent, c.Agent)
		next.RegisteredAt = 0
	case next.Known:
		s.Anomaly(DuplicateAgent, c.Agent)
	}
	at := s.time(c.At)
	if next.Status == Unknown || next.Status == Deregistered {
		next.become(Registered, at, nil)
	}
	if next.RegisteredAt.IsZero() {
		next.RegisteredAt = at
	}
	next.Known = true
	c.describe(&next)
	s.update(&next)
}

// describe overwrites what the registration states, and keeps the rest.
func (c *Registration) describe(a *Agent) {
	if c.Type != nil {
		a.Type, a.Kind = c.Type, c.Kind
	}
	if c.Name != nil {
		a.Name = c.Name
	}
	if c.Description != nil {
		a.Description = c.Description
	}
	if c.PersonID != nil {
		a.PersonID = c.PersonID
	}
	if c.HasCapabilities {
		a.Capabilities = c.Capabilities
	}
	if c.HasPatterns {
		a.CommunicationPatterns = c.CommunicationPatterns
	}
	if c.ResourceRequirements != nil {
		a.ResourceRequirements = c.ResourceRequirements
	}
}

// become sets the status, and since when, unless it is that already.
func (a *Agent) become(status Status, at eventlog.Time, reason eventlog.Value) {
	if a.Status != status {
		a.Status, a.StatusSince = status, at
	}
	a.StatusReason = reason
}

func (c *Deregistration) apply(s scope) {
	next := s.agent(c.Agent)
	if next.Status == Deregistered {
		return
	}
	next.become(Deregistered, s.time(c.At), c.Reason)
	s.update(&next)
}

func (c *CapabilityUpdate) apply(s scope) {
	next := s.agent(c.Agent)
	capabilities, all := difference(union(next.Capabilities, c.Added), c.Removed)
	if !all {
		s.Anomaly(UnknownCapability, c.Agent)
	}
	next.Capabilities = capabilities
	if c.PerformanceMetrics != nil {
		next.PerformanceMetrics = c.PerformanceMetrics
	}
	s.update(&next)
}

func (c *Configuration) apply(s scope) {
	next := s.agent(c.Agent)
	if c.ModelConfig != nil {
		next.ModelConfig = c.ModelConfig
	}
	if c.ModelConfigurationID != nil {
		next.ModelConfigurationID = c.ModelConfigurationID
	}
	if c.SystemPrompt != nil {
		next.SystemPrompt = c.SystemPrompt
	} else if next.Status == Unknown || next.Status == Registered {
		next.become(Configured, s.time(c.At), nil)
	}
	s.update(&next)
}

func (c *Transition) apply(s scope) {
	next := s.agent(c.Agent)
	if next.Status == Deregistered {
		return
	}
	next.become(c.Status, s.time(c.At), c.Reason)
	s.update(&next)
}

func (c *Exchange) apply(s scope) {
	next := s.agent(c.Agent)
	next.Activity.count(c)
	next.Activity.LastAt = s.time(c.At)
	s.PutAgent(&next)
}

func (a *Activity) count(c *Exchange) {
	switch c.What {
	case ConversationStarted:
		a.Conversations++
	case MessageSent:
		a.MessagesSent++
	case ChunkReceived:
		a.ChunksReceived++
	case ResponseCompleted:
		a.ResponsesCompleted++
		a.Tokens += min(c.Tokens, math.MaxUint64-a.Tokens)
	case ResponseFailed:
		a.ResponsesFailed++
	}
}
