package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestComponentUpdates(t *testing.T) {
	const initial = `{"Metadata":{"k":1}},{"Visual":{"size":1}},"Unit"`
	for _, c := range []struct {
		name, updates, components, modifications string
		anomalies                                []graphtest.Record
	}{
		{
			name: "Add puts behind all", updates: `{"Add":{"Label": {"t":1.0}}}`,
			components: initial + `,{"Label":{"t":1.0}}`,
		},
		{
			name: "Add of a type that is there drops the former", updates: `{"Add":{"Metadata":{"k":2}}}`,
			components: `{"Visual":{"size":1}},"Unit",{"Metadata":{"k":2}}`, anomalies: record(graph.DuplicateComponent, "a"),
		},
		{
			name: "Add of something without a tag is added once", updates: `{"Add":[1, 2]},{"Add":[1,2]},{"Add":[2]}`,
			components: initial + `,[1,2],[2]`, anomalies: record(graph.DuplicateComponent, "a"),
		},
		{
			name: "Remove drops by type", updates: `{"Remove":"Visual"},{"Remove":"Unit"}`,
			components: `{"Metadata":{"k":1}}`,
		},
		{
			name: "Remove of what is not there does nothing", updates: `{"Remove":"Label"}`,
			components: initial, anomalies: record(graph.UnknownComponent, "a"),
		},
		{
			name:       "Replace puts behind all, tagged data as it is",
			updates:    `{"Replace":{"component_type":"Visual","new_data":{"Visual":{"size": 2}}}}`,
			components: `{"Metadata":{"k":1}},"Unit",{"Visual":{"size":2}}`,
		},
		{
			name:       "Replace puts bare data under the tag",
			updates:    `{"Replace":{"component_type":"Visual","new_data":{"size":2}}}`,
			components: `{"Metadata":{"k":1}},"Unit",{"Visual":{"size":2}}`,
		},
		{
			name:       "Replace of what is not there adds",
			updates:    `{"Replace":{"component_type":"Label","new_data":{"Label":1}}}`,
			components: initial + `,{"Label":1}`, anomalies: record(graph.UnknownComponent, "a"),
		},
		{
			name:          "Modify is kept as received, the component as it was",
			updates:       `{"Modify":{"component_type":"Visual","changes":[{"property":"size", "value":2}],"more":1}}`,
			components:    initial,
			modifications: `{"component_type":"Visual","changes":[{"property":"size","value":2}],"more":1}`,
		},
		{
			name: "an equal Modify moves to the end",
			updates: `{"Modify":{"component_type":"Visual","changes":[1]}},{"Modify":{"component_type":"Visual","changes":[2]}},
				{"Modify":{"component_type":"Visual","changes":[1]}}`,
			components:    initial,
			modifications: `{"component_type":"Visual","changes":[2]},{"component_type":"Visual","changes":[1]}`,
		},
		{
			name:       "Modify of what is not there is kept",
			updates:    `{"Modify":{"component_type":"Label","changes":[]}}`,
			components: initial, modifications: `{"component_type":"Label","changes":[]}`,
			anomalies: record(graph.UnknownComponent, "a"),
		},
		{
			name: "what comes after a Modify of the same component supersedes it",
			updates: `{"Modify":{"component_type":"Visual","changes":[1]}},{"Modify":{"component_type":"Unit","changes":[2]}},
				{"Modify":{"component_type":"Metadata","changes":[3]}},
				{"Replace":{"component_type":"Visual","new_data":{"Visual":2}}},{"Remove":"Unit"}`,
			components:    `{"Metadata":{"k":1}},{"Visual":2}`,
			modifications: `{"component_type":"Metadata","changes":[3]}`,
		},
		{
			name:       "updates work in order",
			updates:    `{"Remove":"Visual"},{"Add":{"Visual":{"size":3}}},{"Remove":"Metadata"},{"Add":"Metadata"}`,
			components: `"Unit",{"Visual":{"size":3}},"Metadata"`,
		},
		{
			name: "an unknown kind of update is left out, the others applied", updates: `{"Swap":["a","b"]},"Clear",{"Remove":"Unit"}`,
			components: `{"Metadata":{"k":1}},{"Visual":{"size":1}}`, anomalies: record(graph.UnknownComponentUpdate, "a", "a"),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			row := "node g/a components=[" + c.components + "]"
			if c.modifications != "" {
				row += " modifications=[" + c.modifications + "]"
			}
			scenario{
				given: []fact{graphG, {"node_created", `{"graph_id":"g","node_id":"a","components":[` + initial + `]}`}},
				when:  []fact{updates(c.updates)},
				then:  []string{"graph g 1 nodes 0 edges @1,3", row + " @2,3"},

				anomalies: c.anomalies,
			}.run(t)
		})
	}
}

func TestComponentsOfOneTypeBecomeOneAtTheirFirstUpdate(t *testing.T) {
	runAll(t, []scenario{
		{
			name:  "replaced",
			given: []fact{graphG, {"node_created", `{"graph_id":"g","node_id":"a","components":["X",{"V":1},"Y",{"V":2}]}`}},
			when:  []fact{updates(`{"Replace":{"component_type":"V","new_data":{"V":3}}}`)},
			then:  []string{"graph g 1 nodes 0 edges @1,3", `node g/a components=["X","Y",{"V":3}] @2,3`},
		},
		{
			name:  "all removed",
			given: []fact{graphG, {"node_created", `{"graph_id":"g","node_id":"a","components":[{"V":1},{"V":2}]}`}},
			when:  []fact{updates(`{"Remove":"V"}`)},
			then:  []string{"graph g 1 nodes 0 edges @1,3", "node g/a @2,3"},
		},
	})
}

func TestModificationsAreBounded(t *testing.T) {
	var s graphtest.State
	apply(t, &s, event(t, graphG, 1))
	apply(t, &s, event(t, fact{"node_created", `{"graph_id":"g","node_id":"a","components":["V"]}`}, 2))
	s.Anomalies = nil
	var want []string
	for i := range graph.MaxModifications + 3 {
		content := fmt.Sprintf(`{"component_type":"V","changes":[%d]}`, i)
		apply(t, &s, event(t, updates(`{"Modify":`+content+`}`), eventlog.Time(3+i)))
		if i >= 3 {
			want = append(want, content)
		}
	}
	n, _ := s.Node("g", "a")
	var got []string
	for _, m := range n.Modifications {
		got = append(got, string(m))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("modifications (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(record(graph.ModificationDropped, "a", "a", "a"), s.Anomalies); diff != "" {
		t.Errorf("anomalies (-want +got):\n%s", diff)
	}
}

// updates makes the update of node a by a list of component updates without its brackets.
func updates(list string) fact {
	return fact{"node_updated", `{"graph_id":"g","node_id":"a","changes":{"component_updates":[` + strings.TrimSpace(list) + `]}}`}
}
