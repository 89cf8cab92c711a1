package eventlog

import (
	"strings"
)

// Decode makes the canonical event of a record, or a *DecodeError that says why it cannot be one. It depends on nothing
// but its argument.
//
// It accepts the envelope of CIM's document: an object with a string event_type and a payload. Every other member may be
// absent or null; one that is there must have a type that the package comment lists for it. Members it does not know are
// ignored.
func Decode(r *Record) (Event, error) {
	e := Event{Seq: r.Seq, Time: r.Time, Subject: r.Subject, Version: 1}
	e.Domain = SubjectDomain(r.Subject)
	body, err := ParseValue(r.Body)
	if err == nil {
		err = e.envelope(body)
	}
	if err != nil {
		return Event{}, &DecodeError{Seq: r.Seq, Subject: r.Subject, Field: err}
	}
	if e.ID == "" {
		e.ID = r.Header.Get("Nats-Msg-Id")
	}
	if e.Occurred.IsZero() {
		e.Occurred = r.Time
	}
	return e, nil
}

func (e *Event) envelope(body Value) *FieldError {
	if !body.IsObject() {
		return Refuse(CodeNoEnvelope, "")
	}
	var eventType Value
	err := body.Object(func(name string, v Value) *FieldError {
		if name == "event_type" {
			eventType = v
			return nil
		}
		if err := e.member(name, v); err != nil {
			return err.In(name)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case eventType == nil || e.Payload == nil:
		return Refuse(CodeNoEnvelope, "")
	}
	name, err := eventType.ID()
	if err != nil {
		return err.In("event_type")
	}
	e.Type = CanonicalType(e.Domain, name)
	e.Name = e.Type
	return nil
}

// member reads one member of the envelope. Identifiers may be null, which is the same as absent.
func (e *Event) member(name string, v Value) (err *FieldError) {
	switch name {
	case "payload":
		e.Payload = v
		return nil
	case "metadata":
		return e.metadata(v)
	}
	if v.IsNull() {
		return nil
	}
	switch name {
	case "event_id":
		e.ID, err = v.ID()
	case "aggregate_id":
		e.AggregateID, err = v.ID()
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
	}
	return err
}

// metadata keeps the free object and takes the payload's version from it, where it states one.
func (e *Event) metadata(v Value) *FieldError {
	if v.IsNull() {
		return nil
	}
	e.Metadata = v
	if !v.IsObject() {
		return nil
	}
	return v.Object(func(name string, v Value) *FieldError {
		if name != "version" || v.IsNull() {
			return nil
		}
		n, err := v.Uint64()
		switch {
		case err != nil:
			return nil // a free object may hold a version of its own kind, such as "1.2.0"
		case n == 0 || n > 1<<30:
			return Refuse(CodeOutOfRange, name)
		}
		e.Version = int(n)
		return nil
	})
}

// SubjectDomain returns the domain that a subject of the form event.<domain>.<type…> names, or "".
func SubjectDomain(subject string) string {
	rest, ok := strings.CutPrefix(subject, "event.")
	if !ok {
		return ""
	}
	domain, tail, ok := strings.Cut(rest, ".")
	if !ok || tail == "" {
		return ""
	}
	return canonicalDomain(domain)
}

// canonicalDomain folds the spellings of one domain into the document's.
func canonicalDomain(token string) string {
	switch token {
	case "conceptualspace", "conceptualspaces", "conceptual_space":
		return "conceptual"
	}
	return token
}

// CanonicalType turns a producer's type name into ours: a leading "event." and the domain are dropped, CamelCase becomes
// snake case, dots stay. "graph.node_created", "NodeCreated" and "node_created" are all node_created. Something always
// remains: "graph." stays as it is.
func CanonicalType(domain, name string) string {
	if rest := strings.TrimPrefix(name, "event."); rest != "" {
		name = rest
	}
	for domain != "" {
		rest, ok := strings.CutPrefix(name, domain+".")
		if !ok || rest == "" {
			break
		}
		name = rest
	}
	return snake(name)
}

func snake(name string) string {
	if strings.IndexFunc(name, isUpper) < 0 {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !isUpper(rune(c)) {
			b.WriteByte(c)
			continue
		}
		if i > 0 && name[i-1] != '_' && name[i-1] != '.' && !isUpper(rune(name[i-1])) {
			b.WriteByte('_')
		}
		b.WriteByte(c + 'a' - 'A')
	}
	return b.String()
}

func isUpper(r rune) bool { return r >= 'A' && r <= 'Z' }
