package conceptmodel

import (
	"github.com/thecowboyai/cim-projector/eventlog"
)

// variant reads an enum as serde writes it: a unit variant is a string, any other an object with the tag as its
// only member.
func variant(v eventlog.Value) (tag string, content eventlog.Value, err *eventlog.FieldError) {
	if v.IsString() {
		tag, err = v.ID()
		return tag, nil, err
	}
	n := 0
	err = v.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		tag, content = name, value
		n++
		return nil
	})
	if err == nil && (n != 1 || tag == "") {
		err = eventlog.Refuse(eventlog.CodeWrongType, "")
	}
	if err != nil {
		return "", nil, err
	}
	return tag, content, nil
}
