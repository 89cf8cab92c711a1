package agenttest

import (
	"cmp"
	"maps"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
)

var _ agent.State = (*State)(nil)

// TaskKey names a task of an agent.
type TaskKey struct{ Agent, Task string }

// Record is an anomaly as it was recorded.
type Record struct {
	Code    agent.Anomaly
	Subject string
}

// State is an agent.State in memory. The zero value is empty and ready.
type State struct {
	// Anomalies are all that were recorded, in order.
	Anomalies []Record

	agents         rows[string, agent.Agent]
	tasks          rows[TaskKey, agent.Task]
	collaborations rows[string, agent.Collaboration]
	nodes          rows[string, agent.Node]
	metrics        rows[string, agent.Metric]
}

// Agent implements agent.State.
func (s *State) Agent(id string) (*agent.Agent, bool) { return s.agents.get(id) }

// PutAgent implements agent.State.
func (s *State) PutAgent(a *agent.Agent) { s.agents.put(a.ID, a) }

// Task implements agent.State.
func (s *State) Task(agentID, task string) (*agent.Task, bool) {
	return s.tasks.get(TaskKey{agentID, task})
}

// PutTask implements agent.State.
func (s *State) PutTask(t *agent.Task) { s.tasks.put(TaskKey{t.AgentID, t.ID}, t) }

// Collaboration implements agent.State.
func (s *State) Collaboration(id string) (*agent.Collaboration, bool) {
	return s.collaborations.get(id)
}

// PutCollaboration implements agent.State.
func (s *State) PutCollaboration(c *agent.Collaboration) { s.collaborations.put(c.ID, c) }

// Node implements agent.State.
func (s *State) Node(id string) (*agent.Node, bool) { return s.nodes.get(id) }

// PutNode implements agent.State.
func (s *State) PutNode(n *agent.Node) { s.nodes.put(n.ID, n) }

// Metric implements agent.State.
func (s *State) Metric(name string) (*agent.Metric, bool) { return s.metrics.get(name) }

// PutMetric implements agent.State.
func (s *State) PutMetric(m *agent.Metric) { s.metrics.put(m.Name, m) }

// Metrics implements agent.State.
func (s *State) Metrics() uint64 {
	n := len(s.metrics.kept)
	if _, folded := s.metrics.get(""); folded {
		n--
	}
	return uint64(n) //nolint:gosec // a length
}

// Anomaly implements agent.State.
func (s *State) Anomaly(code agent.Anomaly, subject string) {
	s.Anomalies = append(s.Anomalies, Record{code, subject})
}

// Collaborations returns the ids of the collaborations that an agent takes part in, sorted.
func (s *State) Collaborations(agentID string) []string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(s.collaborations.kept)) {
		if slices.Contains(s.collaborations.kept[id].row.Participants, agentID) {
			out = append(out, id)
		}
	}
	return out
}

// Tasks returns copies of all rows of tasks, by agent and id.
func (s *State) Tasks() []agent.Task {
	var out []agent.Task
	for _, k := range s.taskKeys() {
		out = append(out, *s.tasks.kept[k].row)
	}
	return out
}

// Agents returns copies of all rows of agents, by id.
func (s *State) Agents() []agent.Agent { return sorted(&s.agents) }

// Nodes returns copies of all rows of nodes, by id.
func (s *State) Nodes() []agent.Node { return sorted(&s.nodes) }

// AllCollaborations returns copies of all rows of collaborations, by id.
func (s *State) AllCollaborations() []agent.Collaboration { return sorted(&s.collaborations) }

// AllMetrics returns copies of all rows of metrics, by name.
func (s *State) AllMetrics() []agent.Metric { return sorted(&s.metrics) }

func (s *State) taskKeys() []TaskKey {
	return slices.SortedFunc(maps.Keys(s.tasks.kept), func(a, b TaskKey) int {
		return cmp.Or(cmp.Compare(a.Agent, b.Agent), cmp.Compare(a.Task, b.Task))
	})
}

func sorted[T any](r *rows[string, T]) []T {
	var out []T
	for _, id := range slices.Sorted(maps.Keys(r.kept)) {
		out = append(out, *r.kept[id].row)
	}
	return out
}
