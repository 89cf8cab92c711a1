// Package graph holds what each of CIM's graph events does to the state of a graph.
//
// [Decode] reads an event's payload into a [Change], [Apply] changes a [State] by it. The state is rows, [Graph],
// [Node] and [Edge], behind a small interface: whoever implements it decides where rows live. Both functions are pure.
// Decoding needs no state, so events can be decoded in parallel; applying needs nothing but the change and the rows
// that it asks for.
//
// # Events
//
// All types of CIM's document are known, and those of its producers that say something of graphs, nodes or edges. A type
// that is not gives a nil change (see [Known]). Those of the document:
//
//	graph_created      the graph's row. On a placeholder: fills it. On a known graph: overwrites its attributes; counts,
//	                   content and CreatedAt stay. Anomaly: DuplicateGraph
//	node_created       the node's row. On an existing node: overwrites all attributes; edges, counts and CreatedAt stay.
//	                   Anomalies: DuplicateNode, PositionNotFinite, UnknownGraph
//	node_updated       sets the position, label and content, merges metadata key by key, works through component_updates
//	                   in order. Anomalies: UnknownNode, PositionNotFinite, and those of components
//	node_deleted       removes the node, every edge that begins or ends there (by our own adjacency, a self-loop once), and
//	                   every edge that connected_edges lists. Edges go also where the node is not there (any more).
//	                   Anomalies: AbsentNodeDeleted, UnlistedEdge, UnrelatedEdge
//	node_moved         sets a known node's position. Anomalies: UnknownNode, PositionNotFinite
//	layout_calculated  the same for many nodes, known ones only. With a layout_type instead of positions: the graph's
//	                   Layout. Anomalies: the same, LayoutWithoutPositions, EmptyID, AbsentGraph
//	edge_created       the edge's row. On an existing edge: overwrites it, adjacency included; CreatedAt stays. Ends may be
//	                   missing. Anomalies: DuplicateEdge, DanglingEdge, UnknownGraph
//	edge_updated       sets weight, edge_type, label and relationship where they are given; properties become
//	                   new_properties where that has members, else changes.properties is merged key by key.
//	                   Anomaly: UnknownEdge
//	edge_deleted       removes the edge. Anomaly: AbsentEdgeDeleted
//	layout_progress, user_presence_updated, performance.slow_operation, performance.memory_usage
//	                   nothing: their payloads are not looked at
//
// Those that the document does not have. Where a type has names, they are the producer's (see eventlog.Event):
//
//	graph_updated      sets name and description where they are given, merges metadata key by key
//	  graph_renamed    sets the name
//	  graph_tagged     adds a tag to the graph's set. Anomaly: DuplicateTag
//	  graph_untagged   takes one out of it. Anomaly: UnknownTag
//	  metadata_updated sets one field of the metadata; where new_value is null or absent, removes it
//	graph_archived     sets Archived. Nothing else changes: later events apply, with the anomaly ArchivedGraphChanged
//	graph_cleared      removes all nodes and edges; attributes stay
//	graph_deleted      removes the graph with its nodes and edges. What comes later comes to an unknown graph
//	graph_snapshot     replaces all nodes and edges by those that it lists, and the metadata where it has some. Former
//	                   attributes and times of nodes are gone. Anomalies: UnknownGraph, and those of many nodes and edges
//	nodes_bulk_added   node_created for each of nodes. Anomalies: the same, EmptyID
//	edges_bulk_added   edge_created for each of edges. Anomalies: the same, EmptyID
//	edge_reversed      swaps the ends of an edge whose ends are old_source and old_target. Anomalies: UnknownEdge,
//	                   EdgeEndsDiffer
//	graph_import_requested, graph_import_completed, graph_import_failed
//	                   nothing: their payloads are not looked at
//
// graph_updated under all its names, graph_archived, graph_cleared and graph_deleted can also be an AbsentGraph, and then
// change nothing. Any event that does something can be an AggregateMismatch. An event that changes a row also stamps its graph's UpdatedAt; one that changes none leaves
// everything as it was.
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
//	metadata of a node    metadata, properties, data
//	properties of an edge properties, metadata, data
//	graph_renamed         new_name, name
//	in nodes and edges    id, node_id; id, edge_id
//
// Required are the graph, node_id, edge_id, both ends of a new edge, the position of node_moved, old_source and old_target,
// tag, field, nodes and edges where their event is about them, new_content of node_content_changed, and what node_updated and
// edge_updated change: changes, new_properties, or any of the members that producers have beside the ids instead. All else
// may be absent or null. What is there must have its type: name, description, label and tags are strings, owner and
// conceptual_space_id identifiers, metadata, properties, new_properties, changes and node_positions objects, components,
// component_updates, connected_edges, nodes and edges arrays. data that is no object is a member of that name. One wrong
// part refuses the whole event.
//
// Typed as float32: weight, semantic_distance, and the coordinates of position, new_position and node_positions.
// Everything else stays as received, compacted, and is compared byte by byte: node_type, edge_type, graph_type,
// access_policy, layout_type, conceptual_point, components, new_content, relationship, and the values of metadata and
// properties. Kind is the tag of node_type
// and edge_type: the string itself, or the only member's name of an object; "" for anything else.
//
// # Decisions
//
// Where CIM's sources are silent or contradict each other:
//
//   - A position is {x,y,z} or [x,y,z]; z may be left out and is 0. A coordinate that is null was NaN or infinite: it
//     never becomes 0, the former position is kept, the rest of the event is applied, and PositionNotFinite is
//     recorded. The same holds for a null in node_positions. A coordinate that no float32 holds refuses the event.
//   - A placeholder is made only by what puts a row into it, a node or an edge, or states all that is in it. Events about unknown things in unknown
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
//   - Producers whose only way to change a node is node_removed and then node_added, with nothing in between that tells,
//     would lose its edges. So what they remove is held back: node, creation and edges are outside of all that can be
//     asked for, and return if the next event that changes anything in the graph is a node_added of this node
//     (NodeReturned). Any other change forgets them for good. This depends on the order of events alone, not on time or
//     batches, and holds back one node of a graph at most. The document's names, node_deleted and node_created, mean what they
//     say, and so does a removal that lists its edges: nothing is held back. A node that somebody removes and then makes anew
//     by these two events cannot be told apart, and gets its edges back too.
//   - A node_updated whose members are beside its ids merges metadata as well, except for the producer that replaces it as a
//     whole: its payload has a label, if only null, or a position that is a list.
//   - A relationship is kept as received. It is the edge_type where there is none, and states the weight where there is none: the
//     strength of a Dependency, the score of a Similarity, 1 for Hierarchy, Association and Flow. A name alone states none.
//   - A graph_created without a name takes name and tags out of its metadata, if they are a string and a list of strings
//     there. Metadata and tags that it does not state stay as they were.
//   - color and size of a node in a list are a component, {"Visual":{...}}, as the document has them; color of an edge is a
//     property, unless it has one of that name.
//   - An element without an id, in a layout or a list, is left out, with an EmptyID each. An event about one node or edge
//     without an id is refused.
//   - Graphs that are deleted leave nothing that could tell a late event from a new graph's.
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
// an anomaly, and so are graph_updated and its like before their graph has a row. Payload f32 values arrive widened to float64; what stays as received keeps those digits.
package graph
