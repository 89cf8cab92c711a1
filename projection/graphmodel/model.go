package graphmodel

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

var (
	_ projection.Projection = (*model)(nil)
	_ projection.Decoder    = (*model)(nil)
	_ projection.Checker    = (*model)(nil)
	_ projection.Owned      = (*model)(nil)
	_ projection.Querier    = (*model)(nil)
)

// Name is the projection's name.
const Name = "graph"

// Version is that of the rows: the same events give the same rows in the same version.
const Version = 2

// model is the projection: its tables, and nothing that changes. It is safe for concurrent use.
type model struct {
	schema    *projection.Schema
	graphs    projection.Table[graph.Graph]
	nodes     projection.Table[graph.Node]
	edges     projection.Table[graph.Edge]
	adjacency projection.Table[adjacent]
	held      projection.Table[graph.Edge] // of nodes that their graph's next event can bring back
}

// New returns the projection of graphs. It has the optional interfaces of package projection: it decodes in parallel, checks
// itself, knows owners, and answers queries.
func New() projection.Projection { return newModel() }

func newModel() *model {
	s := projection.NewSchema()
	return &model{
		schema:    s,
		graphs:    projection.Primary[graph.Graph](s, "graph"),
		nodes:     projection.Primary[graph.Node](s, "node"),
		edges:     projection.Primary[graph.Edge](s, "edge"),
		adjacency: projection.Derived[adjacent](s, "adjacency"),
		held:      projection.Primary[graph.Edge](s, "held"),
	}
}

// Name implements projection.Projection.
func (m *model) Name() string { return Name }

// Version implements projection.Projection.
func (m *model) Version() int { return Version }

// Subjects implements projection.Projection.
func (m *model) Subjects() []string { return []string{"event.graph.>"} }

// Schema implements projection.Projection.
func (m *model) Schema() *projection.Schema { return m.schema }

// Decode implements projection.Decoder.
func (m *model) Decode(e *eventlog.Event) (any, error) {
	change, refused := graph.Decode(e)
	switch {
	case refused != nil: // compared as what it is: a nil *FieldError in an error would not be nil
		return nil, refused
	case change == nil:
		return nil, projection.ErrUnknownType
	}
	return prepare(change), nil
}

// Apply implements projection.Projection.
func (m *model) Apply(tx *projection.Tx, e *projection.Event) error {
	p, ok := e.Decoded.(*prepared)
	if !ok {
		return fmt.Errorf("graphmodel: event %s was applied without having been decoded", e.Seq)
	}
	graph.Apply(&state{model: m, tx: tx, prepared: p}, e.Event, p.change)
	return nil
}

// Owner implements projection.Owned: an event belongs to its graph.
func (m *model) Owner(e *projection.Event) string {
	if p, ok := e.Decoded.(*prepared); ok && p.graph != "" {
		return p.graph
	}
	return graph.Owner(e.Event)
}
