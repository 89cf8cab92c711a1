package conceptualtest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// Lines returns every row as one line, sorted by kind and key: the row's kind, and every field that is not its
// zero value.
func (s *State) Lines() []string {
	var out []string
	out = append(out, lines("space", s.Spaces())...)
	out = append(out, lines("concept", s.Concepts())...)
	out = append(out, lines("placement", s.Placements())...)
	for _, e := range s.Embeddings() {
		v, _ := s.Vector(e.EntityID, e.Model)
		out = append(out, fmt.Sprintf("%s %v", line("embedding", e), v.Floats()))
	}
	out = append(out, lines("similarity", s.Similarities())...)
	out = append(out, lines("category", s.Categories())...)
	out = append(out, lines("relation", s.Relations())...)
	return append(out, lines("stale", s.Stale())...)
}

func lines[T any](kind string, rows []T) []string {
	var out []string
	for _, row := range rows {
		out = append(out, line(kind, row))
	}
	return out
}

func line(kind string, row any) string { return kind + " " + fields(reflect.ValueOf(row)) }

func fields(v reflect.Value) string {
	var parts []string
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() {
			parts = append(parts, v.Type().Field(i).Name+"="+show(f))
		}
	}
	return strings.Join(parts, " ")
}

func show(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case eventlog.Value:
		return string(value)
	case map[string]eventlog.Value:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, k+":"+string(value[k]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case eventlog.Time:
		return fmt.Sprint(int64(value))
	case conceptual.Range:
		return fmt.Sprintf("%v..%v", value.Start, value.End)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return show(v.Elem())
	case reflect.Struct:
		return "(" + fields(v) + ")"
	case reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, show(v.Index(i)))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return fmt.Sprint(v.Interface())
}
