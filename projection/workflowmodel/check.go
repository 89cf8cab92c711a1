package workflowmodel

import (
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/finding"
)

// check is one run of Check: what it reads, and what it found.
type check struct {
	*model
	finding.List

	view *projection.View
}

// Check implements projection.Checker. It holds processes against their histories, statuses against what they rest on, indexes
// against the rows that they follow from, in both directions, parts against their workflows, every key against its row, and empty
// parts against their canonical form.
func (m *model) Check(v *projection.View) []string {
	c := &check{model: m, view: v}
	c.processRows()
	c.historyRows()
	c.definitionRows()
	c.stepRows()
	c.stateRows()
	c.linkRows()
	for _, t := range []projection.Table[placed]{m.active, m.byWorkflow, m.byInitiator} {
		c.placeRows(t)
	}
	c.activeStepRows()
	c.definerRows()
	return c.Problems()
}

func (c *check) processRows() {
	c.processes.Scan(c.view, "", "", func(key projection.Key, p *workflow.Process) bool {
		if key != projection.MakeKey(p.InstanceID) {
			return c.Found("process %q stands under the key %q", p.InstanceID, key)
		}
		c.sound(p)
		if !has(c.view, c.history, key) {
			c.Found("process %q counts %d events and has none", p.InstanceID, p.Events)
		}
		c.places(p, func(t projection.Table[placed], key projection.Key) { c.indexed(t, key, p) })
		for _, step := range p.ActiveSteps {
			c.indexed(c.byStep, stepKey(p, step), p)
		}
		return c.Wanted()
	})
}

// indexed looks for a row that a process must have in an index.
func (c *check) indexed(t projection.Table[placed], key projection.Key, p *workflow.Process) {
	if row, ok := t.Get(c.view, key); !ok || row.InstanceID != p.InstanceID || row.Started != p.Started {
		c.Found("process %q is not in an index, or wrongly, under the key %q", p.InstanceID, key)
	}
}

// sound looks at a process alone.
func (c *check) sound(p *workflow.Process) {
	switch {
	case !isSet(p.ActiveSteps):
		c.Found("process %q has active steps that are no sorted set: %q", p.InstanceID, p.ActiveSteps)
	case p.Status.Ended() && p.ActiveSteps != nil:
		c.Found("process %q is %s and has active steps: %q", p.InstanceID, p.Status, p.ActiveSteps)
	case p.Started && p.Status == workflow.UnknownStart, !p.Started && p.Status == workflow.Running:
		c.Found("process %q is %s, though that its start was seen is %v", p.InstanceID, p.Status, p.Started)
	case !p.Status.Ended() && p.CompletedAt != 0:
		c.Found("process %q is %s, and has ended at %s", p.InstanceID, p.Status, p.CompletedAt)
	}
}

// isSet tells whether ids are sorted, each once, and nil where there are none.
func isSet(ids []string) bool {
	for i := range ids {
		if i > 0 && ids[i-1] >= ids[i] {
			return false
		}
	}
	return ids == nil || len(ids) > 0
}

// historyRows compares the entries of each process, which stand one behind the other, with what the process counts.
func (c *check) historyRows() {
	var instance string
	var events uint64
	var last eventlog.Seq
	end := func() {
		if events == 0 {
			return
		}
		p, ok := c.processes.Get(c.view, projection.MakeKey(instance))
		switch {
		case !ok:
			c.Found("%d events belong to process %q, which has no row", events, instance)
		case p.Events != events || p.LastSequence != last:
			c.Found("process %q counts %d events up to %s and has %d up to %s", instance, p.Events, p.LastSequence, events, last)
		}
	}
	c.history.Scan(c.view, "", "", func(key projection.Key, e *workflow.Entry) bool {
		if key != projection.MakeKey(e.InstanceID).Uint(uint64(e.Sequence)) {
			return c.Found("event %s of process %q stands under the key %q", e.Sequence, e.InstanceID, key)
		}
		if e.InstanceID != instance {
			end()
			instance, events = e.InstanceID, 0
		}
		if e.NextSteps != nil && len(e.NextSteps) == 0 {
			c.Found("event %s of process %q has an empty list that is stored", e.Sequence, e.InstanceID)
		}
		events++
		last = e.Sequence
		return c.Wanted()
	})
	end()
}

