package graphmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/finding"
)

// MaxVisited is a bound that tests reach.
const MaxVisited = maxVisited

// MaxEdges is a bound that tests reach.
const MaxEdges = maxEdges

// WalkFrom walks over neighbours, and looks at so many ends of edges at most.
func WalkFrom(ctx context.Context, v *projection.View, graphID, start string, depth uint64, crossings int) error {
	x := v.Projection().(*model).expand(ctx, v, graphID)
	x.crossed = crossings
	_, err := x.from([]string{start}, depth)
	return err
}

// MaxProblems is a bound that tests reach.
const MaxProblems = finding.Most

// Equal is how metadata is compared.
func Equal(a, b string) bool { return equal(eventlog.Value(a), eventlog.Value(b)) }

// Rows returns everything that the view holds as a state in memory.
func Rows(v *projection.View) *graphtest.State {
	m := v.Projection().(*model)
	out := &graphtest.State{}
	m.graphs.Scan(v, "", "", func(_ projection.Key, g *graph.Graph) bool { out.PutGraph(g); return true })
	m.nodes.Scan(v, "", "", func(_ projection.Key, n *graph.Node) bool { out.PutNode(n); return true })
	m.edges.Scan(v, "", "", func(_ projection.Key, e *graph.Edge) bool { out.PutEdge(e); return true })
	m.held.Scan(v, "", "", func(_ projection.Key, e *graph.Edge) bool { out.Hold(e); return true })
	v.Anomalies("", func(a *projection.AnomalyRow) bool {
		out.Anomaly(graph.Anomaly(a.Code), a.Subject)
		return true
	})
	return out
}

// Lend is a projection of graphs that hands the state of its first event to a test, and goes on when the test returned it.
type Lend struct {
	projection.Projection
	States   chan graph.State
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

// Damaged is a projection of graphs that, at an event of the type "damage", does something that no rule would.
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

// PutAdjacent writes an adjacency row. The direction is that of the row: 1 out, 2 in, 3 both.
func (d *Damage) PutAdjacent(key projection.Key, dir uint8, other string) {
	d.m.adjacency.Put(d.tx, key, &adjacent{Direction: direction(dir), Other: other})
}

// DeleteAdjacent removes an adjacency row.
func (d *Damage) DeleteAdjacent(key projection.Key) { d.m.adjacency.Delete(d.tx, key) }

// PutGraph writes a graph's row.
func (d *Damage) PutGraph(key projection.Key, g *graph.Graph) { d.m.graphs.Put(d.tx, key, g) }

// PutNode writes a node's row.
func (d *Damage) PutNode(key projection.Key, n *graph.Node) { d.m.nodes.Put(d.tx, key, n) }

// PutEdge writes an edge's row, and nothing of its adjacency.
func (d *Damage) PutEdge(key projection.Key, e *graph.Edge) { d.m.edges.Put(d.tx, key, e) }

// DeleteNode removes a node's row.
func (d *Damage) DeleteNode(key projection.Key) { d.m.nodes.Delete(d.tx, key) }

// DeleteEdge removes an edge's row, and nothing of its adjacency.
func (d *Damage) DeleteEdge(key projection.Key) { d.m.edges.Delete(d.tx, key) }

// Hold writes an edge that is held back.
func (d *Damage) Hold(key projection.Key, e *graph.Edge) { d.m.held.Put(d.tx, key, e) }
