package projection

import (
	"github.com/thecowboyai/cim-projector/eventlog"
)

// Tx is what one projection reads and writes while one event is applied. It is valid during the call that it was given
// to.
type Tx struct {
	member *member
	seq    eventlog.Seq
	found  uint64 // anomalies of this event
}

// Err returns the first error that reading met. Apply need not look at it: an event is not applied over an error.
func (tx *Tx) Err() error { return tx.member.err }

// Anomaly records that the event met something unexpected and was applied as far as it means anything. Subject says
// where, such as an id.
func (tx *Tx) Anomaly(code, subject string) {
	m := tx.member
	key := Key("").Uint(uint64(tx.seq)).Uint(tx.found)
	tx.found++
	m.counts.Anomalies++
	m.schema.anomalies.Put(tx, key, &AnomalyRow{Seq: tx.seq, Code: code, Subject: subject})
}

func (tx *Tx) get(t *spec, key Key) (any, bool) { return tx.member.get(t, key) }

func (tx *Tx) scan(t *spec, prefix, from Key, yield func(Key, any) bool) {
	tx.member.scan(t, prefix, from, yield)
}

func (tx *Tx) put(t *spec, key Key, row any)   { tx.member.set(t, key, row) }
func (tx *Tx) remove(t *spec, key Key)         { tx.member.set(t, key, nil) }
func (tx *Tx) removeRange(t *spec, prefix Key) { tx.member.cover(t, prefix) }
func (tx *Tx) letter(l *Letter)                { tx.member.schema.letters.Put(tx, Key("").Uint(uint64(l.Seq)), l) }
