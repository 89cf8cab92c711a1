package conceptmodel

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// params reads the parameters of a question. It keeps the first error; what it returns after one is not used.
// Members that no question asks for are ignored.
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
		return "is a number out of range"
	}
	return "is not understood"
}

// first returns the first of these members that is there and not null, with its name.
func (p *params) first(names ...string) (string, eventlog.Value) {
	for _, name := range names {
		if v := p.members[name]; !v.IsNull() {
			return name, v
		}
	}
	return names[0], nil
}

// id returns an identifier that must be there.
func (p *params) id(names ...string) string {
	name, v := p.first(names...)
	if v.IsNull() {
		p.refuse(name, eventlog.Refuse(eventlog.CodeMissingField, ""))
		return ""
	}
	id, err := v.ID()
	p.refuse(name, err)
	return id
}

// optionalID returns an identifier, or "" where it is absent.
func (p *params) optionalID(name string) string {
	if p.members[name].IsNull() {
		return ""
	}
	return p.id(name)
}

// float returns a number, or nil where it is absent.
func (p *params) float(names ...string) *float32 {
	name, v := p.first(names...)
	if v.IsNull() {
		return nil
	}
	f, err := v.Float32()
	p.refuse(name, err)
	return &f
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

// number returns a whole number, or what it is where it is absent.
func (p *params) number(name string, absent uint64) uint64 {
	v := p.members[name]
	if v.IsNull() {
		return absent
	}
	n, err := v.Uint64()
	p.refuse(name, err)
	return n
}

// list calls element for each element of an array that may be absent, with its place in it.
func (p *params) list(name string, element func(i int, v eventlog.Value) *eventlog.FieldError) {
	v := p.members[name]
	if v.IsNull() {
		return
	}
	i := 0
	p.refuse(name, v.Array(func(v eventlog.Value) *eventlog.FieldError {
		if err := element(i, v); err != nil {
			return err.In(strconv.Itoa(i))
		}
		i++
		return nil
	}))
}

// unsupported refuses a variant by its name: leaving it out would answer another question.
func (p *params) unsupported(name, tag string, accepted ...string) {
	if p.err == nil {
		p.err = projection.Fail(projection.BadRequest,
			"%s is %q, which is not served; use %s", name, tag, strings.Join(accepted, ", "))
		p.err.Details = map[string]any{"field": name, "accepted": accepted}
	}
}

// place names an element of a list.
func place(name string, i int) string { return name + "." + strconv.Itoa(i) }
