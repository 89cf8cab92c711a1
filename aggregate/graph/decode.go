package graph

import "github.com/thecowboyai/cim-projector/eventlog"

// Known tells whether an event of this canonical type has a meaning here, if only that it changes nothing.
func Known(eventType string) bool { return meaningOf(eventType) != unknown }

// Decode reads the payload of a graph event. The change is nil, without an error, for a type that is not Known: new
// types appear, and are not errors. An error says which part of the payload cannot be understood; its field begins
// with "payload".
//
// Decode depends on nothing but its argument, and may be called from any number of goroutines.
func Decode(e *eventlog.Event) (Change, *eventlog.FieldError) {
	means := meaningOf(e.Type)
	switch {
	case means == unknown:
		return nil, nil
	case means == transient:
		return Transient{}, nil
	case e.Payload.IsNull():
		return nil, eventlog.Refuse(eventlog.CodeMissingField, "payload")
	}
	var m members
	if err := readMembers(e.Payload, &m); err != nil {
		return nil, err.In("payload")
	}
	var r reader
	change := r.change(means, &m, subject{r.graph(&m, e), e.Name})
	if r.err != nil {
		return nil, r.err.In("payload")
	}
	return change, nil
}

// Owner returns the graph that an event belongs to: the one that the payload names, or else the envelope's aggregate.
// It answers for payloads too that Decode refuses, as far as it can. It is "" for a type that is not Known, and where
// nothing names a graph. For every change that Decode returns, but a Transient, it is the change's GraphID.
func Owner(e *eventlog.Event) string {
	if !Known(e.Type) {
		return ""
	}
	var m members
	if err := readMembers(e.Payload, &m); err != nil {
		return e.AggregateID
	}
	for _, v := range [...]eventlog.Value{m.graphID, m.id} {
		if id, err := v.ID(); err == nil {
			return id
		}
	}
	return e.AggregateID
}

// meaning is what a type stands for.
type meaning int

const (
	unknown meaning = iota
	transient
	graphCreated
	nodeCreated
	nodeUpdated
	nodeDeleted
	nodeMoved
	layoutCalculated
	edgeCreated
	edgeUpdated
	edgeDeleted
	graphUpdated
	graphArchived
	graphDeleted
	graphCleared
	graphSnapshot
	nodesAdded
	edgesAdded
	edgeReversed
)

func meaningOf(eventType string) meaning {
	switch eventType {
	case "graph_created":
		return graphCreated
	case "node_created":
		return nodeCreated
	case "node_updated":
		return nodeUpdated
	case "node_deleted":
		return nodeDeleted
	case "node_moved":
		return nodeMoved
	case "layout_calculated":
		return layoutCalculated
	case "edge_created":
		return edgeCreated
	case "edge_updated":
		return edgeUpdated
	case "edge_deleted":
		return edgeDeleted
	case "layout_progress", "user_presence_updated", "performance.slow_operation", "performance.memory_usage":
		return transient
	}
	return codeMeaningOf(eventType)
}

// codeMeaningOf knows the types that are none of the document's.
func codeMeaningOf(eventType string) meaning {
	switch eventType {
	case "graph_updated":
		return graphUpdated
	case "graph_archived":
		return graphArchived
	case "graph_deleted":
		return graphDeleted
	case "graph_cleared":
		return graphCleared
	case "graph_snapshot":
		return graphSnapshot
	case "nodes_bulk_added":
		return nodesAdded
	case "edges_bulk_added":
		return edgesAdded
	case "edge_reversed":
		return edgeReversed
	case "graph_import_requested", "graph_import_completed", "graph_import_failed":
		return transient
	}
	return unknown
}

// subject is what a payload is about, and the producer's name for what happened to it: see eventlog.Event.
type subject struct{ graph, name string }

// change reads the members as what they mean. It calls each reader by its name, not through a table, which keeps the
// members, more than 1,200 bytes an event, off the heap.
func (r *reader) change(means meaning, m *members, about subject) Change {
	graph := about.graph
	switch means {
	case graphCreated:
		return decodeGraphCreated(r, m, graph)
	case nodeCreated:
		return decodeNodeCreated(r, m, about)
	case nodeUpdated:
		return decodeNodeUpdated(r, m, about)
	case nodeDeleted:
		return decodeNodeDeleted(r, m, about)
	case nodeMoved:
		return decodeNodeMoved(r, m, graph)
	case layoutCalculated:
		return decodeLayoutCalculated(r, m, graph)
	case edgeCreated:
		return decodeEdgeCreated(r, m, graph)
	case edgeUpdated:
		return decodeEdgeUpdated(r, m, graph)
	case edgeDeleted:
		return decodeEdgeDeleted(r, m, graph)
	}
	return r.codeChange(means, m, about)
}

func (r *reader) codeChange(means meaning, m *members, about subject) Change {
	graph := about.graph
	switch means {
	case graphUpdated:
		return decodeGraphUpdated(r, m, about)
	case graphArchived:
		return &GraphArchived{graph}
	case graphDeleted:
		return &GraphDeleted{graph}
	case graphCleared:
		return &GraphCleared{graph}
	case graphSnapshot:
		return decodeGraphSnapshot(r, m, graph)
	case nodesAdded:
		return decodeNodesAdded(r, m, graph)
	case edgesAdded:
		return decodeEdgesAdded(r, m, graph)
	case edgeReversed:
		return decodeEdgeReversed(r, m, graph)
	}
	return nil
}
