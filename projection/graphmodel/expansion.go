package graphmodel

import (
	"context"
	"slices"

	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

const (
	// maxVisited is how many nodes a walk over neighbours may find before the question is refused.
	maxVisited = 10_000

	// maxCrossed is how many ends of edges such a walk may look at. A graph of as many nodes as may be found, with ten edges
	// each, has a fifth of them.
	maxCrossed = 1_000_000
)

// expansion is a breadth-first walk. It goes along edges in one direction or both, from nodes that exist to nodes that
// exist; what it holds is the ids that it has found.
type expansion struct {
	*ask.Walk
	*model

	view    *projection.View
	graph   string
	along   direction
	kinds   map[string]bool // of edges; nil = all
	advice  string          // what to do where the walk becomes too long
	found   map[string]bool // nodes, those it began at among them
	most    int             // how many may be found
	crossed int             // how many ends of edges may still be looked at
}

// step is a found node.
type step struct {
	id    string
	depth int
}

// expand returns a walk that goes along all edges in both directions.
func (m *model) expand(ctx context.Context, v *projection.View, graphID string) *expansion {
	return &expansion{
		Walk: ask.NewWalk(ctx), model: m, view: v, graph: graphID, along: both, found: map[string]bool{},
		most: maxVisited, crossed: maxCrossed,
	}
}

// from returns all nodes up to a depth, by depth and id, without those that it begins at.
func (x *expansion) from(starts []string, depth uint64) ([]step, error) {
	for _, id := range starts {
		x.found[id] = true
	}
	var out []step
	level := starts
	for at := 1; uint64(at) <= depth && len(level) > 0; at++ { //nolint:gosec // at is positive
		var next []string
		for _, id := range level {
			next = x.around(id, next)
		}
		if err := x.Err(); err != nil {
			return nil, err
		}
		slices.Sort(next)
		for _, id := range next {
			out = append(out, step{id: id, depth: at})
		}
		level = next
	}
	return out, nil
}

// around adds to next the nodes one edge away that were not found before.
func (x *expansion) around(id string, next []string) []string {
	x.cross(id, func(edge string, end *adjacent) {
		if !x.leads(edge, end) {
			return
		}
		x.found[end.Other] = true
		next = append(next, end.Other)
		if len(x.found) > x.most {
			x.TooLarge("more than %d nodes are that near; %s", maxVisited, x.advice)
		}
	})
	return next
}

// cross calls yield for the edges at a node, by id, until the walk has to end.
func (x *expansion) cross(id string, yield func(edge string, end *adjacent)) {
	if x.Err() != nil {
		return
	}
	x.incident(x.view, x.graph, id, func(edge string, end *adjacent) bool {
		if x.crossed--; x.crossed < 0 {
			x.TooLarge("the nodes that near have too many edges to look at; %s", x.advice)
			return false
		}
		yield(edge, end)
		return x.On()
	})
}

// leads tells whether an edge leads to a node that is new.
func (x *expansion) leads(edge string, end *adjacent) bool {
	if end.Direction&x.along == 0 || x.found[end.Other] {
		return false
	}
	if x.kinds != nil {
		e, ok := x.edges.Get(x.view, projection.MakeKey(x.graph, edge))
		if !ok || !x.kinds[e.Kind] {
			return false
		}
	}
	_, exists := x.nodes.Get(x.view, projection.MakeKey(x.graph, end.Other))
	return exists
}
