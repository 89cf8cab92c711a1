package graph

import "github.com/thecowboyai/cim-projector/eventlog"

// members are the parts of a payload, or of its changes, that any event reads, as received. Absent ones are nil.
type members struct {
	graphID, id, nodeID, edgeID eventlog.Value

	name, description, graphType, owner, accessPolicy, conceptualSpaceID eventlog.Value

	nodeType, position, newPosition, nodePositions, conceptualPoint eventlog.Value

	components, componentUpdates, metadata, changes, connectedEdges, cascadeEdges eventlog.Value

	sourceNode, source, sourceID, targetNode, target, targetID eventlog.Value

	edgeType, weight, properties, newProperties, semanticDistance eventlog.Value

	code codeMembers
}

// codeMembers are those that only events have that are none of the document's.
type codeMembers struct {
	label, data, newContent, relationship eventlog.Value

	newName, tag, tags, field, newValue, layoutType eventlog.Value

	nodes, edges, color, size, oldSource, oldTarget eventlog.Value
}

// readMembers takes an object apart in one pass. Members that no event reads are ignored.
func readMembers(v eventlog.Value, m *members) *eventlog.FieldError {
	return v.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		if place := m.place(name); place != nil {
			*place = value
		}
		return nil
	})
}

func (m *members) place(name string) *eventlog.Value {
	switch name {
	case "graph_id":
		return &m.graphID
	case "id":
		return &m.id
	case "node_id":
		return &m.nodeID
	case "edge_id":
		return &m.edgeID
	case "name":
		return &m.name
	case "description":
		return &m.description
	case "graph_type":
		return &m.graphType
	case "owner":
		return &m.owner
	case "access_policy":
		return &m.accessPolicy
	case "conceptual_space_id":
		return &m.conceptualSpaceID
	case "node_type":
		return &m.nodeType
	case "position":
		return &m.position
	case "new_position":
		return &m.newPosition
	case "node_positions":
		return &m.nodePositions
	case "conceptual_point":
		return &m.conceptualPoint
	case "components":
		return &m.components
	case "component_updates":
		return &m.componentUpdates
	case "metadata":
		return &m.metadata
	case "changes":
		return &m.changes
	case "connected_edges":
		return &m.connectedEdges
	case "cascade_edges":
		return &m.cascadeEdges
	}
	return m.edgePlace(name)
}

func (m *members) edgePlace(name string) *eventlog.Value {
	switch name {
	case "source_node":
		return &m.sourceNode
	case "source":
		return &m.source
	case "source_id":
		return &m.sourceID
	case "target_node":
		return &m.targetNode
	case "target":
		return &m.target
	case "target_id":
		return &m.targetID
	case "edge_type":
		return &m.edgeType
	case "weight":
		return &m.weight
	case "properties":
		return &m.properties
	case "new_properties":
		return &m.newProperties
	case "semantic_distance":
		return &m.semanticDistance
	}
	return m.code.place(name)
}

func (m *codeMembers) place(name string) *eventlog.Value {
	switch name {
	case "label":
		return &m.label
	case "data":
		return &m.data
	case "new_content":
		return &m.newContent
	case "relationship":
		return &m.relationship
	case "new_name":
		return &m.newName
	case "tag":
		return &m.tag
	case "tags":
		return &m.tags
	case "field":
		return &m.field
	case "new_value":
		return &m.newValue
	case "layout_type":
		return &m.layoutType
	case "nodes":
		return &m.nodes
	case "edges":
		return &m.edges
	case "color":
		return &m.color
	case "size":
		return &m.size
	case "old_source":
		return &m.oldSource
	case "old_target":
		return &m.oldTarget
	}
	return nil
}
