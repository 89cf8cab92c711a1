package conceptual

import "github.com/thecowboyai/cim-projector/eventlog"

// Owner returns the one aggregate that an event belongs to: the first of Owners. It answers for payloads too that
// Decode refuses, as far as it can: by the identifiers that can be read, or else by the envelope's aggregate. It
// is "" for a type that is not Known, and where nothing names an aggregate.
func Owner(e *eventlog.Event) string {
	means := meaningOf(e)
	if means == unknown {
		return ""
	}
	var r reader
	r.read(e.Payload, innerOf(means))
	switch means {
	case embeddingCalculated:
		return r.firstID(e, conceptOrEntityNames...)
	case similarityComputed:
		return r.firstOfPair(e)
	case categoryFormed:
		return r.firstID(e, categoryNames...)
	case conceptAdded, conceptMoved, propertiesAdded, propertyInferred:
		return r.firstID(e, conceptNames...)
	case relationAdded:
		return r.firstID(e, "source_concept")
	case transient:
		return e.AggregateID
	}
	return r.firstID(e, spaceNames...)
}

// Owners returns every aggregate whose rows an event can touch, the one of Owner first. Rows with two owners are a
// similarity (both entities), a placement (concept and space), and the mark that an entity is stale in a space:
// what belongs to one of them alone cannot be rebuilt without the events of the others. It is nil where Decode
// finds no change.
func Owners(e *eventlog.Event) []string {
	change, err := Decode(e)
	if err != nil || change == nil {
		return nil
	}
	return change.Owners()
}

// firstID returns the first of these members that is an identifier, or the envelope's aggregate.
func (r *reader) firstID(e *eventlog.Event, names ...string) string {
	for _, name := range names {
		if id, err := r.get(name).value.ID(); err == nil {
			return id
		}
	}
	return e.AggregateID
}

// firstOfPair returns the lesser of the two entities of a similarity.
func (r *reader) firstOfPair(e *eventlog.Event) string {
	a, b := r.firstID(e, entityANames...), r.firstID(e, entityBNames...)
	if a == "" || b == "" {
		return max(a, b)
	}
	return min(a, b)
}
