package graphmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// nodeSize is about how many bytes of opaque parts a node brings into an answer.
func nodeSize(n *graph.Node) int {
	size := len(n.NodeType) + len(n.ConceptualPoint) + ask.SizeOf(n.Metadata)
	for _, v := range n.Components {
		size += len(v)
	}
	for _, v := range n.Modifications {
		size += len(v)
	}
	return size
}
