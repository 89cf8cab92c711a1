// Package graph holds what each of CIM's graph events does to the state of a graph.
//
// [Decode] reads an event's payload into a [Change], [Apply] changes a [State] by it. The state is rows, [Graph],
// [Node] and [Edge], behind a small interface: whoever implements it decides where rows live. Both functions are pure.
// Decoding needs no state, so events can be decoded in parallel; applying needs nothing but the change and the rows
// that it asks for.
//
// # Events
//
// All types of CIM's document are known. A type that is not gives a nil change (see [Known]).
//
//	graph_created      the graph's row. On a placeholder: fills it. On a known graph: overwrites its attributes; counts,
//	                   content and CreatedAt stay. Anomaly: DuplicateGraph
//	node_created       the node's row. On an existing node: overwrites all attributes; edges, counts and CreatedAt stay.
//	                   Anomalies: DuplicateNode, PositionNotFinite, UnknownGraph
//	node_updated       sets the position, merges metadata key by key, works through component_updates in order.
//	                   Anomalies: UnknownNode, PositionNotFinite, and those of components
//	node_deleted       removes the node, every edge that begins or ends there (by our own adjacency, a self-loop once), and
//	                   every edge that connected_edges lists. Edges go also where the node is not there (any more).
//	                   Anomalies: AbsentNodeDeleted, UnlistedEdge, UnrelatedEdge
//	node_moved         sets a known node's position. Anomalies: UnknownNode, PositionNotFinite
//	layout_calculated  the same for many nodes, known ones only. Anomalies: the same, LayoutWithoutPositions
//	edge_created       the edge's row. On an existing edge: overwrites it, adjacency included; CreatedAt stays. Ends may be
//	                   missing. Anomalies: DuplicateEdge, DanglingEdge, UnknownGraph
//	edge_updated       sets weight and edge_type where they are given; properties become new_properties where that has
//	                   members, else changes.properties is merged key by key. Anomaly: UnknownEdge
//	edge_deleted       removes the edge. Anomaly: AbsentEdgeDeleted
//	layout_progress, user_presence_updated, performance.slow_operation, performance.memory_usage
//	                   nothing: their payloads are not looked at
//
// Any of them but the last four can also be an AggregateMismatch. An event that changes a row also stamps its graph's
// UpdatedAt; one that changes none leaves everything as it was.
//
// # Fields
//
// The graph is graph_id, or id, or the envelope's aggregate; the payload wins over the envelope. Every identifier is a
// string, or an object that holds one. Where a payload has several names for one field, the first that is not null
// counts:
//
//	the ends of an edge   source_node, source, source_id; target_node, target, target_id
//	node_moved            new_position, position
//	node_deleted          connected_edges, cascade_edges
//
// Required are the graph, node_id, edge_id, both ends of a new edge, changes (of edge_updated: changes or
// new_properties), and the position of node_moved. All else may be absent or null. What is there must have its type:
// name and description are strings, owner and conceptual_space_id identifiers, metadata, properties, new_properties,
// changes and node_positions objects, components, component_updates and connected_edges arrays. One wrong part refuses
// the whole event.
//
// Typed as float32: weight, semantic_distance, and the coordinates of position, new_position and node_positions.
// Everything else stays as received, compacted, and is compared byte by byte: node_type, edge_type, graph_type,
// access_policy, conceptual_point, components, and the values of metadata and properties. Kind is the tag of node_type
// and edge_type: the string itself, or the only member's name of an object; "" for anything else.
//
// # Decisions
//
// Where CIM's sources are silent or contradict each other:
//
//   - A position is {x,y,z} or [x,y,z]; z may be left out and is 0. A coordinate that is null was NaN or infinite: it
//     never becomes 0, the former position is kept, the rest of the event is applied, and PositionNotFinite is
//     recorded. The same holds for a null in node_positions. A coordinate that no float32 holds refuses the event.
//   - A placeholder is made only by what puts a row into it, a node or an edge. Events about unknown things in unknown
//     graphs leave no row, so nobody can make the state grow with them.
//   - A node has one component of a type. Add and Replace put a component behind all others, and drop any of its type
//     (DuplicateComponent where Add found one, UnknownComponent where Replace found none). Remove drops it
//     (UnknownComponent). new_data without the tag of component_type is put under it. A component without a tag has no
//     type, and is the same as another only byte by byte. An update of none of the four kinds is left out
//     (UnknownComponentUpdate).
//   - Modify carries PropertyChange values, which no source defines. They are not interpreted: the Modify is kept as
//     received in Modifications, in order, until a later update replaces or removes its component. An equal one is
//     kept once, as the last. At most [MaxModifications] are kept, then the oldest goes (ModificationDropped).
//   - old_values, new_values and old_properties, reasons, and source and target of a deleted edge inform, and are not
//     stored.
//   - Order is the log's. A deletion before its creation removes nothing, and the creation stands.
//
// # Guarantees
//
// Every change has a result in every state: nothing is refused while applying. The same event applied twice leaves the
// same rows as once. Counts are the number of rows. A change holds nothing of the event's body. Rows are never changed
// once they are put.
//
// # Caveats
//
// An edge_created before its nodes is whole once they exist, but a node_updated before its node_created is lost, with
// an anomaly. Payload f32 values arrive widened to float64; what stays as received keeps those digits.
package graph
