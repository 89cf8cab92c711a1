package cli

import (
	"slices"

	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/agentmodel"
	"github.com/thecowboyai/cim-projector/projection/conceptmodel"
	"github.com/thecowboyai/cim-projector/projection/eventmodel"
	"github.com/thecowboyai/cim-projector/projection/graphmodel"
	"github.com/thecowboyai/cim-projector/projection/workflowmodel"
)

// DefaultProjections returns new instances of the projections that the projector is shipped with, in the order that tables
// show them in.
func DefaultProjections() []projection.Projection {
	return []projection.Projection{
		graphmodel.New(), conceptmodel.New(), workflowmodel.New(), agentmodel.New(), eventmodel.New(),
	}
}

// projectionNames returns the names of what is folded.
func (a *app) projectionNames() []string {
	var out []string
	for _, p := range a.Projections {
		out = append(out, p.Name())
	}
	return out
}

// querySubjects returns what can be asked, without the "query." before it.
func (a *app) querySubjects() []string {
	out := []string{
		"projection.status", "projection.verify", "projection.deadletters", "projection.anomalies", "projection.job", "projection.history",
		"snapshot.list", "snapshot.verify", "snapshot.diff",
	}
	for _, p := range a.Projections {
		if q, ok := p.(projection.Querier); ok {
			for _, one := range q.Queries() {
				out = append(out, one.Subject)
			}
		}
	}
	slices.Sort(out)
	return out
}
