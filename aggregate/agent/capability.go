package agent

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// Capability is something that an agent or a node can do. "embed" has the name embed and no content,
// {"Embed":{"dim":3}} has the name Embed and a content, and any other value is content without a name. Two are the
// same when both parts are: contents are compared byte by byte.
type Capability struct {
	Name    string
	Content eventlog.Value // compacted; nil where there is none
}

// ReadCapability reads a capability from JSON. It refuses null, and a string that is empty or too long for an
// identifier.
func ReadCapability(v eventlog.Value) (Capability, *eventlog.FieldError) {
	switch {
	case v.IsNull():
		return Capability{}, eventlog.Refuse(eventlog.CodeWrongType, "")
	case v.IsString():
		name, err := v.ID()
		return Capability{Name: name}, err
	}
	if tag, content, ok := serde.Variant(v); ok {
		return Capability{Name: tag, Content: content.Compact()}, nil
	}
	return Capability{Content: v.Compact()}, nil
}

// CompareCapabilities orders by name, then by content. A capability without content stands before all others of its
// name.
func CompareCapabilities(a, b Capability) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), bytes.Compare(a.Content, b.Content))
}

// HasCapability tells whether a set has a capability. A wanted one without content stands for all of its name.
func HasCapability(set []Capability, want Capability) bool {
	i, found := slices.BinarySearchFunc(set, want, CompareCapabilities)
	return found || want.Content == nil && i < len(set) && set[i].Name == want.Name
}

// capabilitySet sorts a list and drops what it holds twice; nil when it is empty. The list is not used afterwards.
func capabilitySet(list []Capability) []Capability {
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, CompareCapabilities)
	return slices.CompactFunc(list, func(a, b Capability) bool { return CompareCapabilities(a, b) == 0 })
}

// union returns a new set of what is in either.
func union(a, b []Capability) []Capability {
	return capabilitySet(slices.Concat(a, b))
}

// difference returns a new set of what is in a and not in b, and whether a had all of b.
func difference(a, b []Capability) (out []Capability, all bool) {
	removed := 0
	for _, c := range a {
		if _, found := slices.BinarySearchFunc(b, c, CompareCapabilities); found {
			removed++
			continue
		}
		out = append(out, c)
	}
	return out, removed == len(b)
}
