package graphtest

import (
	"maps"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// CloneGraph returns a copy that shares nothing with g.
func CloneGraph(g *graph.Graph) *graph.Graph {
	out := *g
	out.Name = pointee(g.Name)
	out.Description = pointee(g.Description)
	out.Owner = pointee(g.Owner)
	out.ConceptualSpaceID = pointee(g.ConceptualSpaceID)
	out.GraphType = slices.Clone(g.GraphType)
	out.AccessPolicy = slices.Clone(g.AccessPolicy)
	out.Metadata = valueMap(g.Metadata)
	out.Tags = slices.Clone(g.Tags)
	out.Layout = slices.Clone(g.Layout)
	out.Removed = pointee(g.Removed)
	return &out
}

// CloneNode returns a copy that shares nothing with n.
func CloneNode(n *graph.Node) *graph.Node {
	out := *n
	out.NodeType = slices.Clone(n.NodeType)
	out.Position = pointee(n.Position)
	out.Components = values(n.Components)
	out.Modifications = values(n.Modifications)
	out.Metadata = valueMap(n.Metadata)
	out.ConceptualPoint = slices.Clone(n.ConceptualPoint)
	out.Label = pointee(n.Label)
	out.Content = slices.Clone(n.Content)
	return &out
}

// CloneEdge returns a copy that shares nothing with e.
func CloneEdge(e *graph.Edge) *graph.Edge {
	out := *e
	out.EdgeType = slices.Clone(e.EdgeType)
	out.Weight = pointee(e.Weight)
	out.SemanticDistance = pointee(e.SemanticDistance)
	out.Properties = valueMap(e.Properties)
	out.Label = pointee(e.Label)
	out.Relationship = slices.Clone(e.Relationship)
	return &out
}

func pointee[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

func values(list []eventlog.Value) []eventlog.Value {
	out := slices.Clone(list)
	for i, v := range out {
		out[i] = slices.Clone(v)
	}
	return out
}

func valueMap(m map[string]eventlog.Value) map[string]eventlog.Value {
	out := maps.Clone(m)
	for name, v := range out {
		out[name] = slices.Clone(v)
	}
	return out
}
