package graphtest_test

import (
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestState(t *testing.T) {
	graphtest.TestState(t, func(*testing.T) graph.State { return new(graphtest.State) })
}

// TestCheckFinds proves that Check is not blind.
func TestCheckFinds(t *testing.T) {
	node := &graph.Node{GraphID: "g", ID: "n", Metadata: map[string]eventlog.Value{"k": eventlog.Value("1")}}
	for _, c := range []struct {
		name, want string
		damage     func(s *graphtest.State)
	}{
		{"a changed row", "was changed after it was put", func(*graphtest.State) { node.Metadata["k"][0] = '2' }},
		{"a wrong count", "counts 7 nodes", func(s *graphtest.State) { s.PutGraph(&graph.Graph{ID: "g", NodeCount: 7}) }},
		{"no graph", "without their graph's row", func(s *graphtest.State) { s.PutNode(&graph.Node{GraphID: "h", ID: "n"}) }},
		{"an empty list", "not nil", func(s *graphtest.State) {
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
			if err := s.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Check = %v, want an error with %q", err, c.want)
			}
		})
	}
}
