package snapshotstore

import (
	"bytes"
	"crypto/sha256"
	"sort"
)

// Tree reads one table of a committed state. It is safe for concurrent use.
type Tree struct {
	store *Store
	table string
	root  Root
}

// emptyRoot is the root of a table without rows, which no object stands for.
var emptyRoot = Hash(sha256.Sum256(leafPrefix))

// Tree returns a table's tree.
func (s *Store) Tree(table string, root Root) *Tree {
	return &Tree{store: s, table: table, root: root}
}

// empty tells whether the tree has no rows.
func (t *Tree) empty() bool { return t.root.Hash == emptyRoot || t.root.Rows == 0 }

// Get returns the value under key, and whether there is one.
func (t *Tree) Get(key []byte) ([]byte, bool, error) {
	if t.empty() {
		return nil, false, nil
	}
	x := keyPoint(key)
	if t.root.Rows <= LeafRows*forced && t.store.denied(t.root.Hash, x) { // the root may be a leaf
		return nil, false, nil
	}
	p, err := t.store.node(t.root.Hash)
	for err == nil && p.level > 0 {
		i := memberFor(p.members, key)
		if i < 0 || p.level == 1 && t.store.denied(p.members[i].hash, x) {
			return nil, false, nil
		}
		p, err = t.store.node(p.members[i].hash)
	}
	if err != nil {
		return nil, false, err
	}
	return t.fromLeaf(p.leaf, key)
}

func (t *Tree) fromLeaf(leaf []row, key []byte) ([]byte, bool, error) {
	i := sort.Search(len(leaf), func(i int) bool { return bytes.Compare(leaf[i].key, key) >= 0 })
	if i == len(leaf) || !bytes.Equal(leaf[i].key, key) {
		return nil, false, nil
	}
	v, err := t.store.value(&leaf[i])
	return v, err == nil, err
}

// memberFor returns the member that a key belongs below, or -1 where it stands before the first.
func memberFor(members []entry, key []byte) int {
	return sort.Search(len(members), func(i int) bool { return bytes.Compare(members[i].key, key) > 0 }) - 1
}

// Rows walks over rows from the first at or after a key, by rising key. It is used from one goroutine.
type Rows struct {
	leaves *leafWalk
	leaf   []row
	at     int
	from   []byte
	begun  bool
	err    error // the one that ended the walk
}

// Rows starts a walk at the first row at or after from.
func (t *Tree) Rows(from []byte) *Rows {
	return &Rows{leaves: t.leaves(from), from: from}
}

// Next returns the next row, or ok = false behind the last. An error ends the walk: every later call returns it too, so
// that no row is left out in silence. The slices must not be changed.
func (r *Rows) Next() (key, value []byte, ok bool, err error) {
	if r.err == nil {
		key, value, ok, r.err = r.next()
	}
	return key, value, ok, r.err
}

func (r *Rows) next() (key, value []byte, ok bool, err error) {
	for r.at == len(r.leaf) {
		e, more, err := r.leaves.next()
		if err != nil || !more {
			return nil, nil, false, err
		}
		p, err := r.leaves.store.node(e.hash)
		if err != nil {
			return nil, nil, false, err
		}
		r.leaf, r.at = p.leaf, 0
		if !r.begun {
			r.begun = true
			r.at = sort.Search(len(p.leaf), func(i int) bool { return bytes.Compare(p.leaf[i].key, r.from) >= 0 })
		}
	}
	next := &r.leaf[r.at]
	r.at++
	value, err = r.leaves.store.value(next)
	return next.key, value, err == nil, err
}

// leafWalk walks over the leaves of a tree as their parents see them, without reading them.
type leafWalk struct {
	store *Store
	path  [][]entry // what is left of each open node, the root first
}

// leaves starts at the leaf that a key belongs to, or at the first.
func (t *Tree) leaves(from []byte) *leafWalk {
	w := &leafWalk{store: t.store}
	if !t.empty() {
		w.path = [][]entry{{{hash: t.root.Hash, rows: t.root.Rows}}} // without its first key, which nothing above it states
		w.seek(from)
	}
	return w
}

// seek drops what lies wholly before a key. What it cannot read is met again by next.
func (w *leafWalk) seek(from []byte) {
	for {
		top := w.path[len(w.path)-1]
		members, leaf, err := w.open(top[0])
		if err != nil || leaf {
			return
		}
		w.path[len(w.path)-1] = top[1:]
		w.path = append(w.path, members[max(0, memberFor(members, from)):])
	}
}

// open returns the members of a node, or that it is a leaf, which the index of its pack tells without reading it.
func (w *leafWalk) open(e entry) (members []entry, leaf bool, err error) {
	l := w.store.line(e.hash)
	switch {
	case l == nil:
		return nil, false, &MissingError{Object: e.hash}
	case l.kind.leaf():
		return nil, true, nil
	}
	p, err := w.store.node(e.hash)
	if err != nil {
		return nil, false, err
	}
	return p.members, false, nil
}

// next returns the next leaf.
func (w *leafWalk) next() (entry, bool, error) {
	for len(w.path) > 0 {
		top := w.path[len(w.path)-1]
		if len(top) == 0 {
			w.path = w.path[:len(w.path)-1]
			continue
		}
		members, leaf, err := w.open(top[0])
		if err != nil {
			return entry{}, false, err
		}
		w.path[len(w.path)-1] = top[1:]
		if leaf {
			return top[0], true, nil
		}
		w.path = append(w.path, members)
	}
	return entry{}, false, nil
}
