package graph

import (
	"bytes"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// MaxModifications is how many Modify updates a node keeps. Nothing says what they mean, so nothing can fold them;
// without a limit a row would grow with every one.
const MaxModifications = 64

// typed is a component, or the content of a Modify, beside the component type that it is for.
type typed struct {
	typ  string
	data eventlog.Value
}

// same tells whether other is for the same type. Components without a type are the same when their bytes are.
func (t typed) same(other typed) bool {
	return t.typ == other.typ && (t.typ != "" || bytes.Equal(t.data, other.data))
}

// components are a node's while updates work on them. There is one component a type, except where a creation brought
// more; those become one at the first update of their type.
type components struct {
	list, modifications []typed
}

func openComponents(n *Node) *components {
	var c components
	for _, v := range n.Components {
		c.list = append(c.list, typed{serde.Kind(v), v})
	}
	for _, v := range n.Modifications {
		typ, _ := modifiedType(v) // what was kept had one
		c.modifications = append(c.modifications, typed{typ, v})
	}
	return &c
}

// update applies one update and returns the anomaly that it is, or "". What an update puts comes behind all others, so
// that the last update of a type decides both what there is and where, however often a list is applied.
func (c *components) update(u ComponentUpdate) Anomaly {
	item := typed{u.Type, u.Data}
	switch u.Op {
	case AddComponent:
		if c.put(item) {
			return DuplicateComponent
		}
	case RemoveComponent:
		if !c.remove(item) {
			return UnknownComponent
		}
	case ReplaceComponent:
		if !c.put(item) {
			return UnknownComponent
		}
	case ModifyComponent:
		return c.modify(item)
	default:
		return UnknownComponentUpdate
	}
	return ""
}

// put sets the component of a type and tells whether there was one.
func (c *components) put(item typed) bool {
	existed := c.remove(item)
	c.list = append(c.list, item)
	return existed
}

// remove drops all components of the item's type, and the modifications of them. It tells whether there was a component.
func (c *components) remove(item typed) bool {
	n := len(c.list)
	c.list = slices.DeleteFunc(c.list, item.same)
	c.modifications = slices.DeleteFunc(c.modifications, item.same)
	return len(c.list) < n
}

// modify keeps a modification as the last. An equal one that was kept before moves there.
func (c *components) modify(item typed) Anomaly {
	c.modifications = slices.DeleteFunc(c.modifications, func(t typed) bool { return bytes.Equal(t.data, item.data) })
	c.modifications = append(c.modifications, item)
	if len(c.modifications) > MaxModifications {
		c.modifications = slices.Delete(c.modifications, 0, 1)
		return ModificationDropped
	}
	if !slices.ContainsFunc(c.list, item.same) {
		return UnknownComponent
	}
	return ""
}

// values returns the data of a list in a new slice; nil when it is empty.
func values(list []typed) []eventlog.Value {
	var out []eventlog.Value
	for _, t := range list {
		out = append(out, t.data)
	}
	return out
}
