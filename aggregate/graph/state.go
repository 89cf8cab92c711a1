package graph

import "github.com/thecowboyai/cim-projector/eventlog"

// Point is a position in space. CIM's coordinates are f32.
type Point struct {
	X, Y, Z float32
}

// Graph is the row of one graph. Opaque parts (GraphType, AccessPolicy) stay as received, compacted.
type Graph struct {
	ID                string
	Known             bool // false: a placeholder, made by the first node or edge of a graph that was never created
	Name              *string
	Description       *string
	GraphType         eventlog.Value
	Owner             *string
	AccessPolicy      eventlog.Value
	ConceptualSpaceID *string
	NodeCount         uint64
	EdgeCount         uint64
	CreatedAt         eventlog.Time // the producer's clock, as all times in rows; 0 in a placeholder
	UpdatedAt         eventlog.Time // of the last event, in the order of the log, that changed a row of the graph
	Archived          bool
}

// Node is the row of one node. Components, Modifications and Metadata are nil when they are empty.
type Node struct {
	GraphID         string
	ID              string
	NodeType        eventlog.Value   // as received, compacted; nil where none was given
	Kind            string           // its tag: "Concept"
	Position        *Point           // nil where none was given, or only one that is not finite
	Components      []eventlog.Value // in order, each as received, compacted
	Modifications   []eventlog.Value // Modify updates that still stand, in order, each as received, compacted
	Metadata        map[string]eventlog.Value
	ConceptualPoint eventlog.Value
	CreatedAt       eventlog.Time
	UpdatedAt       eventlog.Time
}

// Edge is the row of one edge. Its ends need not exist. Properties is nil when it is empty.
type Edge struct {
	GraphID          string
	ID               string
	Source           string
	Target           string
	EdgeType         eventlog.Value
	Kind             string
	Weight           *float32
	Properties       map[string]eventlog.Value
	SemanticDistance *float32
	CreatedAt        eventlog.Time
	UpdatedAt        eventlog.Time
}

// State is what the rules read and write. A value that it returns must not be changed: a changed row is a new value,
// put. What is put is the state's: neither the rules nor the state change it, or anything that it points to,
// afterwards. A failing store keeps its error to itself, returns nothing from then on, and fails the whole commit.
//
// Package graphtest holds the suite that every implementation passes.
type State interface {
	Graph(graph string) (*Graph, bool)
	PutGraph(*Graph)

	Node(graph, node string) (*Node, bool)
	PutNode(*Node)
	DeleteNode(graph, node string)

	Edge(graph, edge string) (*Edge, bool)
	// PutEdge and DeleteEdge keep the adjacency that Incident answers from. PutEdge may replace an edge by one with other
	// ends, and the ends of an edge need not be nodes that exist.
	PutEdge(*Edge)
	DeleteEdge(graph, edge string)

	// Incident returns the ids of all edges that begin or end at the node, sorted, a self-loop once. It sees what was put
	// and deleted before the call; what it returned does not change by what is put and deleted after it.
	Incident(graph, node string) []string

	// Anomaly records that an event met a state which it did not expect. The subject is the id that the code's comment
	// names.
	Anomaly(code Anomaly, subject string)
}
