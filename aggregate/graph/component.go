package graph

import (
	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// ComponentOp is the kind of a component update, as its tag names it. Tags other than the four are kept as received.
type ComponentOp string

// The kinds of component updates that CIM's document defines.
const (
	AddComponent     ComponentOp = "Add"
	RemoveComponent  ComponentOp = "Remove"
	ReplaceComponent ComponentOp = "Replace"
	ModifyComponent  ComponentOp = "Modify"
)

// ComponentUpdate is one change to a node's components.
type ComponentUpdate struct {
	Op   ComponentOp
	Type string         // the component's type; "" where the added data has no tag
	Data eventlog.Value // Add: the component; Replace: the component, tagged with Type; Modify: the content, as received
}

// decodeComponentUpdate reads {"Add":data}, {"Remove":type}, {"Replace":{component_type,new_data}} or
// {"Modify":{component_type,changes}}.
func decodeComponentUpdate(v eventlog.Value) (ComponentUpdate, *eventlog.FieldError) {
	tag, content, ok := serde.Variant(v)
	if !ok {
		return ComponentUpdate{}, eventlog.Refuse(eventlog.CodeWrongType, "")
	}
	u := ComponentUpdate{Op: ComponentOp(tag)}
	var err *eventlog.FieldError
	switch u.Op {
	case AddComponent:
		if content.IsNull() {
			err = eventlog.Refuse(eventlog.CodeMissingField, "")
			break
		}
		u.Type, u.Data = serde.Kind(content), content.Compact()
	case RemoveComponent:
		u.Type, err = componentType(content)
	case ReplaceComponent:
		u.Type, u.Data, err = replacement(content)
	case ModifyComponent:
		if u.Type, err = modifiedType(content); err == nil {
			u.Data = content.Compact()
		}
	}
	if err != nil {
		return ComponentUpdate{}, err.In(tag)
	}
	return u, nil
}

func componentType(v eventlog.Value) (string, *eventlog.FieldError) {
	switch {
	case v.IsNull():
		return "", eventlog.Refuse(eventlog.CodeMissingField, "")
	case !v.IsString():
		return "", eventlog.Refuse(eventlog.CodeWrongType, "")
	}
	return v.ID()
}

// replacement reads {component_type, new_data}. Data that does not carry the tag itself is put under it, so that the
// component is found by its type afterwards.
func replacement(v eventlog.Value) (string, eventlog.Value, *eventlog.FieldError) {
	var tag, data eventlog.Value
	err := v.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		switch name {
		case "component_type":
			tag = value
		case "new_data":
			data = value
		}
		return nil
	})
	if err != nil {
		return "", nil, err
	}
	name, err := componentType(tag)
	switch {
	case err != nil:
		return "", nil, err.In("component_type")
	case data.IsNull():
		return "", nil, eventlog.Refuse(eventlog.CodeMissingField, "new_data")
	case serde.Kind(data) == name:
		return name, data.Compact(), nil
	}
	out := append(eventlog.Value{'{'}, tag...)
	out = append(out, ':')
	out = append(out, data.Compact()...)
	return name, append(out, '}'), nil
}

// modifiedType returns the component_type of a Modify's content.
func modifiedType(v eventlog.Value) (string, *eventlog.FieldError) {
	var tag eventlog.Value
	err := v.Object(func(name string, value eventlog.Value) *eventlog.FieldError {
		if name == "component_type" {
			tag = value
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	name, err := componentType(tag)
	if err != nil {
		return "", err.In("component_type")
	}
	return name, nil
}
