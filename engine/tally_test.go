package engine_test

import (
	"context"
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// tally is a small projection: for each aggregate the number of its events and the sequence of the last, and, derived from
// that, the aggregates by number. Events of type "forget" drop an aggregate, "odd" ones are anomalies, "bad" ones are refused,
// "new_kind" is unknown, "crash" panics where crash is set.
type tally struct {
	name    string
	version int
	crash   bool
	schema  *projection.Schema
	counts  projection.Table[countRow]
	byCount projection.Table[countRow]
}

type countRow struct {
	ID   string
	N    uint64
	Last eventlog.Seq
}

func newTally(name string) *tally {
	s := projection.NewSchema()
	return &tally{
		name: name, version: 1, schema: s,
		counts: projection.Primary[countRow](s, "counts"), byCount: projection.Derived[countRow](s, "by_count"),
	}
}

func (p *tally) Name() string               { return p.name }
func (p *tally) Version() int               { return p.version }
func (p *tally) Subjects() []string         { return []string{"event.test.>"} }
func (p *tally) Schema() *projection.Schema { return p.schema }

func (p *tally) Apply(tx *projection.Tx, e *projection.Event) error {
	switch e.Type {
	case "new_kind":
		return projection.ErrUnknownType
	case "crash":
		if p.crash {
			panic("crash")
		}
	}
	key := projection.MakeKey(e.AggregateID)
	before, ok := p.counts.Get(tx, key)
	if ok {
		p.byCount.Delete(tx, projection.Key("").Uint(before.N).Text(e.AggregateID))
	}
	if e.Type == "forget" {
		p.counts.Delete(tx, key)
		return nil
	}
	next := countRow{ID: e.AggregateID, N: 1, Last: e.Seq}
	if ok {
		next.N = before.N + 1
	}
	p.counts.Put(tx, key, &next)
	p.byCount.Put(tx, projection.Key("").Uint(next.N).Text(e.AggregateID), &next)
	if e.Type == "odd" {
		tx.Anomaly("odd", e.AggregateID)
	}
	if e.Type == "bad" {
		return eventlog.Refuse(eventlog.CodeWrongType, "payload")
	}
	return nil
}

func (p *tally) Check(v *projection.View) []string {
	var problems []string
	p.counts.Scan(v, "", "", func(_ projection.Key, row *countRow) bool {
		if _, ok := p.byCount.Get(v, projection.Key("").Uint(row.N).Text(row.ID)); !ok {
			problems = append(problems, fmt.Sprintf("%s is not listed under %d", row.ID, row.N))
		}
		return true
	})
	return problems
}

var _ projection.Checker = (*tally)(nil)

// keeper is a tally that keeps what no envelope could be read from.
type keeper struct{ *tally }

func (keeper) Undecodable(*projection.Tx, *eventlog.Record, *eventlog.DecodeError) {}

// Queries answers "test.count" with the row of an aggregate, and "test.list" with all of them.
func (p *tally) Queries() []projection.Query {
	return []projection.Query{
		{Subject: p.name + ".count", Answer: p.count},
		{Subject: p.name + ".list", Answer: p.list},
	}
}

func (p *tally) count(_ context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	var id string
	err := r.Params.Object(func(name string, v eventlog.Value) (err *eventlog.FieldError) {
		if name == "id" {
			id, err = v.ID()
		}
		return err
	})
	if err != nil {
		return projection.Answer{}, projection.Fail(projection.BadRequest, "%s", err)
	}
	row, ok := p.counts.Get(v, projection.MakeKey(id))
	if !ok {
		return projection.Answer{}, projection.Fail(projection.NotFound, "there is no %q", id)
	}
	return projection.Answer{Data: row}, nil
}

func (p *tally) list(_ context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	rows, total := []*countRow{}, 0
	p.counts.Scan(v, "", "", func(_ projection.Key, row *countRow) bool {
		if total >= r.Offset && len(rows) < r.Limit {
			rows = append(rows, row)
		}
		total++
		return true
	})
	return projection.Answer{Data: rows, Total: total, List: true}, nil
}

func event(id int, kind, aggregate string) []byte {
	return fmt.Appendf(nil, `{"event_id":"e%d","event_type":%q,"aggregate_id":%q,"payload":{}}`, id, kind, aggregate)
}
