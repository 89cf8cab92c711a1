package graph_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
)

func TestOwner(t *testing.T) {
	for _, c := range []struct{ name, kind, payload, aggregate, want string }{
		{"the payload's graph", "node_created", `{"graph_id":"g","node_id":"n"}`, "agg", "g"},
		{"under its other name", "graph_created", `{"id":{"id":"g"}}`, "agg", "g"},
		{"the envelope's aggregate, where the payload names none", "node_moved", `{"node_id":"n","new_position":[1,2]}`, "agg", "agg"},
		{"nobody", "node_moved", `{"node_id":"n","new_position":[1,2]}`, "", ""},
		{"a payload that is refused still has an owner", "node_created", `{"graph_id":"g","position":"x"}`, "agg", "g"},
		{"a graph that is no identifier is passed over", "node_created", `{"graph_id":5,"id":"g"}`, "agg", "g"},
		{"so are all of them", "node_created", `{"graph_id":5,"id":""}`, "agg", "agg"},
		{"a payload that is no object", "node_created", `[1]`, "agg", "agg"},
		{"a transient event", "layout_progress", `{"graph_id":"g"}`, "agg", "g"},
		{"a type that is not known", "graph_exploded", `{"graph_id":"g"}`, "agg", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := event(t, fact{c.kind, c.payload}, 1)
			e.AggregateID = c.aggregate
			if got := graph.Owner(e); got != c.want {
				t.Errorf("Owner = %q, want %q", got, c.want)
			}
		})
	}
}
