package conceptmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/aggregate/conceptual/conceptualtest"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/finding"
)

// MaxBeside is a bound that tests reach.
const MaxBeside = maxBeside

// MaxProblems is a bound that tests reach.
const MaxProblems = finding.Most

// Rows returns everything that the reader holds as a state in memory, without anomalies.
func Rows(m projection.Projection, r projection.Reader) *conceptualtest.State {
	out := &conceptualtest.State{}
	of := modelOf(m)
	all(r, of.spaces, out.PutSpace)
	all(r, of.concepts, out.PutConcept)
	all(r, of.placements, out.PutPlacement)
	all(r, of.categories, out.PutCategory)
	all(r, of.similarities, out.PutSimilarity)
	all(r, of.relations, out.PutRelation)
	all(r, of.stale, out.PutStale)
	all(r, of.embeddings, func(e *conceptual.Embedding) {
		var numbers conceptual.Vector
		if v, ok := of.vectors.Get(r, key(e.Model, e.EntityID)); ok {
			numbers = v.Components
		}
		out.PutEmbedding(e, numbers)
	})
	return out
}

func all[V any](r projection.Reader, t projection.Table[V], put func(*V)) {
	t.Scan(r, "", "", func(_ projection.Key, row *V) bool { put(row); return true })
}

func modelOf(p projection.Projection) *model {
	switch p := p.(type) {
	case *Damaged:
		return p.model
	case *Lend:
		return p.Projection.(*model)
	}
	return p.(*model)
}

// Lent is a state with everything that is in it.
type Lent struct{ *state }

// All implements conceptualtest.Reading.
func (l Lent) All() *conceptualtest.State { return Rows(l.model, l.tx) }

// Lend is a projection that hands the state of its first event to a test, and goes on when the test returned it.
type Lend struct {
	projection.Projection
	States   chan Lent
	Returned chan struct{}
}

// Decode implements projection.Decoder.
func (l *Lend) Decode(e *eventlog.Event) (any, error) { return l.Projection.(*model).Decode(e) }

// Apply implements projection.Projection.
func (l *Lend) Apply(tx *projection.Tx, _ *projection.Event) error {
	l.States <- Lent{&state{model: l.Projection.(*model), tx: tx}}
	<-l.Returned
	return nil
}

// Damaged is a projection that, at an event of the type "damage", does something that no rule would.
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
		d.Do(&Damage{state{model: d.model, tx: tx}})
		return nil
	}
	return d.model.Apply(tx, e)
}

// Damage writes past the rules.
type Damage struct{ state }

// Index writes a row of an index.
func (d *Damage) Index(name string, ids ...string) {
	d.index(name).Put(d.tx, key(ids...), &present{})
}

// IndexKey writes a row of an index under any key.
func (d *Damage) IndexKey(name string, at projection.Key) {
	d.index(name).Put(d.tx, at, &present{})
}

// DropIndex removes a row of an index.
func (d *Damage) DropIndex(name string, ids ...string) { d.index(name).Delete(d.tx, key(ids...)) }

func (d *Damage) index(name string) projection.Table[present] {
	return map[string]projection.Table[present]{
		"similar": d.similar, "member": d.member, "placed": d.placed, "related": d.related, "stale_in": d.staleIn,
	}[name]
}

// Drop removes a row of a primary table, and nothing else.
func (d *Damage) Drop(table string, ids ...string) {
	switch table {
	case "space":
		d.spaces.Delete(d.tx, key(ids...))
	case "embedding":
		d.embeddings.Delete(d.tx, key(ids...))
	case "vector":
		d.vectors.Delete(d.tx, key(ids...))
	case "similarity":
		d.similarities.Delete(d.tx, key(ids...))
	case "relation":
		d.relations.Delete(d.tx, key(ids...))
	case "category":
		d.categories.Delete(d.tx, key(ids...))
	case "placement":
		d.placements.Delete(d.tx, key(ids...))
	case "stale":
		d.stale.Delete(d.tx, key(ids...))
	}
}

// Vector writes an embedding's numbers.
func (d *Damage) Vector(model, entity string, v conceptual.Vector) {
	d.vectors.Put(d.tx, key(model, entity), &vector{v})
}

// Category writes a category, and nothing of its index.
func (d *Damage) Category(c *conceptual.Category) { d.categories.Put(d.tx, key(c.ID), c) }

// Similarity writes a similarity as it is, and nothing of its index.
func (d *Damage) Similarity(s *conceptual.Similarity) {
	d.similarities.Put(d.tx, key(s.A, s.B, s.Kind), s)
}

// SpaceUnder writes a space under another key.
func (d *Damage) SpaceUnder(at projection.Key, s *conceptual.Space) { d.spaces.Put(d.tx, at, s) }
