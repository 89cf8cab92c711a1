package conceptual

import (
	"bytes"
	"strconv"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// A list of numbers is an array of them, or the triple that nalgebra writes for a DVector: [[x,…],n,null].

// coordinates returns the array inside: the value itself, or the triple's first part, whose count must be right.
func coordinates(v eventlog.Value) (list eventlog.Value, path string, err *eventlog.FieldError) {
	if !v.IsArray() {
		return nil, "", eventlog.Refuse(eventlog.CodeWrongType, "")
	}
	if inner := bytes.TrimLeft(v[1:], " \t\r\n"); len(inner) == 0 || inner[0] != '[' {
		return v, "", nil
	}
	var parts [3]eventlog.Value
	n := 0
	err = v.Array(func(part eventlog.Value) *eventlog.FieldError {
		if n < len(parts) {
			parts[n] = part
		}
		n++
		return nil
	})
	if err == nil && (n != len(parts) || !parts[2].IsNull()) {
		err = eventlog.Refuse(eventlog.CodeWrongType, "")
	}
	if err != nil {
		return nil, "", err
	}
	want, err := parts[1].Uint64()
	if err != nil {
		return nil, "", err.In("1")
	}
	have := uint64(0)
	err = parts[0].Array(func(eventlog.Value) *eventlog.FieldError { have++; return nil })
	if err == nil && have != want {
		err = eventlog.Refuse(eventlog.CodeOutOfRange, "1")
	}
	return parts[0], "0", err
}

// vector reads a list of float32. A null element was not finite, and refuses the whole.
func (r *reader) vector(name string) Vector {
	f := r.get(name)
	if f.value.IsNull() {
		r.missing(f)
		return nil
	}
	list, path, err := coordinates(f.value)
	if err != nil {
		r.fail(f.path, err)
		return nil
	}
	out := make(Vector, 0, componentBytes*(bytes.Count(list, comma)+1))
	r.fail(f.path, list.Array(func(v eventlog.Value) *eventlog.FieldError {
		if v.IsNull() {
			return eventlog.Refuse(eventlog.CodeMissingField, element(path, out.Len()))
		}
		n, err := v.Float32()
		if err != nil {
			return err.In(element(path, out.Len()))
		}
		out = out.with(n)
		return nil
	}))
	return out
}

var comma = []byte{','}

// floats reads a list of float64. finite is false where an element is null.
func floats(v eventlog.Value) (out []float64, finite bool, err *eventlog.FieldError) {
	list, path, err := coordinates(v)
	if err != nil {
		return nil, false, err
	}
	out, finite = []float64{}, true
	err = list.Array(func(v eventlog.Value) *eventlog.FieldError {
		if v.IsNull() {
			finite = false
			out = append(out, 0)
			return nil
		}
		n, err := float64Of(v)
		if err != nil {
			return err.In(element(path, len(out)))
		}
		out = append(out, n)
		return nil
	})
	return out, finite, err
}

// element names the i-th element of a list that stands under path.
func element(path string, i int) string {
	if path == "" {
		return strconv.Itoa(i)
	}
	return path + "." + strconv.Itoa(i)
}

// Position is a point as a payload states it: none, one, or one that is not finite.
type Position struct {
	Point     *Point // nil where there is none
	NotFinite bool   // a coordinate was null; Point is nil
}

// position reads a list of numbers, or an object that holds one under coordinates; no position where all names are
// absent.
func (r *reader) position(names ...string) Position {
	f := r.get(names...)
	if f.value.IsNull() {
		return Position{}
	}
	p, err := readPosition(f.value)
	r.fail(f.path, err)
	return p
}

func readPosition(v eventlog.Value) (Position, *eventlog.FieldError) {
	point := Point{}
	list := v
	if v.IsObject() {
		var inner reader
		inner.read(v, "")
		list = inner.get("coordinates").value
		point.DimensionMap = inner.opaque("dimension_map")
		switch {
		case inner.err != nil:
			return Position{}, inner.err
		case list.IsNull():
			return Position{}, eventlog.Refuse(eventlog.CodeMissingField, "coordinates")
		}
	}
	all, finite, err := floats(list)
	switch {
	case err != nil && v.IsObject():
		return Position{}, err.In("coordinates")
	case err != nil:
		return Position{}, err
	case !finite:
		return Position{NotFinite: true}, nil
	}
	point.Coordinates = all
	return Position{Point: &point}, nil
}
