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
	next := Graph{ID: s.graph}
	if row, ok := s.Graph(s.graph); ok {
		next = *row
	} else {
		s.Anomaly(UnknownGraph, s.graph)
	}
	next.NodeCount = added(next.NodeCount, nodes)
	next.EdgeCount = added(next.EdgeCount, edges)
	next.UpdatedAt = s.at
	s.PutGraph(&next)
}

// added is n + by, and 0 where that is negative: a failing store can forget the row that held n.
func added(n uint64, by int) uint64 {
	if by < 0 && n < uint64(-by) {
		return 0
	}
	return n + uint64(by) //nolint:gosec // two's complement: adding a negative is subtracting
}

func (c *GraphCreated) apply(s scope) {
	next := Graph{ID: c.Graph, CreatedAt: s.at}
	row, ok := s.Graph(c.Graph)
	if ok {
		next.NodeCount, next.EdgeCount, next.Archived = row.NodeCount, row.EdgeCount, row.Archived
	}
	if ok && row.Known {
		s.Anomaly(DuplicateGraph, c.Graph)
		next.CreatedAt = row.CreatedAt
	}
	next.Known = true
	next.Name = c.Name
	next.Description = c.Description
	next.GraphType = c.GraphType
	next.Owner = c.Owner
	next.AccessPolicy = c.AccessPolicy
	next.ConceptualSpaceID = c.ConceptualSpaceID
	next.UpdatedAt = s.at
	s.PutGraph(&next)
}

func (Transient) apply(scope) {}

// merged returns the union of two maps, where the second wins. Neither is changed.
func merged(old, over map[string]eventlog.Value) map[string]eventlog.Value {
	switch {
	case len(over) == 0:
		return old
	case len(old) == 0:
		return over
	}
	out := make(map[string]eventlog.Value, len(old)+len(over))
	maps.Copy(out, old)
	maps.Copy(out, over)
	return out
}
