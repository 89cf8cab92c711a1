package agent

import "github.com/thecowboyai/cim-projector/eventlog"

// variant reads an enum with content as serde writes it: an object with the tag as its only member.
func variant(v eventlog.Value) (tag string, content eventlog.Value, ok bool) {
	if !v.IsObject() {
		return "", nil, false
	}
	n := 0
	err := v.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		tag, content = name, value
		n++
		return nil
	})
	if err != nil || n != 1 || !isTag(tag) {
		return "", nil, false
	}
	return tag, content, true
}

// kind returns an enum's tag, a unit variant's included, or "" where it has none.
func kind(v eventlog.Value) string {
	if v.IsString() {
		if text, err := v.Text(); err == nil && isTag(text) {
			return text
		}
		return ""
	}
	tag, _, _ := variant(v)
	return tag
}

// isTag holds tags to the limits of identifiers: keys are made of them.
func isTag(text string) bool { return text != "" && len(text) <= eventlog.MaxIDBytes }
