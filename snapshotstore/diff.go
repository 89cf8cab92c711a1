package snapshotstore

import (
	"bytes"
	"context"
	"fmt"
)

// Difference is a row that is not the same in two trees. An empty value is not nil. The slices must not be changed.
type Difference struct {
	Key    []byte
	Before []byte // nil: the row was added
	After  []byte // nil: the row was removed
}

// Differences walks over the rows that differ between two trees, by rising key. It is used from one goroutine, which
// may leave off after any row: there is nothing to close.
type Differences struct {
	before, after *Tree
	a, b          diffSide
	begun         bool
}

// Diff compares two trees of one table, which may be of different stores. Nothing is read before the first Next. What
// both trees hold under the same hash is never opened, so the cost follows the difference, whatever the size and height
// of the trees; only the two roots are opened wherever they are not the same. Trees of different tables are compared
// rightly as well, but are cut in different places, so that most of both is read.
func Diff(before, after *Tree) *Differences {
	return &Differences{before: before, after: after}
}

// Next returns the next difference, or ok = false behind the last. After an error it may be called again, and goes on
// where it stopped.
func (d *Differences) Next() (diff Difference, ok bool, err error) {
	a, b, err := d.step()
	if err != nil || a == nil && b == nil {
		return Difference{}, false, err
	}
	if a != nil {
		diff.Key = a.key
		if diff.Before, err = d.before.store.value(a); err != nil {
			return Difference{}, false, fmt.Errorf("read a row before the change: %w", err)
		}
	}
	if b != nil {
		diff.Key = b.key
		if diff.After, err = d.after.store.value(b); err != nil {
			return Difference{}, false, fmt.Errorf("read a row after the change: %w", err)
		}
	}
	d.pass(a, b)
	return diff, true, nil
}

// Counts says how many rows differ.
type Counts struct {
	Added, Removed, Changed uint64
}

// Count walks to the end and counts what Next would still return, without reading values that stand outside of their
// leaf.
func (d *Differences) Count(ctx context.Context) (Counts, error) {
	var c Counts
	for {
		if err := context.Cause(ctx); err != nil {
			return c, err
		}
		a, b, err := d.step()
		switch {
		case err != nil:
			return c, err
		case a != nil && b != nil:
			c.Changed++
		case a != nil:
			c.Removed++
		case b != nil:
			c.Added++
		default:
			return c, nil
		}
		d.pass(a, b)
	}
}

// step goes to the next row that differs, and returns it as each side has it; nil where a side does not, and twice nil
// behind the last. It stays there until pass is called.
//
// Where the sides stand at different keys, the lower one has a row that the other lacks, so it is opened down to that
// row. At the same key an equal hash passes both, and otherwise the higher one is opened: of two members of one level
// the first. So no side goes below a member that the other has too without having met it there.
func (d *Differences) step() (a, b *row, err error) {
	if err := d.begin(); err != nil {
		return nil, nil, err
	}
	for {
		d.a.climb()
		d.b.climb()
		order := d.a.compare(&d.b)
		switch {
		case d.a.done() && d.b.done():
			return nil, nil, nil
		case order < 0 && len(d.a.rows) > 0:
			return &d.a.rows[0], nil, nil
		case order > 0 && len(d.b.rows) > 0:
			return nil, &d.b.rows[0], nil
		case order == 0 && len(d.a.rows) > 0 && len(d.b.rows) > 0:
			a, b := &d.a.rows[0], &d.b.rows[0]
			if !a.equal(b) {
				return a, b, nil
			}
			d.pass(a, b)
		case order == 0 && d.a.same(&d.b):
			d.a.skip()
			d.b.skip()
		case order < 0 || order == 0 && d.a.level() >= d.b.level():
			err = d.a.open()
		default:
			err = d.b.open()
		}
		if err != nil {
			return nil, nil, err
		}
	}
}

// begin opens the roots, unless they are the same.
func (d *Differences) begin() (err error) {
	if d.begun {
		return nil
	}
	if d.before.root.Hash != d.after.root.Hash {
		if d.a, err = newDiffSide(d.before); err != nil {
			return err
		}
		if d.b, err = newDiffSide(d.after); err != nil {
			return err
		}
	}
	d.begun = true
	return nil
}

// pass leaves the rows that step returned behind.
func (d *Differences) pass(a, b *row) {
	if a != nil {
		d.a.rows = d.a.rows[1:]
	}
	if b != nil {
		d.b.rows = d.b.rows[1:]
	}
}

// diffSide is how far a comparison has come in one tree.
type diffSide struct {
	store *Store
	path  []diffLevel // what is left of each open node, the root first
	rows  []row       // what is left of the open leaf
}

// diffLevel is what is left of an open node.
type diffLevel struct {
	level   int // of its members: 0 for leaves
	members []entry
}

// newDiffSide stands before a tree's root, whose first key and level only the root itself tells.
func newDiffSide(t *Tree) (diffSide, error) {
	s := diffSide{store: t.store}
	if t.empty() {
		return s, nil
	}
	p, err := s.store.node(t.root.Hash)
	if err != nil {
		return s, err
	}
	root := entry{hash: t.root.Hash, rows: t.root.Rows}
	switch {
	case len(p.members) > 0:
		root.key = p.members[0].key
	case len(p.leaf) > 0:
		root.key = p.leaf[0].key
	default:
		return s, nil
	}
	s.path = []diffLevel{{level: p.level, members: []entry{root}}}
	return s, nil
}

// climb leaves nodes behind that nothing is left of.
func (s *diffSide) climb() {
	for len(s.rows) == 0 && len(s.path) > 0 && len(s.path[len(s.path)-1].members) == 0 {
		s.path = s.path[:len(s.path)-1]
	}
}

// done tells whether the tree is behind. Climb comes before it, as before all that follows.
func (s *diffSide) done() bool { return len(s.rows) == 0 && len(s.path) == 0 }

// top is the open node that the side stands in.
func (s *diffSide) top() *diffLevel { return &s.path[len(s.path)-1] }

// level is how high the side stands: at a row, a leaf, or a node.
func (s *diffSide) level() int {
	if len(s.rows) > 0 {
		return -1
	}
	return s.top().level
}

func (s *diffSide) key() []byte {
	if len(s.rows) > 0 {
		return s.rows[0].key
	}
	return s.top().members[0].key
}

// compare orders two sides by the keys that they stand at. The end stands behind all keys.
func (s *diffSide) compare(o *diffSide) int {
	switch {
	case s.done() && o.done():
		return 0
	case s.done():
		return 1
	case o.done():
		return -1
	}
	return bytes.Compare(s.key(), o.key())
}

// same tells whether both stand at a member of the same hash.
func (s *diffSide) same(o *diffSide) bool {
	return len(s.rows) == 0 && len(o.rows) == 0 && s.top().members[0].hash == o.top().members[0].hash
}

// skip leaves a member behind without opening it.
func (s *diffSide) skip() { s.top().members = s.top().members[1:] }

// open goes down into the member that the side stands at.
func (s *diffSide) open() error {
	p, err := s.store.node(s.top().members[0].hash)
	if err != nil {
		return err
	}
	s.skip()
	if p.level == 0 {
		s.rows = p.leaf
		return nil
	}
	s.path = append(s.path, diffLevel{level: p.level - 1, members: p.members})
	return nil
}

// equal tells whether two rows of one key have the same value, of which a blob is told by its hash.
func (r *row) equal(o *row) bool {
	return r.size == o.size && r.blob == o.blob && bytes.Equal(r.value, o.value)
}
