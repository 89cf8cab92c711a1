package graph

import "github.com/thecowboyai/cim-projector/aggregate/serde"

func decodeEdgeCreated(r *reader, m *members, graph string) Change {
	return &EdgeCreated{
		Graph: graph,
		Edge:  r.id(field{"edge_id", m.edgeID}),
		Source: r.id(
			field{"source_node", m.sourceNode}, field{"source", m.source}, field{"source_id", m.sourceID}),
		Target: r.id(
			field{"target_node", m.targetNode}, field{"target", m.target}, field{"target_id", m.targetID}),
		EdgeType:         opaque(m.edgeType),
		Kind:             serde.Kind(m.edgeType),
		Weight:           r.optionalFloat("weight", m.weight),
		Properties:       r.opaqueMap("properties", m.properties),
		SemanticDistance: r.optionalFloat("semantic_distance", m.semanticDistance),
	}
}

func decodeEdgeUpdated(r *reader, m *members, graph string) Change {
	c := &EdgeUpdated{
		Graph:         graph,
		Edge:          r.id(field{"edge_id", m.edgeID}),
		NewProperties: r.opaqueMap("new_properties", m.newProperties),
	}
	if m.changes.IsNull() {
		if m.newProperties.IsNull() {
			r.missing("changes")
		}
		return c
	}
	r.within("changes", m.changes, func(r *reader, m *members) {
		c.EdgeType = opaque(m.edgeType)
		c.Kind = serde.Kind(m.edgeType)
		c.Weight = r.optionalFloat("weight", m.weight)
		c.Properties = r.opaqueMap("properties", m.properties)
	})
	return c
}

func decodeEdgeDeleted(r *reader, m *members, graph string) Change {
	return &EdgeDeleted{Graph: graph, Edge: r.id(field{"edge_id", m.edgeID})}
}
