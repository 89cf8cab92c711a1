package agenttest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestState(t *testing.T) {
	agenttest.TestState(t, func(*testing.T) agent.State { return new(agenttest.State) })
}

// TestCheckFinds proves that Check is not blind. Each damage is the only one.
func TestCheckFinds(t *testing.T) {
	task := &agent.Task{AgentID: "a", ID: "t", Status: agent.Assigned, AssignedAt: 1, Priority: eventlog.Value("1")}
	for _, c := range []struct {
		name   string
		want   agenttest.Flaw // all but its detail
		damage func(s *agenttest.State)
	}{
		{"a changed row", flaw("agent.Task", "", agenttest.ErrChanged), func(*agenttest.State) { task.Priority[0] = '2' }},
		{"a changed row that was replaced", flaw("agent.Task", "", agenttest.ErrChanged), func(s *agenttest.State) {
			task.Priority[0] = '2'
			s.PutTask(&agent.Task{AgentID: "a", ID: "t", Status: agent.Assigned, AssignedAt: 1})
		}},
		{"a wrong count", flaw("agent", "a", agenttest.ErrCount), func(s *agenttest.State) {
			s.PutAgent(&agent.Agent{ID: "a", Status: agent.Unknown, ActiveTasks: 7})
		}},
		{"a task of nobody", flaw("task", "t", agenttest.ErrNoOwner), func(s *agenttest.State) {
			s.PutTask(&agent.Task{AgentID: "b", ID: "t", Status: agent.Assigned, AssignedAt: 1})
		}},
		{"a completed task that is not", flaw("task", "u", agenttest.ErrNotCanonical), func(s *agenttest.State) {
			s.PutTask(&agent.Task{AgentID: "a", ID: "u", Status: agent.Completed})
		}},
		{"no status", flaw("agent", "b", agenttest.ErrNotCanonical), func(s *agenttest.State) { s.PutAgent(&agent.Agent{ID: "b"}) }},
		{"an agent that is known and was never registered", flaw("agent", "b", agenttest.ErrKnown), func(s *agenttest.State) {
			s.PutAgent(&agent.Agent{ID: "b", Status: agent.Active, Known: true})
		}},
		{"a capability that is there twice", flaw("agent", "b", agenttest.ErrNotCanonical), func(s *agenttest.State) {
			s.PutAgent(&agent.Agent{ID: "b", Status: agent.Active, Capabilities: []agent.Capability{{Name: "x"}, {Name: "x"}}})
		}},
		{"capabilities of a node that are not sorted", flaw("node", "n", agenttest.ErrNotCanonical), func(s *agenttest.State) {
			s.PutNode(&agent.Node{ID: "n", Capabilities: []agent.Capability{{Name: "y"}, {Name: "x"}}})
		}},
		{"an empty list", flaw("collaboration", "c", agenttest.ErrNotCanonical), func(s *agenttest.State) {
			s.PutCollaboration(&agent.Collaboration{ID: "c", Participants: []string{}})
		}},
		{"a participant that is there twice", flaw("collaboration", "c", agenttest.ErrNotCanonical), func(s *agenttest.State) {
			s.PutCollaboration(&agent.Collaboration{ID: "c", Participants: []string{"a", "a"}})
		}},
		{"a metric that never exceeded anything", flaw("metric", "m", agenttest.ErrNotCanonical), func(s *agenttest.State) {
			s.PutMetric(&agent.Metric{Name: "m"})
		}},
		{"too many metrics", flaw("metric", "", agenttest.ErrTooMany), func(s *agenttest.State) {
			for i := range agent.MaxMetrics + 1 {
				s.PutMetric(&agent.Metric{Name: strings.Repeat("m", i+1), Count: 1})
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			task.Priority[0] = '1'
			var s agenttest.State
			s.PutAgent(&agent.Agent{ID: "a", Status: agent.Unknown, ActiveTasks: 1})
			s.PutTask(task)
			if err := s.Check(); err != nil {
				t.Fatalf("before the damage: %v", err)
			}
			c.damage(&s)
			err := s.Check()
			found, ok := errors.AsType[*agenttest.Flaw](err)
			if !ok || found.Row != c.want.Row || found.ID != c.want.ID || !errors.Is(found, c.want.Err) || found.Detail == "" {
				t.Errorf("Check = %v, want %v", err, &c.want)
			}
		})
	}
}

func flaw(row, id string, err error) agenttest.Flaw {
	return agenttest.Flaw{Row: row, ID: id, Err: err}
}
