package conceptual

import (
	"strings"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Known tells whether an event of this type has a meaning here, if only that it changes nothing.
func Known(e *eventlog.Event) bool { return meaningOf(e) != unknown }

// Decode reads the payload of a conceptual event. The change is nil, without an error, for a type that is not
// Known: new types appear, and are not errors. An error says which part of the payload cannot be understood; its
// field begins with "payload".
//
// Decode depends on nothing but its argument, and may be called from any number of goroutines.
func Decode(e *eventlog.Event) (Change, *eventlog.FieldError) {
	means := meaningOf(e)
	switch {
	case means == unknown:
		return nil, nil
	case means == transient:
		return Transient{}, nil
	case e.Payload.IsNull():
		return nil, eventlog.Refuse(eventlog.CodeMissingField, "payload")
	}
	var r reader
	r.read(e.Payload, innerOf(means))
	if r.err != nil {
		return nil, r.err.In("payload")
	}
	change := r.change(means, e)
	if r.err != nil {
		return nil, r.err.In("payload")
	}
	return change, nil
}

// meaning is what a type stands for.
type meaning int

const (
	unknown meaning = iota
	transient
	embeddingCalculated
	similarityComputed
	categoryFormed
	spaceCreated
	dimensionAdded
	spaceRecalibrated
	metricUpdated
	weightsRemoved
	weightsAdded
	conceptAdded
	conceptMoved
	propertiesAdded
	propertyInferred
	relationAdded
)

// meanings are by canonical name and by the names of producers, which tell apart what is one canonical type.
var meanings = map[string]meaning{
	"embedding_calculated":        embeddingCalculated,
	"similarity_computed":         similarityComputed,
	"similarity_updated":          similarityComputed,
	"similarity_calculated":       similarityComputed,
	"category_formed":             categoryFormed,
	"region_formed":               categoryFormed,
	"region_added":                categoryFormed,
	"region_defined":              categoryFormed,
	"space_created":               spaceCreated,
	"conceptual_space_created":    spaceCreated,
	"dimension_added":             dimensionAdded,
	"quality_dimension_added":     dimensionAdded,
	"space_recalibrated":          spaceRecalibrated,
	"metric_updated":              metricUpdated,
	"weights_removed":             weightsRemoved,
	"dimension_weights_removed":   weightsRemoved,
	"weights_added":               weightsAdded,
	"dimension_weights_added":     weightsAdded,
	"concept_added":               conceptAdded,
	"concept_mapped":              conceptAdded,
	"concept_defined":             conceptAdded,
	"concept_moved":               conceptMoved,
	"properties_added":            propertiesAdded,
	"property_inferred":           propertyInferred,
	"relation_added":              relationAdded,
	"category_suggested":          transient,
	"batch_progress":              transient,
	"category_discovery_progress": transient,
}

// meaningOf goes by the producer's name where it is known, and else by the canonical one.
func meaningOf(e *eventlog.Event) meaning {
	if means, ok := meanings[e.Name]; ok {
		return means
	}
	if means, ok := meanings[e.Type]; ok {
		return means
	}
	if strings.HasPrefix(e.Type, "performance.") {
		return transient
	}
	return unknown
}

// innerOf names the object inside a payload whose members some producers put there and others beside it.
func innerOf(means meaning) string {
	switch means {
	case categoryFormed:
		return "region"
	case dimensionAdded:
		return "dimension"
	}
	return ""
}

func (r *reader) change(means meaning, e *eventlog.Event) Change {
	switch means {
	case embeddingCalculated:
		return r.embeddingCalculated()
	case similarityComputed:
		return r.similarityComputed()
	case categoryFormed:
		return r.categoryFormed()
	case spaceCreated:
		return r.spaceCreated(e)
	case conceptAdded:
		return r.conceptAdded()
	case conceptMoved:
		return r.conceptMoved(e)
	case propertiesAdded:
		return &PropertiesAdded{Concept: r.id(conceptNames...), Properties: r.properties(true)}
	case propertyInferred:
		return r.propertyInferred()
	case relationAdded:
		return r.relationAdded()
	}
	return r.recalibration(means, e)
}
