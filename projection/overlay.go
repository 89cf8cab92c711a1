package projection

import (
	"maps"
	"slices"

	"github.com/tidwall/btree"
)

// overlay is what one table's batch has changed and not yet committed: rows as values, coalesced by key.
type overlay struct {
	cells  map[Key]*cell
	sorted *btree.Map[Key, *cell] // the same, by key; made by the first scan, since most tables are never scanned
	ranges []Key                  // prefixes deleted before the cells below them were put; sorted, not nested
}

// cell is one changed key: a row, or its absence.
type cell struct {
	row any // nil for a tombstone
}

func newOverlay() *overlay { return &overlay{cells: map[Key]*cell{}} }

// get returns the row under key, and whether this layer decides.
func (o *overlay) get(key Key) (row any, decided bool) {
	if c, ok := o.cells[key]; ok {
		return c.row, true
	}
	return nil, o.covers(key)
}

func (o *overlay) covers(key Key) bool {
	if len(o.ranges) == 0 {
		return false
	}
	i, exact := slices.BinarySearch(o.ranges, key)
	return exact || i > 0 && key.HasPrefix(o.ranges[i-1])
}

// set stores a row, or a tombstone for nil, and returns what stood there.
func (o *overlay) set(key Key, row any) (old any, existed bool) {
	if c, ok := o.cells[key]; ok {
		old = c.row
		c.row = row
		return old, true
	}
	c := &cell{row: row}
	o.cells[key] = c
	if o.sorted != nil {
		o.sorted.Set(key, c)
	}
	return nil, false
}

func (o *overlay) unset(key Key) {
	delete(o.cells, key)
	if o.sorted != nil {
		o.sorted.Delete(key)
	}
}

// cover deletes everything below prefix, here and in the layers below, and returns what it took away here.
func (o *overlay) cover(prefix Key) (taken []takenCell, ranges []Key) {
	ranges = o.ranges
	o.index().Ascend(prefix, func(key Key, c *cell) bool {
		if key.HasPrefix(prefix) {
			taken = append(taken, takenCell{key, c.row})
			return true
		}
		return false
	})
	for _, t := range taken {
		o.unset(t.key)
	}
	if !o.covers(prefix) {
		kept := slices.DeleteFunc(slices.Clone(o.ranges), func(r Key) bool { return r.HasPrefix(prefix) })
		i, _ := slices.BinarySearch(kept, prefix)
		o.ranges = slices.Insert(kept, i, prefix)
	}
	return taken, ranges
}

// takenCell is a cell that a range deletion took away.
type takenCell struct {
	key Key
	row any
}

// uncover undoes cover.
func (o *overlay) uncover(taken []takenCell, ranges []Key) {
	o.ranges = ranges
	for _, t := range taken {
		o.set(t.key, t.row)
	}
}

// keys returns all changed keys, rising.
func (o *overlay) keys() []Key { return slices.Sorted(maps.Keys(o.cells)) }

// index returns the cells by key, and keeps them so from now on.
func (o *overlay) index() *btree.Map[Key, *cell] {
	if o.sorted == nil {
		o.sorted = &btree.Map[Key, *cell]{}
		for key, c := range o.cells {
			o.sorted.Set(key, c)
		}
	}
	return o.sorted
}
