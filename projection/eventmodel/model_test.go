package eventmodel_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/eventmodel"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

var update = flag.Bool("update", false, "write the answers under testdata anew")

// history has every kind of record that is told apart.
func history() []eventlog.Record {
	return []eventlog.Record{
		event(1, "event.graph.node_created", "node_created"),
		event(2, "event.graph.node_created", "graph.node_created"),
		event(3, "event.graph.node_moved", "NodeMoved"),
		event(4, "event.workflow.process_started", "process_started"),
		event(5, "event.graph.dreamed", "dreamed"),
		event(6, "grid.events.node_created", "node_created"),
		event(7, "grid.elsewhere.node_created", "node_created"),
		event(8, "plain", "node_created"),
		event(9, "a.b.c.d.e.f.g.h.i.j", "deep"),
		event(10, "a.b.c.d.e.f.g.h", "deep"),
		event(11, "event.graph.long", strings.Repeat("x", eventmodel.MaxNameBytes+1)),
		event(12, "event."+strings.Repeat("y", eventmodel.MaxNameBytes+1)+".t", "t"),
		event(13, strings.Repeat("z", eventmodel.MaxNameBytes+1)+".t", "t"),
		event(14, "event.graph.other", "other"),
		record(15, "event.graph.node_created", ""),
		record(16, "event.graph.node_created", `{"a":`),
		record(17, "else", `{"a":`),
		record(18, "event.graph.node_created", `{"event_type":"x"}`),
		event(19, "event.graph.node_created", "node_created"),
	}
}

func TestAnswers(t *testing.T) {
	m := open(t, t.TempDir())
	for _, r := range history() {
		m.apply(r, false)
	}
	m.commit()
	m.check()
	for _, q := range []struct {
		name, subject string
		offset, limit int
	}{
		{"types", "projection.types", 0, 50},
		{"types-page", "projection.types", 2, 1},
		{"types-behind-the-end", "projection.types", math.MaxInt, math.MaxInt},
		{"undecodable", "projection.undecodable", 0, 50},
	} {
		t.Run(q.name, func(t *testing.T) {
			a := m.ask(q.subject, projection.Request{Offset: q.offset, Limit: q.limit})
			got := text(t, map[string]any{"data": a.Data, "total": a.Total})
			path := filepath.Join("testdata", "answers", q.name+".json")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		})
	}
}

// TestRecordsAreKept looks for the records that no envelope could be read from.
func TestRecordsAreKept(t *testing.T) {
	m := open(t, t.TempDir())
	for _, r := range history() {
		m.apply(r, false)
	}
	m.commit()
	m.view(func(v *projection.View) {
		if got, want := v.Counts(), (projection.Counts{Applied: 15, DeadLetters: 4}); got != want {
			t.Errorf("Counts = %+v, want %+v", got, want)
		}
		var got []string
		v.Letters("", func(l *projection.Letter) bool {
			got = append(got, fmt.Sprintf("%s %s %s %q", l.Seq, l.Subject, l.Code, l.Body))
			return true
		})
		want := []string{
			`15 event.graph.node_created empty_body ""`,
			`16 event.graph.node_created invalid_json "{\"a\":"`,
			`17 else invalid_json "{\"a\":"`,
			`18 event.graph.node_created no_envelope "{\"event_type\":\"x\"}"`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("letters (-want +got):\n%s", diff)
		}
	})
}

