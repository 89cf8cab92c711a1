package workflowmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/finding"
)

// MaxParts is a bound that tests reach.
const MaxParts = maxParts

// MaxProblems is a bound that tests reach.
const MaxProblems = finding.Most

// Rows returns everything that the view holds as a state in memory.
func Rows(v *projection.View) *workflowtest.State {
	m := v.Projection().(*model)
	out := &workflowtest.State{}
	m.processes.Scan(v, "", "", func(_ projection.Key, p *workflow.Process) bool { out.PutProcess(p); return true })
	m.history.Scan(v, "", "", func(_ projection.Key, e *workflow.Entry) bool { out.PutEntry(e); return true })
	m.definitions.Scan(v, "", "", func(_ projection.Key, d *workflow.Definition) bool { out.PutDefinition(d); return true })
	m.steps.Scan(v, "", "", func(_ projection.Key, s *workflow.Step) bool { out.PutStep(s); return true })
	m.states.Scan(v, "", "", func(_ projection.Key, s *workflow.MachineState) bool { out.PutMachineState(s); return true })
	m.links.Scan(v, "", "", func(_ projection.Key, l *workflow.Link) bool { out.PutLink(l); return true })
	v.Anomalies("", func(a *projection.AnomalyRow) bool {
		out.Anomaly(workflow.Anomaly(a.Code), a.Subject)
		return true
	})
	return out
}

// Lend is a projection of workflows that hands the state of its first event to a test, and goes on when the test returned it.
type Lend struct {
	projection.Projection
	States   chan workflow.State
	Returned chan struct{}
}

// Decode implements projection.Decoder.
func (l *Lend) Decode(e *eventlog.Event) (any, error) { return l.Projection.(*model).Decode(e) }

// Apply implements projection.Projection.
func (l *Lend) Apply(tx *projection.Tx, e *projection.Event) error {
	l.States <- &state{model: l.Projection.(*model), prepared: e.Decoded.(*prepared), tx: tx}
	<-l.Returned
	return nil
}

// Damaged is a projection of workflows that, at an event of the type "damage", does something that no rule would.
type Damaged struct {
	*model
	Do func(d *Damage)
}

// NewDamaged makes one.
func NewDamaged(do func(d *Damage)) *Damaged { return &Damaged{model: newModel(), Do: do} }

// Decode implements projection.Decoder.
func (d *Damaged) Decode(e *eventlog.Event) (any, error) {
	if e.Type == "damage" {
		return nil, nil
	}
	return d.model.Decode(e)
}

// Apply implements projection.Projection.
func (d *Damaged) Apply(tx *projection.Tx, e *projection.Event) error {
	if e.Type == "damage" {
		d.Do(&Damage{m: d.model, tx: tx})
		return nil
	}
	return d.model.Apply(tx, e)
}

// Damage writes past the rules.
type Damage struct {
	m  *model
	tx *projection.Tx
}

// Process changes a process's row where it stands, and nothing of its indexes.
func (d *Damage) Process(id string, change func(p *workflow.Process)) {
	row, _ := d.m.processes.Get(d.tx, projection.MakeKey(id))
	next := *row
	change(&next)
	d.m.processes.Put(d.tx, projection.MakeKey(id), &next)
}

// DeleteProcess removes a process's row.
func (d *Damage) DeleteProcess(id string) { d.m.processes.Delete(d.tx, projection.MakeKey(id)) }

// PutEntry writes an entry under a key.
func (d *Damage) PutEntry(key projection.Key, e *workflow.Entry) { d.m.history.Put(d.tx, key, e) }

// DeleteEntry removes an entry.
func (d *Damage) DeleteEntry(id string, seq uint64) {
	d.m.history.Delete(d.tx, projection.MakeKey(id).Uint(seq))
}

// PutDefinition writes a workflow's row under a key.
func (d *Damage) PutDefinition(key projection.Key, row *workflow.Definition) {
	d.m.definitions.Put(d.tx, key, row)
}

// DeleteDefinition removes a workflow's row.
func (d *Damage) DeleteDefinition(id string) { d.m.definitions.Delete(d.tx, projection.MakeKey(id)) }

// PutStep writes a step's row under a key, and nothing of its index.
func (d *Damage) PutStep(key projection.Key, s *workflow.Step) { d.m.steps.Put(d.tx, key, s) }

// DeleteStep removes a step's row, and nothing of its index.
func (d *Damage) DeleteStep(key projection.Key) { d.m.steps.Delete(d.tx, key) }

// PutState writes a state's row under a key.
func (d *Damage) PutState(key projection.Key, s *workflow.MachineState) { d.m.states.Put(d.tx, key, s) }

// PutLink writes a link's row under a key.
func (d *Damage) PutLink(key projection.Key, l *workflow.Link) { d.m.links.Put(d.tx, key, l) }

// Index names an index of processes.
type Index string

// The indexes of processes.
const (
	Active      Index = "active"
	ByWorkflow  Index = "by_workflow"
	ByInitiator Index = "by_initiator"
	ByStep      Index = "by_step"
)

func (d *Damage) index(i Index) projection.Table[placed] {
	return map[Index]projection.Table[placed]{
		Active: d.m.active, ByWorkflow: d.m.byWorkflow, ByInitiator: d.m.byInitiator, ByStep: d.m.byStep,
	}[i]
}

// Place writes a row of an index.
func (d *Damage) Place(i Index, key projection.Key, instance string, started bool) {
	d.index(i).Put(d.tx, key, &placed{InstanceID: instance, Started: started})
}

// Displace removes the rows of an index.
func (d *Damage) Displace(i Index) {
	var keys []projection.Key
	d.index(i).Scan(d.tx, "", "", func(key projection.Key, _ *placed) bool { keys = append(keys, key); return true })
	for _, key := range keys {
		d.index(i).Delete(d.tx, key)
	}
}

// PutDefiner writes a row of the index of steps.
func (d *Damage) PutDefiner(key projection.Key, workflowID string) {
	d.m.definers.Put(d.tx, key, &definer{WorkflowID: workflowID})
}

// DeleteDefiner removes a row of the index of steps.
func (d *Damage) DeleteDefiner(step, workflowID string) {
	d.m.definers.Delete(d.tx, definerKey(workflowID, step))
}
