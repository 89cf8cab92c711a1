package eventmodel_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/eventmodel"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

// record makes a record of a body, stored at a second of its own.
func record(seq int, subject, body string) eventlog.Record {
	return eventlog.Record{
		Seq: eventlog.Seq(seq), Time: eventlog.Time(1_750_000_000+seq) * 1e9, Subject: subject, Body: []byte(body),
	}
}

// event makes a record with an envelope of a type.
func event(seq int, subject, kind string) eventlog.Record {
	return record(seq, subject, fmt.Sprintf(`{"event_id":"e-%d","event_type":%q,"aggregate_id":"a","aggregate_type":"A",`+
		`"sequence":%d,"timestamp":{"secs_since_epoch":1700000000,"nanos_since_epoch":0},`+
		`"correlation_id":null,"causation_id":null,"actor":null,`+
		`"payload":{},"metadata":{}}`, seq, kind, seq))
}

// models is a store with the system projection, and the fold that writes it.
type models struct {
	t     testing.TB
	store *projection.Store
	fold  *projection.Fold
	ready *projection.Preparer
}

// open opens a store, which is proved and closed when the test ends.
func open(t testing.TB, dir string) *models {
	t.Helper()
	store := projectiontest.Open(t, dir, eventmodel.New())
	f, err := store.GroupOf(eventmodel.Name).Fold()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return &models{t: t, store: store, fold: f, ready: projection.NewPreparer(f.Projections(), nil)}
}

// close ends the test's part early, as a restart would.
func (m *models) close() {
	m.t.Helper()
	m.fold.Close()
	m.check()
	if err := m.store.Close(); err != nil {
		m.t.Error(err)
	}
}

// apply folds a record into the open batch. alone marks it as a member of a broken atomic batch.
func (m *models) apply(r eventlog.Record, alone bool) {
	m.t.Helper()
	in := m.ready.Prepare(r, alone)
	if err := m.fold.Apply(&in); err != nil {
		m.t.Fatal(err)
	}
}

func (m *models) commit() {
	m.t.Helper()
	b, err := m.fold.Seal()
	if err != nil {
		m.t.Fatal(err)
	}
	if b == nil {
		return
	}
	if err := m.store.GroupOf(eventmodel.Name).Commit(b); err != nil {
		m.t.Fatal(err)
	}
	m.fold.Committed(b)
}

func (m *models) view(read func(v *projection.View)) {
	m.t.Helper()
	v, err := m.store.View(eventmodel.Name)
	if err != nil {
		m.t.Fatal(err)
	}
	defer v.Close()
	read(v)
	if err := v.Err(); err != nil {
		m.t.Error(err)
	}
}

func (m *models) check() {
	m.t.Helper()
	m.view(func(v *projection.View) {
		if problems := v.Check(); len(problems) > 0 {
			m.t.Errorf("Check found:\n%s", strings.Join(problems, "\n"))
		}
	})
}

// ask answers one question from what is committed.
func (m *models) ask(subject string, r projection.Request) (a projection.Answer) {
	m.t.Helper()
	m.view(func(v *projection.View) {
		for _, q := range v.Projection().(projection.Querier).Queries() {
			if q.Subject == subject {
				var err error
				if a, err = q.Answer(m.t.Context(), v, r); err != nil {
					m.t.Fatal(err)
				}
				return
			}
		}
		m.t.Fatalf("no query %s", subject)
	})
	return a
}

// types returns all rows of types, and expects their total.
func (m *models) types() []eventmodel.TypeCount {
	m.t.Helper()
	a := m.ask("projection.types", projection.Request{Limit: projection.MaxLimit})
	rows := a.Data.([]eventmodel.TypeCount)
	if !a.List || a.Total != len(rows) {
		m.t.Errorf("a total of %d for %d rows", a.Total, len(rows))
	}
	return rows
}

func text(t testing.TB, v any) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
