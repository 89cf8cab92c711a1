package agentmodel

import (
	"slices"
	"strings"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/finding"
)

// check is one run of Check: what it reads, and what it found.
type check struct {
	*model
	finding.List

	view *projection.View
}

// Check implements projection.Checker. It holds counts against the rows that they count, the derived tables against the
// primary ones in both directions, every key against its row, and sets and empty parts against their canonical form.
func (m *model) Check(v *projection.View) []string {
	c := &check{model: m, view: v}
	c.agentRows()
	c.taskRows()
	c.collaborationRows()
	c.nodeRows()
	c.metricRows()
	c.capabilityEntries()
	c.activeTaskEntries()
	c.collaboratorEntries()
	return c.Problems()
}

func (c *check) agentRows() {
	c.agents.Scan(c.view, "", "", func(key projection.Key, a *agent.Agent) bool {
		if key != projection.MakeKey(a.ID) {
			return c.Found("agent %q stands under the key %q", a.ID, key)
		}
		if !slices.Contains(agent.Statuses(), a.Status) {
			c.Found("agent %q has the status %q, which is none", a.ID, a.Status)
		}
		if !isSet(a.Capabilities, agent.CompareCapabilities) {
			c.Found("the capabilities of agent %q are no set", a.ID)
		}
		if isEmpty(a.CommunicationPatterns) {
			c.Found("agent %q has an empty list that is stored", a.ID)
		}
		for _, name := range names(a.Capabilities) {
			if _, ok := c.capabilities.Get(c.view, projection.MakeKey(name, a.ID)); !ok {
				c.Found("agent %q is not found by its capability %q", a.ID, name)
			}
		}
		if a.ActiveTasks+a.CompletedTasks > 0 && !c.hasTask(key) {
			c.Found("agent %q counts %d active and %d completed tasks and has none", a.ID, a.ActiveTasks, a.CompletedTasks)
		}
		return c.Wanted()
	})
}

func (c *check) hasTask(prefix projection.Key) (found bool) {
	c.tasks.Scan(c.view, prefix, "", func(projection.Key, *agent.Task) bool {
		found = true
		return false
	})
	return found
}

func (c *check) taskRows() {
	run := counting{check: c}
	c.tasks.Scan(c.view, "", "", func(key projection.Key, t *agent.Task) bool {
		if key != projection.MakeKey(t.AgentID, t.ID) {
			return c.Found("task %q of agent %q stands under the key %q", t.ID, t.AgentID, key)
		}
		if t.Status != agent.Assigned && t.Status != agent.Completed {
			c.Found("task %q of agent %q has the status %q, which is none", t.ID, t.AgentID, t.Status)
		}
		if t.Parameters != nil && len(t.Parameters) == 0 {
			c.Found("task %q of agent %q has an empty object that is stored", t.ID, t.AgentID)
		}
		if _, ok := c.activeTasks.Get(c.view, key); ok != (t.Status == agent.Assigned) {
			c.Found("task %q of agent %q is %s, and found among the active ones: %v", t.ID, t.AgentID, t.Status, ok)
		}
		run.count(t)
		return c.Wanted()
	})
	run.end()
}

// counting compares the tasks of each agent, which stand one behind the other, with the agent's own counts.
type counting struct {
	*check
	agentID           string
	active, completed uint64
}

func (c *counting) count(t *agent.Task) {
	if t.AgentID != c.agentID {
		c.end()
		c.agentID, c.active, c.completed = t.AgentID, 0, 0
	}
	if t.Status == agent.Assigned {
		c.active++
	} else {
		c.completed++
	}
}

func (c *counting) end() {
	if c.active+c.completed == 0 {
		return
	}
	a, ok := c.agents.Get(c.view, projection.MakeKey(c.agentID))
	switch {
	case !ok:
		c.Found("%d tasks belong to agent %q, which has no row", c.active+c.completed, c.agentID)
	case a.ActiveTasks != c.active || a.CompletedTasks != c.completed:
		c.Found("agent %q counts %d active and %d completed tasks and has %d and %d",
			c.agentID, a.ActiveTasks, a.CompletedTasks, c.active, c.completed)
	}
}

func (c *check) collaborationRows() {
	c.collaborations.Scan(c.view, "", "", func(key projection.Key, row *agent.Collaboration) bool {
		if key != projection.MakeKey(row.ID) {
			return c.Found("collaboration %q stands under the key %q", row.ID, key)
		}
		if !isSet(row.Participants, strings.Compare) {
			c.Found("the participants of collaboration %q are no set", row.ID)
		}
		if row.SharedContext != nil && len(row.SharedContext) == 0 {
			c.Found("collaboration %q has an empty object that is stored", row.ID)
		}
		for _, id := range row.Participants {
			if _, ok := c.collaborators.Get(c.view, projection.MakeKey(id, row.ID)); !ok {
				c.Found("collaboration %q is not found by its participant %q", row.ID, id)
			}
		}
		return c.Wanted()
	})
}

func (c *check) nodeRows() {
	c.nodes.Scan(c.view, "", "", func(key projection.Key, n *agent.Node) bool {
		if key != projection.MakeKey(n.ID) {
			c.Found("node %q stands under the key %q", n.ID, key)
		}
		if !isSet(n.Capabilities, agent.CompareCapabilities) {
			c.Found("the capabilities of node %q are no set", n.ID)
		}
		return c.Wanted()
	})
}

func (c *check) metricRows() {
	rows := uint64(0)
	c.metrics.Scan(c.view, "", "", func(key projection.Key, row *agent.Metric) bool {
		if row.Name != "" {
			rows++
		}
		if key != projection.MakeKey(row.Name) {
			c.Found("metric %q stands under the key %q", row.Name, key)
		}
		if isEmpty(row.AffectedComponents) || isEmpty(row.RecommendedActions) {
			c.Found("metric %q has an empty list that is stored", row.Name)
		}
		return c.Wanted()
	})
	var have totals
	if row, ok := c.totals.Get(c.view, totalsKey); ok {
		have = *row
	}
	if c.Wanted() && (have.Metrics != rows || rows > agent.MaxMetrics) {
		c.Found("%d metrics have rows, %d are counted, at most %d may be", rows, have.Metrics, agent.MaxMetrics)
	}
}

func isSet[T any](list []T, compare func(a, b T) int) bool {
	for i := 1; i < len(list); i++ {
		if compare(list[i-1], list[i]) >= 0 {
			return false
		}
	}
	return !isEmpty(list)
}

func isEmpty[T any](list []T) bool { return list != nil && len(list) == 0 }
