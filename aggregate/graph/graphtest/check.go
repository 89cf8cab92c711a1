package graphtest

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
)

// Check returns everything that is wrong with the state: a row that was changed after it was put, even if it has been
// replaced or deleted since, a count that is not the number of rows, a row without its graph's row, an adjacency that
// is not the edges', an edge that is held back without the node that it would return with, tags that are no sorted set, an
// empty map or list that is not nil.
func (s *State) Check() error {
	errs := append(slices.Clone(s.changed), s.checkAdjacency())
	nodes, edges := map[string]uint64{}, map[string]uint64{}
	for _, k := range sortedKeys(s.nodes) {
		n := s.nodes[k]
		nodes[k.Graph]++
		errs = append(errs, unchanged(k, n), canonicalNode(k, n.row))
	}
	for _, k := range sortedKeys(s.edges) {
		e := s.edges[k]
		edges[k.Graph]++
		errs = append(errs, unchanged(k, e), canonicalEdge(k, e.row))
	}
	for _, id := range slices.Sorted(maps.Keys(s.graphs)) {
		g := s.graphs[id]
		errs = append(errs, unchanged(id, g), canonicalGraph(id, g.row), s.checkHeld(g.row))
		if g.row.NodeCount != nodes[id] || g.row.EdgeCount != edges[id] {
			errs = append(errs, fmt.Errorf("graph %q counts %d nodes and %d edges, but has %d and %d",
				id, g.row.NodeCount, g.row.EdgeCount, nodes[id], edges[id]))
		}
		delete(nodes, id)
		delete(edges, id)
	}
	for _, k := range sortedKeys(s.held) {
		e := s.held[k]
		errs = append(errs, unchanged(k, e), canonicalEdge(k, e.row))
		if _, ok := s.Graph(k.Graph); !ok {
			errs = append(errs, fmt.Errorf("edge %v is held back without its graph's row", k))
		}
	}
	if len(nodes)+len(edges) > 0 {
		errs = append(errs, fmt.Errorf("rows without their graph's row: nodes %v, edges %v", nodes, edges))
	}
	return errors.Join(errs...)
}

func (s *State) checkAdjacency() error {
	want := map[Key]map[string]struct{}{}
	for k, e := range s.edges {
		for _, node := range [...]string{e.row.Source, e.row.Target} {
			end := Key{k.Graph, node}
			if want[end] == nil {
				want[end] = map[string]struct{}{}
			}
			want[end][k.ID] = struct{}{}
		}
	}
	if len(want)+len(s.incident) > 0 && !reflect.DeepEqual(s.incident, want) {
		return fmt.Errorf("adjacency is %v, but the edges make it %v", s.incident, want)
	}
	return nil
}

func unchanged[K any, T any](key K, r kept[T]) error {
	if !reflect.DeepEqual(r.row, r.copy) {
		return fmt.Errorf("%T %v was changed after it was put: %+v was %+v", *r.row, key, *r.row, *r.copy)
	}
	return nil
}

// checkHeld compares what is held back of a graph with what its row says.
func (s *State) checkHeld(g *graph.Graph) error {
	held := s.Held(g.ID)
	if g.Removed == nil {
		if len(held) > 0 {
			return fmt.Errorf("graph %q holds back %d edges of no node", g.ID, len(held))
		}
		return nil
	}
	if uint64(len(held)) != g.Removed.Edges {
		return fmt.Errorf("graph %q holds back %d edges, and counts %d", g.ID, len(held), g.Removed.Edges)
	}
	for _, e := range held {
		if e.Source != g.Removed.Node && e.Target != g.Removed.Node {
			return fmt.Errorf("graph %q holds back edge %q, which is not of node %q", g.ID, e.ID, g.Removed.Node)
		}
	}
	return nil
}

func canonicalGraph(id string, g *graph.Graph) error {
	tags := slices.Compact(slices.Sorted(slices.Values(g.Tags)))
	if g.Metadata != nil && len(g.Metadata) == 0 || !reflect.DeepEqual(tags, g.Tags) {
		return fmt.Errorf("graph %q has an empty map that is not nil, or tags that are no sorted set: %+v", id, *g)
	}
	return nil
}

func canonicalNode(k Key, n *graph.Node) error {
	if n.Components != nil && len(n.Components) == 0 || n.Modifications != nil && len(n.Modifications) == 0 ||
		n.Metadata != nil && len(n.Metadata) == 0 {
		return fmt.Errorf("node %v has an empty list or map that is not nil: %+v", k, *n)
	}
	return nil
}

func canonicalEdge(k Key, e *graph.Edge) error {
	if e.Properties != nil && len(e.Properties) == 0 {
		return fmt.Errorf("edge %v has an empty map that is not nil: %+v", k, *e)
	}
	return nil
}
