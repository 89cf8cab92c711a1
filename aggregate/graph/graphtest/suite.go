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

func fullGraph() *graph.Graph {
	return &graph.Graph{
		ID: "g", Known: true, Name: new("name"), Description: new(""), GraphType: eventlog.Value(`"T"`),
		Owner: new("o"), AccessPolicy: eventlog.Value(`{"P":1.0}`), ConceptualSpaceID: new("s"),
		NodeCount: 1<<64 - 1, EdgeCount: 2, CreatedAt: -3, UpdatedAt: 1<<63 - 1, Archived: true,
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
	}
}

func fullEdge() *graph.Edge {
	return &graph.Edge{
		GraphID: "g", ID: "e", Source: "n", Target: "n", EdgeType: eventlog.Value(`"Flow"`), Kind: "Flow",
		Weight: new(float32(0.1)), Properties: map[string]eventlog.Value{"p": eventlog.Value(`1e400`)},
		SemanticDistance: new(float32(0)), CreatedAt: 1, UpdatedAt: 2,
	}
}
