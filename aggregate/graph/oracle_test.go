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
	}
})

// fact writes the step as a producer would.
func (s step) fact() fact {
	p := map[string]any{"graph_id": s.graph, "node_id": s.node, "edge_id": s.edge}
	changes := map[string]any{"position": s.position, "metadata": s.members, "weight": s.weight, "properties": s.members}
	switch s.kind {
	case "node_created", "edge_created":
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
	}
	text, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return fact{s.kind, string(text)}
}

// at is the position of a move, which must have one.
func (s step) at() []any {
	if s.position == nil {
		return []any{9.0, 9.0, 9.0}
	}
	return s.position
}

// oracle is the rules once more, as plainly as they can be said: no counts, no adjacency, no decoding.
type oracle struct {
	known map[string]bool // by graph; false is a placeholder
	nodes map[[2]string]oracleNode
	edges map[[2]string]oracleEdge
}

type oracleNode struct {
	position []any
	metadata map[string]int
}

type oracleEdge struct {
	source, target string
	weight         *float32
	properties     map[string]int
}

func newOracle() *oracle {
	return &oracle{map[string]bool{}, map[[2]string]oracleNode{}, map[[2]string]oracleEdge{}}
}

// mention makes a graph that is not known yet one that was only mentioned.
func mention(known map[string]bool, graph string) {
	if _, ok := known[graph]; !ok {
		known[graph] = false
	}
}

func (o *oracle) apply(s step) {
	node, edge := [2]string{s.graph, s.node}, [2]string{s.graph, s.edge}
	switch s.kind {
	case "graph_created":
		o.known[s.graph] = true
	case "node_created":
		mention(o.known, s.graph)
		n := oracleNode{position: s.position, metadata: s.members}
		if slices.Contains(s.position, nil) {
			n.position = o.nodes[node].position
		}
		o.nodes[node] = n
	case "node_updated":
		o.place(node, s.position)
		if n, ok := o.nodes[node]; ok {
			n.metadata = overlay(n.metadata, s.members)
			o.nodes[node] = n
		}
	case "node_moved":
		o.place(node, s.at())
	case "layout_calculated":
		for id, at := range s.layout {
			o.place([2]string{s.graph, id}, at)
		}
	case "node_deleted":
		delete(o.nodes, node)
		maps.DeleteFunc(o.edges, func(k [2]string, e oracleEdge) bool {
			return k[0] == s.graph && (e.source == s.node || e.target == s.node || slices.Contains(s.listed, k[1]))
		})
	case "edge_created":
		mention(o.known, s.graph)
		o.edges[edge] = oracleEdge{s.source, s.target, s.weight, s.members}
	case "edge_updated":
		o.updateEdge(edge, s)
	case "edge_deleted":
		delete(o.edges, edge)
	}
}

func (o *oracle) place(node [2]string, at []any) {
	if n, ok := o.nodes[node]; ok && at != nil && !slices.Contains(at, nil) {
		n.position = at
		o.nodes[node] = n
	}
}

func (o *oracle) updateEdge(edge [2]string, s step) {
	e, ok := o.edges[edge]
	if !ok {
		return
	}
	if s.weight != nil {
		e.weight = s.weight
	}
	e.properties = overlay(e.properties, s.members)
	if len(s.after) > 0 {
		e.properties = s.after
	}
	o.edges[edge] = e
}

func overlay(old, over map[string]int) map[string]int {
	out := map[string]int{}
	maps.Copy(out, old)
	maps.Copy(out, over)
	return out
}

// lines are those of graphtest.State.Lines without times, sorted.
func (o *oracle) lines() []string {
	var out []string
	for id, known := range o.known {
		nodes, edges := 0, 0
		for k := range o.nodes {
			nodes += btoi(k[0] == id)
		}
		for k := range o.edges {
			edges += btoi(k[0] == id)
		}
		mark := ""
		if !known {
			mark = "placeholder "
		}
		out = append(out, fmt.Sprintf("graph %s %s%d nodes %d edges", id, mark, nodes, edges))
	}
	for k, n := range o.nodes {
		l := "node " + k[0] + "/" + k[1]
		if p := n.position; p != nil {
			l += fmt.Sprintf(" at=(%v,%v,%v)", p[0], p[1], p[2])
		}
		out = append(out, l+mapText(" metadata", n.metadata))
	}
	for k, e := range o.edges {
		l := "edge " + k[0] + "/" + k[1] + " " + e.source + "->" + e.target
		if e.weight != nil {
			l += fmt.Sprintf(" weight=%v", *e.weight)
		}
		out = append(out, l+mapText(" properties", e.properties))
	}
	slices.Sort(out)
	return out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
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
