package workflowtest

import "reflect"

// clone returns a deep copy of a row. Rows are structs of plain fields, pointers, slices, and maps of slices.
func clone[T any](row *T) *T {
	out := cloned(reflect.ValueOf(row)).Interface().(*T)
	return out
}

func cloned(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(cloned(v.Elem()))
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(cloned(v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeMapWithSize(v.Type(), v.Len())
		for k, one := range v.Seq2() {
			out.SetMapIndex(k, cloned(one))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			if f := out.Field(i); f.CanSet() {
				f.Set(cloned(v.Field(i)))
			}
		}
		return out
	}
	return v
}
