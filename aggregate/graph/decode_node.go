package graph

import (
	"slices"
	"strconv"

	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func decodeNodeCreated(r *reader, m *members, graph string) Change {
	return &NodeCreated{
		Graph:           graph,
		Node:            r.id(field{"node_id", m.nodeID}),
		NodeType:        opaque(m.nodeType),
		Kind:            serde.Kind(m.nodeType),
		Position:        r.placement("position", m.position),
		ConceptualPoint: opaque(m.conceptualPoint),
		Components:      r.opaqueList("components", m.components),
		Metadata:        r.opaqueMap("metadata", m.metadata),
	}
}

func decodeNodeUpdated(r *reader, m *members, graph string) Change {
	c := &NodeUpdated{Graph: graph, Node: r.id(field{"node_id", m.nodeID})}
	if m.changes.IsNull() {
		r.missing("changes")
		return c
	}
	r.within("changes", m.changes, func(r *reader, m *members) {
		c.Position = r.placement("position", m.position)
		c.Metadata = r.opaqueMap("metadata", m.metadata)
		c.ComponentUpdates = r.componentUpdates("component_updates", m.componentUpdates)
	})
	return c
}

func decodeNodeDeleted(r *reader, m *members, graph string) Change {
	c := &NodeDeleted{Graph: graph, Node: r.id(field{"node_id", m.nodeID})}
	list := field{"connected_edges", m.connectedEdges}
	if list.value.IsNull() {
		list = field{"cascade_edges", m.cascadeEdges}
	}
	c.ConnectedEdges, c.Listed = r.ids(list.name, list.value)
	slices.Sort(c.ConnectedEdges)
	return c
}

func decodeNodeMoved(r *reader, m *members, graph string) Change {
	c := &NodeMoved{Graph: graph, Node: r.id(field{"node_id", m.nodeID})}
	switch {
	case !m.newPosition.IsNull():
		c.Position = r.placement("new_position", m.newPosition)
	case !m.position.IsNull():
		c.Position = r.placement("position", m.position)
	default:
		r.missing("new_position")
	}
	return c
}

func decodeLayoutCalculated(r *reader, m *members, graph string) Change {
	c := &LayoutCalculated{Graph: graph, Missing: m.nodePositions.IsNull()}
	if c.Missing {
		return c
	}
	r.fail("node_positions", m.nodePositions.Object(func(node string, v eventlog.Value) *eventlog.FieldError {
		switch {
		case node == "":
			return eventlog.Refuse(eventlog.CodeEmptyID, "")
		case len(node) > eventlog.MaxIDBytes:
			return eventlog.Refuse(eventlog.CodeTooLong, "")
		}
		p, err := readPlacement(v)
		if err != nil {
			return err.In(node)
		}
		c.Positions = append(c.Positions, NodePlacement{Node: node, Position: p})
		return nil
	}))
	return c
}

// within reads a nested object with a reader of its own, whose error is put below name.
func (r *reader) within(name string, v eventlog.Value, read func(r *reader, m *members)) {
	var m members
	if err := readMembers(v, &m); err != nil {
		r.fail(name, err)
		return
	}
	var inner reader
	read(&inner, &m)
	r.fail(name, inner.err)
}

func (r *reader) componentUpdates(name string, v eventlog.Value) []ComponentUpdate {
	if v.IsNull() {
		return nil
	}
	var out []ComponentUpdate
	r.fail(name, v.Array(func(element eventlog.Value) *eventlog.FieldError {
		u, err := decodeComponentUpdate(element)
		if err != nil {
			return err.In(strconv.Itoa(len(out)))
		}
		out = append(out, u)
		return nil
	}))
	return out
}
