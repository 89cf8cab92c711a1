package graph

import (
	"strconv"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// reader turns members into typed fields. It keeps the first error; what it returns after one is not used.
type reader struct {
	err *eventlog.FieldError
}

// field is a member under the name that an error gives it.
type field struct {
	name  string
	value eventlog.Value
}

func (r *reader) fail(name string, err *eventlog.FieldError) {
	if r.err == nil && err != nil {
		r.err = err.In(name)
	}
}

func (r *reader) missing(name string) {
	r.fail(name, eventlog.Refuse(eventlog.CodeMissingField, ""))
}

// id returns the first of its aliases that is there. One must be.
func (r *reader) id(aliases ...field) string {
	for _, f := range aliases {
		if !f.value.IsNull() {
			id, err := f.value.ID()
			r.fail(f.name, err)
			return id
		}
	}
	r.missing(aliases[0].name)
	return ""
}

// graph returns the payload's graph, or the envelope's aggregate where the payload names none.
func (r *reader) graph(m *members, e *eventlog.Event) string {
	if e.AggregateID != "" && m.graphID.IsNull() && m.id.IsNull() {
		return e.AggregateID
	}
	return r.id(field{"graph_id", m.graphID}, field{"id", m.id})
}

func (r *reader) optionalID(name string, v eventlog.Value) *string {
	if v.IsNull() {
		return nil
	}
	id, err := v.ID()
	r.fail(name, err)
	return &id
}

func (r *reader) optionalText(name string, v eventlog.Value) *string {
	if v.IsNull() {
		return nil
	}
	text, err := v.Text()
	r.fail(name, err)
	return &text
}

func (r *reader) optionalFloat(name string, v eventlog.Value) *float32 {
	if v.IsNull() {
		return nil
	}
	f, err := v.Float32()
	r.fail(name, err)
	return &f
}

// ids returns a list of identifiers, and whether there is one.
func (r *reader) ids(name string, v eventlog.Value) ([]string, bool) {
	if v.IsNull() {
		return nil, false
	}
	var out []string
	r.fail(name, v.Array(func(element eventlog.Value) *eventlog.FieldError {
		id, err := element.ID()
		if err != nil {
			return err.In(strconv.Itoa(len(out)))
		}
		out = append(out, id)
		return nil
	}))
	return out, true
}

// opaqueMap returns an object's members, each compacted; nil when there is none.
func (r *reader) opaqueMap(name string, v eventlog.Value) map[string]eventlog.Value {
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

// opaqueList returns an array's elements, each compacted; nil when there is none.
func (r *reader) opaqueList(name string, v eventlog.Value) []eventlog.Value {
	if v.IsNull() {
		return nil
	}
	var out []eventlog.Value
	r.fail(name, v.Array(func(element eventlog.Value) *eventlog.FieldError {
		out = append(out, element.Compact())
		return nil
	}))
	return out
}

// opaque returns a compacted copy; nil for what is absent or null.
func opaque(v eventlog.Value) eventlog.Value {
	if v.IsNull() {
		return nil
	}
	return v.Compact()
}