func (c *check) definitionRows() {
	c.definitions.Scan(c.view, "", "", func(key projection.Key, d *workflow.Definition) bool {
		if key != projection.MakeKey(d.ID) {
			c.Found("workflow %q stands under the key %q", d.ID, key)
		}
		if isEmpty(d.Metadata) || isEmpty(d.Variables) {
			c.Found("workflow %q has an empty object that is stored", d.ID)
		}
		return c.Wanted()
	})
}

func isEmpty(m map[string]eventlog.Value) bool { return m != nil && len(m) == 0 }

// part compares the key of a part, and looks for its workflow.
func (c *check) part(what, workflowID, id string, key, want projection.Key) {
	if key != want {
		c.Found("%s %q of workflow %q stands under the key %q", what, id, workflowID, key)
	}
	if _, ok := c.definitions.Get(c.view, projection.MakeKey(workflowID)); !ok {
		c.Found("%s %q belongs to workflow %q, which has no row", what, id, workflowID)
	}
}

func (c *check) stepRows() {
	c.steps.Scan(c.view, "", "", func(key projection.Key, s *workflow.Step) bool {
		c.part("step", s.WorkflowID, s.ID, key, projection.MakeKey(s.WorkflowID, s.ID))
		if d, ok := c.definers.Get(c.view, definerKey(s.WorkflowID, s.ID)); !ok || d.WorkflowID != s.WorkflowID {
			c.Found("step %q of workflow %q is not in the index of steps, or wrongly", s.ID, s.WorkflowID)
		}
		if !isSet(s.Dependencies) || isEmpty(s.Config) {
			c.Found("step %q of workflow %q has dependencies that are no sorted set, or an empty object that is stored", s.ID, s.WorkflowID)
		}
		return c.Wanted()
	})
}

func (c *check) stateRows() {
	c.states.Scan(c.view, "", "", func(key projection.Key, s *workflow.MachineState) bool {
		c.part("state", s.WorkflowID, s.ID, key, projection.MakeKey(s.WorkflowID, s.ID))
		return c.Wanted()
	})
}

func (c *check) linkRows() {
	c.links.Scan(c.view, "", "", func(key projection.Key, l *workflow.Link) bool {
		c.part("link", l.WorkflowID, l.From+"->"+l.To, key, linkKey(l))
		return c.Wanted()
	})
}

// placeRows looks for rows of an index that no process makes; that every process has its own is checked with the processes.
func (c *check) placeRows(t projection.Table[placed]) {
	t.Scan(c.view, "", "", func(key projection.Key, at *placed) bool {
		made := false
		if p, ok := c.processes.Get(c.view, projection.MakeKey(at.InstanceID)); ok {
			c.places(p, func(other projection.Table[placed], want projection.Key) { made = made || other == t && key == want })
		}
		if !made {
			c.Found("an index has process %q under the key %q, where it does not stand", at.InstanceID, key)
		}
		return c.Wanted()
	})
}

func (c *check) activeStepRows() {
	c.byStep.Scan(c.view, "", "", func(key projection.Key, at *placed) bool {
		p, ok := c.processes.Get(c.view, projection.MakeKey(at.InstanceID))
		if !ok || !slices.ContainsFunc(p.ActiveSteps, func(step string) bool { return key == stepKey(p, step) }) {
			c.Found("the index of active steps has process %q under the key %q, where it does not stand", at.InstanceID, key)
		}
		return c.Wanted()
	})
}

func (c *check) definerRows() {
	c.definers.Scan(c.view, "", "", func(key projection.Key, d *definer) bool {
		step, _, err := key.CutText()
		_, ok := c.steps.Get(c.view, projection.MakeKey(d.WorkflowID, step))
		if err != nil || !ok || key != definerKey(d.WorkflowID, step) {
			c.Found("the index of steps has workflow %q under the key %q, which defines no such step", d.WorkflowID, key)
		}
		return c.Wanted()
	})
}
