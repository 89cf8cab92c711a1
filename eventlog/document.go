package eventlog

import "bytes"

// document reads the document's envelope in the form in which nearly all events come, and leaves everything else to
// opening: it is false, with a half-filled event, for a body that is refused or has anything unusual about it. A fuzz
// test holds the two together.
//
// Usual is: the eleven members of the document and no other; a subject with a domain, and a type that the domain knows
// by exactly this name; a payload that no wrapping or tag can be around.
func (e *Event) document(r *Record, domain string, body Value) bool {
	if !body.IsObject() || domain == "" {
		return false
	}
	e.begin(r)
	var kind, metadata Value
	err := body.Object(func(name string, v Value) *FieldError {
		switch name {
		case "event_type":
			kind = v
			return nil
		case "payload":
			e.Payload = v
			return nil
		case "metadata":
			metadata = v
			return nil
		}
		return e.documentMember(name, v)
	})
	if err != nil || !kind.IsString() || e.Payload == nil || !isPlain(e.Payload) {
		return false
	}
	found, ok := lexicons[domain].exact[string(kind[1:len(kind)-1])]
	if !ok || e.fromMetadata(metadata) != nil {
		return false
	}
	e.Domain, e.Name, e.Type = domain, found.name, found.canonical
	return true
}

// unusual says that a body is left to opening.
var unusual = Refuse(CodeNoEnvelope, "")

func (e *Event) documentMember(name string, v Value) (err *FieldError) {
	if v.IsNull() {
		if !isDocumentMember(name) {
			return unusual
		}
		return nil
	}
	switch name {
	case "event_id":
		e.ID, err = v.ID()
	case "aggregate_id":
		e.AggregateID, err = v.ID()
	case "aggregate_type":
		if len(v) > MaxIDBytes || len(v) <= len(`""`) || !v.IsString() {
			err = unusual
		}
	case "sequence":
		e.AggregateSequence, err = v.Uint64()
	case "timestamp":
		e.Occurred, err = v.Moment()
	case "correlation_id":
		e.Correlation, err = v.ID()
	case "causation_id":
		e.Causation, err = v.ID()
	case "actor":
		e.Actor, err = v.ID()
	default:
		return unusual
	}
	return err
}

func isDocumentMember(name string) bool {
	switch name {
	case "event_id", "aggregate_id", "aggregate_type", "sequence", "timestamp", "correlation_id", "causation_id", "actor":
		return true
	}
	return false
}

// isPlain tells a payload that begins with a field in snake case, or is no object: neither a tag nor an Either.
func isPlain(payload Value) bool {
	if !payload.IsObject() {
		return true
	}
	first := bytes.TrimLeft(payload[1:], whitespace)
	if first[0] != '"' {
		return true
	}
	either := bytes.HasPrefix(first, []byte(`"kind"`)) || bytes.HasPrefix(first, []byte(`"value"`))
	return isFieldName(string(first[1:2])) && !either
}
