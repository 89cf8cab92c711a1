package eventlog

// fromMetadata keeps the metadata, and takes from it what the envelope itself did not state. It is a free object, so
// members that cannot be read are passed over, but for a version out of range. Only where it holds the event's id, and
// the envelope does not, is it the envelope, and strict.
func (e *Event) fromMetadata(v Value) *FieldError {
	if v.IsNull() {
		return nil
	}
	e.Metadata = v
	if !v.IsObject() || len(v) == len(`{}`) {
		return nil
	}
	f, err := fieldsOf(v)
	if err != nil {
		return err
	}
	strict := e.ID == "" && !f.get("event_id").IsNull()
	for _, name := range metadataMembers {
		v := f.get(name)
		if v.IsNull() {
			continue
		}
		if err := e.fill(name, v); err != nil && strict {
			return err.In(name)
		}
	}
	return e.payloadVersion(f.get("version")).InIfAny("version")
}

// metadataMembers are what metadata may state in the envelope's place, the first of a meaning before others.
var metadataMembers = [...]string{
	"event_id", "aggregate_id", "correlation_id", "causation_id", "actor", "triggered_by", "user_id",
	"timestamp", "occurred_at",
}

// fill reads a member whose field is still empty.
func (e *Event) fill(name string, v Value) *FieldError {
	switch name {
	case "event_id":
		return v.idIfAbsent(&e.ID)
	case "aggregate_id":
		return v.idIfAbsent(&e.AggregateID)
	case "correlation_id":
		return v.idIfAbsent(&e.Correlation)
	case "causation_id":
		return v.idIfAbsent(&e.Causation)
	case "actor", "triggered_by", "user_id":
		return v.idIfAbsent(&e.Actor)
	}
	return e.timeIfAbsent(v)
}

// payloadVersion takes a version that is a whole number: a free object may hold one of another kind, such as "1.2.0".
func (e *Event) payloadVersion(v Value) *FieldError {
	n, err := v.Uint64()
	switch {
	case err != nil:
		return nil
	case n == 0 || n > 1<<30:
		return Refuse(CodeOutOfRange, "")
	}
	e.Version = int(n)
	return nil
}

func (v Value) idIfAbsent(field *string) *FieldError {
	if *field != "" {
		return nil
	}
	id, err := v.ID()
	if err == nil {
		*field = id
	}
	return err
}

func (e *Event) timeIfAbsent(v Value) *FieldError {
	if !e.Occurred.IsZero() {
		return nil
	}
	at, err := v.Moment()
	if err == nil {
		e.Occurred = at
	}
	return err
}
