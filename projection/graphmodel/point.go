package graphmodel

import (
	"strconv"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// point is a position in a question: x, y and z, nil where absent or null.
type point [3]*float32

var axisNames = [3]string{"x", "y", "z"}

// readPoint reads {"x":…,"y":…,"z":…} or […,…,…]; null is a point without coordinates.
func readPoint(v eventlog.Value) (point, *eventlog.FieldError) {
	var p point
	i := 0
	set := func(name string, axis int, v eventlog.Value) *eventlog.FieldError {
		if axis < 0 || v.IsNull() {
			return nil
		}
		f, err := v.Float32()
		if err != nil {
			return err.In(name)
		}
		p[axis] = &f
		return nil
	}
	switch {
	case v.IsNull():
		return p, nil
	case v.IsArray():
		return p, v.Array(func(v eventlog.Value) *eventlog.FieldError {
			if i == len(p) {
				return eventlog.Refuse(eventlog.CodeWrongType, strconv.Itoa(i))
			}
			i++
			return set(strconv.Itoa(i-1), i-1, v)
		})
	}
	return p, v.Object(func(name string, v eventlog.Value) *eventlog.FieldError {
		return set(name, axisOf(name), v)
	})
}

func axisOf(name string) int {
	for i, axis := range axisNames {
		if axis == name {
			return i
		}
	}
	return -1
}
