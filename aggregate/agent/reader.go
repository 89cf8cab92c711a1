package agent

import (
	"errors"
	"slices"
	"strconv"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// reader turns members into typed fields. It keeps the first error; what it returns after one is not used. Null and
// absent are the same everywhere.
type reader struct {
	members members
	event   *eventlog.Event
	err     *eventlog.FieldError
}

func (r *reader) fail(name string, err *eventlog.FieldError) {
	if r.err == nil && err != nil {
		r.err = err.In(name)
	}
}

func (r *reader) missing(name string) {
	r.fail(name, eventlog.Refuse(eventlog.CodeMissingField, ""))
}

// owner returns the identifier that the payload states under a name, or the envelope's aggregate where it states none.
func (r *reader) owner(name string) string {
	if r.event.AggregateID != "" && r.members.get(name).IsNull() {
		return r.event.AggregateID
	}
	return r.id(name)
}

// id returns an identifier that must be there.
func (r *reader) id(name string) string {
	id := r.optionalID(name)
	if id == nil {
		r.missing(name)
		return ""
	}
	return *id
}

func (r *reader) optionalID(name string) *string {
	v := r.members.get(name)
	if v.IsNull() {
		return nil
	}
	id, err := v.ID()
	r.fail(name, err)
	return &id
}

func (r *reader) optionalText(name string) *string {
	v := r.members.get(name)
	if v.IsNull() {
		return nil
	}
	text, err := v.Text()
	r.fail(name, err)
	return &text
}

func (r *reader) optionalTime(name string) *eventlog.Time {
	v := r.members.get(name)
	if v.IsNull() {
		return nil
	}
	at, err := v.Moment()
	r.fail(name, err)
	return &at
}

// time returns the first of its aliases that is there, or 0.
func (r *reader) time(aliases ...string) eventlog.Time {
	for _, name := range aliases {
		if at := r.optionalTime(name); at != nil {
			return *at
		}
	}
	return 0
}

// optionalFloat64 returns the nearest float64. A number that no float64 can hold is refused.
func (r *reader) optionalFloat64(name string) *float64 {
	v := r.members.get(name)
	if v.IsNull() {
		return nil
	}
	if v[0] != '-' && (v[0] < '0' || v[0] > '9') {
		r.fail(name, eventlog.Refuse(eventlog.CodeWrongType, ""))
		return nil
	}
	f, err := strconv.ParseFloat(string(v), 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		r.fail(name, eventlog.Refuse(eventlog.CodeOutOfRange, ""))
	case err != nil:
		r.fail(name, eventlog.Refuse(eventlog.CodeWrongType, ""))
	}
	return &f
}

// each calls element for each element of an array that may be absent, and tells whether it is there.
func (r *reader) each(name string, element func(v eventlog.Value) *eventlog.FieldError) bool {
	v := r.members.get(name)
	if v.IsNull() {
		return false
	}
	i := 0
	r.fail(name, v.Array(func(v eventlog.Value) *eventlog.FieldError {
		err := element(v).InIfAny(strconv.Itoa(i))
		i++
		return err
	}))
	return true
}

// ids returns a sorted list of identifiers, each once, and whether there is one. It is nil when it is empty.
func (r *reader) ids(name string) (out []string, stated bool) {
	stated = r.each(name, func(v eventlog.Value) *eventlog.FieldError {
		id, err := v.ID()
		out = append(out, id)
		return err
	})
	slices.Sort(out)
	return slices.Compact(out), stated
}

// capabilities returns a set, and whether there is one. It is nil when it is empty.
func (r *reader) capabilities(name string) (out []Capability, stated bool) {
	stated = r.each(name, func(v eventlog.Value) *eventlog.FieldError {
		one, err := ReadCapability(v)
		out = append(out, one)
		return err
	})
	return capabilitySet(out), stated
}

// opaqueList returns an array's elements, each compacted, and whether there is one. It is nil when it is empty.
func (r *reader) opaqueList(name string) (out []eventlog.Value, stated bool) {
	stated = r.each(name, func(v eventlog.Value) *eventlog.FieldError {
		out = append(out, v.Compact())
		return nil
	})
	return out, stated
}

// opaqueMap returns an object's members, each compacted; nil when there is none.
func (r *reader) opaqueMap(name string) map[string]eventlog.Value {
	v := r.members.get(name)
	if v.IsNull() {
		return nil
	}
	var out map[string]eventlog.Value
	r.fail(name, v.Object(func(key string, value eventlog.Value) *eventlog.FieldError {
		if out == nil {
			out = make(map[string]eventlog.Value)
		}
		out[key] = value.Compact()
		return nil
	}))
	return out
}

// opaque returns a compacted copy; nil for what is absent or null.
func (r *reader) opaque(name string) eventlog.Value {
	v := r.members.get(name)
	if v.IsNull() {
		return nil
	}
	return v.Compact()
}

func (r *reader) requiredOpaque(name string) eventlog.Value {
	v := r.opaque(name)
	if v == nil {
		r.missing(name)
	}
	return v
}
