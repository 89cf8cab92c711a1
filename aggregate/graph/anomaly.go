package graph

// Anomaly is a stable word for how an event and the state disagreed. Anomalies are stored, so a word keeps its meaning
// for ever. The event was applied as far as it means anything: facts are applied, not judged.
type Anomaly string

// Anomalies, and what the subject of each is.
const (
	// AggregateMismatch says that the payload's graph is not the envelope's aggregate. The payload won. Subject: the
	// envelope's aggregate id.
	AggregateMismatch Anomaly = "aggregate_mismatch"

	// UnknownGraph says that a node, an edge or a snapshot came before, or without, its graph's creation, so that the graph
	// got a placeholder. Subject: the graph.
	UnknownGraph Anomaly = "unknown_graph"

	// DuplicateGraph says that a graph was created that exists. Its attributes were overwritten, its content kept.
	// Subject: the graph.
	DuplicateGraph Anomaly = "duplicate_graph"

	// DuplicateNode says that a node was created that exists. Its attributes were overwritten, its edges kept.
	// Subject: the node.
	DuplicateNode Anomaly = "duplicate_node"

	// DuplicateEdge says that an edge was created that exists. It was overwritten. Subject: the edge.
	DuplicateEdge Anomaly = "duplicate_edge"

	// UnknownNode says that a node was updated, moved or laid out that does not exist. Nothing changed for it.
	// Subject: the node.
	UnknownNode Anomaly = "unknown_node"

	// UnknownEdge says that an edge was updated that does not exist. Nothing changed. Subject: the edge.
	UnknownEdge Anomaly = "unknown_edge"

	// AbsentNodeDeleted says that a node was deleted that does not exist: deleted before, lost, or still to come.
	// Subject: the node.
	AbsentNodeDeleted Anomaly = "absent_node_deleted"

	// AbsentEdgeDeleted says that an edge was deleted that does not exist. Producers that delete a node and then each of
	// its edges cause it routinely. Subject: the edge.
	AbsentEdgeDeleted Anomaly = "absent_edge_deleted"

	// DanglingEdge says that an edge was created at least one end of which does not exist. It was kept, and is whole as
	// soon as its ends exist. Subject: the edge.
	DanglingEdge Anomaly = "dangling_edge"

	// UnlistedEdge says that a deleted node took an edge with it that the event does not list, though it has a list.
	// Subject: the edge.
	UnlistedEdge Anomaly = "unlisted_edge"

	// UnrelatedEdge says that a deleted node's list named an edge that neither began nor ended there. It was removed.
	// Subject: the edge.
	UnrelatedEdge Anomaly = "unrelated_edge"

	// PositionNotFinite says that a position had a null coordinate, which is how serde writes NaN and infinity. The
	// former position, or none, was kept. Subject: the node.
	PositionNotFinite Anomaly = "position_not_finite"

	// LayoutWithoutPositions says that a layout carried no member node_positions. Subject: the graph.
	LayoutWithoutPositions Anomaly = "layout_without_positions"

	// DuplicateComponent says that a component was added to a node that has one of its type, which was replaced.
	// Subject: the node.
	DuplicateComponent Anomaly = "duplicate_component"

	// UnknownComponent says that a component was removed, replaced or modified that the node does not have. A replacement
	// was added, a modification kept. Subject: the node.
	UnknownComponent Anomaly = "unknown_component"

	// UnknownComponentUpdate says that a component update was of a kind that is none of the four. It was left out.
	// Subject: the node.
	UnknownComponentUpdate Anomaly = "unknown_component_update"

	// ModificationDropped says that a node had MaxModifications kept, and its oldest made room. Subject: the node.
	ModificationDropped Anomaly = "modification_dropped"
)

// Anomalies of the events that CIM's producers have beyond its document, and what the subject of each is.
const (
	// AbsentGraph says that a graph was updated, tagged, archived, cleared or deleted that does not exist. Nothing
	// changed. Subject: the graph.
	AbsentGraph Anomaly = "absent_graph"

	// ArchivedGraphChanged says that something changed in a graph that is archived. The change was applied.
	// Subject: the graph.
	ArchivedGraphChanged Anomaly = "archived_graph_changed"

	// DuplicateTag says that a graph got a tag that it has. Subject: the graph.
	DuplicateTag Anomaly = "duplicate_tag"

	// UnknownTag says that a graph lost a tag that it does not have. Subject: the graph.
	UnknownTag Anomaly = "unknown_tag"

	// EmptyID says that a list had an element without an id: a node, an edge, an end of an edge. It was left out, the
	// others were applied. Recorded once for each. Subject: the graph.
	EmptyID Anomaly = "empty_id"

	// EdgeEndsDiffer says that an edge was reversed whose ends are not those that the event states as the former ones.
	// Nothing changed. Subject: the edge.
	EdgeEndsDiffer Anomaly = "edge_ends_differ"

	// NodeReturned says that a node was removed and added again by one change after the other, as producers do who have
	// no other way to change a node. Its edges were put back. Subject: the node.
	NodeReturned Anomaly = "node_returned"
)
