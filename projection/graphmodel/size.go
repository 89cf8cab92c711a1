package graphmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// nodeSize is about how many bytes of opaque parts a node brings into an answer.
func nodeSize(n *graph.Node) int {
	size := len(n.NodeType) + len(n.ConceptualPoint) + len(n.Content) + ask.SizeOf(n.Metadata)
	for _, v := range n.Components {
		size += len(v)
	}
	for _, v := range n.Modifications {
		size += len(v)
	}
	return size
}

// edgeSize is about how many bytes of opaque parts an edge brings into an answer.
func edgeSize(e *graph.Edge) int {
	return len(e.EdgeType) + len(e.Relationship) + ask.SizeOf(e.Properties)
}

// graphSize is about how many bytes of opaque parts a graph brings into an answer.
func graphSize(g *graph.Graph) int {
	size := len(g.GraphType) + len(g.AccessPolicy) + len(g.Layout) + ask.SizeOf(g.Metadata)
	for _, tag := range g.Tags {
		size += len(tag)
	}
	return size
}
