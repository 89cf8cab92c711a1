package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// step is a random event: every member is drawn, and its kind says which of them count.
type step struct {
	kind, envelope, graph, node, edge, source, target string

	position []any // nil, or three numbers, any of which can be null
	members  map[string]int
	after    map[string]int // new_properties
	weight   *float32
	listed   []string
	layout   map[string][]any
	tag      string
	many     []string // nodes
}

var (
	graphIDs  = rapid.SampledFrom([]string{"g", "h"})
	nodeIDs   = rapid.SampledFrom([]string{"a", "b", "c", "d"})
	edgeIDs   = rapid.SampledFrom([]string{"e", "f", "i", "j", "k"})
	positions = rapid.OneOf(rapid.Just[[]any](nil), rapid.SliceOfN(rapid.SampledFrom([]any{0.5, 1.5, -2.0, 3.25, nil}), 3, 3))
	somewhere = rapid.SliceOfN(rapid.SampledFrom([]any{0.5, 1.5, -2.0, 3.25, nil}), 3, 3)
	freeMaps  = rapid.MapOfN(rapid.SampledFrom([]string{"k", "l", "m"}), rapid.IntRange(0, 3), 0, 3)
)

var steps = rapid.Custom(func(t *rapid.T) step {
	return step{
		kind: rapid.SampledFrom([]string{
			"graph_created", "node_created", "node_created", "node_updated", "node_deleted", "node_moved", "edge_created",
			"edge_created", "edge_updated", "edge_deleted", "layout_calculated", "layout_progress",
			added, added, added, removed, removed, removed, patched, replaced, tagged, untagged, field, "graph_updated", "graph_archived",
			"graph_deleted", "graph_cleared", "graph_snapshot", "nodes_bulk_added", "edges_bulk_added", "edge_reversed",
		}).Draw(t, "kind"),
		envelope: rapid.SampledFrom([]string{"", "g", "h"}).Draw(t, "envelope"),
		graph:    graphIDs.Draw(t, "graph"),
		node:     nodeIDs.Draw(t, "node"),
		edge:     edgeIDs.Draw(t, "edge"),
		source:   nodeIDs.Draw(t, "source"),
		target:   nodeIDs.Draw(t, "target"),
		position: positions.Draw(t, "position"),
		members:  freeMaps.Draw(t, "members"),
		after:    freeMaps.Draw(t, "after"),
		weight:   rapid.Ptr(rapid.SampledFrom([]float32{0.5, 0.25}), true).Draw(t, "weight"),
		listed:   rapid.SliceOfN(edgeIDs, 0, 3).Draw(t, "listed"),
		layout:   rapid.MapOfN(nodeIDs, somewhere, 0, 3).Draw(t, "layout"),
		tag:      rapid.SampledFrom([]string{"s", "t", "u"}).Draw(t, "tag"),
		many:     rapid.SliceOfN(nodeIDs, 0, 4).Draw(t, "many"),
	}
})

// Kinds of events whose name tells more than their type, or whose members do.
const (
	added    = "node_created/node_added"
	removed  = "node_deleted/node_removed"
	patched  = "node_updated/patched"
	replaced = "node_updated/replaced"
	tagged   = "graph_updated/graph_tagged"
	untagged = "graph_updated/graph_untagged"
	field    = "graph_updated/metadata_updated"
)

// fact writes the step as a producer would.
func (s step) fact() fact {
	p := map[string]any{"graph_id": s.graph, "node_id": s.node, "edge_id": s.edge}
	changes := map[string]any{"position": s.position, "metadata": s.members, "weight": s.weight, "properties": s.members}
	switch s.kind {
	case "node_created", "edge_created", added:
		maps.Copy(p, changes)
		p["source_node"], p["target_node"] = s.source, s.target
	case "node_updated", "edge_updated":
		p["changes"], p["new_properties"] = changes, s.after
	case "node_deleted":
		p["connected_edges"] = s.listed
	case "node_moved":
		p["new_position"] = s.at()
	case "layout_calculated":
		p["node_positions"] = s.layout
	case patched, "graph_updated":
		p["metadata"] = s.members
	case replaced:
		p["metadata"], p["label"] = s.members, nil
	case tagged, untagged:
		p["tag"] = s.tag
	case field:
		p["field"], p["new_value"] = s.tag, s.fieldValue()
	case "edge_reversed":
		p["old_source"], p["old_target"] = s.source, s.target
	case "nodes_bulk_added", "edges_bulk_added", "graph_snapshot":
		p["nodes"], p["edges"], p["metadata"] = s.nodes(), s.edges(), s.members
	}
	text, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return fact{s.kind, string(text)}
}

// fieldValue is null for some fields.
func (s step) fieldValue() any {
	if len(s.members) == 0 {
		return nil
	}
	return len(s.members)
}

// nodes are those of a list, all with the same metadata.
func (s step) nodes() []any {
	out := []any{map[string]any{"id": ""}}
	for _, id := range s.many {
		out = append(out, map[string]any{"id": id, "metadata": s.members})
	}
	return out
}

// edges are those of a list, each from a node to the next.
func (s step) edges() []any {
	out := []any{}
	for i, id := range s.listed {
		out = append(out, map[string]any{"id": id, "source_id": s.end(i), "target_id": s.end(i + 1), "weight": s.weight})
	}
	return out
}

func (s step) end(i int) string {
	if len(s.many) == 0 {
		return s.source
	}
	return s.many[i%len(s.many)]
}

// at is the position of a move, which must have one.
func (s step) at() []any {
	if s.position == nil {
		return []any{9.0, 9.0, 9.0}
	}
	return s.position
}

func overlay(old, over map[string]int) map[string]int {
	out := map[string]int{}
	maps.Copy(out, old)
	maps.Copy(out, over)
	return out
}

func mapText(name string, m map[string]int) string {
	if len(m) == 0 {
		return ""
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s:%d", k, m[k]))
	}
	return name + "={" + strings.Join(parts, ",") + "}"
}
