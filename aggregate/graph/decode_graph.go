package graph

import (
	"slices"
	"strconv"

	"github.com/thecowboyai/cim-projector/eventlog"
)

func decodeGraphCreated(r *reader, m *members, graph string) Change {
	c := &GraphCreated{
		Graph:             graph,
		Name:              r.optionalText("name", m.name),
		Description:       r.optionalText("description", m.description),
		GraphType:         opaque(m.graphType),
		Owner:             r.optionalID("owner", m.owner),
		AccessPolicy:      opaque(m.accessPolicy),
		ConceptualSpaceID: r.optionalID("conceptual_space_id", m.conceptualSpaceID),
		Metadata:          r.opaqueMap("metadata", m.metadata),
	}
	c.Tags = r.tags("tags", m.code.tags)
	if m.name.IsNull() && c.Metadata != nil {
		c.unpack()
	}
	return c
}

// unpack takes the name and the tags out of the metadata of a producer that has them nowhere else. What is no name and no
// tags stays where it is.
func (c *GraphCreated) unpack() {
	if name, err := c.Metadata["name"].Text(); err == nil {
		c.Name = &name
		c.Metadata = without(c.Metadata, "name")
	}
	var r reader
	if tags := r.tags("tags", c.Metadata["tags"]); r.err == nil && c.Tags == nil && c.Metadata["tags"].IsArray() {
		c.Tags = tags
		c.Metadata = without(c.Metadata, "tags")
	}
}

// tags returns a set of texts, nil when it is empty.
func (r *reader) tags(name string, v eventlog.Value) []string {
	if v.IsNull() {
		return nil
	}
	var out []string
	r.fail(name, v.Array(func(element eventlog.Value) *eventlog.FieldError {
		text, err := element.Text()
		if err != nil {
			return err.In(strconv.Itoa(len(out)))
		}
		out = append(out, text)
		return nil
	}))
	slices.Sort(out)
	return slices.Compact(out)
}

// decodeGraphUpdated tells apart what producers have names of their own for.
func decodeGraphUpdated(r *reader, m *members, about subject) Change {
	graph := about.graph
	switch about.name {
	case "graph_renamed":
		return &GraphUpdated{Graph: graph, Name: r.text(field{"new_name", m.code.newName}, field{"name", m.name})}
	case "graph_tagged", "graph_untagged":
		tag := r.text(field{"tag", m.code.tag})
		return &GraphTagged{Graph: graph, Tag: *tag, Removed: about.name == "graph_untagged"}
	case "metadata_updated":
		name := r.text(field{"field", m.code.field})
		return &MetadataUpdated{Graph: graph, Field: *name, Value: opaque(m.code.newValue)}
	}
	return &GraphUpdated{
		Graph:       graph,
		Name:        r.optionalText("name", m.name),
		Description: r.optionalText("description", m.description),
		Metadata:    r.opaqueMap("metadata", m.metadata),
	}
}

// text returns the first of its aliases that is there. One must be.
func (r *reader) text(aliases ...field) *string {
	for _, f := range aliases {
		if !f.value.IsNull() {
			text, err := f.value.Text()
			r.fail(f.name, err)
			return &text
		}
	}
	r.missing(aliases[0].name)
	return new(string)
}
