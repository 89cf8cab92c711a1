package workflowmodel

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
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
const Name = "workflow"

// Version is that of the rows: the same events give the same rows in the same version.
const Version = 1

// model is the projection: its tables, and nothing that changes. It is safe for concurrent use.
type model struct {
	schema      *projection.Schema
	processes   projection.Table[workflow.Process]
	history     projection.Table[workflow.Entry]
	definitions projection.Table[workflow.Definition]
	steps       projection.Table[workflow.Step]
	states      projection.Table[workflow.MachineState]
	links       projection.Table[workflow.Link]

	active      projection.Table[placed]
	byWorkflow  projection.Table[placed]
	byInitiator projection.Table[placed]
	byStep      projection.Table[placed]
	definers    projection.Table[definer]
}

// New returns the projection of workflows. It has the optional interfaces of package projection: it decodes in parallel, checks
// itself, knows owners, and answers queries.
func New() projection.Projection { return newModel() }

func newModel() *model {
	s := projection.NewSchema()
	return &model{
		schema:      s,
		processes:   projection.Primary[workflow.Process](s, "process"),
		history:     projection.Primary[workflow.Entry](s, "history"),
		definitions: projection.Primary[workflow.Definition](s, "definition"),
		steps:       projection.Primary[workflow.Step](s, "step"),
		states:      projection.Primary[workflow.MachineState](s, "state"),
		links:       projection.Primary[workflow.Link](s, "link"),

		active:      projection.Derived[placed](s, "active"),
		byWorkflow:  projection.Derived[placed](s, "by_workflow"),
		byInitiator: projection.Derived[placed](s, "by_initiator"),
		byStep:      projection.Derived[placed](s, "by_step"),
		definers:    projection.Derived[definer](s, "definer"),
	}
}

// Name implements projection.Projection.
func (m *model) Name() string { return Name }

// Version implements projection.Projection.
func (m *model) Version() int { return Version }

// Subjects implements projection.Projection.
func (m *model) Subjects() []string { return []string{"event.workflow.>"} }

// Schema implements projection.Projection.
func (m *model) Schema() *projection.Schema { return m.schema }

// prepared is a decoded event, and the key of the process that it names: it is made beside it, in parallel, and once.
type prepared struct {
	change   workflow.Change
	instance string         // "" where it names none
	key      projection.Key // of instance
}

// Decode implements projection.Decoder.
func (m *model) Decode(e *eventlog.Event) (any, error) {
	change, refused := workflow.Decode(e)
	switch {
	case refused != nil: // compared as what it is: a nil *FieldError in an error would not be nil
		return nil, refused
	case change == nil:
		return nil, projection.ErrUnknownType
	}
	p := &prepared{change: change, instance: change.To().Instance}
	if p.instance != "" {
		p.key = projection.MakeKey(p.instance)
	}
	return p, nil
}

// Apply implements projection.Projection. An event of which nobody can tell whose it is becomes a dead letter.
func (m *model) Apply(tx *projection.Tx, e *projection.Event) error {
	p, ok := e.Decoded.(*prepared)
	if !ok {
		return fmt.Errorf("workflowmodel: event %s was applied without having been decoded", e.Seq)
	}
	if refused := workflow.Apply(&state{model: m, tx: tx, prepared: p}, e.Event, p.change); refused != nil {
		return refused
	}
	return nil
}

// Owner implements projection.Owned: see workflow.Owner.
func (m *model) Owner(e *projection.Event) string {
	if p, ok := e.Decoded.(*prepared); ok {
		return p.change.Owner()
	}
	return workflow.Owner(e.Event)
}
