package agent

import "github.com/thecowboyai/cim-projector/eventlog"

// member is one member of an object.
type member struct {
	name  string
	value eventlog.Value
}

// members are those of a payload, in the order received. They are few, so they are looked through.
type members []member

// readMembers takes an object apart in one pass.
func readMembers(v eventlog.Value) (members, *eventlog.FieldError) {
	m := make(members, 0, 8)
	err := v.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		m = append(m, member{name, value})
		return nil
	})
	return m, err
}

// get returns a member; what is absent is nil, and so null.
func (m members) get(name string) eventlog.Value {
	for i := range m {
		if m[i].name == name {
			return m[i].value
		}
	}
	return nil
}
