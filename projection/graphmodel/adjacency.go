package graphmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/projection"
)

// direction says which way an edge runs, seen from one of its ends.
type direction uint8

const (
	outgoing direction = 1 << iota
	incoming

	both = outgoing | incoming // as a row: a self-loop, which is one row
)

// adjacent is the row of one end of one edge, under the key (graph, node, edge). It follows from the edge's row.
type adjacent struct {
	Direction direction
	Other     string // the node at the other end; the node itself for a self-loop
}

// ends calls yield for the adjacency rows that an edge makes: two, or one for a self-loop.
func ends(e *graph.Edge, yield func(key projection.Key, row adjacent)) {
	source := projection.MakeKey(e.GraphID, e.Source, e.ID)
	if e.Source == e.Target {
		yield(source, adjacent{Direction: both, Other: e.Target})
		return
	}
	yield(source, adjacent{Direction: outgoing, Other: e.Target})
	yield(projection.MakeKey(e.GraphID, e.Target, e.ID), adjacent{Direction: incoming, Other: e.Source})
}

func (s *state) link(e *graph.Edge) {
	ends(e, func(key projection.Key, row adjacent) { s.adjacency.Put(s.tx, key, &row) })
}

func (s *state) unlink(e *graph.Edge) {
	ends(e, func(key projection.Key, _ adjacent) { s.adjacency.Delete(s.tx, key) })
}

// incident calls yield for the edges that begin or end at a node, by id, until it returns false.
func (m *model) incident(r projection.Reader, graphID, node string, yield func(edge string, end *adjacent) bool) {
	prefix := projection.MakeKey(graphID, node)
	m.adjacency.Scan(r, prefix, "", func(key projection.Key, end *adjacent) bool {
		edge, _, err := key[len(prefix):].CutText()
		return err != nil || yield(edge, end) // a key without an edge is for Check to find
	})
}
