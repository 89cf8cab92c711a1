package conceptual

import "github.com/thecowboyai/cim-projector/eventlog"

// variant reads an enum as serde writes it: a unit variant is a string, any other an object with the tag as its only
// member. Everything else has no tag.
func variant(v eventlog.Value) (tag string, content eventlog.Value, ok bool) {
	switch {
	case v.IsString():
		text, err := v.Text()
		return text, nil, err == nil && isTag(text)
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

// isTag holds tags to the limits of identifiers: keys are made of them.
func isTag(text string) bool { return text != "" && len(text) <= eventlog.MaxIDBytes }
