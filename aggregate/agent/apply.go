package agent

import "github.com/thecowboyai/cim-projector/eventlog"

// Apply changes the state by what an event says. It is total: every change has a result in every state, and what the
// state did not expect is an anomaly. The result depends on nothing but the arguments and what the state answers. A
// nil change, as Decode returns it for unknown types, changes nothing.
//
// Applying the same event twice leaves the same rows as applying it once, but for the counters of Activity and Metric.
func Apply(s State, e *eventlog.Event, c Change) {
	if c == nil {
		return
	}
	if owner := c.Owner(); owner != ThresholdOwner && e.AggregateID != "" && e.AggregateID != owner {
		s.Anomaly(AggregateMismatch, e.AggregateID)
	}
	c.apply(scope{State: s, at: e.Occurred, aggregate: e.AggregateID})
}

// scope is the state, seen by one event.
type scope struct {
	State

	at        eventlog.Time
	aggregate string
}

// time returns the payload's time, or the envelope's where that is 0.
func (s scope) time(payload eventlog.Time) eventlog.Time {
	if payload.IsZero() {
		return s.at
	}
	return payload
}

// agent returns a copy of an agent's row, or of a new placeholder's.
func (s scope) agent(id string) Agent {
	row, ok := s.Agent(id)
	switch {
	case !ok:
		s.Anomaly(UnknownAgent, id)
		return Agent{ID: id, Status: Unknown}
	case row.Status == Deregistered:
		s.Anomaly(DeregisteredAgent, id)
	}
	return *row
}

// update puts a changed agent.
func (s scope) update(a *Agent) {
	a.UpdatedAt = s.at
	s.PutAgent(a)
}
