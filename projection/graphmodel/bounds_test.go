package graphmodel_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/graphmodel"
)

// star stores a graph with a hub and rays nodes around it, each at the place of its number. The edges' ids fall.
func star(t testing.TB, rays int) *models {
	t.Helper()
	m := open(t, t.TempDir())
	m.apply(event(1, "node_created", "star", `{"graph_id":"star","node_id":"hub"}`))
	for i := range rays {
		m.ray(i)
	}
	m.commit()
	return m
}

// ray adds a node to the star.
func (m *models) ray(i int) {
	m.t.Helper()
	m.apply(
		event(2*i+2, "node_created", "star", fmt.Sprintf(
			`{"graph_id":"star","node_id":"n%06d","node_type":"Ray","position":[%d,0,0],"metadata":{"i":%d}}`, i, i, i)),
		event(2*i+3, "edge_created", "star", fmt.Sprintf(
			`{"graph_id":"star","edge_id":"e%06d","source_node":"hub","target_node":"n%06d","edge_type":"Flow"}`, 999_999-i, i)),
	)
}

// TestBounds asks for just as much as an answer may hold, and for one more.
func TestBounds(t *testing.T) {
	const most = graphmodel.MaxVisited
	if most != graphmodel.MaxEdges {
		t.Fatal("the bounds differ; this test builds one star for both")
	}
	const (
		part      = `{"graph_id":"star","center_nodes":["hub"],"radius":1}` // which has the hub beside the rays
		neighbors = `{"graph_id":"star","node_id":"hub"}`
		node      = `{"graph_id":"star","node_id":"hub","include_edges":true}`
	)
	m := star(t, most-1)
	fits := func(subject, params string, want bool) {
		t.Helper()
		got := m.ask(subject, projection.Request{Params: eventlog.Value(params), Limit: 1})
		if want && got.Error != nil {
			t.Errorf("%s with %d: %v", subject, most, got.Error)
		}
		if !want && (got.Error == nil || got.Error.Code != projection.TooLarge) {
			t.Errorf("%s with one more: %+v, want %s", subject, got.Error, projection.TooLarge)
		}
	}
	fits("graph.get_subgraph", part, true)
	m.ray(most - 1)
	m.commit()
	fits("graph.get_subgraph", part, false)
	fits("graph.get_neighbors", neighbors, true)
	fits("graph.get_node", node, true)
	m.ray(most)
	m.commit()
	fits("graph.get_neighbors", neighbors, false)
	fits("graph.get_node", node, false)
}

// TestPages puts the pages of every order together and finds every node once, in order.
func TestPages(t *testing.T) {
	const rays, limit = 100, 7
	m := star(t, rays)
	for _, c := range []struct {
		name, params string
		want         func(i int) string
	}{
		{"by id", `{"graph_id":"star","filters":[{"ByType":"Ray"}]}`, func(i int) string { return fmt.Sprintf("n%06d", i) }},
		{"by distance", `{"graph_id":"star","filters":[{"ByType":"Ray"}],"sort_by":{"ByDistance":[1000,0]}}`,
			func(i int) string { return fmt.Sprintf("n%06d", rays-1-i) }},
		{"neighbours", `{"graph_id":"star","node_id":"hub"}`, func(i int) string { return fmt.Sprintf("n%06d", i) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ids []string
			for offset := 0; offset < rays+limit; offset += limit {
				ids = append(ids, page(t, m, c.params, offset, limit, rays)...)
			}
			if len(ids) != rays {
				t.Fatalf("%d nodes on all pages, want %d", len(ids), rays)
			}
			for i, id := range ids {
				if id != c.want(i) {
					t.Fatalf("node %d is %s, want %s", i, id, c.want(i))
				}
			}
		})
	}
}

// page returns the ids on one page, and expects a total.
func page(t *testing.T, m *models, params string, offset, limit, total int) (ids []string) {
	t.Helper()
	subject := "graph.find_nodes"
	if strings.Contains(params, "node_id") {
		subject = "graph.get_neighbors"
	}
	got := m.ask(subject, projection.Request{Params: eventlog.Value(params), Offset: offset, Limit: limit})
	if got.Error != nil || *got.Total != total {
		t.Fatalf("at %d: %+v, want a total of %d", offset, got, total)
	}
	switch items := got.Data.(type) {
	case []graphmodel.NodeView:
		for _, n := range items {
			ids = append(ids, n.NodeID)
		}
	case []graphmodel.Neighbor:
		for _, n := range items {
			ids = append(ids, n.NodeID)
		}
	}
	if len(ids) > limit {
		t.Fatalf("at %d: %d items on a page of %d", offset, len(ids), limit)
	}
	return ids
}

