package graphtest

import (
	"reflect"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestState runs a state through what graph.State promises. open returns an empty one, which need not be closed by the
// suite; it is called once a case.
func TestState(t *testing.T, open func(t *testing.T) graph.State) {
	t.Helper()
	for _, c := range stateCases {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

var stateCases = []struct {
	name string
	run  func(t *testing.T, s graph.State)
}{
	{"nothing is found in an empty state", emptyState},
	{"a row is returned as it was put", rowsReturn},
	{"a row that is put again replaces the first", rowsReplace},
	{"the same id in two graphs is two rows", graphsAreApart},
	{"deleting what is not there does nothing", deleteAbsent},
	{"incident edges are sorted, a self-loop once, parallel ones all", incidentSorted},
	{"an edge with other ends leaves the former ones", edgeMoves},
	{"edges of a node that does not exist are found", danglingFound},
	{"ids may hold any character", hostileIDs},
	{"deleting a graph's content leaves its row and all other graphs", contentDeleted},
	{"what is put behind the deletion of content is there", contentAgain},
	{"what is held back is no edge until it is released", heldApart},
	{"an anomaly changes no row", anomalyApart},
}

func emptyState(t *testing.T, s graph.State) {
	if g, ok := s.Graph("g"); ok {
		t.Errorf("Graph found %+v", g)
	}
	if n, ok := s.Node("g", "n"); ok {
		t.Errorf("Node found %+v", n)
	}
	if e, ok := s.Edge("g", "e"); ok {
		t.Errorf("Edge found %+v", e)
	}
	wantIncident(t, s, "g", "n")
}

func rowsReturn(t *testing.T, s graph.State) {
	g, n, e := fullGraph(), fullNode(), fullEdge()
	s.PutGraph(fullGraph())
	s.PutNode(fullNode())
	s.PutEdge(fullEdge())
	wantRow(t, g)(s.Graph(g.ID))
	wantRow(t, n)(s.Node(n.GraphID, n.ID))
	wantRow(t, e)(s.Edge(e.GraphID, e.ID))
}

func rowsReplace(t *testing.T, s graph.State) {
	s.PutGraph(fullGraph())
	s.PutNode(fullNode())
	s.PutEdge(fullEdge())
	g, n := &graph.Graph{ID: "g"}, &graph.Node{GraphID: "g", ID: "n"}
	e := &graph.Edge{GraphID: "g", ID: "e", Source: "n", Target: "m"}
	s.PutGraph(g)
	s.PutNode(n)
	s.PutEdge(e)
	wantRow(t, g)(s.Graph("g"))
	wantRow(t, n)(s.Node("g", "n"))
	wantRow(t, e)(s.Edge("g", "e"))
}

func graphsAreApart(t *testing.T, s graph.State) {
	for _, id := range []string{"g", "h"} {
		s.PutNode(&graph.Node{GraphID: id, ID: "n", Kind: id})
		s.PutEdge(&graph.Edge{GraphID: id, ID: "e", Source: "n", Target: "m" + id})
	}
	s.DeleteNode("h", "n")
	s.DeleteEdge("h", "e")
	wantRow(t, &graph.Node{GraphID: "g", ID: "n", Kind: "g"})(s.Node("g", "n"))
	wantIncident(t, s, "g", "n", "e")
	wantIncident(t, s, "h", "n")
	if _, ok := s.Node("h", "n"); ok {
		t.Error("Node finds a node that was deleted")
	}
	if _, ok := s.Edge("h", "e"); ok {
		t.Error("Edge finds an edge that was deleted")
	}
}

func deleteAbsent(t *testing.T, s graph.State) {
	s.DeleteNode("g", "n")
	s.DeleteEdge("g", "e")
	s.PutEdge(&graph.Edge{GraphID: "g", ID: "e", Source: "a", Target: "b"})
	s.DeleteEdge("g", "e")
	s.DeleteEdge("g", "e")
	wantIncident(t, s, "g", "a")
}

func incidentSorted(t *testing.T, s graph.State) {
	for _, e := range [][3]string{{"e3", "a", "b"}, {"e10", "b", "a"}, {"e1", "a", "a"}, {"e2", "a", "b"}, {"e4", "b", "c"}} {
		s.PutEdge(&graph.Edge{GraphID: "g", ID: e[0], Source: e[1], Target: e[2]})
	}
	before := s.Incident("g", "a")
	s.DeleteEdge("g", "e10")
	wantIncident(t, s, "g", "a", "e1", "e2", "e3")
	wantIncident(t, s, "g", "b", "e2", "e3", "e4")
	wantIncident(t, s, "g", "c", "e4")
	if want := []string{"e1", "e10", "e2", "e3"}; !reflect.DeepEqual(before, want) {
		t.Errorf("what Incident returned before a deletion is now %q, want %q", before, want)
	}
}

func edgeMoves(t *testing.T, s graph.State) {
	s.PutEdge(&graph.Edge{GraphID: "g", ID: "e", Source: "a", Target: "b"})
	s.PutEdge(&graph.Edge{GraphID: "g", ID: "e", Source: "b", Target: "c"})
	wantIncident(t, s, "g", "a")
	wantIncident(t, s, "g", "b", "e")
	wantIncident(t, s, "g", "c", "e")
	s.DeleteEdge("g", "e")
	wantIncident(t, s, "g", "b")
	wantIncident(t, s, "g", "c")
}

func danglingFound(t *testing.T, s graph.State) {
	s.PutEdge(&graph.Edge{GraphID: "g", ID: "e", Source: "a", Target: "b"})
	s.PutNode(&graph.Node{GraphID: "g", ID: "a"})
	s.DeleteNode("g", "a")
	wantIncident(t, s, "g", "a", "e")
	wantIncident(t, s, "g", "b", "e")
}

func hostileIDs(t *testing.T, s graph.State) {
	ids := []string{"a", "a\x00", "a\x00b", "a/b", "a.b", "\x00", "ä", "\U0010ffff", "a b"}
	for _, g := range ids {
		for _, n := range ids {
			s.PutNode(&graph.Node{GraphID: g, ID: n, Kind: g + "|" + n})
			s.PutEdge(&graph.Edge{GraphID: g, ID: n, Source: n, Target: "to" + n})
		}
	}
	for _, g := range ids {
		for _, n := range ids {
			wantRow(t, &graph.Node{GraphID: g, ID: n, Kind: g + "|" + n})(s.Node(g, n))
			wantIncident(t, s, g, n, n)
		}
	}
}

func contentDeleted(t *testing.T, s graph.State) {
	ids := []string{"g", "g\x00", "g\x00\U0010ffff", "gg", "f", "h"}
	for _, id := range ids {
		s.PutGraph(&graph.Graph{ID: id, NodeCount: 1})
		s.PutNode(&graph.Node{GraphID: id, ID: "n"})
		s.PutEdge(&graph.Edge{GraphID: id, ID: "e", Source: "n", Target: "m"})
		s.Hold(&graph.Edge{GraphID: id, ID: "k", Source: "n", Target: "m"})
	}
	if _, ok := s.Edge("g", "e"); !ok { // looked up last: a state may remember it
		t.Error("Edge does not find an edge that was put")
	}
	s.DeleteContent("g")
	if _, ok := s.Node("g", "n"); ok {
		t.Error("Node finds a node whose graph's content was deleted")
	}
	if _, ok := s.Edge("g", "e"); ok {
		t.Error("Edge finds an edge whose graph's content was deleted")
	}
	wantIncident(t, s, "g", "n")
	wantIncident(t, s, "g", "m")
	if held := s.Held("g"); len(held) > 0 {
		t.Errorf("%d edges are held back of a graph whose content was deleted", len(held))
	}
	wantRow(t, &graph.Graph{ID: "g", NodeCount: 1})(s.Graph("g"))
	s.DeleteGraph("g")
	if _, ok := s.Graph("g"); ok {
		t.Error("Graph finds a graph that was deleted")
	}
	for _, id := range ids[1:] {
		wantRow(t, &graph.Graph{ID: id, NodeCount: 1})(s.Graph(id))
		wantRow(t, &graph.Node{GraphID: id, ID: "n"})(s.Node(id, "n"))
		wantRow(t, &graph.Edge{GraphID: id, ID: "e", Source: "n", Target: "m"})(s.Edge(id, "e"))
		wantIncident(t, s, id, "m", "e")
		wantHeld(t, s, id, "k")
	}
}

func contentAgain(t *testing.T, s graph.State) {
	for _, source := range []string{"a", "b", "c"} {
		s.PutNode(&graph.Node{GraphID: "g", ID: source})
		s.PutEdge(&graph.Edge{GraphID: "g", ID: "e", Source: source, Target: "z"})
		s.DeleteContent("g")
		s.PutNode(&graph.Node{GraphID: "g", ID: source, Kind: "again"})
		s.PutEdge(&graph.Edge{GraphID: "g", ID: "e" + source, Source: source, Target: "z"})
	}
	for _, gone := range []string{"a", "b"} {
		if _, ok := s.Node("g", gone); ok {
			t.Errorf("Node finds %q, which was deleted", gone)
		}
		wantIncident(t, s, "g", gone)
	}
	wantRow(t, &graph.Node{GraphID: "g", ID: "c", Kind: "again"})(s.Node("g", "c"))
	wantIncident(t, s, "g", "c", "ec")
	wantIncident(t, s, "g", "z", "ec")
}

func heldApart(t *testing.T, s graph.State) {
	for _, id := range []string{"e2", "e1"} {
		s.PutEdge(&graph.Edge{GraphID: "g", ID: id, Source: "a", Target: "b"})
		s.DeleteEdge("g", id)
		s.Hold(&graph.Edge{GraphID: "g", ID: id, Source: "a", Target: "b"})
	}
	full := fullEdge()
	full.GraphID = "h"
	s.Hold(full)
	wantHeld(t, s, "g", "e1", "e2")
	wantIncident(t, s, "g", "a")
	if e, ok := s.Edge("g", "e1"); ok {
		t.Errorf("Edge found %+v, which is held back", e)
	}
	s.Release("g")
	s.Release("g")
	wantHeld(t, s, "g")
	s.Hold(&graph.Edge{GraphID: "g", ID: "e3", Source: "a", Target: "b"})
	wantHeld(t, s, "g", "e3")
	held := s.Held("h")
	if len(held) != 1 || !reflect.DeepEqual(held[0], full) {
		t.Errorf("Held returned %+v, want the edge as it was put", held)
	}
}

func anomalyApart(t *testing.T, s graph.State) {
	s.Anomaly(graph.UnknownNode, "n")
	emptyState(t, s)
}

func wantRow[T any](t *testing.T, want *T) func(*T, bool) {
	return func(got *T, ok bool) {
		t.Helper()
		switch {
		case !ok:
			t.Errorf("nothing found, want %+v", *want)
		case !reflect.DeepEqual(got, want):
			t.Errorf("got %+v, want %+v", *got, *want)
		}
	}
}

func wantIncident(t *testing.T, s graph.State, graphID, node string, want ...string) {
	t.Helper()
	got := s.Incident(graphID, node)
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("Incident(%q, %q) = %q, want %q", graphID, node, got, want)
	}
}

func wantHeld(t *testing.T, s graph.State, graphID string, want ...string) {
	t.Helper()
	var got []string
	for _, e := range s.Held(graphID) {
		got = append(got, e.ID)
	}
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("Held(%q) = %q, want %q", graphID, got, want)
	}
}

func fullGraph() *graph.Graph {
	return &graph.Graph{
		ID: "g", Known: true, Name: new("name"), Description: new(""), GraphType: eventlog.Value(`"T"`),
		Owner: new("o"), AccessPolicy: eventlog.Value(`{"P":1.0}`), ConceptualSpaceID: new("s"),
		NodeCount: 1<<64 - 1, EdgeCount: 2, CreatedAt: -3, UpdatedAt: 1<<63 - 1, Archived: true,
		Metadata: map[string]eventlog.Value{"": eventlog.Value(`1e400`)}, Tags: []string{"", "t"}, Layout: eventlog.Value(`"L"`),
		Removed: &graph.Removed{Node: "n", CreatedAt: -1, Edges: 1<<64 - 1},
	}
}

func fullNode() *graph.Node {
	return &graph.Node{
		GraphID: "g", ID: "n", NodeType: eventlog.Value(`{"Concept":{}}`), Kind: "Concept",
		Position:      &graph.Point{X: 0.1, Y: -1.5, Z: 3e38},
		Components:    []eventlog.Value{eventlog.Value(`{"Metadata":{}}`), eventlog.Value(`null`)},
		Modifications: []eventlog.Value{eventlog.Value(`{"component_type":"Visual"}`)},
		Metadata:      map[string]eventlog.Value{"": eventlog.Value(`18446744073709551615`), "k": eventlog.Value(`null`)},
		CreatedAt:     1, UpdatedAt: 2, ConceptualPoint: eventlog.Value(`[1.0]`),
		Label: new(""), Content: eventlog.Value(`{"c":[]}`),
	}
}

func fullEdge() *graph.Edge {
	return &graph.Edge{
		GraphID: "g", ID: "e", Source: "n", Target: "n", EdgeType: eventlog.Value(`"Flow"`), Kind: "Flow",
		Weight: new(float32(0.1)), Properties: map[string]eventlog.Value{"p": eventlog.Value(`1e400`)},
		SemanticDistance: new(float32(0)), CreatedAt: 1, UpdatedAt: 2,
		Label: new("l"), Relationship: eventlog.Value(`{"Similarity":{"score":0.5}}`),
	}
}
