package projection_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

// ledger is a projection that uses everything that a projection can: primary and derived tables, scans, range deletions,
// anomalies, refusals after writing, unknown types, and rows of every kind.
type ledger struct {
	name   string
	schema *projection.Schema
	items  projection.Table[itemRow]
	sums   projection.Table[sumRow]
	byN    projection.Table[refRow]
}

type itemRow struct {
	N     uint64
	Note  string
	Ratio float32
	Notes map[string]eventlog.Value
	Tags  []string
	At    *eventlog.Time
}

type sumRow struct{ Items, Sum uint64 }

type refRow struct{ Item string }

func newLedger() *ledger { return newLedgerNamed("ledger") }

func newLedgerNamed(name string) *ledger {
	s := projection.NewSchema()
	return &ledger{
		name: name, schema: s, items: projection.Primary[itemRow](s, "items"), sums: projection.Primary[sumRow](s, "sums"),
		byN: projection.Derived[refRow](s, "by_n"),
	}
}

func (l *ledger) Name() string               { return l.name }
func (l *ledger) Version() int               { return 1 }
func (l *ledger) Subjects() []string         { return []string{"event.ledger.>"} }
func (l *ledger) Schema() *projection.Schema { return l.schema }

// entry is what Decode makes of a payload.
type entry struct {
	account, item string
	n             uint64
	extra         eventlog.Value
}

func (l *ledger) Decode(e *eventlog.Event) (any, error) {
	var out entry
	err := e.Payload.Object(func(name string, v eventlog.Value) (err *eventlog.FieldError) {
		switch name {
		case "account":
			out.account, err = v.ID()
		case "item":
			out.item, err = v.ID()
		case "n":
			out.n, err = v.Uint64()
		case "extra":
			out.extra = v.Compact()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

func (l *ledger) Apply(tx *projection.Tx, e *projection.Event) error {
	in := e.Decoded.(*entry)
	switch e.Type {
	case "put":
		l.put(tx, e, in)
	case "drop":
		if !l.drop(tx, in) {
			tx.Anomaly("no_item", in.account+"/"+in.item)
		}
	case "close":
		l.items.DeleteRange(tx, projection.MakeKey(in.account))
		l.byN.DeleteRange(tx, projection.MakeKey(in.account))
	case "wipe":
		if l.drop(tx, in) {
			l.items.DeleteRange(tx, projection.MakeKey(in.account, in.item))
		}
	case "sum":
		l.sums.Put(tx, projection.MakeKey(in.account), l.sum(tx, in.account))
	case "refuse":
		l.put(tx, e, in)
		l.items.DeleteRange(tx, projection.MakeKey(in.account))
		tx.Anomaly("never_seen", "")
		return fmt.Errorf("ledger: %w", eventlog.Refuse(eventlog.CodeOutOfRange, "n"))
	default:
		l.items.DeleteRange(tx, projection.MakeKey(in.account))
		return projection.ErrUnknownType
	}
	return nil
}

func (l *ledger) put(tx *projection.Tx, e *projection.Event, in *entry) {
	l.drop(tx, in)
	row := &itemRow{N: in.n, Note: strings.Repeat("x", int(in.n%7)), Ratio: float32(in.n) / 3, At: &e.Time}
	if in.extra != nil {
		row.Notes = map[string]eventlog.Value{"extra": in.extra, "a": nil, in.item: eventlog.Value("1")}
		row.Tags = []string{in.item, ""}
	}
	l.items.Put(tx, projection.MakeKey(in.account, in.item), row)
	l.byN.Put(tx, projection.MakeKey(in.account).Uint(in.n).Text(in.item), &refRow{Item: in.item})
}

func (l *ledger) drop(tx *projection.Tx, in *entry) bool {
	key := projection.MakeKey(in.account, in.item)
	before, ok := l.items.Get(tx, key)
	if ok {
		l.byN.Delete(tx, projection.MakeKey(in.account).Uint(before.N).Text(in.item))
		l.items.Delete(tx, key)
	}
	return ok
}

func (l *ledger) sum(r projection.Reader, account string) *sumRow {
	var out sumRow
	l.items.Scan(r, projection.MakeKey(account), "", func(_ projection.Key, row *itemRow) bool {
		out.Items++
		out.Sum += row.N
		return true
	})
	return &out
}

// Check holds the index against the items, both ways.
func (l *ledger) Check(v *projection.View) (problems []string) {
	items, refs := 0, 0
	l.items.Scan(v, "", "", func(key projection.Key, row *itemRow) bool {
		items++
		account, rest, err := key.CutText()
		item, _, err2 := rest.CutText()
		if _, ok := l.byN.Get(v, projection.MakeKey(account).Uint(row.N).Text(item)); !ok || err != nil || err2 != nil {
			problems = append(problems, fmt.Sprintf("item %s/%s is not in the index", account, item))
		}
		return true
	})
	l.byN.Scan(v, "", "", func(projection.Key, *refRow) bool { refs++; return true })
	if items != refs {
		problems = append(problems, fmt.Sprintf("%d items, %d index rows", items, refs))
	}
	return problems
}

var (
	_ projection.Decoder = (*ledger)(nil)
	_ projection.Checker = (*ledger)(nil)
)

// payload is an event's payload as it is written.
type payload struct {
	Account string `json:"account"`
	Item    string `json:"item"`
	N       any    `json:"n"`
	Extra   any    `json:"extra,omitempty"`
}

// histories draws histories that meet on few keys, with everything that can be wrong with a record.
func histories(most int) *rapid.Generator[[]eventlog.Record] {
	return rapid.Custom(func(t *rapid.T) []eventlog.Record {
		var h projectiontest.History
		for range rapid.SampledFrom([]int{1, most / 8, most / 2, most}).Draw(t, "length") {
			drawRecord(t, &h)
		}
		return h.Records
	})
}

// kinds are what histories hold, each as often as it stands here.
var kinds = []string{
	"put", "put", "put", "put", "put", "put", "put", "extra", "drop", "drop", "drop", "close", "wipe", "sum", "sum",
	"refuse", "strange", "undecodable", "elsewhere", "broken", "missing",
}

func drawRecord(t *rapid.T, h *projectiontest.History) {
	p := payload{
		Account: rapid.SampledFrom([]string{"a", "ab", "b\x00"}).Draw(t, "account"),
		Item:    rapid.SampledFrom([]string{"i", "j", "k", "l"}).Draw(t, "item"),
		N:       rapid.SampledFrom([]int{0, 1, 2, 300}).Draw(t, "n"),
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "extra":
		p.Extra = map[string]any{"deep": []any{1, "two", nil}}
		h.Add(ledgerSubject, "put", p)
	case "undecodable":
		p.N = "not a number"
		h.Add(ledgerSubject, "put", p)
	case "elsewhere":
		h.Add("event.other.x", "put", p)
	case "broken":
		h.AddBody(ledgerSubject, []byte("{"))
	case "missing":
		h.Miss(3)
	default:
		h.Add(ledgerSubject, kind, p)
	}
}
