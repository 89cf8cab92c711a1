package agentmodel

import (
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/projection"
)

// The derived tables are searched here for entries that nothing makes; that everything has its own is checked with
// the rows.

func (c *check) capabilityEntries() {
	c.pairs(c.capabilities, "capability", func(name, id string) bool {
		a, ok := c.agents.Get(c.view, projection.MakeKey(id))
		if !ok || !slices.Contains(names(a.Capabilities), name) {
			return c.Found("agent %q is found by the capability %q, which it does not have", id, name)
		}
		return true
	})
}

func (c *check) activeTaskEntries() {
	c.pairs(c.activeTasks, "active task", func(id, task string) bool {
		t, ok := c.tasks.Get(c.view, projection.MakeKey(id, task))
		if !ok || t.Status != agent.Assigned {
			return c.Found("task %q of agent %q is found among the active ones, and is none", task, id)
		}
		return true
	})
}

func (c *check) collaboratorEntries() {
	c.pairs(c.collaborators, "collaborator", func(id, collaboration string) bool {
		row, ok := c.collaborations.Get(c.view, projection.MakeKey(collaboration))
		if !ok || !slices.Contains(row.Participants, id) {
			return c.Found("collaboration %q is found by agent %q, which takes no part in it", collaboration, id)
		}
		return true
	})
}

// pairs calls each for the two texts of every key of an index, and notes keys that are something else.
func (c *check) pairs(t projection.Table[entry], what string, each func(first, second string) bool) {
	t.Scan(c.view, "", "", func(key projection.Key, _ *entry) bool {
		first, rest, err := key.CutText()
		if err != nil {
			return c.Found("an entry of the index %s stands under the key %q", what, key)
		}
		second, rest, err := rest.CutText()
		if err != nil || rest != "" {
			return c.Found("an entry of the index %s stands under the key %q", what, key)
		}
		return each(first, second)
	})
}
