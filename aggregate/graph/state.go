package graph

import "github.com/thecowboyai/cim-projector/eventlog"

// Point is a position in space. CIM's coordinates are f32.
type Point struct {
	_msgpack struct{} `msgpack:",as_array"` //nolint:unused // makes rows arrays

	X, Y, Z float32
}

// Graph is the row of one graph. Opaque parts (GraphType, AccessPolicy) stay as received, compacted.
type Graph struct {
	_msgpack struct{} `msgpack:",as_array"`

	ID                string
	Known             bool // false: a placeholder, made by the first event that named a graph which was never created
	Name              *string
	Description       *string
	GraphType         eventlog.Value
	Owner             *string
	AccessPolicy      eventlog.Value
	ConceptualSpaceID *string
	NodeCount         uint64
	EdgeCount         uint64
	CreatedAt         eventlog.Time // the producer's clock, as all times in rows; 0 in a placeholder
	UpdatedAt         eventlog.Time
	Archived          bool
}

// Node is the row of one node.
type Node struct {
	_msgpack struct{} `msgpack:",as_array"`

	GraphID         string
	ID              string
	NodeType        eventlog.Value // as received, compacted
	Kind            string         // its tag: "Concept"
	Position        *Point
	Components      []eventlog.Value // in order, each as received, compacted
	Metadata        map[string]eventlog.Value
	ConceptualPoint eventlog.Value
	CreatedAt       eventlog.Time
	UpdatedAt       eventlog.Time
}

// Edge is the row of one edge.
type Edge struct {
	_msgpack struct{} `msgpack:",as_array"`

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

// State is what the rules read and write. A value that it returns must not be changed: a changed row is a new value, put.
// A failing store keeps its error to itself, returns nothing from then on, and fails the whole commit.
type State interface {
	Graph(graph string) (*Graph, bool)
	PutGraph(*Graph)

	Node(graph, node string) (*Node, bool)
	PutNode(*Node)
	DeleteNode(graph, node string)

	Edge(graph, edge string) (*Edge, bool)
	// PutEdge and DeleteEdge keep the adjacency that Incident answers from.
	PutEdge(*Edge)
	DeleteEdge(graph, edge string)

	// Incident returns the ids of all edges that begin or end at the node, sorted, a self-loop once.
	Incident(graph, node string) []string

	// Anomaly records that an event met a state which it did not expect.
	Anomaly(code Anomaly, subject string)
}
