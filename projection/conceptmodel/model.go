package conceptmodel

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
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
const Name = "conceptual"

// Version is that of the rows: the same events give the same rows in the same version.
const Version = 1

// vector is the row of an embedding's numbers. They are apart from the rest, which nobody needs who compares all
// vectors.
type vector struct{ Components conceptual.Vector }

// present is the row of an index: its key says everything.
type present struct{}

// model is the projection: its tables, and nothing that changes. It is safe for concurrent use.
type model struct {
	schema *projection.Schema

	spaces       projection.Table[conceptual.Space]
	concepts     projection.Table[conceptual.Concept]
	placements   projection.Table[conceptual.Placement]
	embeddings   projection.Table[conceptual.Embedding]
	vectors      projection.Table[vector]
	similarities projection.Table[conceptual.Similarity]
	categories   projection.Table[conceptual.Category]
	relations    projection.Table[conceptual.Relation]
	stale        projection.Table[conceptual.Stale]

	similar projection.Table[present] // the pair of a similarity the other way round
	member  projection.Table[present] // entity, category
	placed  projection.Table[present] // concept, space
	related projection.Table[present] // target, source, type
	staleIn projection.Table[present] // entity, space
}

// New returns the projection of conceptual spaces. It has the optional interfaces of package projection: it decodes in
// parallel, checks itself, knows owners, and answers queries.
func New() projection.Projection { return newModel() }

func newModel() *model {
	s := projection.NewSchema()
	return &model{
		schema:       s,
		spaces:       projection.Primary[conceptual.Space](s, "space"),
		concepts:     projection.Primary[conceptual.Concept](s, "concept"),
		placements:   projection.Primary[conceptual.Placement](s, "placement"),
		embeddings:   projection.Primary[conceptual.Embedding](s, "embedding"),
		vectors:      projection.Primary[vector](s, "vector"),
		similarities: projection.Primary[conceptual.Similarity](s, "similarity"),
		categories:   projection.Primary[conceptual.Category](s, "category"),
		relations:    projection.Primary[conceptual.Relation](s, "relation"),
		stale:        projection.Primary[conceptual.Stale](s, "stale"),
		similar:      projection.Derived[present](s, "similar"),
		member:       projection.Derived[present](s, "member"),
		placed:       projection.Derived[present](s, "placed"),
		related:      projection.Derived[present](s, "related"),
		staleIn:      projection.Derived[present](s, "stale_in"),
	}
}

// Name implements projection.Projection.
func (m *model) Name() string { return Name }

// Version implements projection.Projection.
func (m *model) Version() int { return Version }

// Subjects implements projection.Projection. The document's domain has three more spellings.
func (m *model) Subjects() []string {
	return []string{
		"event.conceptual.>", "event.conceptualspaces.>", "event.conceptualspace.>", "event.conceptual_space.>",
	}
}

// Schema implements projection.Projection.
func (m *model) Schema() *projection.Schema { return m.schema }

// Decode implements projection.Decoder.
func (m *model) Decode(e *eventlog.Event) (any, error) {
	change, refused := conceptual.Decode(e)
	switch {
	case refused != nil: // compared as what it is: a nil *FieldError in an error would not be nil
		return nil, refused
	case change == nil:
		return nil, projection.ErrUnknownType
	}
	return change, nil
}

// Apply implements projection.Projection.
func (m *model) Apply(tx *projection.Tx, e *projection.Event) error {
	change, ok := e.Decoded.(conceptual.Change)
	if !ok {
		return fmt.Errorf("conceptmodel: event %s was applied without having been decoded", e.Seq)
	}
	conceptual.Apply(&state{model: m, tx: tx}, e.Event, change)
	return nil
}

// Owner implements projection.Owned: the first of conceptual.Owners.
func (m *model) Owner(e *projection.Event) string { return conceptual.Owner(e.Event) }
