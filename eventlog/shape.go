package eventlog

// shape is how a body, or a part of it, carries an event.
type shape uint8

const (
	noShape     shape = iota
	typed             // an envelope that names the type, with the payload in a member
	untyped           // an envelope whose type is inside its payload, or outside the body
	flat              // one object: the type under "type", and the fields beside it
	tagged            // one member, or a string: the name of a variant, as serde writes enums
	fieldsAlone       // nothing but the fields
)

// field is one member of an object, fields are all of them as received.
type field struct {
	name  string
	value Value
}

type fields []field

// fieldsOf takes an object apart. A value of another kind has none.
func fieldsOf(v Value) (fields, *FieldError) {
	if !v.IsObject() {
		return nil, nil
	}
	out := make(fields, 0, 16)
	err := v.Object(func(name string, value Value) *FieldError {
		out = append(out, field{name, value})
		return nil
	})
	return out, err
}

// get returns a member, or nil.
func (f fields) get(name string) Value {
	for i := range f {
		if f[i].name == name {
			return f[i].value
		}
	}
	return nil
}

// first returns the first of these members that is there and not null; if none is, the first that is there at all.
func (f fields) first(names ...string) field {
	var found field
	for _, name := range names {
		switch v := f.get(name); {
		case !v.IsNull():
			return field{name, v}
		case v != nil && found.value == nil:
			found = field{name, v}
		}
	}
	return found
}

// The members that may hold the payload. "data" does so only in an envelope that is one for another reason too: fields
// of that name are common.
var (
	typedBodies   = []string{"payload", "event_data", "event", "stored_event", "data"}
	untypedBodies = []string{"payload", "event_data", "event", "stored_event"}
)

// shapeOf tells shapes apart, in this order: what names a type and has a payload; what has a string "type"; what has a
// payload; what is a variant. Everything else with a field in snake case is fields alone.
func shapeOf(v Value, f fields) shape {
	switch kind := f.get("type"); {
	case f.get("event_type") != nil:
		if f.first(typedBodies...).value == nil {
			return noShape
		}
		return typed
	case kind.IsString() && f.get("payload") != nil && f.onlyEnvelope():
		return typed
	case kind.IsString():
		return flat
	case f.untypedBody().value != nil:
		return untyped
	}
	if _, _, ok := tagOf(v, f); ok {
		return tagged
	}
	for i := range f {
		if isFieldName(f[i].name) {
			return fieldsAlone
		}
	}
	return noShape
}

func (f fields) untypedBody() field {
	if body := f.first(untypedBodies...); body.value != nil {
		return body
	}
	if f.get("event_id") != nil || f.get("aggregate_id") != nil {
		return f.first("data")
	}
	return field{}
}

// onlyEnvelope tells whether every member is one of an envelope with a "type" and a "payload": otherwise the others are
// fields.
func (f fields) onlyEnvelope() bool {
	for i := range f {
		switch name := f[i].name; {
		case name == "type" || name == "payload" || name == "metadata":
		case !isEnvelopeMember(name):
			return false
		}
	}
	return true
}

// isFieldName tells the name of a field, as Rust has them.
func isFieldName(name string) bool {
	return name != "" && (name[0] >= 'a' && name[0] <= 'z' || name[0] == '_')
}

// isTag tells the name of a variant, as Rust has them, from that of a field.
func isTag(name string) bool {
	if name == "" || !isUpper(rune(name[0])) || len(name) > MaxIDBytes {
		return false
	}
	for i := 1; i < len(name); i++ {
		c := name[i]
		if !(isUpper(rune(c)) || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_') {
			return false
		}
	}
	return true
}

// unit is the payload of a variant without fields.
var unit = Value(`{}`)

// tagOf reads a variant as serde writes it: a string without fields, else an object with the tag as its only member.
func tagOf(v Value, f fields) (tag string, content Value, ok bool) {
	switch {
	case v.IsString():
		text, err := v.Text()
		return text, unit, err == nil && isTag(text)
	case len(f) == 1:
		return f[0].name, f[0].value, isTag(f[0].name)
	}
	return "", nil, false
}
