package agenttest_test

import (
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
		name, want string
		damage     func(s *agenttest.State)
	}{
		{"a changed row", "was changed after it was put", func(*agenttest.State) { task.Priority[0] = '2' }},
		{"a changed row that was replaced", "was changed after it was put", func(s *agenttest.State) {
			task.Priority[0] = '2'
			s.PutTask(&agent.Task{AgentID: "a", ID: "t", Status: agent.Assigned, AssignedAt: 1})
		}},
		{"a wrong count", `agent "a" counts 7 active and 0 completed tasks, but has 1 and 0`, func(s *agenttest.State) {
			s.PutAgent(&agent.Agent{ID: "a", Status: agent.Unknown, ActiveTasks: 7})
		}},
		{"a task of nobody", `belongs to agent "b"`, func(s *agenttest.State) {
			s.PutTask(&agent.Task{AgentID: "b", ID: "t", Status: agent.Assigned, AssignedAt: 1})
		}},
		{"a completed task that is not", `task "u" is not canonical`, func(s *agenttest.State) {
			s.PutTask(&agent.Task{AgentID: "a", ID: "u", Status: agent.Completed})
		}},
		{"no status", `agent "b" is not canonical`, func(s *agenttest.State) { s.PutAgent(&agent.Agent{ID: "b"}) }},
		{"an agent that is known and was never registered", `known true`, func(s *agenttest.State) {
			s.PutAgent(&agent.Agent{ID: "b", Status: agent.Active, Known: true})
		}},
		{"a capability that is there twice", `agent "b" is not canonical`, func(s *agenttest.State) {
			s.PutAgent(&agent.Agent{ID: "b", Status: agent.Active, Capabilities: []agent.Capability{{Name: "x"}, {Name: "x"}}})
		}},
		{"capabilities of a node that are not sorted", `node "n" is not canonical`, func(s *agenttest.State) {
			s.PutNode(&agent.Node{ID: "n", Capabilities: []agent.Capability{{Name: "y"}, {Name: "x"}}})
		}},
		{"an empty list", `collaboration "c" is not canonical`, func(s *agenttest.State) {
			s.PutCollaboration(&agent.Collaboration{ID: "c", Participants: []string{}})
		}},
		{"a participant that is there twice", `collaboration "c" is not canonical`, func(s *agenttest.State) {
			s.PutCollaboration(&agent.Collaboration{ID: "c", Participants: []string{"a", "a"}})
		}},
		{"a metric that never exceeded anything", `metric "m" is not canonical`, func(s *agenttest.State) {
			s.PutMetric(&agent.Metric{Name: "m"})
		}},
		{"too many metrics", "1001 metrics", func(s *agenttest.State) {
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
			if err := s.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Check = %v, want %q", err, c.want)
			}
		})
	}
}
