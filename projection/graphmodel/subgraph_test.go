package graphmodel_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/graphmodel"
)

// link is an edge as the plainest walk sees it.
type link struct{ id, source, target string }

// reach returns the nodes that are at most so many links away from the centers, by trying every link again and again.
func reach(nodes []string, links []link, centers []string, radius int) map[string]bool {
	found := map[string]bool{}
	for _, c := range centers {
		found[c] = true
	}
	for range radius {
		next := maps.Clone(found)
		for _, l := range links {
			if found[l.source] && slices.Contains(nodes, l.target) {
				next[l.target] = true
			}
			if found[l.target] && slices.Contains(nodes, l.source) {
				next[l.source] = true
			}
		}
		found = next
	}
	return found
}

// TestSubgraphAgainstAPlainWalk asks for parts of random graphs, with parallel edges, self-loops and dangling ones, and expects
// what trying every edge in memory gives.
func TestSubgraphAgainstAPlainWalk(t *testing.T) {
	m := open(t, t.TempDir())
	graphs, seq := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		graphs++
		name := fmt.Sprintf("g%d", graphs)
		apply := func(kind, payload string) { seq++; m.apply(event(seq, kind, name, payload)) }
		all := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		nodes := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 7, rapid.ID[string]).Draw(rt, "nodes")
		for _, id := range nodes {
			apply("node_created", fmt.Sprintf(`{"graph_id":%q,"node_id":%q,"metadata":{"k":1}}`, name, id))
		}
		var links []link
		for i := range rapid.IntRange(0, 10).Draw(rt, "links") {
			l := link{fmt.Sprintf("e%d", 9-i), rapid.SampledFrom(all).Draw(rt, "source"), rapid.SampledFrom(all).Draw(rt, "target")}
			links = append(links, l)
			apply("edge_created", fmt.Sprintf(
				`{"graph_id":%q,"edge_id":%q,"source_node":%q,"target_node":%q}`, name, l.id, l.source, l.target))
		}
		m.commit()

		centers := rapid.SliceOfN(rapid.SampledFrom(nodes), 0, 3).Draw(rt, "centers")
		radius := rapid.IntRange(0, 4).Draw(rt, "radius")
		withMetadata := rapid.Bool().Draw(rt, "include_metadata")
		found := reach(nodes, links, centers, radius)
		wantEdges := []string{}
		for _, l := range slices.Backward(links) { // which have falling ids
			if found[l.source] && found[l.target] {
				wantEdges = append(wantEdges, l.id)
			}
		}

		params := fmt.Sprintf(`{"graph_id":%q,"center_nodes":%s,"radius":%d,"include_metadata":%v}`,
			name, text(t, append([]string{}, centers...)), radius, withMetadata)
		got := subgraph(rt, m, params)
		gotNodes, gotEdges := []string{}, []string{}
		for _, n := range got.Nodes {
			gotNodes = append(gotNodes, n.NodeID)
			if (n.Metadata != nil) != withMetadata || n.Edges != nil {
				rt.Fatalf("%s: node %+v", params, n)
			}
		}
		for _, e := range got.Edges {
			gotEdges = append(gotEdges, e.EdgeID)
			if e.Dangling {
				rt.Fatalf("%s: edge %+v", params, e)
			}
		}
		want := [2][]string{append([]string{}, slices.Sorted(maps.Keys(found))...), wantEdges}
		if diff := cmp.Diff(want, [2][]string{gotNodes, gotEdges}); diff != "" {
			rt.Fatalf("%s (-plain +answered):\n%s", params, diff)
		}
	})
}

func subgraph(t rapid.TB, m *models, params string) graphmodel.Subgraph {
	t.Helper()
	a := m.ask("graph.get_subgraph", projection.Request{Params: eventlog.Value(params)})
	got, ok := a.Data.(graphmodel.Subgraph)
	if a.Error != nil || !ok || a.Total != nil {
		t.Fatalf("%s: %s", params, text(m.t, a))
	}
	return got
}

