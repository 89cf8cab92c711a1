package graph_test

import (
	"maps"
	"slices"
	"strings"
)

// oracle is the rules once more, as plainly as they can be said: no counts, no adjacency, no decoding.
type oracle struct {
	graphs map[string]*oracleGraph
	nodes  map[[2]string]oracleNode
	edges  map[[2]string]oracleEdge
}

type oracleGraph struct {
	known, archived bool
	tags            map[string]int
	metadata        map[string]int
	gone            *oracleGone // what the last change removed, if it can return
}

type oracleGone struct {
	node    string
	created int
	edges   map[[2]string]oracleEdge
}

type oracleNode struct {
	created  int
	position []any
	metadata map[string]int
}

type oracleEdge struct {
	source, target string
	weight         *float32
	properties     map[string]int
}

func newOracle() *oracle {
	return &oracle{map[string]*oracleGraph{}, map[[2]string]oracleNode{}, map[[2]string]oracleEdge{}}
}

// mention makes a graph that is not known yet one that was only mentioned.
func (o *oracle) mention(graph string) *oracleGraph {
	if o.graphs[graph] == nil {
		o.graphs[graph] = &oracleGraph{}
	}
	return o.graphs[graph]
}

// apply ends what could return with every change, except that a removal leaves something that can.
func (o *oracle) apply(s step, at int) {
	var gone *oracleGone
	changed := false
	switch {
	case strings.HasPrefix(s.kind, "graph_"):
		changed = o.graph(s, at)
	case s.kind == "nodes_bulk_added":
		o.addNodes(s, at)
		changed = len(s.many) > 0
	case s.kind == "edges_bulk_added":
		o.addEdges(s)
		changed = len(s.listed) > 0
	case strings.HasPrefix(s.kind, "edge_"):
		changed = o.edge(s)
	case s.kind == "node_deleted" || s.kind == removed:
		gone, changed = o.remove(s)
	default:
		changed = o.node(s, at)
	}
	if g := o.graphs[s.graph]; changed && g != nil {
		g.gone = gone
	}
}

func (o *oracle) graph(s step, at int) (changed bool) {
	g := o.graphs[s.graph]
	switch s.kind {
	case "graph_created":
		o.mention(s.graph).known = true
		return true
	case "graph_snapshot":
		g = o.mention(s.graph)
		o.empty(s.graph)
		o.addNodes(s, at)
		o.addEdges(s)
		g.metadata = s.members
		return true
	}
	if g == nil {
		return false
	}
	_, has := g.tags[s.tag]
	switch s.kind {
	case "graph_updated":
		g.metadata = overlay(g.metadata, s.members)
	case field:
		if g.metadata = overlay(g.metadata, map[string]int{s.tag: len(s.members)}); len(s.members) == 0 {
			delete(g.metadata, s.tag)
		}
	case tagged:
		g.tags = overlay(g.tags, map[string]int{s.tag: 0})
		return !has
	case untagged:
		delete(g.tags, s.tag)
		return has
	case "graph_archived":
		g.archived = true
	case "graph_cleared":
		o.empty(s.graph)
	case "graph_deleted":
		o.empty(s.graph)
		delete(o.graphs, s.graph)
	}
	return true
}

func (o *oracle) empty(graph string) {
	maps.DeleteFunc(o.nodes, func(k [2]string, _ oracleNode) bool { return k[0] == graph })
	maps.DeleteFunc(o.edges, func(k [2]string, _ oracleEdge) bool { return k[0] == graph })
}

func (o *oracle) addNodes(s step, at int) {
	for _, id := range s.many {
		o.mention(s.graph)
		key := [2]string{s.graph, id}
		n := oracleNode{created: at, metadata: s.members}
		if old, ok := o.nodes[key]; ok {
			n.created = old.created
		}
		o.nodes[key] = n
	}
}

func (o *oracle) addEdges(s step) {
	for i, id := range s.listed {
		o.mention(s.graph)
		o.edges[[2]string{s.graph, id}] = oracleEdge{source: s.end(i), target: s.end(i + 1), weight: s.weight}
	}
}

func (o *oracle) node(s step, at int) (changed bool) {
	key := [2]string{s.graph, s.node}
	old, exists := o.nodes[key]
	switch s.kind {
	case "node_created", added:
		n := oracleNode{created: at, position: s.position, metadata: s.members}
		if exists {
			n.created = old.created
		}
		if slices.Contains(s.position, nil) {
			n.position = old.position
		}
		if g := o.mention(s.graph); s.kind == added && !exists && g.gone != nil && g.gone.node == s.node {
			n.created = g.gone.created
			maps.Copy(o.edges, g.gone.edges)
		}
		o.nodes[key] = n
		return true
	case "node_updated":
		o.place(key, s.position)
		old = o.nodes[key]
		old.metadata = overlay(old.metadata, s.members)
	case patched:
		old.metadata = overlay(old.metadata, s.members)
	case replaced:
		old.metadata = s.members
	case "node_moved":
		return o.place(key, s.at())
	case "layout_calculated":
		for id, at := range s.layout {
			changed = o.place([2]string{s.graph, id}, at) || changed
		}
		return changed
	default:
		return false
	}
	if exists {
		o.nodes[key] = old
	}
	return exists
}

func (o *oracle) place(node [2]string, at []any) bool {
	n, ok := o.nodes[node]
	if !ok || at == nil || slices.Contains(at, nil) {
		return false
	}
	n.position = at
	o.nodes[node] = n
	return true
}

func (o *oracle) remove(s step) (gone *oracleGone, changed bool) {
	key := [2]string{s.graph, s.node}
	node, exists := o.nodes[key]
	delete(o.nodes, key)
	edges := map[[2]string]oracleEdge{}
	maps.DeleteFunc(o.edges, func(k [2]string, e oracleEdge) bool {
		listed := s.kind != removed && slices.Contains(s.listed, k[1])
		if k[0] != s.graph || e.source != s.node && e.target != s.node && !listed {
			return false
		}
		edges[k] = e
		return true
	})
	if exists && s.kind == removed {
		gone = &oracleGone{s.node, node.created, edges}
	}
	return gone, exists || len(edges) > 0
}

func (o *oracle) edge(s step) (changed bool) {
	key := [2]string{s.graph, s.edge}
	e, exists := o.edges[key]
	switch s.kind {
	case "edge_created":
		o.mention(s.graph)
		o.edges[key] = oracleEdge{s.source, s.target, s.weight, s.members}
		return true
	case "edge_deleted":
		delete(o.edges, key)
		return exists
	case "edge_reversed":
		if !exists || e.source != s.source || e.target != s.target {
			return false
		}
		e.source, e.target = e.target, e.source
	case "edge_updated":
		if s.weight != nil {
			e.weight = s.weight
		}
		e.properties = overlay(e.properties, s.members)
		if len(s.after) > 0 {
			e.properties = s.after
		}
	}
	if exists {
		o.edges[key] = e
	}
	return exists
}
