package agentmodel

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// params reads the parameters of a question. It keeps the first error; what it returns after one is not used. Members
// that no question asks for are ignored.
type params struct {
	members map[string]eventlog.Value
	err     *projection.QueryError
}

func readParams(r projection.Request) *params {
	p := &params{members: map[string]eventlog.Value{}}
	if r.Params.IsNull() {
		return p
	}
	p.refuse("parameters", r.Params.Object(func(name string, v eventlog.Value) *eventlog.FieldError {
		p.members[name] = v
		return nil
	}))
	return p
}

// failure returns the first error as an error: nil where there was none.
func (p *params) failure() error {
	if p.err == nil {
		return nil
	}
	return p.err
}

// refuse keeps the reason why a member is not understood.
func (p *params) refuse(name string, err *eventlog.FieldError) {
	if p.err == nil && err != nil {
		p.err = misread(err.In(name))
	}
}

// misread makes the answer to a question with a member that is not understood.
func misread(err *eventlog.FieldError) *projection.QueryError {
	q := projection.Fail(projection.BadRequest, "%s %s", err.Field, reason(err.Code))
	q.Details = map[string]any{"field": err.Field, "reason": string(err.Code)}
	return q
}

func reason(code eventlog.Code) string {
	switch code {
	case eventlog.CodeMissingField:
		return "is missing"
	case eventlog.CodeWrongType:
		return "has a type that is not accepted here"
	case eventlog.CodeEmptyID:
		return "is empty"
	case eventlog.CodeTooLong:
		return fmt.Sprintf("is longer than %d bytes", eventlog.MaxIDBytes)
	}
	return "is not understood"
}

// id returns an identifier that must be there.
func (p *params) id(name string) string {
	id := p.optionalID(name)
	if id == nil {
		p.refuse(name, eventlog.Refuse(eventlog.CodeMissingField, ""))
		return ""
	}
	return *id
}

func (p *params) optionalID(name string) *string {
	v := p.members[name]
	if v.IsNull() {
		return nil
	}
	id, err := v.ID()
	p.refuse(name, err)
	return &id
}

// flag returns a truth value, or what it is where it is absent.
func (p *params) flag(name string, absent bool) bool {
	v := p.members[name]
	if v.IsNull() {
		return absent
	}
	b, err := v.Bool()
	p.refuse(name, err)
	return b
}

// status returns a status that agents are asked to have, or "". Another word than those of agent.Statuses is refused:
// leaving it out would answer another question.
func (p *params) status(name string) agent.Status {
	text := p.optionalID(name)
	if text == nil || p.err != nil {
		return ""
	}
	status := agent.Status(*text)
	if !slices.Contains(agent.Statuses(), status) {
		p.err = projection.Fail(projection.BadRequest,
			"%s is %q, which no agent can be; use one of %q", name, status, agent.Statuses())
		p.err.Details = map[string]any{"field": name, "accepted": agent.Statuses()}
	}
	return status
}

// capability returns a capability that agents are asked to have, or none.
func (p *params) capability(name string) []agent.Capability {
	v := p.members[name]
	if v.IsNull() {
		return nil
	}
	one, err := agent.ReadCapability(v)
	p.refuse(name, err)
	return []agent.Capability{one}
}

// capabilities returns at least one capability that agents are asked to have.
func (p *params) capabilities(name string) (out []agent.Capability) {
	v := p.members[name]
	if v.IsNull() || string(v.Compact()) == "[]" {
		p.refuse(name, eventlog.Refuse(eventlog.CodeMissingField, ""))
		return nil
	}
	p.refuse(name, v.Array(func(element eventlog.Value) *eventlog.FieldError {
		one, err := agent.ReadCapability(element)
		if err != nil {
			return err.In(strconv.Itoa(len(out)))
		}
		out = append(out, one)
		return nil
	}))
	return out
}
