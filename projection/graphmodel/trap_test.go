package graphmodel_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// TestTrap85OneNameManyThings gives graphs and nodes the same name: each is found, also after one of them has got
// another.
func TestTrap85OneNameManyThings(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(
		event(1, "graph_created", "g1", `{"graph_id":"g1","name":"Same"}`),
		event(2, "graph_created", "g2", `{"graph_id":"g2","name":"Same"}`),
		event(3, "graph_created", "g3", `{"graph_id":"g3","name":"Same"}`),
		event(4, "node_created", "g1", `{"graph_id":"g1","node_id":"a","metadata":{"name":"N"}}`),
		event(5, "node_created", "g1", `{"graph_id":"g1","node_id":"b","metadata":{"name":"N"}}`),
		event(6, "node_created", "g1", `{"graph_id":"g1","node_id":"c","metadata":{"name":"N"}}`),
	)
	m.commit()
	graphs := func() []string { return idsOf(t, m, "graph.list", ``, "name", "Same", "graph_id") }
	nodes := func() []string {
		return idsOf(t, m, "graph.find_nodes", `{"graph_id":"g1","filters":[{"ByMetadata":{"key":"name","value":"N"}}]}`, "", "", "node_id")
	}
	if g, n := graphs(), nodes(); !slices.Equal(g, []string{"g1", "g2", "g3"}) || !slices.Equal(n, []string{"a", "b", "c"}) {
		t.Errorf("graphs %q and nodes %q of one name, want three each", g, n)
	}
	m.apply(
		event(7, "graph_created", "g2", `{"graph_id":"g2","name":"Other"}`),
		event(8, "node_deleted", "g1", `{"graph_id":"g1","node_id":"b"}`),
	)
	m.commit()
	if g, n := graphs(), nodes(); !slices.Equal(g, []string{"g1", "g3"}) || !slices.Equal(n, []string{"a", "c"}) {
		t.Errorf("graphs %q and nodes %q are left of the name, want two each", g, n)
	}
}

// idsOf asks for a list, and returns the ids in it of what has a value in a field.
func idsOf(t *testing.T, m *models, subject, params, field, value, id string) []string {
	t.Helper()
	got := m.ask(subject, projection.Request{Params: eventlog.Value(params)})
	if got.Error != nil {
		t.Fatalf("%s: %v", subject, got.Error)
	}
	raw, err := json.Marshal(got.Data)
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatalf("%s: %v in %s", subject, err, raw)
	}
	var out []string
	for _, row := range rows {
		if field == "" || row[field] == value {
			out = append(out, row[id].(string))
		}
	}
	return out
}
