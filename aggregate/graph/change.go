package graph

import "github.com/thecowboyai/cim-projector/eventlog"

// Change is what one event says about a graph: the payload, read. It holds nothing of the event's body, is never
// changed, and may be applied to any number of states at once. There are no other types of it than this package's.
type Change interface {
	// GraphID returns the graph that the change belongs to, or "" for a Transient.
	GraphID() string

	apply(scope)
}

// GraphCreated describes a graph. What the payload does not state is nil.
type GraphCreated struct {
	Graph             string
	Name              *string
	Description       *string
	GraphType         eventlog.Value
	Owner             *string
	AccessPolicy      eventlog.Value
	ConceptualSpaceID *string
	Metadata          map[string]eventlog.Value
	Tags              []string // sorted, each once
}

// NodeCreated describes a node.
type NodeCreated struct {
	Graph           string
	Node            string
	NodeType        eventlog.Value
	Kind            string
	Position        Placement
	ConceptualPoint eventlog.Value
	Components      []eventlog.Value
	Metadata        map[string]eventlog.Value
	Label           *string
	Content         eventlog.Value
	Returns         bool // a node that the change before removed comes back by it, with its edges
}

// NodeUpdated says what changed at a node.
type NodeUpdated struct {
	Graph            string
	Node             string
	Position         Placement
	Metadata         map[string]eventlog.Value // to be merged key by key
	ReplacesMetadata bool                      // Metadata is all there is instead
	ComponentUpdates []ComponentUpdate         // in order
	Label            *string
	Content          eventlog.Value
}

// NodeDeleted says that a node is gone, and its edges with it.
type NodeDeleted struct {
	Graph          string
	Node           string
	Listed         bool     // the payload has a list, which can be empty
	ConnectedEdges []string // sorted
	MayReturn      bool     // the next change can bring it back, with its edges
}

// EdgeCreated describes an edge.
type EdgeCreated struct {
	Graph            string
	Edge             string
	Source           string
	Target           string
	EdgeType         eventlog.Value
	Kind             string
	Weight           *float32
	Properties       map[string]eventlog.Value
	SemanticDistance *float32
	Label            *string
	Relationship     eventlog.Value
}

// EdgeUpdated says what changed at an edge. A nil member is kept as it was.
type EdgeUpdated struct {
	Graph         string
	Edge          string
	EdgeType      eventlog.Value
	Kind          string
	Weight        *float32
	Properties    map[string]eventlog.Value // to be merged key by key
	NewProperties map[string]eventlog.Value // the whole after-image: where there is one, Properties is not used
	Label         *string
	Relationship  eventlog.Value
}

// EdgeDeleted says that an edge is gone.
type EdgeDeleted struct {
	Graph string
	Edge  string
}

// LayoutCalculated carries positions of many nodes, in the order of the payload.
type LayoutCalculated struct {
	Graph     string
	Missing   bool // the payload has no positions at all
	EmptyIDs  int  // positions of no node, which were left out
	Positions []NodePlacement
}

// NodePlacement is where a layout puts one node.
type NodePlacement struct {
	Node     string
	Position Placement
}

// NodeMoved carries the new position of one node.
type NodeMoved struct {
	Graph    string
	Node     string
	Position Placement
}

// Transient is an event that is known and changes nothing: progress, presence, telemetry.
type Transient struct{}

// Placement is a position as a payload states it: none, one, or one that is not finite.
type Placement struct {
	Point     *Point // nil where there is none
	NotFinite bool   // a coordinate, or the whole, was null where a position had to be; Point is nil
}

// GraphID returns the graph.
func (c *GraphCreated) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *NodeCreated) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *NodeUpdated) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *NodeDeleted) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *EdgeCreated) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *EdgeUpdated) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *EdgeDeleted) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *LayoutCalculated) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *NodeMoved) GraphID() string { return c.Graph }

// GraphID returns "".
func (Transient) GraphID() string { return "" }
