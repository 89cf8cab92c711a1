package graphtest_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestState(t *testing.T) {
	graphtest.TestState(t, func(*testing.T) graph.State { return new(graphtest.State) })
}

// TestCheckFinds proves that Check is not blind. Each damage is the only one.
func TestCheckFinds(t *testing.T) {
	node := &graph.Node{GraphID: "g", ID: "n", Metadata: map[string]eventlog.Value{"k": eventlog.Value("1")}}
	for _, c := range []struct {
		name   string
		damage func(s *graphtest.State)
	}{
		{"a changed row", func(*graphtest.State) { node.Metadata["k"][0] = '2' }},
		{"a changed row that was replaced", func(s *graphtest.State) {
			node.Metadata["k"][0] = '2'
			s.PutNode(&graph.Node{GraphID: "g", ID: "n"})
		}},
		{"a wrong count", func(s *graphtest.State) { s.PutGraph(&graph.Graph{ID: "g", NodeCount: 7}) }},
		{"no graph", func(s *graphtest.State) { s.PutNode(&graph.Node{GraphID: "h", ID: "n"}) }},
		{"held edges of no node", func(s *graphtest.State) {
			s.Hold(&graph.Edge{GraphID: "g", ID: "e", Source: "n", Target: "n"})
		}},
		{"a wrong count of held edges", func(s *graphtest.State) {
			s.PutGraph(&graph.Graph{ID: "g", NodeCount: 1, Removed: &graph.Removed{Node: "a", Edges: 1}})
		}},
		{"a held edge of another node", func(s *graphtest.State) {
			s.PutGraph(&graph.Graph{ID: "g", NodeCount: 1, Removed: &graph.Removed{Node: "a", Edges: 1}})
			s.Hold(&graph.Edge{GraphID: "g", ID: "e", Source: "n", Target: "n"})
		}},
		{"a held edge without its graph", func(s *graphtest.State) {
			s.Hold(&graph.Edge{GraphID: "h", ID: "e", Source: "n", Target: "n"})
		}},
		{"tags that are not sorted", func(s *graphtest.State) {
			s.PutGraph(&graph.Graph{ID: "g", NodeCount: 1, Tags: []string{"b", "a"}})
		}},
		{"a tag twice", func(s *graphtest.State) {
			s.PutGraph(&graph.Graph{ID: "g", NodeCount: 1, Tags: []string{"a", "a"}})
		}},
		{"empty tags", func(s *graphtest.State) { s.PutGraph(&graph.Graph{ID: "g", NodeCount: 1, Tags: []string{}}) }},
		{"an empty list", func(s *graphtest.State) {
			s.PutNode(&graph.Node{GraphID: "g", ID: "n", Components: []eventlog.Value{}})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			node.Metadata["k"][0] = '1'
			var s graphtest.State
			s.PutGraph(&graph.Graph{ID: "g", NodeCount: 1})
			s.PutNode(node)
			if err := s.Check(); err != nil {
				t.Fatalf("before the damage: %v", err)
			}
			c.damage(&s)
			if s.Check() == nil {
				t.Error("Check found nothing")
			}
		})
	}
}
