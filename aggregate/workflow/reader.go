package workflow

import (
	"math"
	"slices"
	"strconv"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// reader turns members into typed fields. Each method takes the names of one field, the first of which that is there counts. It
// keeps the first error; what it returns after one is not used.
type reader struct {
	m   members
	err *eventlog.FieldError
}

func (r *reader) fail(name string, err *eventlog.FieldError) {
	if r.err == nil && err != nil {
		r.err = err.In(name)
	}
}

func (r *reader) missing(name string) {
	r.fail(name, eventlog.Refuse(eventlog.CodeMissingField, ""))
}

// id returns an identifier, or "" where it is absent.
func (r *reader) id(names ...string) string {
	f := r.m.first(names...)
	if f.value.IsNull() {
		return ""
	}
	id, err := f.value.ID()
	r.fail(f.name, err)
	return id
}

// requiredID returns an identifier that must be there.
func (r *reader) requiredID(names ...string) string {
	id := r.id(names...)
	if id == "" {
		r.missing(names[0])
	}
	return id
}

// optionalID returns an identifier, or nil where it is absent.
func (r *reader) optionalID(names ...string) *string {
	id := r.id(names...)
	if id == "" {
		return nil
	}
	return &id
}

func (r *reader) optionalText(names ...string) *string {
	f := r.m.first(names...)
	if f.value.IsNull() {
		return nil
	}
	text, err := f.value.Text()
	r.fail(f.name, err)
	return &text
}

func (r *reader) optionalNumber(names ...string) *uint64 {
	f := r.m.first(names...)
	if f.value.IsNull() {
		return nil
	}
	n, err := f.value.Uint64()
	r.fail(f.name, err)
	return &n
}

func (r *reader) optionalFloat(names ...string) *float32 {
	f := r.m.first(names...)
	if f.value.IsNull() {
		return nil
	}
	x, err := f.value.Float32()
	r.fail(f.name, err)
	return &x
}

// ids returns a list of identifiers; nil where it is absent or empty.
func (r *reader) ids(names ...string) []string {
	f := r.m.first(names...)
	if f.value.IsNull() {
		return nil
	}
	var out []string
	r.fail(f.name, f.value.Array(func(element eventlog.Value) *eventlog.FieldError {
		id, err := element.ID()
		if err != nil {
			return err.In(strconv.Itoa(len(out)))
		}
		out = append(out, id)
		return nil
	}))
	return out
}

// set returns a list of identifiers, sorted, each once.
func (r *reader) set(names ...string) []string {
	ids := r.ids(names...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// opaque returns a compacted copy; nil where it is absent.
func (r *reader) opaque(names ...string) eventlog.Value {
	f := r.m.first(names...)
	if f.value.IsNull() {
		return nil
	}
	return f.value.Compact()
}

// opaqueMap returns an object's members, each compacted; nil where there is none.
func (r *reader) opaqueMap(names ...string) map[string]eventlog.Value {
	f := r.m.first(names...)
	if f.value.IsNull() {
		return nil
	}
	var out map[string]eventlog.Value
	r.fail(f.name, f.value.Object(func(key string, value eventlog.Value) *eventlog.FieldError {
		if out == nil {
			out = make(map[string]eventlog.Value)
		}
		out[key] = value.Compact()
		return nil
	}))
	return out
}

// duration returns milliseconds: the field as it is, or else duration_seconds, or else total_duration, a Duration of serde's.
func (r *reader) duration(milliseconds string) *uint64 {
	if ms := r.optionalNumber(milliseconds); ms != nil {
		return ms
	}
	if s := r.optionalNumber("duration_seconds"); s != nil {
		return r.scaled("duration_seconds", *s, 0)
	}
	f := r.m.first("total_duration")
	if f.value.IsNull() {
		return nil
	}
	inner, err := readMembers(f.value)
	if err != nil {
		r.fail(f.name, err)
		return nil
	}
	d := reader{m: inner}
	secs, nanos := d.optionalNumber("secs"), d.optionalNumber("nanos")
	switch {
	case d.err != nil:
		r.fail(f.name, d.err)
		return nil
	case secs == nil:
		r.missing("total_duration.secs")
		return nil
	case nanos == nil:
		nanos = new(uint64)
	}
	return r.scaled(f.name, *secs, *nanos/1_000_000)
}

// scaled is seconds as milliseconds, and rest; refused where it does not fit.
func (r *reader) scaled(name string, seconds, rest uint64) *uint64 {
	if rest > 999 || seconds > (math.MaxUint64-rest)/1000 {
		r.fail(name, eventlog.Refuse(eventlog.CodeOutOfRange, ""))
		return nil
	}
	ms := seconds*1000 + rest
	return &ms
}
