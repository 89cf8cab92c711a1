package conceptmodel_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/aggregate/conceptual/conceptualtest"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/conceptmodel"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

// TestLife looks at what became of every event of the history that most tests begin with.
func TestLife(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life(t)...)
	m.apply(record(100, "event.graph.node_created", []byte(`{"event_type":"node_created","payload":{}}`)))
	m.apply(record(101, "event.conceptual.space_created", []byte(`no JSON`)))
	m.commit()
	m.check()
	m.view(func(v *projection.View) {
		want := projection.Counts{Applied: 28, OtherSubject: 1, UnknownType: 1, Undecodable: 1, DeadLetters: 1, Anomalies: 2}
		if got := v.Counts(); got != want {
			t.Errorf("Counts = %+v, want %+v", got, want)
		}
		v.Letters("", func(l *projection.Letter) bool {
			if l.Seq != 28 || l.Code != eventlog.CodeMissingField || l.Field != "payload.embedding_vector.1" {
				t.Errorf("letter %+v", l)
			}
			return true
		})
		wantRows(t, inMemory(t, life(t)), v)
	})
}

// TestReopen goes on in another process's store after every event.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	for _, r := range life(t) {
		m := open(t, dir)
		m.apply(r)
		m.commit()
		m.close()
	}
	open(t, dir).view(func(v *projection.View) { wantRows(t, inMemory(t, life(t)), v) })
}

func wantRows(t testing.TB, want *conceptualtest.State, v *projection.View) {
	t.Helper()
	got := conceptmodel.Rows(v.Projection(), v)
	if diff := cmp.Diff(want.Lines(), got.Lines()); diff != "" {
		t.Errorf("rows (-in memory +stored):\n%s", diff)
	}
	v.Anomalies("", func(a *projection.AnomalyRow) bool {
		got.Anomaly(conceptual.Anomaly(a.Code), a.Subject)
		return true
	})
	if diff := cmp.Diff(want.Anomalies, got.Anomalies); diff != "" {
		t.Errorf("anomalies (-in memory +stored):\n%s", diff)
	}
}

// inMemory folds a history into the plainest state that there is.
func inMemory(t testing.TB, history []eventlog.Record) *conceptualtest.State {
	t.Helper()
	s := &conceptualtest.State{}
	for i := range history {
		e, err := eventlog.Decode(&history[i])
		if err != nil {
			continue
		}
		if change, refused := conceptual.Decode(&e); refused == nil {
			conceptual.Apply(s, &e, change)
		}
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return s
}

// ids are few, so that events meet each other.
var ids = []string{"a", "b", "a\x00b", "c", "s"}

// payloads are templates: %[1]s, %[2]s and %[3]s are ids, %[4]d is a number.
var payloads = []struct{ kind, payload string }{
	{"embedding_calculated", `{"entity_id":%[1]s,"embedding_model":%[3]s,"embedding_vector":[%[4]d,0.1]}`},
	{"embedding_calculated", `{"concept_id":%[1]s,"embedding_model":"m","embedding_vector":[[%[4]d.5],1,null]}`},
	{"embedding_calculated", `{"entity_id":%[1]s,"embedding_vector":[null]}`},
	{"similarity_computed", `{"entity_a":%[1]s,"entity_b":%[2]s,"similarity_score":0.%[4]d,"similarity_type":"Cosine"}`},
	{"similarity_updated", `{"concept_a":%[1]s,"concept_b":%[2]s,"new_similarity":%[4]d}`},
	{"category_formed", `{"category_id":%[1]s,"member_entities":[%[2]s,%[3]s]}`},
	{"category_formed", `{"category_id":%[1]s,"member_entities":[]}`},
	{"category_formed", `{"category_id":%[1]s,"member_count":%[4]d}`},
	{"space_created", `{"space_id":%[1]s,"name":"n%[4]d"}`},
	{"space_recalibrated", `{"space_id":%[1]s,"dimension_changes":[{"Add":{"name":%[3]s,"weight":%[4]d}},{"Remove":%[2]s}],` +
		`"affected_entities":[%[2]s,%[3]s]}`},
	{"weights_added", `{"space_id":%[1]s,"weights":[%[4]d]}`},
	{"concept_added", `{"space_id":%[1]s,"concept_id":%[2]s,"position":[%[4]d],"properties":[["p%[4]d",1]]}`},
	{"concept_moved", `{"space_id":%[1]s,"concept_id":%[2]s,"position":[%[4]d]}`},
	{"property_inferred", `{"concept_id":%[1]s,"property_name":%[2]s,"inferred_value":%[4]d}`},
	{"relation_added", `{"source_concept":%[1]s,"target_concept":%[2]s,"relation_type":%[3]s,"strength":%[4]d}`},
	{"batch_progress", `{}`},
	{"unheard_of", `{}`},
}

func drawHistory(t *rapid.T) []eventlog.Record {
	quoted := func() string {
		return strings.ReplaceAll(fmt.Sprintf("%q", rapid.SampledFrom(ids).Draw(t, "id")), `\x00`, `\u0000`)
	}
	n := rapid.IntRange(1, 60).Draw(t, "events")
	out := make([]eventlog.Record, n)
	for i := range out {
		p := rapid.SampledFrom(payloads).Draw(t, "payload")
		payload := fmt.Sprintf(p.payload+"%.0[1]s%.0[2]s%.0[3]s%.0[4]s", quoted(), quoted(), quoted(),
			rapid.IntRange(0, 3).Draw(t, "number"))
		out[i] = event(i+1, p.kind, payload)
	}
	return out
}

// TestLaws folds random histories in every way that must not make a difference.
func TestLaws(t *testing.T) {
	projectiontest.Laws(t, conceptmodel.New(), rapid.Custom(drawHistory))
}

// TestAnyHistory holds the tables against the state in memory after any history, committed anywhere.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		history := drawHistory(rt)
		m := open(t, t.TempDir())
		defer m.close()
		for _, r := range history {
			m.apply(r)
			if rapid.IntRange(0, 4).Draw(rt, "commit") == 0 {
				m.commit()
			}
		}
		m.commit()
		m.view(func(v *projection.View) { wantRows(t, inMemory(t, history), v) })
		if t.Failed() {
			rt.Fatal("a check failed")
		}
	})
}
