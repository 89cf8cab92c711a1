package serde

import "github.com/thecowboyai/cim-projector/eventlog"

// Variant returns an enum's tag, and its content where it has one. The content is a part of v, not a copy.
func Variant(v eventlog.Value) (tag string, content eventlog.Value, ok bool) {
	switch {
	case v.IsString():
		if text, err := v.Text(); err == nil && isTag(text) {
			return text, nil, true
		}
	case v.IsObject():
		n := 0
		err := v.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
			tag, content = name, value
			n++
			return nil
		})
		if err == nil && n == 1 && isTag(tag) {
			return tag, content, true
		}
	}
	return "", nil, false
}

// Kind returns an enum's tag, or "" where it has none.
func Kind(v eventlog.Value) string {
	tag, _, _ := Variant(v)
	return tag
}

func isTag(text string) bool { return text != "" && len(text) <= eventlog.MaxIDBytes }
