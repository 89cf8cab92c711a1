package conceptual

import (
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// space returns the payload's space, or the envelope's aggregate where the payload names none.
func (r *reader) space(e *eventlog.Event) string {
	if e.AggregateID != "" && r.get(spaceNames...).value.IsNull() {
		return e.AggregateID
	}
	return r.id(spaceNames...)
}

func (r *reader) spaceCreated(e *eventlog.Event) Change {
	metric := r.get("distance_metric", "metric")
	c := &SpaceCreated{
		Space:          r.space(e),
		Name:           r.text("name"),
		Description:    r.text("description"),
		DistanceMetric: r.opaque("distance_metric", "metric"),
		Weights:        weightsOf(metric.value),
		EmbeddingModel: r.text("embedding_model"),
		CreatedBy:      r.pointerID("created_by"),
		AccessPolicy:   r.opaque("access_policy"),
	}
	r.list(r.get("dimensions"), func(_ int, v eventlog.Value) *eventlog.FieldError {
		d, err := readAddition(v)
		c.Dimensions = append(c.Dimensions, d)
		return err
	})
	r.list(r.get("dimension_ids"), func(_ int, v eventlog.Value) *eventlog.FieldError {
		id, err := v.ID()
		c.Dimensions = append(c.Dimensions, DimensionChange{
			Kind: MentionDimension, Name: id, Dimension: Dimension{ID: &id, Name: id},
		})
		return err
	})
	return c
}

// recalibration reads everything that changes a space that is there: the document's event, and what older ones say
// apart.
func (r *reader) recalibration(means meaning, e *eventlog.Event) Change {
	c := &SpaceRecalibrated{Space: r.space(e)}
	switch means {
	case dimensionAdded:
		c.Changes = []DimensionChange{r.addition()}
	case metricUpdated:
		r.required("new_metric")
	case weightsAdded:
		r.required("weights")
	}
	r.dimensionChanges(c)
	if means != dimensionAdded { // whose dimension can have a metric of its own
		metric := r.get("new_metric")
		c.DistanceMetric, c.Weights = r.opaque("new_metric"), weightsOf(metric.value)
	}
	c.RemoveWeights = means == weightsRemoved || r.has("removed_weights")
	if list := r.get("weights"); !list.value.IsNull() {
		c.Weights = []*float32{}
		r.list(list, func(_ int, v eventlog.Value) *eventlog.FieldError {
			c.Weights = append(c.Weights, weightOf(v))
			return nil
		})
	}
	r.list(r.get("affected_entities"), func(_ int, v eventlog.Value) *eventlog.FieldError {
		id, err := v.ID()
		c.Affected = append(c.Affected, id)
		return err
	})
	slices.Sort(c.Affected)
	c.Affected = slices.Compact(c.Affected)
	return c
}

func (r *reader) required(name string) {
	if f := r.get(name); f.value.IsNull() {
		r.missing(f)
	}
}

// dimensionChanges reads the list of changes. Under its other name, affected_dimensions, it may also be a list of
// names, or a number: these inform, and change nothing.
func (r *reader) dimensionChanges(c *SpaceRecalibrated) {
	f := r.get("dimension_changes")
	informs := f.value.IsNull()
	if informs {
		if f = r.get("affected_dimensions"); !f.value.IsArray() {
			return
		}
	}
	r.list(f, func(_ int, v eventlog.Value) *eventlog.FieldError {
		if informs && !v.IsObject() {
			return nil
		}
		change, err := readDimensionChange(v)
		c.Changes = append(c.Changes, change)
		return err
	})
}

// weightsOf returns the weights that a metric states, or nil.
func weightsOf(metric eventlog.Value) []*float32 {
	if !metric.IsObject() {
		return nil
	}
	var r reader
	r.read(metric, "")
	list := r.get("dimension_weights").value
	if !list.IsArray() {
		return nil
	}
	out := []*float32{}
	_ = list.Array(func(v eventlog.Value) *eventlog.FieldError { // cannot fail: an array, checked when received
		out = append(out, weightOf(v))
		return nil
	})
	return out
}

// weightOf returns the number that a weight stands for: itself, or the one that counts in {"Constant":w},
// {"Contextual":{"base_weight":w}} and {"Attentional":{"current_weight":w}}. It is nil for anything else: what a
// metric is made of is not ours to refuse.
func weightOf(v eventlog.Value) *float32 {
	if tag, content, ok := serde.Variant(v); ok && v.IsObject() {
		switch tag {
		case "Constant":
			v = content
		case "Contextual":
			v = memberOf(content, "base_weight")
		case "Attentional":
			v = memberOf(content, "current_weight")
		}
	}
	w, err := v.Float32()
	if err != nil {
		return nil
	}
	return &w
}

func memberOf(v eventlog.Value, name string) eventlog.Value {
	if !v.IsObject() {
		return nil
	}
	var r reader
	r.read(v, "")
	return r.get(name).value
}
