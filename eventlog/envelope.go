package eventlog

import "slices"

// envelopeMembers are what an envelope may state beside type and payload, under all names that CIM's producers have for
// it. The first that is not null counts; one that is there must have a type that the package comment lists for it.
var envelopeMembers = [...]struct {
	names []string
	read  func(o *opening, v Value) *FieldError
}{
	{[]string{"event_id", "id"}, func(o *opening, v Value) *FieldError { return v.idInto(&o.e.ID) }},
	{[]string{"aggregate_id", "stream_id"}, func(o *opening, v Value) *FieldError { return v.idInto(&o.e.AggregateID) }},
	{[]string{"sequence", "aggregate_sequence"}, func(o *opening, v Value) (err *FieldError) {
		o.e.AggregateSequence, err = v.Uint64()
		return err
	}},
	{[]string{"timestamp", "occurred_at", "stored_at"}, func(o *opening, v Value) (err *FieldError) {
		o.e.Occurred, err = v.Moment()
		return err
	}},
	{[]string{"correlation_id"}, func(o *opening, v Value) *FieldError { return v.idInto(&o.e.Correlation) }},
	{[]string{"causation_id"}, func(o *opening, v Value) *FieldError { return v.idInto(&o.e.Causation) }},
	{[]string{"actor", "triggered_by"}, func(o *opening, v Value) *FieldError { return v.idInto(&o.e.Actor) }},
	{[]string{"aggregate_type"}, func(o *opening, v Value) *FieldError { return v.idInto(&o.aggregateType) }},
	{[]string{"domain"}, func(o *opening, v Value) *FieldError { return v.idInto(&o.domain) }},
}

// ownMembers are what an object without an envelope may state about itself beside its fields.
var ownMembers = []string{"event_id", "aggregate_id", "timestamp", "correlation_id", "causation_id"}

func (v Value) idInto(field *string) (err *FieldError) {
	*field, err = v.ID()
	return err
}

func isEnvelopeMember(name string) bool {
	for i := range envelopeMembers {
		if slices.Contains(envelopeMembers[i].names, name) {
			return true
		}
	}
	return false
}

// envelope reads the members of an envelope. An inner envelope is read after the one around it, and what it states
// counts.
func (o *opening) envelope(f fields) *FieldError {
	for i := range envelopeMembers {
		m := &envelopeMembers[i]
		stated := f.first(m.names...)
		if stated.value.IsNull() {
			continue
		}
		if err := m.read(o, stated.value); err != nil {
			return err.In(stated.name)
		}
	}
	if f.get("sequence").IsNull() && f.get("aggregate_sequence").IsNull() {
		if n, err := f.get("version").Uint64(); err == nil {
			o.e.AggregateSequence = n // the aggregate's; a text is a version of another kind
		}
	}
	if id := f.context("workflow_instance_id"); id != "" && o.e.AggregateID == "" {
		o.e.AggregateID = id
	}
	metadata := f.first("metadata", "payload_metadata")
	return o.e.fromMetadata(metadata.value).InIfAny(metadata.name)
}

// context returns an identifier from the context that the algebra of cim-domain-workflow puts beside the payload, or
// "".
func (f fields) context(name string) string {
	inner, err := fieldsOf(f.get("context"))
	if err != nil {
		return ""
	}
	id, _ := inner.get(name).ID()
	return id
}

// own reads what an object without an envelope states about itself.
func (o *opening) own(f fields) *FieldError {
	for i := range envelopeMembers {
		m := &envelopeMembers[i]
		name := m.names[0]
		v := f.get(name)
		if v.IsNull() || !slices.Contains(ownMembers, name) {
			continue
		}
		if err := m.read(o, v); err != nil {
			return err.In(name)
		}
	}
	metadata := f.get("metadata")
	inner, err := fieldsOf(metadata)
	if err != nil || inner.get("event_id").IsNull() {
		return err // fields of that name are common: without an event's id it is one
	}
	return o.e.fromMetadata(metadata).InIfAny("metadata")
}
