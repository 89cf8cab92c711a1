package snapshotstore

import (
	"bytes"
	"context"
	"fmt"
)

// check reads everything that commits reach, and proves that it is what readers and the collector count on: each
// object there, of the right kind and with its hash, keys rising, and numbers of rows and bytes as they are stated above.
// It holds one path of a tree in memory.
type check struct {
	ctx  context.Context
	find func(Hash) (*pack, *located)
	last []byte // the last key of the tree that was passed
	some bool
}

// weight is what a tree or a part of it has.
type weight struct{ rows, bytes uint64 }

func (c *check) object(hash Hash) (Object, error) {
	if err := c.ctx.Err(); err != nil {
		return Object{}, err
	}
	p, l := c.find(hash)
	if l == nil {
		return Object{}, &MissingError{Object: hash}
	}
	return p.read(l)
}

// wrong is an object that is what its hash says, and must not stand where it does.
func wrong(hash Hash, format string, args ...any) error {
	return fmt.Errorf("snapshotstore: object %s is out of place: %s", hash, fmt.Sprintf(format, args...))
}

func (c *check) commit(hash Hash) error {
	o, err := c.object(hash)
	if err != nil {
		return err
	}
	if o.Kind != KindCommit {
		return wrong(hash, "it is of kind %c, where a commit belongs", o.Kind)
	}
	commit, err := decodeCommit(o.Bytes)
	if err != nil {
		return fmt.Errorf("commit %s: %w", hash, err)
	}
	for _, t := range commit.Tables {
		if err := c.table(t.Root); err != nil {
			return fmt.Errorf("commit %s, table %q: %w", hash, t.Table, err)
		}
	}
	return nil
}

func (c *check) table(root Root) error {
	c.last, c.some = nil, false
	got := weight{}
	if root.Hash != emptyRoot {
		var err error
		if got, err = c.part(entry{hash: root.Hash}, -1); err != nil {
			return err
		}
	}
	if want := (weight{root.Rows, root.Bytes}); got != want {
		return wrong(root.Hash, "it has %d rows of %d bytes, and is said to have %d of %d",
			got.rows, got.bytes, want.rows, want.bytes)
	}
	return nil
}

// part checks what lies below one entry, on a level (-1: any, of a root, about which nothing else is stated either).
func (c *check) part(e entry, level int) (weight, error) {
	o, err := c.object(e.hash)
	if err != nil {
		return weight{}, err
	}
	var got weight
	switch {
	case o.Kind.leaf() && level <= 0:
		got, err = c.leaf(e, o, level)
	case o.Kind == KindNode && level != 0:
		got, err = c.node(e, o, level)
	default:
		return weight{}, wrong(e.hash, "it is of kind %c on level %d of a tree", o.Kind, level)
	}
	if err == nil && level >= 0 && got.rows != e.rows {
		err = wrong(e.hash, "it has %d rows, and is said to have %d", got.rows, e.rows)
	}
	return got, err
}

func (c *check) node(e entry, o Object, level int) (weight, error) {
	at, members, err := parseNode(o.Bytes)
	if err != nil {
		return weight{}, fmt.Errorf("node %s: %w", e.hash, err)
	}
	if at == 0 || len(members) == 0 || level > 0 && at != level {
		return weight{}, wrong(e.hash, "it is a node of level %d with %d members on level %d", at, len(members), level)
	}
	if level > 0 && !bytes.Equal(members[0].key, e.key) {
		return weight{}, wrong(e.hash, "it begins with another key than its parent says")
	}
	var sum weight
	for _, m := range members {
		if c.some && bytes.Compare(m.key, c.last) <= 0 {
			return weight{}, wrong(e.hash, "its keys do not rise")
		}
		w, err := c.part(m, at-1)
		if err != nil {
			return weight{}, err
		}
		sum.rows += w.rows
		sum.bytes += w.bytes
	}
	return sum, nil
}

func (c *check) leaf(e entry, o Object, level int) (weight, error) {
	rows, err := parseLeaf(o.Bytes)
	if err != nil {
		return weight{}, fmt.Errorf("leaf %s: %w", e.hash, err)
	}
	if len(rows) == 0 || level == 0 && !bytes.Equal(rows[0].key, e.key) {
		return weight{}, wrong(e.hash, "it begins with another key than its parent says")
	}
	var sum weight
	blobs := false
	var points []uint64
	for i := range rows {
		r := &rows[i]
		points = append(points, keyPoint(r.key))
		if c.some && bytes.Compare(r.key, c.last) <= 0 {
			return weight{}, wrong(e.hash, "its keys do not rise")
		}
		c.last, c.some = append(c.last[:0], r.key...), true
		sum.rows++
		sum.bytes += uint64(len(r.key)) + r.size
		if r.value == nil && r.size > 0 {
			blobs = true
			if err := c.blob(r); err != nil {
				return weight{}, err
			}
		}
		if (r.size > BlobBytes) != (r.value == nil && r.size > 0) {
			return weight{}, wrong(e.hash, "it has a value of %d bytes on the wrong side of %d", r.size, BlobBytes)
		}
	}
	if blobs != (o.Kind == KindBlobby) {
		return weight{}, wrong(e.hash, "it is of kind %c, and that it has blobs is %t", o.Kind, blobs)
	}
	if _, l := c.find(e.hash); l == nil || !bytes.Equal(l.filter, makeFilter(points)) {
		return weight{}, wrong(e.hash, "its filter is not that of its keys")
	}
	return sum, nil
}

func (c *check) blob(r *row) error {
	o, err := c.object(r.blob)
	if err != nil {
		return err
	}
	if o.Kind != KindBlob || uint64(len(o.Bytes)) != r.size {
		return wrong(r.blob, "it is of kind %c and %d bytes, where a blob of %d belongs", o.Kind, len(o.Bytes), r.size)
	}
	return nil
}
