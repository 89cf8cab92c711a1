// Package graphmodel is the read model of CIM's graphs: a projection named "graph", and the queries that it answers.
//
// [New] returns the projection. It folds the events below event.graph into five tables, by the rules of package
// aggregate/graph, which it lends its tables to as a state. Payloads are read in parallel; applying an event is looking up and
// putting rows.
//
// # Tables
//
//	graph      (graph)               graph.Graph: attributes, number of nodes and edges
//	node       (graph, node)         graph.Node
//	edge       (graph, edge)         graph.Edge
//	adjacency  (graph, node, edge)   which way the edge runs from this node, and the node at its other end; derived
//	held       (graph, edge)         graph.Edge that went with the node that the graph's last change removed, and would
//	                                 return with it: no query finds it
//
// Keys are built by projection.MakeKey from identifiers, so all rows of a graph share its prefix, and the edges of a node
// stand one behind the other. A graph is deleted, cleared or replaced by one range of each table, however large it is. A self-loop
// has one adjacency row. Ends that are not nodes have adjacency all the same.
//
// # Queries
//
// Parameters are members of one JSON object; unknown ones are ignored, null is absent. Identifiers are strings or objects that
// hold one under id or value. Lists are paged by offset and limit, with the total over all pages.
//
//	graph.list                  []GraphSummary by id
//	graph.get_graph             GraphSummary. graph_id
//	graph.get_node              NodeView. graph_id, node_id, include_edges (false), include_components (true)
//	graph.find_nodes            []NodeView. graph_id, filters, sort_by
//	graph.find_nodes_in_radius  []NodeView, the nearest first. graph_id, center, radius, filters
//	graph.get_neighbors         []Neighbor. graph_id, node_id, direction (Both), edge_types (all), max_depth (1)
//	graph.get_subgraph          Subgraph. graph_id, center_nodes, radius (1), include_metadata (true), layout_algorithm
//
// Filters are a list of the following, all of which must hold; any other is refused:
//
//	{"ByType":T}                        the node's kind is T, given as a name or with its content, which does not count
//	{"ByComponent":T}                   it has a component of this type, given in the same ways
//	{"ByMetadata":{"key":K,"value":V}}  its metadata has V under K: numbers are compared by value, texts by content,
//	                                    objects in any order of their members
//	{"ByPosition":{"min":P,"max":P}}    it stands inside or on the box. Coordinates that are absent or null do not bound.
//	                                    A node without a position is in no box
//	{"ByAccessLevel":L}                 its level is L, given as a name or with its content: access_level in its metadata,
//	                                    and where that is absent or null, the graph's access_policy
//
// sort_by is absent, for the order of identifiers by their bytes, or {"ByDistance":P}, or a list of at most four of these, each of
// which orders what is equally far from those before it. Ties stand by identifier, nodes without a position last. A position P is
// {"x":…,"y":…,"z":…} or a list of these numbers. radius is a distance from center, which belongs to it.
//
// Neighbours are found breadth first and listed by depth, then identifier, without the node that the walk began at. It goes
// along edges whose type is among edge_types (names, or with a content that does not count; an empty list is all), from nodes
// that exist to nodes that exist: dangling edges lead nowhere. At depth 0 there are none.
//
// A subgraph has the nodes that are at most radius edges away from any of center_nodes, in both directions and along edges of
// all types, and the centers themselves; and every edge that begins and ends at such nodes. Edges with an end that is no node
// are therefore not in it. Nodes and edges are listed by identifier, all in one answer. Centers of which one is not known are
// answered with not_found, which lists all that are not; an empty list of centers has an empty subgraph. Without metadata that
// member of its nodes is absent; properties of edges are not metadata. layout_algorithm is null or one of ForceDirected,
// Hierarchical and Circular, which is checked and has no other effect: nothing is laid out for a question, and positions are
// those that events stated.
//
// A graph that is known by its nodes or edges only is there, with null for what its creation would state.
//
// # Typed fields
//
// x, y and z of positions, weight and semantic_distance are float32, and printed as the shortest decimal that is that float32.
// node_type, edge_type, graph_type, access_policy, layout, conceptual_point, components, modifications, content, relationship, and
// the values of metadata and properties are given back as received, compacted. kind is the tag of node_type or edge_type. Times
// are the producer's clock, RFC 3339 in UTC. What was never set is null; lists and objects are then empty. What no event of the
// document states is then absent: metadata, tags and layout of graphs, label and content of nodes, label and relationship of edges.
//
// # Guarantees
//
// The same state gives the same answer, byte for byte. A question looks at its context every 256 rows that it reads. It holds
// one page, of at most 64 MiB, and beside it for ByDistance the identifiers up to the page's end, which may be the 50,000th;
// for neighbours and subgraphs the identifiers that were found, at most 10,000, on a walk that looks at no more than 1,000,000
// ends of edges; for a node or a subgraph at most 10,000 edges. A question that needs more is refused as too_large or
// bad_request: nothing is left out in silence.
//
// Check proves counts, keys, adjacency in both directions, and what is held back, from the rows alone.
//
// # Caveats
//
// ByAccessLevel compares what was stated. Nobody's rights are checked: whoever can ask is answered.
//
// A filter, a radius, and a page far down a list, read every row before them: some microseconds each. encoding/json writes <, >
// and & in what is given back as received as escapes, unless its encoder is told not to.
package graphmodel
