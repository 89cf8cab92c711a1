package engine

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"unicode"
)

// rowJSON writes a row as it is shown: its fields by their names in the spelling of all answers, lists that are never null, and what
// writes itself as it does that. nil is null.
func rowJSON(row any) (json.RawMessage, error) {
	var out bytes.Buffer
	if err := appendRow(&out, reflect.ValueOf(row)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

func appendRow(to *bytes.Buffer, v reflect.Value) error {
	switch {
	case !v.IsValid():
		to.WriteString("null")
		return nil
	case v.Type().Implements(jsonMarshaler), v.Type().Implements(textMarshaler):
		return appendPlain(to, v)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return appendRow(to, v.Elem())
	case reflect.Struct:
		return appendStruct(to, v)
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return appendPlain(to, v)
		}
		return appendList(to, v)
	case reflect.Map:
		return appendMap(to, v)
	}
	return appendPlain(to, v)
}

func appendPlain(to *bytes.Buffer, v reflect.Value) error {
	raw, err := json.Marshal(v.Interface())
	to.Write(raw)
	return err
}

func appendStruct(to *bytes.Buffer, v reflect.Value) error {
	comma := byte('{')
	err := eachField(v, func(name string, field reflect.Value) error {
		to.WriteByte(comma)
		comma = ','
		fmt.Fprintf(to, "%q:", snake(name))
		return appendRow(to, field)
	})
	if comma == '{' {
		to.WriteByte('{')
	}
	to.WriteByte('}')
	return err
}

// eachField visits the exported fields, with those of embedded structs in their place.
func eachField(v reflect.Value, visit func(name string, field reflect.Value) error) error {
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		var err error
		switch {
		case f.Anonymous && value.Kind() == reflect.Struct:
			err = eachField(value, visit)
		case f.IsExported():
			err = visit(f.Name, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func appendList(to *bytes.Buffer, v reflect.Value) error {
	to.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			to.WriteByte(',')
		}
		if err := appendRow(to, v.Index(i)); err != nil {
			return err
		}
	}
	to.WriteByte(']')
	return nil
}

// appendMap writes the members by rising name.
func appendMap(to *bytes.Buffer, v reflect.Value) error {
	members := map[string]reflect.Value{}
	for _, key := range v.MapKeys() {
		members[fmt.Sprint(key.Interface())] = v.MapIndex(key)
	}
	to.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(members)) {
		if i > 0 {
			to.WriteByte(',')
		}
		if err := appendPlain(to, reflect.ValueOf(name)); err != nil {
			return err
		}
		to.WriteByte(':')
		if err := appendRow(to, members[name]); err != nil {
			return err
		}
	}
	to.WriteByte('}')
	return nil
}

// snake spells a field's name as answers do: GraphID is graph_id.
func snake(name string) string {
	runes := []rune(name)
	var out []rune
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			out = append(out, '_')
		}
		out = append(out, unicode.ToLower(r))
	}
	return string(out)
}
