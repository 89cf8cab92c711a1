package projection

import (
	"errors"

	"github.com/tidwall/btree"
)

// source is one layer's part of a scan, by rising key.
type source interface {
	valid() bool
	at() Key
	next() error

	// row returns the row here: a value or canonical bytes; neither for a tombstone.
	row() (value any, raw []byte)

	// hides tells whether a range tombstone of this layer hides key in the layers below it.
	hides(key Key) (bool, error)

	close() error
}

func closeSources(sources []source) error {
	var errs []error
	for _, s := range sources {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// merge walks over the rows that several layers make together. The first source that has a key decides, unless a layer
// above it hides it. It closes the sources.
func merge(sources []source, yield func(key Key, value any, raw []byte) bool) (err error) {
	defer func() { err = errors.Join(err, closeSources(sources)) }()
	for {
		top := lowest(sources)
		if top < 0 {
			return nil
		}
		key := sources[top].at()
		value, raw := sources[top].row()
		hidden, err := hiddenAbove(sources[:top], key)
		if err != nil {
			return err
		}
		if !hidden && (value != nil || raw != nil) && !yield(key, value, raw) {
			return nil
		}
		for _, s := range sources[top:] {
			if s.valid() && s.at() == key {
				if err := s.next(); err != nil {
					return err
				}
			}
		}
	}
}

// lowest returns the uppermost of the sources that stand at the lowest key, or -1.
func lowest(sources []source) int {
	found := -1
	for i, s := range sources {
		if s.valid() && (found < 0 || s.at() < sources[found].at()) {
			found = i
		}
	}
	return found
}

func hiddenAbove(above []source, key Key) (bool, error) {
	for _, s := range above {
		if hidden, err := s.hides(key); hidden || err != nil {
			return hidden, err
		}
	}
	return false, nil
}

// deltaSource is a delta as a source.
type deltaSource struct {
	*deltaRows
	table *bound
}

func (s *deltaSource) at() Key { return s.key }

func (s *deltaSource) row() (any, []byte) {
	if s.tag == tagTombstone {
		return nil, nil
	}
	if s.deltaRows.row == nil {
		return nil, []byte{}
	}
	return nil, s.deltaRows.row
}

func (s *deltaSource) hides(key Key) (bool, error) { return s.view.covered(s.table.ranges, key) }

func (s *deltaSource) close() error { return nil }

// baseSource is a base as a source.
type baseSource struct {
	rows   BaseRows
	prefix Key
	key    Key
	raw    []byte
	ok     bool
}

func newBaseSource(base Base, t *bound, prefix, from Key) (*baseSource, error) {
	rows, err := base.Rows(t.name, max(prefix, from))
	if err != nil {
		return nil, err
	}
	s := &baseSource{rows: rows, prefix: prefix}
	if err := s.next(); err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	return s, nil
}

func (s *baseSource) next() (err error) {
	s.key, s.raw, s.ok, err = s.rows.Next()
	s.ok = s.ok && s.key.HasPrefix(s.prefix)
	return err
}

func (s *baseSource) valid() bool             { return s.ok }
func (s *baseSource) at() Key                 { return s.key }
func (s *baseSource) row() (any, []byte)      { return nil, s.raw }
func (s *baseSource) hides(Key) (bool, error) { return false, nil }
func (s *baseSource) close() error            { return s.rows.Close() }

// overlaySource is an overlay as a source.
type overlaySource struct {
	overlay *overlay
	walk    btree.MapIter[Key, *cell]
	prefix  Key
	ok      bool
}

func newOverlaySource(o *overlay, prefix, from Key) *overlaySource {
	s := &overlaySource{overlay: o, walk: o.index().Iter(), prefix: prefix}
	s.ok = s.walk.Seek(max(prefix, from)) && s.walk.Key().HasPrefix(prefix)
	return s
}

func (s *overlaySource) next() error {
	s.ok = s.walk.Next() && s.walk.Key().HasPrefix(s.prefix)
	return nil
}

func (s *overlaySource) valid() bool                 { return s.ok }
func (s *overlaySource) at() Key                     { return s.walk.Key() }
func (s *overlaySource) row() (any, []byte)          { return s.walk.Value().row, nil }
func (s *overlaySource) hides(key Key) (bool, error) { return s.overlay.covers(key), nil }
func (s *overlaySource) close() error                { return nil }
