package conceptual

import (
	"strconv"

	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// field is one member of a payload: its name, the path that an error gives it, and its value.
type field struct {
	name, path string
	value      eventlog.Value
}

// reader turns the members of an object into typed fields. It keeps the first error; what it returns after one is not
// used. Members that nobody asks for are ignored.
type reader struct {
	fields []field
	err    *eventlog.FieldError
}

// maxMembers is how many members most payloads have at most.
const maxMembers = 12

// read takes an object apart, and the object under inner too, whose members count where the outer one has none of
// the name. Its own id is that of the inner thing: "region_id" for what stands as id under "region".
func (r *reader) read(v eventlog.Value, inner string) {
	if r.fields == nil {
		r.fields = make([]field, 0, maxMembers)
	}
	r.fail("", v.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		r.fields = append(r.fields, field{name, name, value})
		return nil
	}))
	if inner == "" || r.err != nil {
		return
	}
	part := r.get(inner)
	if !part.value.IsObject() {
		return
	}
	r.fail(inner, part.value.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		path := inner + "." + name
		if name == "id" {
			name = inner + "_id"
		}
		r.fields = append(r.fields, field{name, path, value})
		return nil
	}))
}

// get returns the first of these members that is there and not null, or an absent one under the first name.
func (r *reader) get(names ...string) field {
	for _, name := range names {
		for i := range r.fields {
			if f := &r.fields[i]; f.name == name && !f.value.IsNull() {
				return *f
			}
		}
	}
	return field{name: names[0], path: names[0]}
}

// has tells whether a member is there, even if it is null.
func (r *reader) has(names ...string) bool {
	for _, name := range names {
		for i := range r.fields {
			if r.fields[i].name == name {
				return true
			}
		}
	}
	return false
}

func (r *reader) fail(path string, err *eventlog.FieldError) {
	if r.err == nil && err != nil {
		r.err = err.In(path)
	}
}

func (r *reader) missing(f field) { r.fail(f.path, eventlog.Refuse(eventlog.CodeMissingField, "")) }

// id returns an identifier that must be there.
func (r *reader) id(names ...string) string {
	f := r.get(names...)
	if f.value.IsNull() {
		r.missing(f)
		return ""
	}
	id, err := f.value.ID()
	r.fail(f.path, err)
	return id
}

// optionalID returns an identifier, or "" where it is absent.
func (r *reader) optionalID(names ...string) string {
	if r.get(names...).value.IsNull() {
		return ""
	}
	return r.id(names...)
}

func (r *reader) pointerID(names ...string) *string {
	if r.get(names...).value.IsNull() {
		return nil
	}
	id := r.id(names...)
	return &id
}

func (r *reader) text(names ...string) *string {
	f := r.get(names...)
	if f.value.IsNull() {
		return nil
	}
	text, err := f.value.Text()
	r.fail(f.path, err)
	return &text
}

// name returns a text that keys are made of: at most as long as an identifier, "" where it is absent.
func (r *reader) name(names ...string) string {
	f := r.get(names...)
	if f.value.IsNull() {
		return ""
	}
	text, err := f.value.Text()
	if err == nil && len(text) > eventlog.MaxIDBytes {
		err = eventlog.Refuse(eventlog.CodeTooLong, "")
	}
	r.fail(f.path, err)
	return text
}

// tagged returns an enum as received, and its tag; nil and "" where it is absent.
func (r *reader) tagged(names ...string) (eventlog.Value, string) {
	f := r.get(names...)
	if f.value.IsNull() {
		return nil, ""
	}
	tag, _, ok := serde.Variant(f.value)
	if !ok {
		r.fail(f.path, eventlog.Refuse(eventlog.CodeWrongType, ""))
	}
	return f.value.Compact(), tag
}

func (r *reader) float32(names ...string) *float32 {
	f := r.get(names...)
	if f.value.IsNull() {
		return nil
	}
	n, err := f.value.Float32()
	r.fail(f.path, err)
	return &n
}

func (r *reader) float64(names ...string) *float64 {
	f := r.get(names...)
	if f.value.IsNull() {
		return nil
	}
	n, err := float64Of(f.value)
	r.fail(f.path, err)
	return &n
}

// float64Of returns a number. Null, which was NaN or infinite, is missing.
func float64Of(v eventlog.Value) (float64, *eventlog.FieldError) {
	switch {
	case v.IsNull():
		return 0, eventlog.Refuse(eventlog.CodeMissingField, "")
	case v[0] != '-' && (v[0] < '0' || v[0] > '9'):
		return 0, eventlog.Refuse(eventlog.CodeWrongType, "")
	}
	n, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		return 0, eventlog.Refuse(eventlog.CodeOutOfRange, "")
	}
	return n, nil
}

func (r *reader) uint64(names ...string) *uint64 {
	f := r.get(names...)
	if f.value.IsNull() {
		return nil
	}
	n, err := f.value.Uint64()
	r.fail(f.path, err)
	return &n
}

func (r *reader) bool(names ...string) *bool {
	f := r.get(names...)
	if f.value.IsNull() {
		return nil
	}
	b, err := f.value.Bool()
	r.fail(f.path, err)
	return &b
}

// list calls element for each element of an array that may be absent, and tells whether it is there.
func (r *reader) list(f field, element func(i int, v eventlog.Value) *eventlog.FieldError) bool {
	if f.value.IsNull() {
		return false
	}
	i := 0
	r.fail(f.path, f.value.Array(func(v eventlog.Value) *eventlog.FieldError {
		if err := element(i, v); err != nil {
			return err.In(strconv.Itoa(i))
		}
		i++
		return nil
	}))
	return true
}

// opaque returns a compacted copy; nil for what is absent or null.
func (r *reader) opaque(names ...string) eventlog.Value {
	f := r.get(names...)
	if f.value.IsNull() {
		return nil
	}
	return f.value.Compact()
}

// opaqueMap returns an object's members, each compacted; nil when there is none.
func (r *reader) opaqueMap(names ...string) map[string]eventlog.Value {
	f := r.get(names...)
	if f.value.IsNull() {
		return nil
	}
	var out map[string]eventlog.Value
	r.fail(f.path, f.value.Object(func(key string, value eventlog.Value) *eventlog.FieldError {
		if out == nil {
			out = make(map[string]eventlog.Value)
		}
		out[key] = value.Compact()
		return nil
	}))
	return out
}
