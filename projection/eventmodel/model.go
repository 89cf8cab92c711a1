package eventmodel

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

var (
	_ projection.Projection  = (*model)(nil)
	_ projection.Decoder     = (*model)(nil)
	_ projection.Checker     = (*model)(nil)
	_ projection.Undecodable = (*model)(nil)
	_ projection.Querier     = (*model)(nil)
)

// Name is the projection's name.
const Name = "events"

// Version is that of the rows: the same events give the same rows in the same version.
const Version = 1

// BrokenBatch is the anomaly of an event that is a member of an atomic batch which is not whole. Its subject is the event's id,
// or the NATS subject of one without an id.
const BrokenBatch = "broken_batch"

// model is the projection: its tables, and nothing that changes. It is safe for concurrent use.
type model struct {
	schema      *projection.Schema
	types       projection.Table[typeRow]
	totals      projection.Table[totals]
	undecodable projection.Table[codeRow]
}

// typeRow counts the events of one type on one kind of subject.
type typeRow struct {
	Domain  string
	Type    string
	Subject string // the shape of the subject, where the domain is ""
	Folded  bool   // the row of all that has no row of its own
	Seen    seen
}

// codeRow counts the records that no envelope could be read from, by the reason.
type codeRow struct {
	Code eventlog.Code
	Seen seen
}

// totals counts rows, so that their number can be bounded without counting them again.
type totals struct {
	Types uint64 // rows of types, the folded one not among them
}

// seen is how often, and where in the history, something was met.
type seen struct {
	Count    uint64
	First    eventlog.Seq
	Last     eventlog.Seq
	LastTime eventlog.Time // the broker's
}

// again returns what was seen, and one more.
func (s seen) again(seq eventlog.Seq, at eventlog.Time) seen {
	if s.Count == 0 {
		s.First = seq
	}
	return seen{Count: s.Count + 1, First: s.First, Last: seq, LastTime: at}
}

// New returns the system projection. It has the optional interfaces of package projection: it decodes in parallel, keeps
// undecodable records, checks itself, and answers queries.
func New() projection.Projection { return newModel() }

func newModel() *model {
	s := projection.NewSchema()
	return &model{
		schema:      s,
		types:       projection.Primary[typeRow](s, "types"),
		totals:      projection.Primary[totals](s, "totals"),
		undecodable: projection.Primary[codeRow](s, "undecodable"),
	}
}

// Name implements projection.Projection.
func (m *model) Name() string { return Name }

// Version implements projection.Projection.
func (m *model) Version() int { return Version }

// Subjects implements projection.Projection: every record is counted.
func (m *model) Subjects() []string { return []string{">"} }

// Schema implements projection.Projection.
func (m *model) Schema() *projection.Schema { return m.schema }

// Decode implements projection.Decoder. It returns the key that the event is counted under.
func (m *model) Decode(e *eventlog.Event) (any, error) {
	k := kindOf(e)
	return &k, nil
}

var totalsKey = projection.MakeKey("totals")

// Apply implements projection.Projection. It knows every type.
func (m *model) Apply(tx *projection.Tx, e *projection.Event) error {
	k, ok := e.Decoded.(*kind)
	if !ok {
		return fmt.Errorf("eventmodel: event %s was applied without having been decoded", e.Seq)
	}
	if e.Alone {
		tx.Anomaly(BrokenBatch, firstOf(e.ID, e.Subject))
	}
	row, ok := m.types.Get(tx, k.key)
	if !ok {
		k, row = m.enter(tx, k)
	}
	next := *row
	next.Seen = row.Seen.again(e.Seq, e.Time)
	m.types.Put(tx, k.key, &next)
	return nil
}

// enter makes the row of a kind that was not met before, or returns the folded row where there are enough of them.
func (m *model) enter(tx *projection.Tx, k *kind) (*kind, *typeRow) {
	var have totals
	if row, ok := m.totals.Get(tx, totalsKey); ok {
		have = *row
	}
	if have.Types < MaxTypes && !k.row.Folded {
		have.Types++
		m.totals.Put(tx, totalsKey, &have)
		return k, &k.row
	}
	if row, ok := m.types.Get(tx, folded.key); ok {
		return &folded, row
	}
	return &folded, &folded.row
}

// Undecodable implements projection.Undecodable.
func (m *model) Undecodable(tx *projection.Tx, r *eventlog.Record, err *eventlog.DecodeError) {
	key := projection.MakeKey(string(err.Field.Code))
	next := codeRow{Code: err.Field.Code}
	if row, ok := m.undecodable.Get(tx, key); ok {
		next = *row
	}
	next.Seen = next.Seen.again(r.Seq, r.Time)
	m.undecodable.Put(tx, key, &next)
}

func firstOf(id, otherwise string) string {
	if id != "" {
		return id
	}
	return otherwise
}
