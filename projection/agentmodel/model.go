package agentmodel

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
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
const Name = "agents"

// Version is that of the rows: the same events give the same rows in the same version.
const Version = 1

// model is the projection: its tables, and nothing that changes. It is safe for concurrent use.
type model struct {
	schema         *projection.Schema
	agents         projection.Table[agent.Agent]
	tasks          projection.Table[agent.Task]
	collaborations projection.Table[agent.Collaboration]
	nodes          projection.Table[agent.Node]
	metrics        projection.Table[agent.Metric]
	totals         projection.Table[totals]
	capabilities   projection.Table[entry]
	activeTasks    projection.Table[entry]
	collaborators  projection.Table[entry]
}

// totals counts rows, so that their number can be bounded without counting them again.
type totals struct {
	Metrics uint64 // rows of metrics, the one without a name left out
}

// entry is the row of an index: its key is all that it says.
type entry struct{}

// New returns the projection of agents and the system. It has the optional interfaces of package projection: it
// decodes in parallel, checks itself, knows owners, and answers queries.
func New() projection.Projection { return newModel() }

func newModel() *model {
	s := projection.NewSchema()
	return &model{
		schema:         s,
		agents:         projection.Primary[agent.Agent](s, "agent"),
		tasks:          projection.Primary[agent.Task](s, "task"),
		collaborations: projection.Primary[agent.Collaboration](s, "collaboration"),
		nodes:          projection.Primary[agent.Node](s, "system_node"),
		metrics:        projection.Primary[agent.Metric](s, "threshold"),
		totals:         projection.Primary[totals](s, "totals"),
		capabilities:   projection.Derived[entry](s, "capability"),
		activeTasks:    projection.Derived[entry](s, "active_task"),
		collaborators:  projection.Derived[entry](s, "collaborator"),
	}
}

// Name implements projection.Projection.
func (m *model) Name() string { return Name }

// Version implements projection.Projection.
func (m *model) Version() int { return Version }

// Subjects implements projection.Projection.
func (m *model) Subjects() []string { return []string{"event.agent.>", "event.system.>"} }

// Schema implements projection.Projection.
func (m *model) Schema() *projection.Schema { return m.schema }

// Decode implements projection.Decoder.
func (m *model) Decode(e *eventlog.Event) (any, error) {
	change, refused := agent.Decode(e)
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
		return fmt.Errorf("agentmodel: event %s was applied without having been decoded", e.Seq)
	}
	agent.Apply(&state{model: m, tx: tx, prepared: p}, e.Event, p.change)
	return nil
}

// Owner implements projection.Owned: an event belongs to its agent, collaboration or node, and a threshold to all
// thresholds.
func (m *model) Owner(e *projection.Event) string {
	if p, ok := e.Decoded.(*prepared); ok {
		return p.change.Owner()
	}
	return agent.Owner(e.Event)
}
