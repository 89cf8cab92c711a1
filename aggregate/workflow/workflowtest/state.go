package workflowtest

import (
	"cmp"
	"maps"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
)

var _ workflow.State = (*State)(nil)

// Record is an anomaly as it was recorded.
type Record struct {
	Code    workflow.Anomaly
	Subject string
}

// State is a workflow.State in memory. The zero value is empty and ready.
type State struct {
	// Anomalies are all that were recorded, in order.
	Anomalies []Record

	processes   rows[string, workflow.Process]
	entries     rows[entryKey, workflow.Entry]
	definitions rows[string, workflow.Definition]
	steps       rows[partKey, workflow.Step]
	states      rows[partKey, workflow.MachineState]
	links       rows[linkKey, workflow.Link]
	changed     []error // of rows that are no longer there
}

type entryKey struct {
	instance string
	seq      eventlog.Seq
}

type partKey struct{ workflow, id string }

type linkKey struct {
	workflow        string
	kind            workflow.LinkKind
	from, to, label string
}

// rows are rows by their keys, each with a copy that was made when it was put.
type rows[K comparable, T any] map[K]kept[T]

type kept[T any] struct{ row, copy *T }

func (r rows[K, T]) get(k K) (*T, bool) {
	one, ok := r[k]
	return one.row, ok
}

// sorted returns the rows by their keys.
func (r rows[K, T]) sorted(compare func(a, b K) int) []*T {
	var out []*T
	for _, k := range slices.SortedFunc(maps.Keys(r), compare) {
		out = append(out, r[k].row)
	}
	return out
}

func put[K comparable, T any](s *State, r *rows[K, T], k K, row *T) {
	if *r == nil {
		*r = rows[K, T]{}
	}
	retire(s, *r, k)
	(*r)[k] = kept[T]{row, clone(row)}
}

// retire takes a row out, after a last look at whether it is still what was put.
func retire[K comparable, T any](s *State, r rows[K, T], k K) {
	if one, ok := r[k]; ok {
		if err := unchanged(k, one); err != nil {
			s.changed = append(s.changed, err)
		}
		delete(r, k)
	}
}

// Process implements workflow.State.
func (s *State) Process(instance string) (*workflow.Process, bool) { return s.processes.get(instance) }

// PutProcess implements workflow.State.
func (s *State) PutProcess(p *workflow.Process) { put(s, &s.processes, p.InstanceID, p) }

// PutEntry implements workflow.State.
func (s *State) PutEntry(e *workflow.Entry) {
	put(s, &s.entries, entryKey{e.InstanceID, e.Sequence}, e)
}

// Definition implements workflow.State.
func (s *State) Definition(id string) (*workflow.Definition, bool) { return s.definitions.get(id) }

// PutDefinition implements workflow.State.
func (s *State) PutDefinition(d *workflow.Definition) { put(s, &s.definitions, d.ID, d) }

// Step implements workflow.State.
func (s *State) Step(workflowID, step string) (*workflow.Step, bool) {
	return s.steps.get(partKey{workflowID, step})
}

// PutStep implements workflow.State.
func (s *State) PutStep(step *workflow.Step) {
	put(s, &s.steps, partKey{step.WorkflowID, step.ID}, step)
}

// DeleteStep implements workflow.State.
func (s *State) DeleteStep(workflowID, step string) { retire(s, s.steps, partKey{workflowID, step}) }

// MachineState implements workflow.State.
func (s *State) MachineState(workflowID, id string) (*workflow.MachineState, bool) {
	return s.states.get(partKey{workflowID, id})
}

// PutMachineState implements workflow.State.
func (s *State) PutMachineState(m *workflow.MachineState) {
	put(s, &s.states, partKey{m.WorkflowID, m.ID}, m)
}

// PutLink implements workflow.State.
func (s *State) PutLink(l *workflow.Link) {
	put(s, &s.links, linkKey{l.WorkflowID, l.Kind, l.From, l.To, l.Label}, l)
}

// HasLink implements workflow.State.
func (s *State) HasLink(workflowID string, kind workflow.LinkKind, ends ...string) bool {
	for k := range s.links {
		if k.workflow == workflowID && k.kind == kind && slices.Equal([]string{k.from, k.to}[:len(ends)], ends) {
			return true
		}
	}
	return false
}

// Instances implements workflow.State.
func (s *State) Instances(workflowID string, ended bool) []string {
	return s.two(func(p *workflow.Process) bool { return p.WorkflowID == workflowID && p.Status.Ended() == ended })
}

// ActiveAt implements workflow.State.
func (s *State) ActiveAt(step, workflowID string) []string {
	return s.two(func(p *workflow.Process) bool {
		return slices.Contains(p.ActiveSteps, step) && (workflowID == "" || p.WorkflowID == workflowID)
	})
}

// Definers implements workflow.State.
func (s *State) Definers(step string) []string {
	var out []string
	for _, one := range s.Steps() {
		if one.ID == step && len(out) < 2 {
			out = append(out, one.WorkflowID)
		}
	}
	return out
}

func (s *State) two(want func(*workflow.Process) bool) []string {
	var out []string
	for _, p := range s.Processes() {
		if want(p) && len(out) < 2 {
			out = append(out, p.InstanceID)
		}
	}
	return out
}

// Anomaly implements workflow.State.
func (s *State) Anomaly(code workflow.Anomaly, subject string) {
	s.Anomalies = append(s.Anomalies, Record{code, subject})
}

// Processes returns all rows of processes, by id.
func (s *State) Processes() []*workflow.Process { return s.processes.sorted(cmp.Compare[string]) }

// Entries returns all rows of histories, by process and sequence.
func (s *State) Entries() []*workflow.Entry {
	return s.entries.sorted(func(a, b entryKey) int {
		return cmp.Or(cmp.Compare(a.instance, b.instance), cmp.Compare(a.seq, b.seq))
	})
}

// Definitions returns all rows of definitions, by id.
func (s *State) Definitions() []*workflow.Definition {
	return s.definitions.sorted(cmp.Compare[string])
}

// Steps returns all rows of steps, by workflow and id.
func (s *State) Steps() []*workflow.Step { return s.steps.sorted(comparePart) }

// MachineStates returns all rows of states of state machines, by workflow and id.
func (s *State) MachineStates() []*workflow.MachineState { return s.states.sorted(comparePart) }

// Links returns all rows of links, by workflow, kind, ends and label.
func (s *State) Links() []*workflow.Link {
	return s.links.sorted(func(a, b linkKey) int {
		return cmp.Or(cmp.Compare(a.workflow, b.workflow), cmp.Compare(a.kind, b.kind), cmp.Compare(a.from, b.from),
			cmp.Compare(a.to, b.to), cmp.Compare(a.label, b.label))
	})
}

func comparePart(a, b partKey) int {
	return cmp.Or(cmp.Compare(a.workflow, b.workflow), cmp.Compare(a.id, b.id))
}
