package graph_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
)

var (
	moved = fact{"node_moved", `{"graph_id":"graph-123","node_id":"node-0042","old_position":{"x":1.0,"y":2.0,"z":3.0},` +
		`"new_position":{"x":10.5,"y":-0.30000001192092896,"z":7.0}}`}
	created = fact{"node_created", `{"components":[{"Metadata":{"importance":0.9}}],"conceptual_point":null,"graph_id":"graph-123",` +
		`"metadata":{"rank":0},"node_id":"node-0042","node_type":{"Concept":{"category":"AI","description":"d","name":"N"}},` +
		`"position":{"x":0.0,"y":-1.5,"z":0.0}}`}
)

func BenchmarkDecodeNodeMoved(b *testing.B)   { benchmarkDecode(b, moved) }
func BenchmarkDecodeNodeCreated(b *testing.B) { benchmarkDecode(b, created) }
func BenchmarkDecodeEdgeCreated(b *testing.B) { benchmarkDecode(b, everyEvent[3]) }

func benchmarkDecode(b *testing.B, f fact) {
	e := event(b, f, 1)
	b.ReportAllocs()
	b.SetBytes(int64(len(e.Payload)))
	for b.Loop() {
		if c, err := graph.Decode(e); c == nil || err != nil {
			b.Fatal(c, err)
		}
	}
}

func BenchmarkApplyNodeMoved(b *testing.B) {
	s := &oneNode{}
	apply(b, &s.State, event(b, fact{"graph_created", `{"graph_id":"graph-123"}`}, 1))
	apply(b, &s.State, event(b, created, 1))
	s.graph, _ = s.State.Graph("graph-123")
	s.node, _ = s.State.Node("graph-123", "node-0042")
	e := event(b, moved, 2)
	c, err := graph.Decode(e)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		graph.Apply(s, e, c)
	}
	if s.node.Position.X != 10.5 || s.graph.UpdatedAt != 2 {
		b.Fatalf("the node is at %v", s.node.Position)
	}
}

// oneNode is a state that costs nothing, so that only the rules are measured: one graph and one node, whatever is asked.
type oneNode struct {
	graphtest.State

	graph *graph.Graph
	node  *graph.Node
}

func (s *oneNode) Graph(string) (*graph.Graph, bool)       { return s.graph, true }
func (s *oneNode) PutGraph(g *graph.Graph)                 { s.graph = g }
func (s *oneNode) Node(string, string) (*graph.Node, bool) { return s.node, true }
func (s *oneNode) PutNode(n *graph.Node)                   { s.node = n }
