package graphmodel_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/graphmodel"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

// TestLife looks at what became of every event of the life of a graph.
func TestLife(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life(t)...)
	m.apply(record(100, "event.workflow.process_started", []byte(`{"event_type":"process_started","payload":{}}`)))
	m.apply(record(101, "event.graph.node_created", []byte(`no JSON`)))
	m.commit()
	m.check()
	m.view(func(v *projection.View) {
		want := projection.Counts{Applied: 21, OtherSubject: 1, UnknownType: 1, Undecodable: 1, DeadLetters: 1, Anomalies: 4}
		if got := v.Counts(); got != want {
			t.Errorf("Counts = %+v, want %+v", got, want)
		}
		v.Letters("", func(l *projection.Letter) bool {
			if l.Seq != 22 || l.Code != eventlog.CodeWrongType || l.Field != "payload.node_id" || l.AggregateID != "g" {
				t.Errorf("letter %+v", l)
			}
			return true
		})
		if diff := cmp.Diff(inMemory(t, life(t)).Lines(), graphmodel.Rows(v).Lines()); diff != "" {
			t.Errorf("rows (-in memory +stored):\n%s", diff)
		}
	})
}

// TestReopen goes on in another process's store after every event.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	for _, r := range life(t) {
		m := open(t, dir)
		m.apply(r)
		m.commit()
		m.check()
		m.close()
	}
	m := open(t, dir)
	m.view(func(v *projection.View) {
		if diff := cmp.Diff(inMemory(t, life(t)).Lines(), graphmodel.Rows(v).Lines()); diff != "" {
			t.Errorf("rows (-in memory +stored):\n%s", diff)
		}
	})
}

