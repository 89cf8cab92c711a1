package graph

import "github.com/thecowboyai/cim-projector/aggregate/serde"

func decodeEdgeCreated(r *reader, m *members, graph string) Change {
	c := readEdge(r, m, graph, field{"edge_id", m.edgeID})
	return &c
}

// readEdge reads an edge whose id is the first of these members that is there.
func readEdge(r *reader, m *members, graph string, ids ...field) EdgeCreated {
	c := EdgeCreated{
		Graph: graph,
		Edge:  r.id(ids...),
		Source: r.id(
			field{"source_node", m.sourceNode}, field{"source", m.source}, field{"source_id", m.sourceID}),
		Target: r.id(
			field{"target_node", m.targetNode}, field{"target", m.target}, field{"target_id", m.targetID}),
		EdgeType:         opaque(m.edgeType),
		Kind:             serde.Kind(m.edgeType),
		Weight:           r.weight(m),
		Properties:       r.free(field{"properties", m.properties}, field{"metadata", m.metadata}, field{"data", m.code.data}),
		SemanticDistance: r.optionalFloat("semantic_distance", m.semanticDistance),
		Label:            r.optionalText("label", m.code.label),
		Relationship:     opaque(m.code.relationship),
	}
	if c.EdgeType == nil {
		c.EdgeType, c.Kind = c.Relationship, serde.Kind(c.Relationship)
	}
	if _, has := c.Properties["color"]; !has && !m.code.color.IsNull() {
		c.Properties = merged(c.Properties, object{"color": m.code.color.Compact()})
	}
	return c
}

// weight returns the weight, or else what the relationship says.
func (r *reader) weight(m *members) *float32 {
	if m.weight.IsNull() {
		return r.relationshipWeight(m.code.relationship)
	}
	return r.optionalFloat("weight", m.weight)
}

func decodeEdgeUpdated(r *reader, m *members, graph string) Change {
	c := &EdgeUpdated{
		Graph:         graph,
		Edge:          r.id(field{"edge_id", m.edgeID}),
		NewProperties: r.opaqueMap("new_properties", m.newProperties),
	}
	switch {
	case !m.changes.IsNull():
		r.within("changes", m.changes, func(r *reader, m *members) {
			c.EdgeType = opaque(m.edgeType)
			c.Kind = serde.Kind(m.edgeType)
			c.Weight = r.optionalFloat("weight", m.weight)
			c.Properties = r.opaqueMap("properties", m.properties)
		})
	case m.newProperties.IsNull() && !m.flatEdge():
		r.missing("changes")
	default:
		c.EdgeType = opaque(m.edgeType)
		c.Kind = serde.Kind(m.edgeType)
		c.Weight = r.weight(m)
		c.Label = r.optionalText("label", m.code.label)
		c.Relationship = opaque(m.code.relationship)
		c.Properties = r.free(field{"properties", m.properties}, field{"metadata", m.metadata}, field{"data", m.code.data})
	}
	return c
}

// flatEdge tells whether the payload has what changed beside the ids. A null is there: it says that nothing changed.
func (m *members) flatEdge() bool {
	return m.weight != nil || m.code.label != nil || m.code.relationship != nil || m.edgeType != nil ||
		m.properties != nil || m.metadata != nil || m.code.data != nil
}

func decodeEdgeReversed(r *reader, m *members, graph string) Change {
	return &EdgeReversed{
		Graph:  graph,
		Edge:   r.id(field{"edge_id", m.edgeID}),
		Source: r.id(field{"old_source", m.code.oldSource}),
		Target: r.id(field{"old_target", m.code.oldTarget}),
	}
}

func decodeEdgeDeleted(r *reader, m *members, graph string) Change {
	return &EdgeDeleted{Graph: graph, Edge: r.id(field{"edge_id", m.edgeID})}
}
