package graph

import "github.com/thecowboyai/cim-projector/eventlog"

// This file holds the changes that CIM's document has no events for, but its producers have.

// GraphUpdated says what changed at a graph. A nil member is kept as it was.
type GraphUpdated struct {
	Graph       string
	Name        *string
	Description *string
	Metadata    map[string]eventlog.Value // to be merged key by key
}

// GraphTagged says that a graph has a tag, or has it no longer.
type GraphTagged struct {
	Graph   string
	Tag     string
	Removed bool
}

// MetadataUpdated sets one field of a graph's metadata.
type MetadataUpdated struct {
	Graph string
	Field string
	Value eventlog.Value // nil: the field is gone
}

// LayoutChanged names a graph's layout, and does not say where it puts nodes.
type LayoutChanged struct {
	Graph  string
	Layout eventlog.Value
}

// GraphArchived says that a graph is put away.
type GraphArchived struct{ Graph string }

// GraphDeleted says that a graph is gone, with all that is in it.
type GraphDeleted struct{ Graph string }

// GraphCleared says that a graph has become empty.
type GraphCleared struct{ Graph string }

// NodesAdded describes many nodes, in the order of the payload.
type NodesAdded struct {
	Graph    string
	EmptyIDs int // elements without an id, which were left out
	Nodes    []NodeCreated
}

// EdgesAdded describes many edges, in the order of the payload.
type EdgesAdded struct {
	Graph    string
	EmptyIDs int // elements without an id or an end, which were left out
	Edges    []EdgeCreated
}

// GraphSnapshot is all nodes and edges that a graph has.
type GraphSnapshot struct {
	Graph    string
	Nodes    NodesAdded
	Edges    EdgesAdded
	Metadata map[string]eventlog.Value
	Stated   bool // the payload has metadata, which can be empty
}

// EdgeReversed says that an edge runs the other way, from its target to its source.
type EdgeReversed struct {
	Graph  string
	Edge   string
	Source string // before
	Target string // before
}

// GraphID returns the graph.
func (c *GraphUpdated) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *GraphTagged) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *MetadataUpdated) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *LayoutChanged) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *GraphArchived) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *GraphDeleted) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *GraphCleared) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *NodesAdded) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *EdgesAdded) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *GraphSnapshot) GraphID() string { return c.Graph }

// GraphID returns the graph.
func (c *EdgeReversed) GraphID() string { return c.Graph }
