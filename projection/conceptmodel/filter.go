package conceptmodel

import (
	"math"
	"slices"
	"strconv"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// criterion is a condition that what is found has to meet. One of the two is set.
type criterion struct {
	category string // the id or the name of one that the entity is a member of
	property *propertyRange
}

// propertyRange asks for a property of a concept that is a number within bounds, which belong to it.
type propertyRange struct {
	key       string
	low, high float64
}

// criteria reads a list of criteria, all of which must be met, or a single one.
func (p params) criteria(name string) []criterion {
	var out []criterion
	read := func(i int, v eventlog.Value) *eventlog.FieldError {
		tag, content, err := ask.Variant(v)
		if err != nil {
			return err
		}
		var c criterion
		switch tag {
		case "ByCategory":
			c.category, err = content.ID()
		case "ByProperty":
			c.property, err = readPropertyRange(content)
		default:
			p.Unsupported(ask.Place(name, i), tag, "ByCategory", "ByProperty")
			return nil
		}
		out = append(out, c)
		return err.InIfAny(tag)
	}
	if v := p.Value(name); v.IsObject() {
		p.Refuse(name, read(0, v))
		return out
	}
	p.List(name, read)
	return out
}

// noFilters refuses a list of filters that is not empty: leaving one out would answer another question.
func (p params) noFilters(name string) {
	p.List(name, func(int, eventlog.Value) *eventlog.FieldError {
		return eventlog.Refuse(eventlog.CodeWrongType, "")
	})
}

func readPropertyRange(v eventlog.Value) (*propertyRange, *eventlog.FieldError) {
	out, named := &propertyRange{low: math.Inf(-1), high: math.Inf(1)}, false
	err := v.Object(func(name string, v eventlog.Value) (err *eventlog.FieldError) {
		if v.IsNull() {
			return nil
		}
		switch name {
		case "key":
			named = true
			out.key, err = v.Text()
		case "min_value":
			out.low, err = number(v)
		case "max_value":
			out.high, err = number(v)
		}
		return err.InIfAny(name)
	})
	if err == nil && !named {
		err = eventlog.Refuse(eventlog.CodeMissingField, "key")
	}
	return out, err
}

func number(v eventlog.Value) (float64, *eventlog.FieldError) {
	if len(v) == 0 || v[0] != '-' && (v[0] < '0' || v[0] > '9') {
		return 0, eventlog.Refuse(eventlog.CodeWrongType, "")
	}
	n, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		return 0, eventlog.Refuse(eventlog.CodeOutOfRange, "")
	}
	return n, nil
}

// holds tells whether a concept has the property, stated or else inferred, within the bounds.
func (r *propertyRange) holds(c *conceptual.Concept) bool {
	if v, ok := c.Properties[r.key]; ok {
		n, err := number(v)
		return err == nil && n >= r.low && n <= r.high
	}
	i := slices.IndexFunc(c.Inferred, func(i conceptual.Inference) bool { return i.Name == r.key })
	return i >= 0 && c.Inferred[i].Value >= r.low && c.Inferred[i].Value <= r.high
}

// sieve is the criteria of one question, made ready to be asked of many entities.
type sieve struct {
	*model
	view    *projection.View
	space   string     // whose concepts are looked for, or "" for all
	members [][]string // sorted, of the categories
	ranges  []*propertyRange
}

// sieve looks the categories up. One that is not known is an error, not an empty answer.
func (m *model) sieve(w *ask.Walk, v *projection.View, q *likeness) (*sieve, error) {
	s := &sieve{model: m, view: v}
	for _, c := range q.criteria {
		if c.property != nil {
			s.ranges = append(s.ranges, c.property)
			continue
		}
		members, err := m.membersOf(w, v, c.category, q.space)
		if err != nil {
			return nil, err
		}
		s.members = append(s.members, members)
	}
	return s, nil
}

// membersOf returns the members of the category with this id, sorted. Where there is none, the text is a name, as it is in CIM's
// example, and the members are those of all categories of that name in the space: several may have it.
func (m *model) membersOf(w *ask.Walk, v *projection.View, category, space string) ([]string, error) {
	if row, ok := m.categories.Get(v, key(category)); ok {
		return row.Members, nil
	}
	var members []string
	known := false
	m.categories.Scan(v, "", "", func(_ projection.Key, c *conceptual.Category) bool {
		if c.Name != nil && *c.Name == category && inSpace(c, space) {
			known = true
			members = append(members, c.Members...)
		}
		return w.On()
	})
	if err := w.Err(); err != nil {
		return nil, err
	}
	if !known {
		return nil, ask.NotFound("category_id", category, "no category is known at this position by the id or name %q", category)
	}
	slices.Sort(members)
	return slices.Compact(members), nil
}

// inSpace tells whether a category belongs to a space, where one is named. A category that no event has put into a space belongs
// to every space: the document's events never say.
func inSpace(c *conceptual.Category, space string) bool {
	return space == "" || c.SpaceID == nil || *c.SpaceID == space
}

// passes tells whether an entity is looked for.
func (s *sieve) passes(id string) bool {
	for _, members := range s.members {
		if _, ok := slices.BinarySearch(members, id); !ok {
			return false
		}
	}
	if s.space != "" {
		if _, ok := s.placements.Get(s.view, key(s.space, id)); !ok {
			return false
		}
	}
	if len(s.ranges) == 0 {
		return true
	}
	c, ok := s.concepts.Get(s.view, key(id))
	return ok && !slices.ContainsFunc(s.ranges, func(r *propertyRange) bool { return !r.holds(c) })
}

// open tells whether everything passes.
func (s *sieve) open() bool { return s.space == "" && len(s.members)+len(s.ranges) == 0 }
