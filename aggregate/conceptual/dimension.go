package conceptual

import (
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// ChangeKind is what a DimensionChange does.
type ChangeKind int

// The kinds of changes. The document has four.
const (
	UnknownChange    ChangeKind = iota
	AddDimension                // puts the dimension, in the place of one that has its name
	RemoveDimension             // drops it, if it is there
	ModifyWeight                // sets the weight of one that is there
	ModifyRange                 // sets the range of one that is there
	MentionDimension            // adds a dimension of which only the identifier is known, unless it is there
)

// DimensionChange is one change of a space's dimensions.
type DimensionChange struct {
	Kind      ChangeKind
	Name      string
	Dimension Dimension // that is added
	Weight    *float32
	Range     *Range
	NotFinite bool // the weight, or an end of the range, was null where a number had to be
}

// readDimensionChange reads {"Add":{…}}, {"Remove":name}, {"ModifyWeight":{name,new_weight}} or
// {"ModifyRange":{name,new_range}}. Any other kind is unknown, and no error: the other changes count.
func readDimensionChange(v eventlog.Value) (DimensionChange, *eventlog.FieldError) {
	tag, content, ok := serde.Variant(v)
	if !ok || !v.IsObject() {
		return DimensionChange{}, nil
	}
	read, ok := changeReaders[tag]
	if !ok {
		return DimensionChange{}, nil
	}
	c, err := read(content)
	return c, err.InIfAny(tag)
}

var changeReaders = map[string]func(eventlog.Value) (DimensionChange, *eventlog.FieldError){
	"Add":          readAddition,
	"Remove":       readRemoval,
	"ModifyWeight": readModifyWeight,
	"ModifyRange":  readModifyRange,
}

func readAddition(v eventlog.Value) (DimensionChange, *eventlog.FieldError) {
	var r reader
	r.read(v, "")
	if r.err != nil {
		return DimensionChange{}, r.err
	}
	c := r.addition()
	return c, r.err
}

// addition reads a dimension. Its weight and range may be absent; a range with an end that is null is none.
func (r *reader) addition() DimensionChange {
	d := Dimension{
		ID:          r.pointerID("dimension_id"),
		Name:        r.id("name"),
		Weight:      r.float32("weight"),
		Description: r.text("description"),
	}
	d.Type, d.Kind = r.tagged("dimension_type")
	c := DimensionChange{Kind: AddDimension, Name: d.Name}
	d.Range, c.NotFinite = r.interval("range")
	c.Dimension = d
	return c
}

func readRemoval(v eventlog.Value) (DimensionChange, *eventlog.FieldError) {
	name, err := v.ID()
	return DimensionChange{Kind: RemoveDimension, Name: name}, err
}

func readModifyWeight(v eventlog.Value) (DimensionChange, *eventlog.FieldError) {
	var r reader
	r.read(v, "")
	if r.err != nil {
		return DimensionChange{}, r.err
	}
	c := DimensionChange{Kind: ModifyWeight, Name: r.id("name"), Weight: r.float32("new_weight")}
	if !r.has("new_weight") {
		r.missing(r.get("new_weight"))
	}
	c.NotFinite = c.Weight == nil
	return c, r.err
}

func readModifyRange(v eventlog.Value) (DimensionChange, *eventlog.FieldError) {
	var r reader
	r.read(v, "")
	if r.err != nil {
		return DimensionChange{}, r.err
	}
	c := DimensionChange{Kind: ModifyRange, Name: r.id("name")}
	if !r.has("new_range") {
		r.missing(r.get("new_range"))
	}
	c.Range, _ = r.interval("new_range")
	c.NotFinite = c.Range == nil
	return c, r.err
}

// interval reads {"start":…,"end":…}. It is nil where it is absent, and where an end is null.
func (r *reader) interval(name string) (out *Range, notFinite bool) {
	f := r.get(name)
	if f.value.IsNull() {
		return nil, false
	}
	var ends reader
	ends.read(f.value, "")
	for _, end := range [...]string{"start", "end"} {
		if ends.err == nil && !ends.has(end) {
			ends.missing(ends.get(end))
		}
	}
	start, end := ends.float32("start"), ends.float32("end")
	r.fail(f.path, ends.err)
	if start == nil || end == nil {
		return nil, true
	}
	return &Range{*start, *end}, false
}

// indexOf returns where the dimension of a change is: by its name, or by its identifier where it has one. It is -1
// for none.
func (c *DimensionChange) indexOf(all []Dimension) int {
	id := c.Dimension.ID
	return slices.IndexFunc(all, func(d Dimension) bool {
		return d.Name == c.Name || id != nil && (d.Name == *id || d.ID != nil && *d.ID == *id)
	})
}

// change applies one change to a list that is the caller's own, and returns it with what was unexpected.
func (c *DimensionChange) change(all []Dimension) ([]Dimension, Anomaly) {
	i := c.indexOf(all)
	var found Anomaly
	if c.NotFinite {
		found = NumberNotFinite
	}
	switch {
	case c.Kind == UnknownChange:
		found = UnknownDimensionChange
	case i < 0 && (c.Kind == ModifyWeight || c.Kind == ModifyRange):
		found = UnknownDimension
	case i < 0 && (c.Kind == AddDimension || c.Kind == MentionDimension):
		all = append(all, c.Dimension)
	case c.Kind == AddDimension:
		all[i] = c.Dimension
	case i >= 0 && c.Kind == RemoveDimension:
		all = slices.Delete(all, i, i+1)
	case c.Kind == ModifyWeight && !c.NotFinite:
		all[i].Weight = c.Weight
	case c.Kind == ModifyRange && !c.NotFinite:
		all[i].Range = c.Range
	}
	return all, found
}