// TestEndedQuestions asks with a context that is over.
func TestEndedQuestions(t *testing.T) {
	m := star(t, 3)
	why := errors.New("the asker went away")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for subject, params := range map[string]string{
		"graph.list":          `{}`,
		"graph.get_node":      `{"graph_id":"star","node_id":"hub","include_edges":true}`,
		"graph.find_nodes":    `{"graph_id":"star"}`,
		"graph.get_neighbors": `{"graph_id":"star","node_id":"hub"}`,
		"graph.get_subgraph":  `{"graph_id":"star","center_nodes":["hub"]}`,

		"graph.find_nodes_in_radius": `{"graph_id":"star","center":[0,0],"radius":9}`,
	} {
		m.view(func(v *projection.View) {
			_, err := query(t, v, subject).Answer(ctx, v, projection.Request{Params: eventlog.Value(params), Limit: 50})
			if !errors.Is(err, why) {
				t.Errorf("%s answered %v, want the reason why it was ended", subject, err)
			}
		})
	}
	near := projection.Request{Params: eventlog.Value(`{"graph_id":"star","sort_by":{"ByDistance":[0,0]}}`), Limit: 50}
	m.view(func(v *projection.View) {
		if _, err := query(t, v, "graph.find_nodes").Answer(ctx, v, near); !errors.Is(err, why) {
			t.Errorf("a ranked search answered %v", err)
		}
	})
}

// TestEqual compares values as metadata is compared.
func TestEqual(t *testing.T) {
	same := [][2]string{
		{`1`, `1.0`}, {`100`, `1e2`}, {`0`, `-0.00`}, {`0.5`, `5E-1`}, {`-12.50`, `-0.125e+2`},
		{`"a"`, `"\u0061"`}, {`{"a":1,"b":[2]}`, `{"b":[2.0],"a":1}`}, {`null`, `null`}, {`[]`, `[]`},
		{`0e99999999999`, `0e99999999999`},
	}
	apart := [][2]string{
		{`1`, `-1`}, {`10`, `1`}, {`18446744073709551615`, `18446744073709551616`}, {`1e400`, `1e401`},
		{`1e99999999999`, `2e99999999999`},
		{`"1"`, `1`}, {`null`, `0`}, {`true`, `false`}, {`[1,2]`, `[2,1]`}, {`[1]`, `[1,1]`}, {`{"a":1}`, `{"a":1,"b":1}`},
		{`{"a":1}`, `{"b":1}`}, {`{}`, `[]`}, {`"a"`, `"A"`},
	}
	for _, p := range same {
		if !graphmodel.Equal(p[0], p[1]) || !graphmodel.Equal(p[1], p[0]) {
			t.Errorf("%s and %s are not equal", p[0], p[1])
		}
	}
	for _, p := range apart {
		if graphmodel.Equal(p[0], p[1]) || graphmodel.Equal(p[1], p[0]) {
			t.Errorf("%s and %s are equal", p[0], p[1])
		}
	}
}

// TestOwner asks to whom events belong, decoded and not.
func TestOwner(t *testing.T) {
	p := graphmodel.New()
	for _, c := range []struct{ kind, payload, want string }{
		{"node_created", `{"graph_id":"g","node_id":"n"}`, "g"},
		{"node_moved", `{"node_id":"n","new_position":[0,0]}`, "envelope"},
		{"node_created", `{"graph_id":"g"}`, "g"}, // refused by Decode, and belongs all the same
		{"layout_progress", `{"graph_id":"g"}`, "g"},
		{"unheard_of", `{"graph_id":"g"}`, ""},
	} {
		r := event(1, c.kind, "envelope", c.payload)
		e, err := eventlog.Decode(&r)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := p.(projection.Decoder).Decode(&e)
		owned := p.(projection.Owned)
		if got := owned.Owner(&projection.Event{Event: &e, Decoded: decoded}); got != c.want {
			t.Errorf("%s %s (%v) belongs to %q, want %q", c.kind, c.payload, err, got, c.want)
		}
		if got := owned.Owner(&projection.Event{Event: &e}); got != c.want {
			t.Errorf("%s %s, not decoded, belongs to %q, want %q", c.kind, c.payload, got, c.want)
		}
	}
}