// TestSubgraphIsOrderedByBytes asks around several centers of a star, whose edges' ids fall where those of its nodes rise.
func TestSubgraphIsOrderedByBytes(t *testing.T) {
	m := star(t, 50)
	got := subgraph(t, m, `{"graph_id":"star","center_nodes":["n000049","n000000"],"radius":2}`)
	byNode := slices.IsSortedFunc(got.Nodes, func(a, b graphmodel.NodeView) int { return cmpText(a.NodeID, b.NodeID) })
	byEdge := slices.IsSortedFunc(got.Edges, func(a, b graphmodel.EdgeView) int { return cmpText(a.EdgeID, b.EdgeID) })
	if len(got.Nodes) != 51 || len(got.Edges) != 50 || !byNode || !byEdge {
		t.Errorf("%d nodes in order (%v), %d edges in order (%v); want 51 and 50", len(got.Nodes), byNode, len(got.Edges), byEdge)
	}
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// TestSubgraphBounds asks for as many centers as may be named and one more, and walks over as many edges as a walk may and one
// more.
func TestSubgraphBounds(t *testing.T) {
	m := star(t, 4)
	ids := make([]string, graphmodel.MaxVisited+1)
	for i := range ids {
		ids[i] = "hub"
	}
	ask := func(ids []string) answered {
		params := fmt.Sprintf(`{"graph_id":"star","center_nodes":%s,"radius":%d}`, text(t, ids), uint64(math.MaxUint64))
		return m.ask("graph.get_subgraph", projection.Request{Params: eventlog.Value(params)})
	}
	if got := ask(ids[1:]); got.Error != nil || len(got.Data.(graphmodel.Subgraph).Nodes) != 5 {
		t.Errorf("with %d centers: %v", len(ids)-1, got.Error)
	}
	if got := ask(ids); got.Error == nil || got.Error.Code != projection.BadRequest || got.Error.Details["field"] != "center_nodes" {
		t.Errorf("with one more: %+v, want %s", got.Error, projection.BadRequest)
	}
	// Each of the four edges has two ends, which the walk meets; the hub's are met at depth 1, the others' at depth 2.
	for crossings, want := range map[int]bool{8: true, 7: false} {
		m.view(func(v *projection.View) {
			if err := graphmodel.WalkFrom(t.Context(), v, "star", "hub", 9, crossings); (err == nil) != want {
				t.Errorf("a walk of at most %d crossings: %v", crossings, err)
			}
		})
	}
}

// TestSubgraphEdgeBound asks for as many edges between two nodes as an answer holds, and for one more.
func TestSubgraphEdgeBound(t *testing.T) {
	m := open(t, t.TempDir())
	between := func(i int) {
		m.apply(event(i+3, "edge_created", "g", fmt.Sprintf(
			`{"graph_id":"g","edge_id":"e%06d","source_node":"a","target_node":"b"}`, i)))
	}
	m.apply(event(1, "node_created", "g", `{"graph_id":"g","node_id":"a"}`))
	m.apply(event(2, "node_created", "g", `{"graph_id":"g","node_id":"b"}`))
	for i := range graphmodel.MaxEdges {
		between(i)
	}
	m.commit()
	const params = `{"graph_id":"g","center_nodes":["b"],"radius":1}`
	if got := subgraph(t, m, params); len(got.Edges) != graphmodel.MaxEdges || len(got.Nodes) != 2 {
		t.Errorf("%d edges between %d nodes", len(got.Edges), len(got.Nodes))
	}
	between(graphmodel.MaxEdges)
	m.commit()
	got := m.ask("graph.get_subgraph", projection.Request{Params: eventlog.Value(params)})
	if got.Error == nil || got.Error.Code != projection.TooLarge {
		t.Errorf("with one more: %+v, want %s", got.Error, projection.TooLarge)
	}
}
