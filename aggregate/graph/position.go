package graph

import (
	"strconv"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// placement reads a position that may be absent.
func (r *reader) placement(name string, v eventlog.Value) Placement {
	if v.IsNull() {
		return Placement{}
	}
	p, err := readPlacement(v)
	r.fail(name, err)
	return p
}

// readPlacement reads {"x":…,"y":…,"z":…} or […,…,…]. The third coordinate may be left out, and is then 0. A
// coordinate that is there and null was not finite, which never becomes 0; and so is a position that is null itself.
func readPlacement(v eventlog.Value) (Placement, *eventlog.FieldError) {
	if v.IsNull() {
		return Placement{NotFinite: true}, nil
	}
	var axes [3]eventlog.Value
	if err := readAxes(v, &axes); err != nil {
		return Placement{}, err
	}
	var at [3]float32
	finite := true
	for i, axis := range axes {
		switch {
		case axis == nil && i == 2:
			continue
		case axis == nil:
			return Placement{}, eventlog.Refuse(eventlog.CodeMissingField, axisNames[i])
		case axis.IsNull():
			finite = false
			continue
		}
		f, err := axis.Float32()
		if err != nil {
			return Placement{}, err.In(axisNames[i])
		}
		at[i] = f
	}
	if !finite {
		return Placement{NotFinite: true}, nil
	}
	return Placement{Point: &Point{X: at[0], Y: at[1], Z: at[2]}}, nil
}

var axisNames = [3]string{"x", "y", "z"}

func readAxes(v eventlog.Value, axes *[3]eventlog.Value) *eventlog.FieldError {
	if v.IsArray() {
		n := 0
		return v.Array(func(element eventlog.Value) *eventlog.FieldError {
			if n == len(axes) {
				return eventlog.Refuse(eventlog.CodeWrongType, strconv.Itoa(n))
			}
			axes[n] = element
			n++
			return nil
		})
	}
	return v.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		switch name {
		case "x":
			axes[0] = value
		case "y":
			axes[1] = value
		case "z":
			axes[2] = value
		}
		return nil
	})
}
