package projection

import (
	"errors"
	"fmt"
	"slices"
)

// bound is a table as it is stored: the declared table, and its buckets in every delta.
type bound struct {
	*spec
	rows   bucket
	ranges bucket
}

// bind names the buckets of a projection's tables: "<projection>/<table>", and "#" behind it for the range tombstones.
func bind(projection string, schema *Schema) []*bound {
	out := make([]*bound, len(schema.specs))
	for i, s := range schema.specs {
		name := projection + "/" + s.name
		out[i] = &bound{spec: s, rows: newBucket(name), ranges: newBucket(name + "#")}
	}
	return out
}

// errForeign says that a table was used through a reader of another projection.
func errForeign(t *spec, projection string) error {
	return fmt.Errorf("projection: table %s does not belong to %s", t.name, projection)
}

// owns tells whether a declared table is one of these.
func owns(tables []*bound, t *spec) bool {
	return t != nil && t.index < len(tables) && tables[t.index].spec == t
}

// stack is the stored part of one projection's layers: deltas from the newest to the oldest, and the base below them,
// read at one moment. It is used from one goroutine.
type stack struct {
	views   []*deltaView
	base    Base
	filters []*keyFilter // one for each view, where the reader has them; nil otherwise
	unpin   func()       // lets the collector have the base; nil for none
}

// openStack begins a read transaction on each delta, the oldest first. A merge copies rows into an older delta, where they are
// hidden by the newer one that they come from: as long as that is not read as it was before.
func openStack(deltas []*delta, base Base) (*stack, error) {
	s := &stack{base: base}
	for _, d := range slices.Backward(deltas) {
		v, err := d.view()
		if err != nil {
			s.close()
			return nil, err
		}
		s.views = append(s.views, v)
	}
	slices.Reverse(s.views)
	return s, nil
}

func (s *stack) close() {
	for _, v := range s.views {
		v.close()
	}
	s.views = nil
	if s.unpin != nil {
		s.unpin()
		s.unpin = nil
	}
}

// get returns the canonical bytes of a row, or nil. They are valid while the stack is open. A delta whose filter
// denies the key is not touched.
func (s *stack) get(t *bound, key Key) ([]byte, error) {
	for i, v := range s.views {
		if s.filters == nil || s.filters[i].mayHave(t.rows.name, []byte(key)) {
			tag, row, err := v.get(t.rows, key)
			if err != nil || tag == tagRow {
				return row, err
			}
			if tag == tagTombstone {
				return nil, nil
			}
		}
		if !s.above(i) {
			continue
		}
		if covered, err := v.covered(t.ranges, key); covered || err != nil {
			return nil, err
		}
	}
	return s.base.Get(t.name, key)
}

// above tells whether anything lies below the i-th delta, for its range tombstones to hide.
func (s *stack) above(i int) bool {
	_, empty := s.base.(EmptyBase)
	return i < len(s.views)-1 || !empty
}

// sources returns one source for each layer, the newest first.
func (s *stack) sources(t *bound, prefix, from Key) ([]source, error) {
	var out []source
	for _, v := range s.views {
		rows, err := v.rows(t.rows, prefix, from)
		if err != nil {
			return nil, errors.Join(err, closeSources(out))
		}
		out = append(out, &deltaSource{deltaRows: rows, table: t})
	}
	if _, empty := s.base.(EmptyBase); empty {
		return out, nil
	}
	b, err := newBaseSource(s.base, t, prefix, from)
	if err != nil {
		return nil, errors.Join(err, closeSources(out))
	}
	return append(out, b), nil
}
