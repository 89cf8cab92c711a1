package conceptual

import "github.com/thecowboyai/cim-projector/eventlog"

var positionNames = []string{"new_position", "position", "point", "coordinates"}

func (r *reader) conceptAdded() Change {
	return &ConceptAdded{
		Concept:    r.id(conceptNames...),
		Space:      r.optionalID("space_id"),
		Name:       r.text("name"),
		Definition: r.text("definition", "description"),
		Properties: r.properties(false),
		Metadata:   r.opaqueMap("metadata"),
		Position:   r.position(positionNames...),
	}
}

func (r *reader) conceptMoved(e *eventlog.Event) Change {
	c := &ConceptMoved{Concept: r.id(conceptNames...), Position: r.position(positionNames...)}
	if c.Space = r.optionalID("space_id"); c.Space == "" && e.AggregateID != c.Concept {
		c.Space = e.AggregateID
	}
	switch {
	case c.Space == "":
		r.missing(r.get("space_id"))
	case c.Position.Point == nil && !c.Position.NotFinite:
		r.missing(r.get(positionNames...))
	}
	return c
}

// properties reads [[name,number],…], whose numbers must be there, or an object, whose values are anything.
func (r *reader) properties(required bool) map[string]eventlog.Value {
	f := r.get("properties")
	switch {
	case f.value.IsNull() && required:
		r.missing(f)
		return nil
	case !f.value.IsArray():
		return r.opaqueMap("properties")
	}
	var out map[string]eventlog.Value
	r.list(f, func(_ int, v eventlog.Value) *eventlog.FieldError {
		name, value, err := readPair(v)
		if err != nil {
			return err
		}
		if out == nil {
			out = make(map[string]eventlog.Value)
		}
		out[name] = value
		return nil
	})
	return out
}

// readPair reads ["name",1.5].
func readPair(v eventlog.Value) (string, eventlog.Value, *eventlog.FieldError) {
	var parts [2]eventlog.Value
	n := 0
	err := v.Array(func(part eventlog.Value) *eventlog.FieldError {
		if n == len(parts) {
			return eventlog.Refuse(eventlog.CodeWrongType, "")
		}
		parts[n] = part
		n++
		return nil
	})
	if err != nil {
		return "", nil, err
	}
	name, err := parts[0].Text()
	if err != nil {
		return "", nil, err.In("0")
	}
	if _, err := float64Of(parts[1]); err != nil {
		return "", nil, err.In("1")
	}
	return name, parts[1].Compact(), nil
}

func (r *reader) propertyInferred() Change {
	c := &PropertyInferred{Concept: r.id(conceptNames...)}
	name := r.get("property_name")
	if name.value.IsNull() {
		r.missing(name)
	}
	c.Inference.Name = r.name("property_name")
	if value := r.float64("inferred_value"); value != nil {
		c.Inference.Value = *value
	} else {
		r.missing(r.get("inferred_value"))
	}
	c.Inference.Confidence = r.float64("confidence")
	return c
}

func (r *reader) relationAdded() Change {
	rel := Relation{Source: r.id("source_concept"), Target: r.id("target_concept"), Strength: r.float64("strength")}
	rel.Type, rel.Kind = r.tagged("relation_type")
	return &RelationAdded{rel}
}
