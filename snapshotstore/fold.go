package snapshotstore

import (
	"bytes"
	"sort"
)

// Change is one row that a fold puts or deletes.
type Change struct {
	Key    []byte
	Value  []byte
	Delete bool
}

// Changes is what is to be folded into a table.
type Changes interface {
	// Next returns the next change, by rising key, or ok = false behind the last. Its slices are valid until the next
	// call.
	Next() (c Change, ok bool, err error)

	// Ranges returns prefixes, by rising bytes and none beginning with another: rows of the old tree below them are
	// dropped.
	Ranges() [][]byte
}

// Fold writes the tree that a table becomes, and returns its root. The result is the same as if all of its rows had
// been written at once, whatever was folded before: leaves that nothing touches are taken as they are, without being
// read.
func (w *Writer) Fold(old *Tree, changes Changes) (Root, error) {
	f := &folding{
		old: old, changes: changes, ranges: changes.Ranges(),
		out: &Hasher{table: old.table, keep: w.put},
	}
	if err := f.pull(); err != nil {
		return Root{}, err
	}
	if err := f.leaves(); err != nil {
		return Root{}, err
	}
	if err := f.mergeBelow(nil, nil); err != nil {
		return Root{}, err
	}
	root := f.out.Sum()
	root.Bytes += old.root.Bytes - f.dropped
	return root, f.out.err
}

// folding is one fold under way.
type folding struct {
	old     *Tree
	changes Changes
	ranges  [][]byte
	out     *Hasher

	next    Change // the first change that is not folded yet
	more    bool   // there is one
	dropped uint64 // bytes of the rows of leaves that were read
	reused  bool   // the last leaf was taken as it is
}

// pull takes the next change.
func (f *folding) pull() (err error) {
	f.next, f.more, err = f.changes.Next()
	return err
}

// leaves walks over the old leaves, each with the one behind it, which says where its range ends.
func (f *folding) leaves() error {
	walk := f.old.leaves(nil)
	leaf, ok, err := walk.next()
	for first := true; ok && err == nil; first = false {
		behind, more, nextErr := walk.next()
		if nextErr != nil {
			return nextErr
		}
		var high []byte
		if more {
			high = behind.key
		}
		if err = f.leaf(leaf, high, first); err != nil {
			return err
		}
		leaf, ok = behind, more
	}
	return err
}

// leaf folds the changes below high (nil: all) into one old leaf.
func (f *folding) leaf(e entry, high []byte, first bool) error {
	if e.key != nil && !f.touched(e.key, high) && (first || f.reused || Boundaries(f.old.table, e.key) > 0) {
		f.out.addLeaf(e, e.key)
		f.reused = true
		return nil
	}
	f.reused = false
	p, err := f.old.store.node(e.hash)
	if err != nil {
		return err
	}
	return f.mergeBelow(p.leaf, high)
}

// touched tells whether the leaf from low to below high may come out another one: a row in it changes, or the row
// behind it is deleted, before which it ended.
func (f *folding) touched(low, high []byte) bool {
	if f.more && (high == nil || bytes.Compare(f.next.Key, high) < 0) {
		return true
	}
	if f.more && f.next.Delete && bytes.Equal(f.next.Key, high) {
		return true
	}
	return f.intersects(low, high) || high != nil && f.covered(high)
}

// intersects tells whether a dropped range reaches into the keys from low to below high.
func (f *folding) intersects(low, high []byte) bool {
	i := sort.Search(len(f.ranges), func(i int) bool { return bytes.Compare(f.ranges[i], low) >= 0 })
	if i < len(f.ranges) && (high == nil || bytes.Compare(f.ranges[i], high) < 0) {
		return true
	}
	return i > 0 && bytes.HasPrefix(low, f.ranges[i-1])
}

// covered tells whether a key lies in a dropped range.
func (f *folding) covered(key []byte) bool {
	i := sort.Search(len(f.ranges), func(i int) bool { return bytes.Compare(f.ranges[i], key) > 0 })
	return i > 0 && bytes.HasPrefix(key, f.ranges[i-1])
}

// mergeBelow writes old rows and the changes below high (nil: all) by rising key. A change goes before an old row of
// its key.
func (f *folding) mergeBelow(rows []row, high []byte) error {
	for i := range rows {
		r := &rows[i]
		f.dropped += uint64(len(r.key)) + r.size
		same, err := f.changesUpTo(r.key)
		if err != nil {
			return err
		}
		if same || f.covered(r.key) {
			continue
		}
		value, err := f.old.store.value(r)
		if err != nil {
			return err
		}
		f.out.Add(r.key, value)
	}
	for f.more && (high == nil || bytes.Compare(f.next.Key, high) < 0) {
		if err := f.change(); err != nil {
			return err
		}
	}
	return f.out.err
}

// changesUpTo writes the changes at or below a key, and tells whether one was at it.
func (f *folding) changesUpTo(key []byte) (same bool, err error) {
	for f.more {
		c := bytes.Compare(f.next.Key, key)
		if c > 0 {
			return false, nil
		}
		if err := f.change(); err != nil {
			return false, err
		}
		if c == 0 {
			return true, nil
		}
	}
	return false, nil
}

// change writes one change.
func (f *folding) change() error {
	if !f.next.Delete {
		f.out.Add(f.next.Key, f.next.Value)
	}
	return f.pull()
}
