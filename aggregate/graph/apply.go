package graph

import (
	"maps"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Apply changes the state by what an event says. It is total: every change has a result in every state, and what the
// state did not expect is an anomaly. The result depends on nothing but the arguments and what the state answers. A
// nil change, as Decode returns it for unknown types, changes nothing.
//
// Applying the same event twice leaves the same rows as applying it once; only the anomalies tell.
func Apply(s State, e *eventlog.Event, c Change) {
	if c == nil {
		return
	}
	graph := c.GraphID()
	if graph != "" && e.AggregateID != "" && e.AggregateID != graph {
		s.Anomaly(AggregateMismatch, e.AggregateID)
	}
	c.apply(scope{State: s, graph: graph, at: e.Occurred})
}

// scope is the state, seen by one event.
type scope struct {
	State

	graph string
	at    eventlog.Time
}

// touch stamps the graph's row and adds to its counts. Rows are added before their graph's row is touched; where the
// graph was never created, its placeholder is made here.
func (s scope) touch(nodes, edges int) {
	next, ok := s.open()
	if !ok {
		s.Anomaly(UnknownGraph, s.graph)
	}
	next.NodeCount = added(next.NodeCount, nodes)
	next.EdgeCount = added(next.EdgeCount, edges)
	s.PutGraph(&next)
}

// open returns the graph's row, stamped and to be put, and whether there was one. Every change of a graph comes by here,
// once: what could return until then cannot any more.
func (s scope) open() (Graph, bool) {
	row, ok := s.Graph(s.graph)
	if !ok {
		return Graph{ID: s.graph, UpdatedAt: s.at}, false
	}
	if row.Archived {
		s.Anomaly(ArchivedGraphChanged, s.graph)
	}
	s.forget(row)
	next := *row
	next.Removed, next.UpdatedAt = nil, s.at
	return next, true
}

// added is n + by, and 0 where that is negative: a failing store can forget the row that held n.
func added(n uint64, by int) uint64 {
	if by < 0 && n < uint64(-by) {
		return 0
	}
	return n + uint64(by) //nolint:gosec // two's complement: adding a negative is subtracting
}

func (Transient) apply(scope) {}

// object is the members of a JSON object that nobody here interprets.
type object = map[string]eventlog.Value

// without returns a map without one key, nil when nothing is left. The map is not changed.
func without(old object, key string) object {
	if _, ok := old[key]; !ok {
		return old
	}
	if len(old) == 1 {
		return nil
	}
	out := maps.Clone(old)
	delete(out, key)
	return out
}

// merged returns the union of two maps, where the second wins. Neither is changed.
func merged(old, over object) object {
	switch {
	case len(over) == 0:
		return old
	case len(old) == 0:
		return over
	}
	out := make(object, len(old)+len(over))
	maps.Copy(out, old)
	maps.Copy(out, over)
	return out
}
