package agentmodel

import (
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// maxBeside is how many tasks, and how many collaborations, an answer holds beside an agent.
const maxBeside = projection.MaxLimit

// params reads what questions for agents ask for beside what all questions do.
type params struct{ *ask.Params }

func readParams(r projection.Request) params { return params{ask.Read(r)} }

// status returns a status that agents are asked to have, or "". Another word than those of agent.Statuses is refused:
// leaving it out would answer another question.
func (p params) status(name string) agent.Status {
	status := agent.Status(p.OptionalID(name))
	if status == "" || p.Err() != nil {
		return ""
	}
	if !slices.Contains(agent.Statuses(), status) {
		err := projection.Fail(projection.BadRequest,
			"%s is %q, which no agent can be; use one of %q", name, status, agent.Statuses())
		err.Details = map[string]any{"field": name, "accepted": agent.Statuses()}
		p.Fail(err)
	}
	return status
}

// capability returns a capability that agents are asked to have, or none.
func (p params) capability(name string) []agent.Capability {
	v := p.Value(name)
	if v.IsNull() {
		return nil
	}
	one, err := agent.ReadCapability(v)
	p.Refuse(name, err)
	return []agent.Capability{one}
}

// capabilities returns at least one capability that agents are asked to have.
func (p params) capabilities(name string) (out []agent.Capability) {
	v := p.Value(name)
	if v.IsNull() || string(v.Compact()) == "[]" {
		p.Refuse(name, eventlog.Refuse(eventlog.CodeMissingField, ""))
		return nil
	}
	p.List(name, func(_ int, element eventlog.Value) *eventlog.FieldError {
		one, err := agent.ReadCapability(element)
		out = append(out, one)
		return err
	})
	return out
}
