package ask

import (
	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// Variant reads an enum as serde writes it: a unit variant is a string, any other an object with the tag as its only
// member. The content is nil for a unit variant.
func Variant(v eventlog.Value) (tag string, content eventlog.Value, err *eventlog.FieldError) {
	if v.IsString() {
		tag, err = v.ID()
		return tag, nil, err
	}
	tag, content, ok := serde.Variant(v)
	if !ok {
		return "", nil, eventlog.Refuse(eventlog.CodeWrongType, "")
	}
	return tag, content, nil
}
