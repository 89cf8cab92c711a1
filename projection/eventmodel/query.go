package eventmodel

import (
	"context"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/show"
)

// Seen is how often, and where in the history, something was met, as it is answered.
type Seen struct {
	Count         uint64       `json:"count"`
	FirstSequence eventlog.Seq `json:"first_sequence"`
	LastSequence  eventlog.Seq `json:"last_sequence"`
	LastTime      *time.Time   `json:"last_time"` // the broker's
}

// TypeCount counts the events of one type, as it is answered.
type TypeCount struct {
	Domain  string  `json:"domain"` // "" where none was read from the subject
	Type    string  `json:"type"`
	Subject *string `json:"subject"` // the pattern of subjects without a domain, null for all others
	Folded  bool    `json:"folded"`  // whatever is not counted by itself

	Seen
}

// CodeCount counts the records that no envelope could be read from, for one reason, as it is answered.
type CodeCount struct {
	Code eventlog.Code `json:"code"`

	Seen
}

// Queries implements projection.Querier.
func (m *model) Queries() []projection.Query {
	return []projection.Query{
		{Subject: "projection.types", Answer: m.listTypes},
		{Subject: "projection.undecodable", Answer: m.listCodes},
	}
}

func (m *model) listTypes(_ context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	var all, last []TypeCount // at most MaxTypes, and one
	m.types.Scan(v, "", "", func(_ projection.Key, row *typeRow) bool {
		one := TypeCount{Domain: row.Domain, Type: row.Type, Folded: row.Folded, Seen: row.Seen.answer()}
		if row.Subject != "" {
			one.Subject = &row.Subject
		}
		if row.Folded {
			last = append(last, one)
		} else {
			all = append(all, one)
		}
		return true
	})
	return page(append(all, last...), r), nil
}

func (m *model) listCodes(_ context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	var all []CodeCount // at most one a code
	m.undecodable.Scan(v, "", "", func(_ projection.Key, row *codeRow) bool {
		all = append(all, CodeCount{Code: row.Code, Seen: row.Seen.answer()})
		return true
	})
	return page(all, r), nil
}

func (s seen) answer() Seen {
	return Seen{Count: s.Count, FirstSequence: s.First, LastSequence: s.Last, LastTime: show.Moment(s.LastTime)}
}

// page returns the wanted part of a list.
func page[T any](all []T, r projection.Request) projection.Answer {
	from := min(r.Offset, len(all))
	to := from + min(r.Limit, len(all)-from)
	return projection.Answer{Data: append([]T{}, all[from:to]...), Total: len(all), List: true}
}