// inMemory folds a history into the plainest state that there is.
func inMemory(t testing.TB, history []eventlog.Record) *graphtest.State {
	t.Helper()
	s := &graphtest.State{}
	for i := range history {
		e, err := eventlog.Decode(&history[i])
		if err != nil {
			continue
		}
		if change, refused := graph.Decode(&e); refused == nil {
			graph.Apply(s, &e, change)
		}
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return s
}

// ids are few, so that events meet each other.
var (
	graphIDs = []string{"g", "h", "g\x00"}
	nodeIDs  = []string{"a", "b", "c", "a\x00b", "d"}
	edgeIDs  = []string{"e1", "e2", "e3", "e4"}
)

// payloads are templates: %[1]s is a graph, %[2]s and %[3]s are nodes, %[4]s and %[5]s edges, %[6]d a number.
var payloads = []struct{ kind, payload string }{
	{"graph_created", `{"graph_id":%[1]s,"name":"n%[6]d"}`},
	{"node_created", `{"graph_id":%[1]s,"node_id":%[2]s,"node_type":{"Concept":{"n":%[6]d}},"metadata":{"k%[6]d":1}}`},
	{"node_created", `{"graph_id":%[1]s,"node_id":%[2]s,"position":[%[6]d,0.1,null]}`},
	{"node_updated", `{"graph_id":%[1]s,"node_id":%[2]s,"changes":{"metadata":{"k%[6]d":%[6]d},` +
		`"component_updates":[{"Add":{"L":%[6]d}}]}}`},
	{"node_moved", `{"graph_id":%[1]s,"node_id":%[2]s,"new_position":{"x":%[6]d.1,"y":0}}`},
	{"layout_calculated", `{"graph_id":%[1]s,"node_positions":{%[2]s:[1,%[6]d]}}`},
	{"node_deleted", `{"graph_id":%[1]s,"node_id":%[2]s,"connected_edges":[%[4]s,%[5]s]}`},
	{"node_deleted", `{"graph_id":%[1]s,"node_id":%[2]s}`},
	{"edge_created", `{"graph_id":%[1]s,"edge_id":%[4]s,"source_node":%[2]s,"target_node":%[3]s,"weight":%[6]d.3}`},
	{"edge_created", `{"graph_id":%[1]s,"edge_id":%[5]s,"source_node":%[3]s,"target_node":%[2]s,"edge_type":"Flow"}`},
	{"edge_created", `{"graph_id":%[1]s,"edge_id":%[4]s,"source_node":%[2]s,"target_node":%[2]s}`},
	{"edge_updated", `{"graph_id":%[1]s,"edge_id":%[4]s,"changes":{"properties":{"p":%[6]d}}}`},
	{"edge_deleted", `{"graph_id":%[1]s,"edge_id":%[4]s}`},
	{"layout_progress", `{"graph_id":%[1]s}`},
	{"NodeAdded", `{"graph_id":%[1]s,"node_id":%[2]s,"label":"l%[6]d","position":[%[6]d,2,3],"metadata":{"m":%[6]d}}`},
	{"NodeAdded", `{"graph_id":%[1]s,"node_id":%[3]s}`},
	{"NodeRemoved", `{"graph_id":%[1]s,"node_id":%[2]s}`},
	{"NodeRemoved", `{"graph_id":%[1]s,"node_id":%[3]s}`},
	{"NodeUpdated", `{"graph_id":%[1]s,"node_id":%[2]s,"label":null,"metadata":{"r%[6]d":1}}`},
	{"NodeContentChanged", `{"graph_id":%[1]s,"node_id":%[2]s,"new_content":%[6]d}`},
	{"EdgeReversed", `{"graph_id":%[1]s,"edge_id":%[4]s,"old_source":%[2]s,"old_target":%[3]s}`},
	{"EdgeAdded", `{"graph_id":%[1]s,"edge_id":%[4]s,"source":%[2]s,"target":%[3]s,"relationship":{"Similarity":{"score":0.%[6]d}}}`},
	{"GraphRenamed", `{"id":%[1]s,"new_name":"r%[6]d"}`},
	{"GraphTagged", `{"id":%[1]s,"tag":"t%[6]d"}`},
	{"GraphUntagged", `{"id":%[1]s,"tag":"t%[6]d"}`},
	{"MetadataUpdated", `{"graph_id":%[1]s,"field":"f%[6]d","new_value":[%[6]d]}`},
	{"MetadataUpdated", `{"graph_id":%[1]s,"field":"f%[6]d","new_value":null}`},
	{"LayoutChanged", `{"graph_id":%[1]s,"layout_type":"L%[6]d"}`},
	{"GraphArchived", `{"graph_id":%[1]s}`},
	{"GraphDeleted", `{"graph_id":%[1]s}`},
	{"GraphCleared", `{"graph_id":%[1]s}`},
	{"BulkNodesAdded", `{"graph_id":%[1]s,"nodes":[{"id":%[2]s,"label":"l","position":[1,2,3],"size":%[6]d},{"id":%[3]s},{"id":""}]}`},
	{"BulkEdgesAdded", `{"graph_id":%[1]s,"edges":[{"id":%[4]s,"source_id":%[2]s,"target_id":%[3]s,"weight":0.%[6]d},
		{"id":%[5]s,"source_id":%[3]s,"target_id":%[3]s,"color":%[6]d}]}`},
	{"GraphSnapshot", `{"graph_id":%[1]s,"nodes":[{"id":%[2]s},{"id":%[3]s}],"metadata":{"s":%[6]d},
		"edges":[{"id":%[5]s,"source_id":%[2]s,"target_id":%[3]s}]}`},
	{"node_moved", `{"graph_id":%[1]s}`},
	{"unheard_of", `{"graph_id":%[1]s}`},
}

func drawHistory(t *rapid.T) []eventlog.Record {
	quoted := func(ids []string) string {
		return strings.ReplaceAll(fmt.Sprintf("%q", rapid.SampledFrom(ids).Draw(t, "id")), `\x00`, `\u0000`)
	}
	n := rapid.IntRange(1, 60).Draw(t, "events")
	out := make([]eventlog.Record, n)
	for i := range out {
		p := rapid.SampledFrom(payloads).Draw(t, "payload")
		payload := fmt.Sprintf(p.payload+"%.0[1]s%.0[2]s%.0[3]s%.0[4]s%.0[5]s%.0[6]s", quoted(graphIDs),
			quoted(nodeIDs), quoted(nodeIDs), quoted(edgeIDs), quoted(edgeIDs), rapid.IntRange(0, 3).Draw(t, "number"))
		out[i] = event(i+1, p.kind, "g", payload)
	}
	return out
}

// TestLaws folds random histories in every way that must not make a difference.
func TestLaws(t *testing.T) {
	projectiontest.Laws(t, graphmodel.New(), rapid.Custom(drawHistory))
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
		m.check()
		want := inMemory(t, history)
		m.view(func(v *projection.View) {
			got := graphmodel.Rows(v)
			if diff := cmp.Diff(want.Lines(), got.Lines()); diff != "" {
				rt.Fatalf("rows (-in memory +stored):\n%s", diff)
			}
			if diff := cmp.Diff(want.Anomalies, got.Anomalies); diff != "" {
				rt.Fatalf("anomalies (-in memory +stored):\n%s", diff)
			}
		})
		if t.Failed() {
			rt.Fatal("a check failed")
		}
	})
}
