package agentmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/projection"
)

var _ agent.State = (*state)(nil)

// prepared is a decoded event, and the key of its owner, which applying it needs in any case: it is made beside it, in
// parallel, and once.
type prepared struct {
	change   agent.Change
	owner    string
	ownerKey projection.Key
}

func prepare(c agent.Change) *prepared {
	return &prepared{change: c, owner: c.Owner(), ownerKey: projection.MakeKey(c.Owner())}
}

// state is the tables as the rules of package agent see them, for one event.
type state struct {
	*model
	*prepared
	tx *projection.Tx
}

var (
	totalsKey = projection.MakeKey("totals")
	present   = &entry{}
)

// row returns the key of an agent, a collaboration or a node.
func (s *state) row(id string) projection.Key {
	if id == s.owner {
		return s.ownerKey
	}
	return projection.MakeKey(id)
}

// Agent implements agent.State.
func (s *state) Agent(id string) (*agent.Agent, bool) { return s.agents.Get(s.tx, s.row(id)) }

// PutAgent implements agent.State. The index of capabilities changes only where they do.
func (s *state) PutAgent(a *agent.Agent) {
	var had []agent.Capability
	if old, ok := s.Agent(a.ID); ok {
		had = old.Capabilities
	}
	if !sameList(had, a.Capabilities) {
		s.difference(s.capabilities, names(had), names(a.Capabilities), func(name string) projection.Key {
			return projection.MakeKey(name, a.ID)
		})
	}
	s.agents.Put(s.tx, s.row(a.ID), a)
}

// Task implements agent.State.
func (s *state) Task(agentID, task string) (*agent.Task, bool) {
	return s.tasks.Get(s.tx, projection.MakeKey(agentID, task))
}

// PutTask implements agent.State. A task and its entry among the active ones have the same key, each in its own table.
func (s *state) PutTask(t *agent.Task) {
	key := projection.MakeKey(t.AgentID, t.ID)
	old, ok := s.tasks.Get(s.tx, key)
	was, is := ok && old.Status == agent.Assigned, t.Status == agent.Assigned
	switch {
	case is && !was:
		s.activeTasks.Put(s.tx, key, present)
	case was && !is:
		s.activeTasks.Delete(s.tx, key)
	}
	s.tasks.Put(s.tx, key, t)
}

// Collaboration implements agent.State.
func (s *state) Collaboration(id string) (*agent.Collaboration, bool) {
	return s.collaborations.Get(s.tx, s.row(id))
}

// PutCollaboration implements agent.State.
func (s *state) PutCollaboration(c *agent.Collaboration) {
	var before []string
	if old, ok := s.Collaboration(c.ID); ok {
		before = old.Participants
	}
	s.difference(s.collaborators, before, c.Participants, func(id string) projection.Key {
		return projection.MakeKey(id, c.ID)
	})
	s.collaborations.Put(s.tx, s.row(c.ID), c)
}

// Node implements agent.State.
func (s *state) Node(id string) (*agent.Node, bool) { return s.nodes.Get(s.tx, s.row(id)) }

// PutNode implements agent.State.
func (s *state) PutNode(n *agent.Node) { s.nodes.Put(s.tx, s.row(n.ID), n) }

// Metric implements agent.State.
func (s *state) Metric(name string) (*agent.Metric, bool) {
	return s.metrics.Get(s.tx, projection.MakeKey(name))
}

// PutMetric implements agent.State.
func (s *state) PutMetric(m *agent.Metric) {
	key := projection.MakeKey(m.Name)
	if _, ok := s.metrics.Get(s.tx, key); !ok && m.Name != "" {
		s.totals.Put(s.tx, totalsKey, &totals{Metrics: s.Metrics() + 1})
	}
	s.metrics.Put(s.tx, key, m)
}

// Metrics implements agent.State.
func (s *state) Metrics() uint64 {
	if row, ok := s.totals.Get(s.tx, totalsKey); ok {
		return row.Metrics
	}
	return 0
}

// Anomaly implements agent.State.
func (s *state) Anomaly(code agent.Anomaly, subject string) { s.tx.Anomaly(string(code), subject) }

// difference deletes the entries of what is in before only, and puts those of what is in after only. Both are sorted.
func (s *state) difference(t projection.Table[entry], before, after []string, key func(string) projection.Key) {
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0] < after[0]:
			t.Delete(s.tx, key(before[0]))
			before = before[1:]
		case len(before) == 0 || after[0] < before[0]:
			t.Put(s.tx, key(after[0]), present)
			after = after[1:]
		default:
			before, after = before[1:], after[1:]
		}
	}
}

// names returns the names of a set, sorted and each once. Capabilities without a name share "".
func names(set []agent.Capability) []string {
	var out []string
	for i, c := range set {
		if i == 0 || c.Name != set[i-1].Name {
			out = append(out, c.Name)
		}
	}
	return out
}

// sameList tells whether two lists are one and the same.
func sameList(a, b []agent.Capability) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
