package workflowmodel

import (
	"fmt"
	"strconv"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// params reads the parameters of a question. It keeps the first error; what it returns after one is not used. Members that no
// question asks for are ignored.
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
	case eventlog.CodeOutOfRange:
		return "is out of range"
	}
	return "is not understood"
}

// id returns an identifier that must be there.
func (p *params) id(name string) string {
	v := p.members[name]
	if v.IsNull() {
		p.refuse(name, eventlog.Refuse(eventlog.CodeMissingField, ""))
		return ""
	}
	id, err := v.ID()
	p.refuse(name, err)
	return id
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

// optionalID returns an identifier, or "" where it is absent.
func (p *params) optionalID(name string) string {
	if p.members[name].IsNull() {
		return ""
	}
	return p.id(name)
}

// moment returns a time, in any of the forms that CIM writes, or nil where it is absent.
func (p *params) moment(name string) *eventlog.Time {
	v := p.members[name]
	if v.IsNull() {
		return nil
	}
	at, err := v.Moment()
	p.refuse(name, err)
	return &at
}

// ids returns a list of identifiers that must be there.
func (p *params) ids(name string) []string {
	v := p.members[name]
	if v.IsNull() {
		p.refuse(name, eventlog.Refuse(eventlog.CodeMissingField, ""))
		return nil
	}
	var out []string
	p.refuse(name, v.Array(func(element eventlog.Value) *eventlog.FieldError {
		id, err := element.ID()
		if err != nil {
			return err.In(strconv.Itoa(len(out)))
		}
		out = append(out, id)
		return nil
	}))
	return out
}
