package agentmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/finding"
)

// MaxBeside is a bound that tests reach.
const MaxBeside = maxBeside

// MaxProblems is a bound that tests reach.
const MaxProblems = finding.Most

// Rows returns everything that the view holds as a state in memory.
func Rows(v *projection.View) *agenttest.State {
	m := v.Projection().(*model)
	out := &agenttest.State{}
	m.agents.Scan(v, "", "", func(_ projection.Key, a *agent.Agent) bool { out.PutAgent(a); return true })
	m.tasks.Scan(v, "", "", func(_ projection.Key, t *agent.Task) bool { out.PutTask(t); return true })
	m.collaborations.Scan(v, "", "", func(_ projection.Key, c *agent.Collaboration) bool {
		out.PutCollaboration(c)
		return true
	})
	m.nodes.Scan(v, "", "", func(_ projection.Key, n *agent.Node) bool { out.PutNode(n); return true })
	m.metrics.Scan(v, "", "", func(_ projection.Key, row *agent.Metric) bool { out.PutMetric(row); return true })
	v.Anomalies("", func(a *projection.AnomalyRow) bool {
		out.Anomaly(agent.Anomaly(a.Code), a.Subject)
		return true
	})
	return out
}

// Lend is a projection of agents that hands the state of its first event to a test, and goes on when the test
// returned it.
type Lend struct {
	projection.Projection
	States   chan agent.State
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

// Damaged is a projection of agents that, at an event of the type "damage", does something that no rule would.
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

// PutAgent writes an agent's row, and nothing of its index.
func (d *Damage) PutAgent(key projection.Key, a *agent.Agent) { d.m.agents.Put(d.tx, key, a) }

// PutTask writes a task's row, and nothing of its index.
func (d *Damage) PutTask(key projection.Key, t *agent.Task) { d.m.tasks.Put(d.tx, key, t) }

// DeleteTask removes a task's row.
func (d *Damage) DeleteTask(key projection.Key) { d.m.tasks.Delete(d.tx, key) }

// DeleteAgent removes an agent's row.
func (d *Damage) DeleteAgent(key projection.Key) { d.m.agents.Delete(d.tx, key) }

// PutCollaboration writes a collaboration's row, and nothing of its index.
func (d *Damage) PutCollaboration(key projection.Key, c *agent.Collaboration) {
	d.m.collaborations.Put(d.tx, key, c)
}

// PutNode writes a node's row.
func (d *Damage) PutNode(key projection.Key, n *agent.Node) { d.m.nodes.Put(d.tx, key, n) }

// PutMetric writes a metric's row, and does not count it.
func (d *Damage) PutMetric(key projection.Key, row *agent.Metric) { d.m.metrics.Put(d.tx, key, row) }

// Metrics writes the count of metrics.
func (d *Damage) Metrics(n uint64) { d.m.totals.Put(d.tx, totalsKey, &totals{Metrics: n}) }

// Index puts an entry into a derived table, or removes it.
func (d *Damage) Index(table string, put bool, key projection.Key) {
	t := map[string]projection.Table[entry]{
		"capability": d.m.capabilities, "active_task": d.m.activeTasks, "collaborator": d.m.collaborators,
	}[table]
	if put {
		t.Put(d.tx, key, present)
		return
	}
	t.Delete(d.tx, key)
}