// TestBrokenBatches records every member of a batch that is not whole, and counts it like any event.
func TestBrokenBatches(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(event(1, "event.graph.node_created", "node_created"), false)
	m.apply(event(2, "event.graph.node_created", "node_created"), true)
	m.apply(record(3, "event.graph.node_created", `{"event_type":"node_created","payload":{}}`), true)
	m.commit()
	m.check()
	if rows := m.types(); len(rows) != 1 || rows[0].Count != 3 {
		t.Errorf("types %+v, want one with 3 events", rows)
	}
	var got []projection.AnomalyRow
	m.view(func(v *projection.View) {
		v.Anomalies("", func(a *projection.AnomalyRow) bool {
			got = append(got, *a)
			return true
		})
	})
	want := []projection.AnomalyRow{
		{Seq: 2, Code: eventmodel.BrokenBatch, Subject: "e-2"},
		{Seq: 3, Code: eventmodel.BrokenBatch, Subject: "event.graph.node_created"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("anomalies (-want +got):\n%s", diff)
	}
}

// TestTypesAreBounded sends more types than have rows, reopens, and sends more.
func TestTypesAreBounded(t *testing.T) {
	dir := t.TempDir()
	m := open(t, dir)
	seq := 0
	send := func(from, to int) {
		for i := from; i < to; i++ {
			seq++
			m.apply(event(seq, "event.graph.t", fmt.Sprintf("t%06d", i)), false)
		}
		m.commit()
		m.check()
	}
	send(0, eventmodel.MaxTypes-1)
	send(eventmodel.MaxTypes-1, eventmodel.MaxTypes+5)
	m.close()
	m = open(t, dir)
	send(eventmodel.MaxTypes-1, eventmodel.MaxTypes+10)
	rows := m.types()
	if len(rows) != eventmodel.MaxTypes+1 {
		t.Fatalf("%d rows, want %d and the folded one", len(rows), eventmodel.MaxTypes)
	}
	last, other := rows[eventmodel.MaxTypes-1], rows[eventmodel.MaxTypes]
	if last.Count != 2 || last.Type != fmt.Sprintf("t%06d", eventmodel.MaxTypes-1) {
		t.Errorf("the last type with a row is %+v, want two of it", last)
	}
	if !other.Folded || other.Type != eventmodel.Other || other.Count != 15 || other.FirstSequence != eventmodel.MaxTypes+1 {
		t.Errorf("the folded row is %+v, want 15 events from %d on", other, eventmodel.MaxTypes+1)
	}
}

// TestLaws folds random histories in every way that must not make a difference.
func TestLaws(t *testing.T) {
	all := history()
	projectiontest.Laws(t, eventmodel.New(), rapid.Custom(func(t *rapid.T) []eventlog.Record {
		out := make([]eventlog.Record, rapid.IntRange(1, 60).Draw(t, "records"))
		for i := range out {
			out[i] = rapid.SampledFrom(all).Draw(t, "record")
			out[i].Seq = eventlog.Seq(i + 1)
			out[i].Time += eventlog.Time(rapid.IntRange(-5, 5).Draw(t, "time")) // broker times need not rise
		}
		return out
	}))
}

// TestCheckFinds proves that Check is not blind.
func TestCheckFinds(t *testing.T) {
	key := projection.MakeKey
	for _, c := range []struct {
		name, want string
		do         func(d *eventmodel.Damage)
	}{
		{"a count that is too high", "17 events", func(d *eventmodel.Damage) {
			d.PutType(key("graph", "dreamed", ""), "graph", "dreamed", 2)
		}},
		{"a type under another key", `type "x" of domain "graph" stands under the key`, func(d *eventmodel.Damage) {
			d.PutType(key("graph", "dreamed", ""), "graph", "x", 1)
		}},
		{"a type that is not counted", "types have rows", func(d *eventmodel.Damage) { d.PutType(key("n", "n", ""), "n", "n", 0) }},
		{"a wrong total", "7 are counted", func(d *eventmodel.Damage) { d.PutTotal(7) }},
		{"a code that is counted twice", "5 undecodable records", func(d *eventmodel.Damage) {
			d.PutCode(key("empty_body"), "empty_body", 2)
		}},
		{"a code under another key", `code "x" stands under the key`, func(d *eventmodel.Damage) { d.PutCode(key("y"), "x", 0) }},
		{"nothing", "", func(*eventmodel.Damage) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := problems(t, c.do)
			if !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
				t.Errorf("Check = %q, want a sentence with %q", got, c.want)
			}
		})
	}
}

// problems is what Check says after a history and some damage.
func problems(t *testing.T, do func(d *eventmodel.Damage)) string {
	t.Helper()
	store, err := projection.Open(projection.Config{
		Dir: t.TempDir(), Worker: "test", Projections: []projection.Projection{eventmodel.NewDamaged(do)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	damaged := append(history(), event(20, "event.graph.damage", "damage"))
	projectiontest.Commit(t, store.GroupOf(eventmodel.Name), damaged...)
	v, err := store.View(eventmodel.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	return strings.Join(v.Check(), "\n")
}

// BenchmarkApply counts events of 20 types.
func BenchmarkApply(b *testing.B) {
	const batch = 10_000
	m := open(b, b.TempDir())
	inputs := make([]projection.Input, batch)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if i%batch == 0 {
			b.StopTimer()
			m.commit()
			for j := range inputs {
				inputs[j] = m.ready.Prepare(event(i+j+1, "event.graph.t", fmt.Sprintf("type_%d", j%20)), false)
			}
			b.StartTimer()
		}
		if err := m.fold.Apply(&inputs[i%batch]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.StopTimer()
	m.commit()
	m.check()
}
