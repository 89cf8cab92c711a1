package agenttest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
)

// Check returns everything that is wrong with the state: a row that was changed after it was put, even if it has been
// replaced since, a count that is not the number of rows, a task without its agent's row, a set that is not sorted or
// holds something twice, an empty map or list that is not nil, too many metrics. Each is a *Flaw.
func (s *State) Check() error {
	errs := slices.Concat(s.agents.check(), s.tasks.check(), s.collaborations.check(), s.nodes.check(), s.metrics.check())
	errs = append(errs, s.checkTasks()...)
	for _, a := range s.Agents() {
		if !slices.Contains(agent.Statuses(), a.Status) || !isSet(a.Capabilities) || isEmpty(a.CommunicationPatterns) {
			errs = append(errs, notCanonical("agent", a.ID, a))
		}
		if a.Known == a.RegisteredAt.IsZero() {
			errs = append(errs, &Flaw{"agent", a.ID, ErrKnown, fmt.Sprintf("known %v, registered at %v", a.Known, a.RegisteredAt)})
		}
	}
	for _, c := range s.AllCollaborations() {
		if isEmpty(c.Participants) || !slices.IsSorted(c.Participants) || c.SharedContext != nil && len(c.SharedContext) == 0 ||
			len(slices.Compact(slices.Clone(c.Participants))) != len(c.Participants) {
			errs = append(errs, notCanonical("collaboration", c.ID, c))
		}
	}
	for _, n := range s.Nodes() {
		if !isSet(n.Capabilities) {
			errs = append(errs, notCanonical("node", n.ID, n))
		}
	}
	for _, m := range s.AllMetrics() {
		if isEmpty(m.AffectedComponents) || isEmpty(m.RecommendedActions) || m.Count == 0 {
			errs = append(errs, notCanonical("metric", m.Name, m))
		}
	}
	if n := s.Metrics(); n > agent.MaxMetrics {
		errs = append(errs, &Flaw{"metric", "", ErrTooMany, fmt.Sprint(n)})
	}
	return errors.Join(errs...)
}

func (s *State) checkTasks() (errs []error) {
	active, completed := map[string]uint64{}, map[string]uint64{}
	for _, t := range s.Tasks() {
		if _, ok := s.Agent(t.AgentID); !ok {
			errs = append(errs, &Flaw{"task", t.ID, ErrNoOwner, fmt.Sprintf("agent %q", t.AgentID)})
		}
		switch {
		case t.Status == agent.Assigned && !t.AssignedAt.IsZero() && t.CompletedAt.IsZero():
			active[t.AgentID]++
		case t.Status == agent.Completed && !t.CompletedAt.IsZero():
			completed[t.AgentID]++
		default:
			errs = append(errs, notCanonical("task", t.ID, t))
		}
		if t.Parameters != nil && len(t.Parameters) == 0 {
			errs = append(errs, notCanonical("task", t.ID, t))
		}
	}
	for _, a := range s.Agents() {
		if a.ActiveTasks != active[a.ID] || a.CompletedTasks != completed[a.ID] {
			errs = append(errs, &Flaw{"agent", a.ID, ErrCount, fmt.Sprintf("%d active and %d completed tasks, but it has %d and %d",
				a.ActiveTasks, a.CompletedTasks, active[a.ID], completed[a.ID])})
		}
	}
	return errs
}

func isSet(list []agent.Capability) bool {
	for i := 1; i < len(list); i++ {
		if agent.CompareCapabilities(list[i-1], list[i]) >= 0 {
			return false
		}
	}
	return !isEmpty(list)
}

func isEmpty[T any](list []T) bool { return list != nil && len(list) == 0 }
