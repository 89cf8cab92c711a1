package graphmodel_test

import (
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/graphmodel"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

var key = projection.MakeKey

// TestCheckFinds proves that Check is not blind.
func TestCheckFinds(t *testing.T) {
	for _, c := range []struct {
		name, want string
		do         func(d *graphmodel.Damage)
	}{
		{"an adjacency row that names another node", `adjacency of edge "ab"`,
			func(d *graphmodel.Damage) { d.PutAdjacent(key("g", "a", "ab"), 1, "c") }},
		{"an adjacency row that runs the other way", `adjacency of edge "ab"`,
			func(d *graphmodel.Damage) { d.PutAdjacent(key("g", "b", "ab"), 1, "a") }},
		{"an adjacency row that is missing", `adjacency of edge "aa"`,
			func(d *graphmodel.Damage) { d.DeleteAdjacent(key("g", "a", "aa")) }},
		{"an adjacency row of a node that the edge does not touch", `ties node "c" to edge "ab"`,
			func(d *graphmodel.Damage) { d.PutAdjacent(key("g", "c", "ab"), 1, "b") }},
		{"an adjacency row of an edge that is gone", `ties node "a" to edge "zz"`,
			func(d *graphmodel.Damage) { d.PutAdjacent(key("g", "a", "zz"), 2, "b") }},
		{"an adjacency row under half a key", "an adjacency row stands under the key",
			func(d *graphmodel.Damage) { d.PutAdjacent(key("g", "a"), 2, "b") }},
		{"an edge that is gone and left its adjacency", `counts 5 edges and has 4`,
			func(d *graphmodel.Damage) { d.DeleteEdge(key("g", "ab")) }},
		{"an edge without adjacency", `adjacency of edge "new"`,
			func(d *graphmodel.Damage) {
				d.PutEdge(key("g", "new"), &graph.Edge{GraphID: "g", ID: "new", Source: "a", Target: "b"})
			}},
		{"a node that is not counted", "counts 4 nodes and has 5",
			func(d *graphmodel.Damage) { d.PutNode(key("g", "x"), &graph.Node{GraphID: "g", ID: "x"}) }},
		{"the only node gone", `graph "placeholder" counts 1 nodes and has none`,
			func(d *graphmodel.Damage) { d.DeleteNode(key("placeholder", "alone")) }},
		{"edges that are counted and not there", `graph "empty" counts 3 edges and has none`,
			func(d *graphmodel.Damage) { d.PutGraph(key("empty"), &graph.Graph{ID: "empty", EdgeCount: 3}) }},
		{"a node without its graph", `1 nodes belong to graph "h", which has no row`,
			func(d *graphmodel.Damage) { d.PutNode(key("h", "x"), &graph.Node{GraphID: "h", ID: "x"}) }},
		{"a node under another key", `node "c" of graph "g" stands under the key`,
			func(d *graphmodel.Damage) { d.PutNode(key("g", "d"), &graph.Node{GraphID: "g", ID: "c"}) }},
		{"a graph under another key", `graph "g" stands under the key`,
			func(d *graphmodel.Damage) { d.PutGraph(key("empty"), &graph.Graph{ID: "g"}) }},
		{"an edge under another key", `edge "ab" of graph "g" stands under the key`,
			func(d *graphmodel.Damage) {
				d.PutEdge(key("g", "bc"), &graph.Edge{GraphID: "g", ID: "ab", Source: "a", Target: "b"})
			}},
		{"an edge that is held back without its graph", `1 edges that are held back belong to graph "h", which has no row`,
			func(d *graphmodel.Damage) { d.Hold(key("h", "x"), &graph.Edge{GraphID: "h", ID: "x"}) }},
		{"an edge that is held back of no node", `counts 0 edges that are held back and has 1`,
			func(d *graphmodel.Damage) { d.Hold(key("empty", "x"), &graph.Edge{GraphID: "empty", ID: "x"}) }},
		{"edges that are held back and not there", `graph "empty" counts 2 edges that are held back and has none`,
			func(d *graphmodel.Damage) {
				d.PutGraph(key("empty"), &graph.Graph{ID: "empty", Removed: &graph.Removed{Node: "n", Edges: 2}})
			}},
		{"an edge that is held back of another node", `edge "x" of graph "empty" is held back for node "n", where it does not end`,
			func(d *graphmodel.Damage) {
				d.PutGraph(key("empty"), &graph.Graph{ID: "empty", Removed: &graph.Removed{Node: "n", Edges: 1}})
				d.Hold(key("empty", "x"), &graph.Edge{GraphID: "empty", ID: "x", Source: "a", Target: "b"})
			}},
		{"an edge that is held back under another key", `edge "x" of graph "empty" is held back under the key`,
			func(d *graphmodel.Damage) {
				d.PutGraph(key("empty"), &graph.Graph{ID: "empty", Removed: &graph.Removed{Node: "n", Edges: 1}})
				d.Hold(key("empty", "y"), &graph.Edge{GraphID: "empty", ID: "x", Source: "n", Target: "b"})
			}},
		{"tags that are not sorted", `graph "empty" has tags that are no sorted set`,
			func(d *graphmodel.Damage) {
				d.PutGraph(key("empty"), &graph.Graph{ID: "empty", Tags: []string{"b", "a"}})
			}},
		{"a tag twice", `graph "empty" has tags that are no sorted set`,
			func(d *graphmodel.Damage) {
				d.PutGraph(key("empty"), &graph.Graph{ID: "empty", Tags: []string{"a", "a"}})
			}},
		{"empty metadata of a graph that is stored", `graph "empty" has an empty list or object`,
			func(d *graphmodel.Damage) {
				d.PutGraph(key("empty"), &graph.Graph{ID: "empty", Metadata: map[string]eventlog.Value{}})
			}},
		{"an empty list that is stored", `node "d" of graph "g" has an empty list`,
			func(d *graphmodel.Damage) {
				d.PutNode(key("g", "d"), &graph.Node{GraphID: "g", ID: "d", Components: []eventlog.Value{}})
			}},
		{"an empty object that is stored", `edge "ab" of graph "g" has an empty object`,
			func(d *graphmodel.Damage) {
				d.PutEdge(key("g", "ab"), &graph.Edge{GraphID: "g", ID: "ab", Source: "a", Target: "b",
					Properties: map[string]eventlog.Value{}})
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := problems(t, c.do); !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("Check = %q, want a sentence with %q", got, c.want)
			}
		})
	}
	for name, do := range map[string]func(d *graphmodel.Damage){
		"undamaged": func(*graphmodel.Damage) {},
		"adjacency that is the same": func(d *graphmodel.Damage) {
			d.PutAdjacent(key("g", "a", "ab"), 1, "b")
			d.PutAdjacent(key("g", "b", "ab"), 2, "a")
			d.PutAdjacent(key("g", "a", "aa"), 3, "a")
		},
	} {
		if got := problems(t, do); got != nil {
			t.Errorf("%s: Check = %q, want nothing", name, got)
		}
	}
}

func TestCheckEnds(t *testing.T) {
	got := problems(t, func(d *graphmodel.Damage) {
		for i := range 3 * graphmodel.MaxProblems {
			d.PutAdjacent(key("g", "a", "edge").Uint(uint64(i)), 1, "b")
		}
	})
	if len(got) != graphmodel.MaxProblems {
		t.Errorf("%d problems, want %d", len(got), graphmodel.MaxProblems)
	}
}

// problems is what Check says after the life of a graph and some damage.
func problems(t *testing.T, do func(d *graphmodel.Damage)) []string {
	t.Helper()
	store, err := projection.Open(projection.Config{
		Dir: t.TempDir(), Worker: "test", Projections: []projection.Projection{graphmodel.NewDamaged(do)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	history := life(t)
	projectiontest.Commit(t, store.GroupOf(graphmodel.Name), append(history, event(len(history)+1, "damage", "g", `{}`))...)
	v, err := store.View(graphmodel.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	return v.Check()
}
