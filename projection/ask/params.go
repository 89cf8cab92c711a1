package ask

import (
	"strconv"
	"strings"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// Params reads the parameters of a question. It keeps the first error; what it returns after one is not to be used.
// Members that no question asks for are ignored, and null is the same as absent.
type Params struct {
	members map[string]eventlog.Value
	err     *projection.QueryError
}

// Read returns the parameters of a request. That they are no object is their first error.
func Read(r projection.Request) *Params {
	p := &Params{members: map[string]eventlog.Value{}}
	if r.Params.IsNull() {
		return p
	}
	p.Refuse("parameters", r.Params.Object(func(name string, v eventlog.Value) *eventlog.FieldError {
		p.members[name] = v
		return nil
	}))
	return p
}

// Err returns the first error, a *projection.QueryError, or nil where there was none.
func (p *Params) Err() error {
	if p.err == nil {
		return nil
	}
	return p.err
}

// Value returns a member as it is; it is null where it is absent.
func (p *Params) Value(name string) eventlog.Value { return p.members[name] }

// First returns the first of these members that is there, with its name; the first name where none is.
func (p *Params) First(names ...string) (string, eventlog.Value) {
	for _, name := range names {
		if v := p.members[name]; !v.IsNull() {
			return name, v
		}
	}
	return names[0], nil
}

// ID returns an identifier that must be there, under the first of these names that is.
func (p *Params) ID(names ...string) string {
	name, v := p.First(names...)
	if v.IsNull() {
		p.missing(name)
		return ""
	}
	id, err := v.ID()
	p.Refuse(name, err)
	return id
}

// OptionalID returns an identifier, or "" where it is absent.
func (p *Params) OptionalID(name string) string {
	if p.members[name].IsNull() {
		return ""
	}
	return p.ID(name)
}

// IDs returns a list of identifiers that must be there.
func (p *Params) IDs(name string) (out []string) {
	if p.members[name].IsNull() {
		p.missing(name)
		return nil
	}
	p.List(name, func(_ int, v eventlog.Value) *eventlog.FieldError {
		id, err := v.ID()
		out = append(out, id)
		return err
	})
	return out
}

// Flag returns a truth value, or what it is where it is absent.
func (p *Params) Flag(name string, absent bool) bool {
	v := p.members[name]
	if v.IsNull() {
		return absent
	}
	b, err := v.Bool()
	p.Refuse(name, err)
	return b
}

// Number returns a whole number, or what it is where it is absent.
func (p *Params) Number(name string, absent uint64) uint64 {
	v := p.members[name]
	if v.IsNull() {
		return absent
	}
	n, err := v.Uint64()
	p.Refuse(name, err)
	return n
}

// Float returns a number, under the first of these names that is there, or nil where none is.
func (p *Params) Float(names ...string) *float32 {
	name, v := p.First(names...)
	if v.IsNull() {
		return nil
	}
	f, err := v.Float32()
	p.Refuse(name, err)
	return &f
}

// Moment returns a time, in any of the forms that CIM writes, or nil where it is absent.
func (p *Params) Moment(name string) *eventlog.Time {
	v := p.members[name]
	if v.IsNull() {
		return nil
	}
	at, err := v.Moment()
	if err != nil && err.Code == eventlog.CodeOutOfRange {
		p.Fail(misread(err.In(name), "is out of range")) // it need not be a number
	}
	p.Refuse(name, err)
	return &at
}

// List calls element for each element of an array that may be absent, with its place in it.
func (p *Params) List(name string, element func(i int, v eventlog.Value) *eventlog.FieldError) {
	v := p.members[name]
	if v.IsNull() {
		return
	}
	i := 0
	p.Refuse(name, v.Array(func(v eventlog.Value) *eventlog.FieldError {
		if err := element(i, v); err != nil {
			return err.In(strconv.Itoa(i))
		}
		i++
		return nil
	}))
}

// Place names an element of a list.
func Place(name string, i int) string { return name + "." + strconv.Itoa(i) }

// Unsupported refuses a variant by its name: leaving it out would answer another question.
func (p *Params) Unsupported(name, tag string, accepted ...string) {
	err := projection.Fail(projection.BadRequest,
		"%s is %q, which is not served; use %s", name, tag, strings.Join(accepted, ", "))
	err.Details = map[string]any{"field": name, "accepted": accepted}
	p.Fail(err)
}

// Refuse keeps the reason why a member is not understood; nil is none.
func (p *Params) Refuse(name string, err *eventlog.FieldError) {
	if err != nil {
		p.Fail(misread(err.In(name), reason(err.Code)))
	}
}

// Fail keeps an error, unless there was one before.
func (p *Params) Fail(err *projection.QueryError) {
	if p.err == nil {
		p.err = err
	}
}

func (p *Params) missing(name string) { p.Refuse(name, eventlog.Refuse(eventlog.CodeMissingField, "")) }
