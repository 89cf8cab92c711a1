package graph

import "github.com/thecowboyai/cim-projector/eventlog"

// Known tells whether an event of this canonical type has a meaning here, if only that it changes nothing.
func Known(eventType string) bool { return isTransient(eventType) || decoderOf(eventType) != nil }

// Decode reads the payload of a graph event. The change is nil, without an error, for a type that is not Known: new types
// appear, and are not errors. An error says which part of the payload cannot be understood; its field begins with "payload".
//
// Decode depends on nothing but its argument, and may be called from any number of goroutines.
func Decode(e *eventlog.Event) (Change, *eventlog.FieldError) {
	if isTransient(e.Type) {
		return Transient{}, nil
	}
	decode := decoderOf(e.Type)
	if decode == nil {
		return nil, nil
	}
	if e.Payload.IsNull() {
		return nil, eventlog.Refuse(eventlog.CodeMissingField, "payload")
	}
	var m members
	if err := readMembers(e.Payload, &m); err != nil {
		return nil, err.In("payload")
	}
	var r reader
	graph := r.graph(&m, e)
	change := decode(&r, &m, graph)
	if r.err != nil {
		return nil, r.err.In("payload")
	}
	return change, nil
}

// Owner returns the graph that an event belongs to: the one that the payload names, or else the envelope's aggregate. It
// answers for payloads too that Decode refuses, as far as it can. It is "" for a type that is not Known, and where nothing
// names a graph. For every change that Decode returns, but a Transient, it is the change's GraphID.
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

func isTransient(eventType string) bool {
	switch eventType {
	case "layout_progress", "user_presence_updated", "performance.slow_operation", "performance.memory_usage":
		return true
	}
	return false
}

func decoderOf(eventType string) func(r *reader, m *members, graph string) Change {
	switch eventType {
	case "graph_created":
		return decodeGraphCreated
	case "node_created":
		return decodeNodeCreated
	case "node_updated":
		return decodeNodeUpdated
	case "node_deleted":
		return decodeNodeDeleted
	case "node_moved":
		return decodeNodeMoved
	case "layout_calculated":
		return decodeLayoutCalculated
	case "edge_created":
		return decodeEdgeCreated
	case "edge_updated":
		return decodeEdgeUpdated
	case "edge_deleted":
		return decodeEdgeDeleted
	}
	return nil
}

func decodeGraphCreated(r *reader, m *members, graph string) Change {
	return &GraphCreated{
		Graph:             graph,
		Name:              r.optionalText("name", m.name),
		Description:       r.optionalText("description", m.description),
		GraphType:         opaque(m.graphType),
		Owner:             r.optionalID("owner", m.owner),
		AccessPolicy:      opaque(m.accessPolicy),
		ConceptualSpaceID: r.optionalID("conceptual_space_id", m.conceptualSpaceID),
	}
}
