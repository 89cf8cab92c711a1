package workflow

import "github.com/thecowboyai/cim-projector/eventlog"

// members are the parts of a payload, as received.
type members []member

type member struct {
	name  string
	value eventlog.Value
}

// usualMembers is how many members the widest payload of CIM's document has, and some.
const usualMembers = 12

// readMembers takes an object apart in one pass. Names are unique: a checked value has no other objects.
func readMembers(v eventlog.Value) (members, *eventlog.FieldError) {
	m := make(members, 0, usualMembers)
	err := v.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		if !value.IsNull() {
			m = append(m, member{name, value})
		}
		return nil
	})
	return m, err
}

// first returns the member with the first of these names that is there, or a null one with the first name.
func (m members) first(names ...string) member {
	for _, name := range names {
		for i := range m {
			if m[i].name == name {
				return m[i]
			}
		}
	}
	return member{name: names[0]}
}
