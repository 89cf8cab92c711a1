package conceptmodel_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/conceptmodel"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

// life is the history that most tests begin with.
func life(t testing.TB) []eventlog.Record {
	t.Helper()
	raw, err := os.ReadFile("testdata/life.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out []eventlog.Record
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		var line struct {
			Subject string
			Message json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		out = append(out, record(eventlog.Seq(len(out)+1), line.Subject, line.Message))
	}
	return out
}

// record makes a record of a message, stored at a second of its own.
func record(seq eventlog.Seq, subject string, body []byte) eventlog.Record {
	return eventlog.Record{Seq: seq, Time: eventlog.Time(1_750_000_000+int64(seq)) * 1e9, Subject: subject, Body: body}
}

// event makes a record with the document's envelope around a payload.
func event(seq int, kind, payload string) eventlog.Record {
	body := fmt.Sprintf(`{"event_id":"e-%d","event_type":%q,"aggregate_id":"agg","aggregate_type":"Concept","sequence":%d,`+
		`"timestamp":{"secs_since_epoch":%d,"nanos_since_epoch":0},"correlation_id":null,"causation_id":null,"actor":null,`+
		`"payload":%s,"metadata":{}}`, seq, kind, seq, 1_700_000_000+seq, payload)
	return record(eventlog.Seq(seq), "event.conceptual."+kind, []byte(body))
}

// models is a store with one projection of conceptual spaces, and the fold that writes it.
type models struct {
	t     testing.TB
	store *projection.Store
	fold  *projection.Fold
	ready *projection.Preparer
}

// open opens a store, which is proved and closed when the test ends.
func open(t testing.TB, dir string) *models {
	t.Helper()
	return fold(t, projectiontest.Open(t, dir, conceptmodel.New()))
}

// openWith opens a store of a projection that need not be whole in the end.
func openWith(t testing.TB, dir string, p projection.Projection) *models {
	t.Helper()
	store, err := projection.Open(projection.Config{Dir: dir, Worker: "test", Projections: []projection.Projection{p}})
	if err != nil {
		t.Fatal(err)
	}
	return fold(t, store)
}

func fold(t testing.TB, store *projection.Store) *models {
	t.Helper()
	f, err := store.GroupOf(conceptmodel.Name).Fold()
	if err != nil {
		t.Fatal(err)
	}
	m := &models{t: t, store: store, fold: f, ready: projection.NewPreparer(f.Projections())}
	t.Cleanup(m.close)
	return m
}

// close ends the test's part early, as a restart would.
func (m *models) close() {
	m.fold.Close()
	if m.store.Closed() {
		return
	}
	m.check()
	if err := m.store.Close(); err != nil {
		m.t.Error(err)
	}
}

// apply folds records into the open batch.
func (m *models) apply(records ...eventlog.Record) {
	m.t.Helper()
	for _, r := range records {
		in := m.ready.Prepare(r, false)
		if err := m.fold.Apply(&in); err != nil {
			m.t.Fatal(err)
		}
	}
}

// commit stores the open batch.
func (m *models) commit() {
	m.t.Helper()
	b, err := m.fold.Seal()
	if err != nil {
		m.t.Fatal(err)
	}
	if b == nil {
		return
	}
	if err := m.store.GroupOf(conceptmodel.Name).Commit(b); err != nil {
		m.t.Fatal(err)
	}
	m.fold.Committed(b)
}

// view reads what is committed.
func (m *models) view(read func(v *projection.View)) {
	m.t.Helper()
	v, err := m.store.View(conceptmodel.Name)
	if err != nil {
		m.t.Fatal(err)
	}
	defer v.Close()
	read(v)
	if err := v.Err(); err != nil {
		m.t.Error(err)
	}
}

// check proves what is committed.
func (m *models) check() {
	m.t.Helper()
	m.view(func(v *projection.View) {
		if problems := v.Check(); len(problems) > 0 {
			m.t.Errorf("Check found:\n%s", strings.Join(problems, "\n"))
		}
	})
}

// answered is what came of a question, as JSON.
type answered struct {
	Data  any                    `json:"data,omitempty"`
	Total *int                   `json:"total,omitempty"`
	Error *projection.QueryError `json:"error,omitempty"`
}

// ask answers one question from what is committed.
func (m *models) ask(subject string, r projection.Request) (out answered) {
	m.t.Helper()
	if r.Limit == 0 {
		r.Limit = projection.DefaultLimit
	}
	m.view(func(v *projection.View) {
		a, err := query(m.t, v, subject).Answer(m.t.Context(), v, r)
		switch {
		case err == nil && a.List:
			out = answered{Data: a.Data, Total: &a.Total}
		case err == nil:
			out = answered{Data: a.Data}
		case !errors.As(err, &out.Error):
			m.t.Fatalf("%s: %v", subject, err)
		}
	})
	return out
}

func query(t testing.TB, v *projection.View, subject string) projection.Query {
	t.Helper()
	for _, q := range v.Projection().(projection.Querier).Queries() {
		if q.Subject == subject {
			return q
		}
	}
	t.Fatalf("no query %s", subject)
	return projection.Query{}
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
