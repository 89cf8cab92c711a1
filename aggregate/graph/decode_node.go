package graph

import (
	"slices"
	"strconv"

	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func decodeNodeCreated(r *reader, m *members, about subject) Change {
	c := readNode(r, m, about.graph, field{"node_id", m.nodeID})
	c.Returns = about.name == "node_added"
	return &c
}

// readNode reads a node whose id is the first of these members that is there.
func readNode(r *reader, m *members, graph string, ids ...field) NodeCreated {
	c := NodeCreated{
		Graph:           graph,
		Node:            r.id(ids...),
		NodeType:        opaque(m.nodeType),
		Kind:            serde.Kind(m.nodeType),
		Position:        r.placement("position", m.position),
		ConceptualPoint: opaque(m.conceptualPoint),
		Components:      r.opaqueList("components", m.components),
		Metadata:        r.free(field{"metadata", m.metadata}, field{"properties", m.properties}, field{"data", m.code.data}),
		Label:           r.optionalText("label", m.code.label),
	}
	if v := visual(m); v != nil {
		c.Components = append(c.Components, v)
	}
	return c
}

// free returns the members of the first of its aliases that is there. What producers call data need not be an object: it
// is then a member of that name.
func (r *reader) free(aliases ...field) map[string]eventlog.Value {
	for _, f := range aliases {
		switch {
		case f.value.IsNull():
		case f.name == "data" && !f.value.IsObject():
			return object{f.name: f.value.Compact()}
		default:
			return r.opaqueMap(f.name, f.value)
		}
	}
	return nil
}

func decodeNodeUpdated(r *reader, m *members, about subject) Change {
	c := &NodeUpdated{Graph: about.graph, Node: r.id(field{"node_id", m.nodeID})}
	switch {
	case !m.changes.IsNull():
		r.within("changes", m.changes, func(r *reader, m *members) {
			c.Position = r.placement("position", m.position)
			c.Metadata = r.opaqueMap("metadata", m.metadata)
			c.ComponentUpdates = r.componentUpdates("component_updates", m.componentUpdates)
		})
	case about.name == "node_content_changed" && m.code.newContent == nil:
		r.missing("new_content")
	case !m.flatNode():
		r.missing("changes")
	default:
		r.flatNodeUpdate(c, m)
	}
	return c
}

// flatNode tells whether the payload has what changed beside the ids. A null is there: it says that nothing changed.
func (m *members) flatNode() bool {
	return m.position != nil || m.newPosition != nil || m.code.newContent != nil || m.code.label != nil ||
		m.metadata != nil || m.properties != nil || m.code.data != nil
}

// flatNodeUpdate reads what has no changes in a member of their own. Metadata replaces what there is where the producer
// is the one who means it so: it is told by a label, which no other has, or a position in a list.
func (r *reader) flatNodeUpdate(c *NodeUpdated, m *members) {
	position := field{"position", m.position}
	if position.value.IsNull() {
		position = field{"new_position", m.newPosition}
	}
	c.Position = r.placement(position.name, position.value)
	c.Metadata = r.free(field{"metadata", m.metadata}, field{"properties", m.properties}, field{"data", m.code.data})
	c.ReplacesMetadata = !m.metadata.IsNull() && (m.code.label != nil || m.position.IsArray())
	c.Label = r.optionalText("label", m.code.label)
	c.Content = opaque(m.code.newContent)
}

func decodeNodeDeleted(r *reader, m *members, about subject) Change {
	c := &NodeDeleted{Graph: about.graph, Node: r.id(field{"node_id", m.nodeID})}
	list := field{"connected_edges", m.connectedEdges}
	if list.value.IsNull() {
		list = field{"cascade_edges", m.cascadeEdges}
	}
	c.ConnectedEdges, c.Listed = r.ids(list.name, list.value)
	slices.Sort(c.ConnectedEdges)
	c.MayReturn = about.name == "node_removed" && !c.Listed
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
	if m.nodePositions.IsNull() && !m.code.layoutType.IsNull() {
		return &LayoutChanged{Graph: graph, Layout: opaque(m.code.layoutType)}
	}
	c := &LayoutCalculated{Graph: graph, Missing: m.nodePositions.IsNull()}
	if c.Missing {
		return c
	}
	r.fail("node_positions", m.nodePositions.Object(func(node string, v eventlog.Value) *eventlog.FieldError {
		switch {
		case node == "":
			c.EmptyIDs++
			return nil
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
