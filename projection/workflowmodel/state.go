package workflowmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/projection"
)

var _ workflow.State = (*state)(nil)

// state is the tables as the rules of package workflow see them, for one event.
type state struct {
	*model
	*prepared
	tx *projection.Tx

	// The process that was looked up last: putting it needs the row that the rules have just asked for.
	processKey projection.Key
	process    *workflow.Process
}

// row returns the key of a process.
func (s *state) row(instance string) projection.Key {
	if instance == s.instance {
		return s.key
	}
	return projection.MakeKey(instance)
}

// Process implements workflow.State.
func (s *state) Process(instance string) (*workflow.Process, bool) {
	if key := s.row(instance); key != s.processKey {
		row, _ := s.processes.Get(s.tx, key)
		s.processKey, s.process = key, row
	}
	return s.process, s.process != nil
}

// PutProcess implements workflow.State.
func (s *state) PutProcess(p *workflow.Process) {
	old, _ := s.Process(p.InstanceID)
	s.index(old, p)
	s.processes.Put(s.tx, s.processKey, p)
	s.process = p
}

// PutEntry implements workflow.State.
func (s *state) PutEntry(e *workflow.Entry) {
	s.history.Put(s.tx, s.row(e.InstanceID).Uint(uint64(e.Sequence)), e)
}

// Definition implements workflow.State.
func (s *state) Definition(id string) (*workflow.Definition, bool) {
	return s.definitions.Get(s.tx, projection.MakeKey(id))
}

// PutDefinition implements workflow.State.
func (s *state) PutDefinition(d *workflow.Definition) {
	s.definitions.Put(s.tx, projection.MakeKey(d.ID), d)
}

// Step implements workflow.State.
func (s *state) Step(workflowID, step string) (*workflow.Step, bool) {
	return s.steps.Get(s.tx, projection.MakeKey(workflowID, step))
}

// PutStep implements workflow.State.
func (s *state) PutStep(step *workflow.Step) {
	key := projection.MakeKey(step.WorkflowID, step.ID)
	if _, ok := s.steps.Get(s.tx, key); !ok {
		s.definers.Put(s.tx, definerKey(step.WorkflowID, step.ID), &definer{WorkflowID: step.WorkflowID})
	}
	s.steps.Put(s.tx, key, step)
}

// DeleteStep implements workflow.State.
func (s *state) DeleteStep(workflowID, step string) {
	s.steps.Delete(s.tx, projection.MakeKey(workflowID, step))
	s.definers.Delete(s.tx, definerKey(workflowID, step))
}

func definerKey(workflowID, step string) projection.Key { return projection.MakeKey(step, workflowID) }

// MachineState implements workflow.State.
func (s *state) MachineState(workflowID, id string) (*workflow.MachineState, bool) {
	return s.states.Get(s.tx, projection.MakeKey(workflowID, id))
}

// PutMachineState implements workflow.State.
func (s *state) PutMachineState(m *workflow.MachineState) {
	s.states.Put(s.tx, projection.MakeKey(m.WorkflowID, m.ID), m)
}

// PutLink implements workflow.State.
func (s *state) PutLink(l *workflow.Link) { s.links.Put(s.tx, linkKey(l), l) }

func linkKey(l *workflow.Link) projection.Key {
	return projection.MakeKey(l.WorkflowID, string(l.Kind), l.From, l.To, l.Label)
}

// HasLink implements workflow.State.
func (s *state) HasLink(workflowID string, kind workflow.LinkKind, ends ...string) bool {
	prefix := projection.MakeKey(workflowID, string(kind))
	for _, end := range ends {
		prefix = prefix.Text(end)
	}
	return has(s.tx, s.links, prefix)
}

// Instances implements workflow.State.
func (s *state) Instances(workflowID string, ended bool) []string {
	return twoOf(s.tx, s.byWorkflow, projection.MakeKey(workflowID).Uint(endedKey(ended)))
}

// ActiveAt implements workflow.State.
func (s *state) ActiveAt(step, workflowID string) []string {
	prefix := projection.MakeKey(step)
	if workflowID != "" {
		prefix = prefix.Text(workflowID)
	}
	return twoOf(s.tx, s.byStep, prefix)
}

// Definers implements workflow.State.
func (s *state) Definers(step string) []string {
	var out []string
	s.definers.Scan(s.tx, projection.MakeKey(step), "", func(_ projection.Key, d *definer) bool {
		out = append(out, d.WorkflowID)
		return len(out) < 2
	})
	return out
}

// Anomaly implements workflow.State.
func (s *state) Anomaly(code workflow.Anomaly, subject string) { s.tx.Anomaly(string(code), subject) }
