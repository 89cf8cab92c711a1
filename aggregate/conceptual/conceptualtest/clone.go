package conceptualtest

import "reflect"

// clone returns a copy that shares nothing with the row.
func clone[T any](row *T) *T {
	return cloneValue(reflect.ValueOf(row)).Interface().(*T)
}

func cloneValue(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(cloneValue(v.Elem()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(cloneValue(v.Field(i)))
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(cloneValue(v.Index(i)))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMap(v.Type()))
			for walk := v.MapRange(); walk.Next(); {
				out.SetMapIndex(walk.Key(), cloneValue(walk.Value()))
			}
		}
	default:
		out.Set(v)
	}
	return out
}
