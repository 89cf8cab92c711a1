package eventmodel

import (
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// Damaged is the system projection that, at an event of the type "damage", does something else than counting it.
type Damaged struct {
	*model
	Do func(d *Damage)
}

// NewDamaged makes one.
func NewDamaged(do func(d *Damage)) *Damaged { return &Damaged{model: newModel(), Do: do} }

// Apply implements projection.Projection.
func (d *Damaged) Apply(tx *projection.Tx, e *projection.Event) error {
	if err := d.model.Apply(tx, e); err != nil || e.Type != "damage" {
		return err
	}
	d.Do(&Damage{m: d.model, tx: tx})
	return nil
}

// Damage writes past the rules.
type Damage struct {
	m  *model
	tx *projection.Tx
}

// PutType writes the row of a type with a count under a key.
func (d *Damage) PutType(key projection.Key, domain, name string, count uint64) {
	d.m.types.Put(d.tx, key, &typeRow{Domain: domain, Type: name, Seen: seen{Count: count, First: 1, Last: 1}})
}

// PutCode writes the row of a code with a count under a key.
func (d *Damage) PutCode(key projection.Key, code string, count uint64) {
	d.m.undecodable.Put(d.tx, key, &codeRow{Code: eventlog.Code(code), Seen: seen{Count: count}})
}

// PutTotal writes the number of types.
func (d *Damage) PutTotal(types uint64) { d.m.totals.Put(d.tx, totalsKey, &totals{Types: types}) }
