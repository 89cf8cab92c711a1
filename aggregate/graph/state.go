package graph

import "github.com/thecowboyai/cim-projector/eventlog"

// Point is a position in space. CIM's coordinates are f32.
type Point struct {
	X, Y, Z float32
}

// Graph is the row of one graph. Opaque parts (GraphType, AccessPolicy, Layout) stay as received, compacted. Metadata and
// Tags are nil when they are empty.
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
	Metadata          map[string]eventlog.Value
	Tags              []string       // sorted, each once
	Layout            eventlog.Value // the last that an event named without saying where it puts nodes
	Removed           *Removed       // nil unless the last change of the graph was the removal of a node that can come back
}

// Removed is a node that the last change of its graph removed, and that comes back with its edges if the next change adds
// it again: see Decisions in the package's comment.
type Removed struct {
	Node      string
	CreatedAt eventlog.Time
	Edges     uint64 // how many the state holds back
}

// Node is the row of one node. Components, Modifications and Metadata are nil when they are empty. Opaque parts stay as
// received, compacted.
type Node struct {
	GraphID         string
	ID              string
	NodeType        eventlog.Value   // nil where none was given
	Kind            string           // its tag: "Concept"
	Position        *Point           // nil where none was given, or only one that is not finite
	Components      []eventlog.Value // in order
	Modifications   []eventlog.Value // Modify updates that still stand, in order
	Metadata        map[string]eventlog.Value
	ConceptualPoint eventlog.Value
	CreatedAt       eventlog.Time
	UpdatedAt       eventlog.Time
	Label           *string
	Content         eventlog.Value // of producers whose nodes have one
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
	Label            *string
	Relationship     eventlog.Value // of producers who state one beside the type, or instead of it
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

	// DeleteContent removes all nodes and edges of a graph, with their adjacency, and the edges that are held back. The
	// graph's row stays. The cost is the same however many there are.
	DeleteContent(graph string)
	DeleteGraph(graph string)

	// Hold keeps an edge that was deleted, outside of all edges: neither Edge nor Incident finds it. Held returns what is
	// held back of a graph, by id, and Release forgets it.
	Hold(*Edge)
	Held(graph string) []*Edge
	Release(graph string)

	// Anomaly records that an event met a state which it did not expect. The subject is the id that the code's comment
	// names.
	Anomaly(code Anomaly, subject string)
}
