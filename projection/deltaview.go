package projection

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// deltaView is one read transaction on one delta. It is used from one goroutine, kept short (it pins pages), and closed.
type deltaView struct {
	delta   *delta
	tx      *bolt.Tx
	buckets map[string]*bolt.Bucket
}

func (d *delta) view() (*deltaView, error) {
	if err := d.begin(); err != nil {
		return nil, err
	}
	v := &deltaView{delta: d, buckets: map[string]*bolt.Bucket{}}
	err := guard(d.path, func() (err error) {
		v.tx, err = d.db.Begin(false)
		return err
	})
	if err != nil {
		d.end()
		return nil, fmt.Errorf("read %s: %w", d.path, err)
	}
	return v, nil
}

func (v *deltaView) close() {
	if err := v.tx.Rollback(); err == nil { // it fails where it was closed before
		v.delta.end()
	}
}

// bucket returns a bucket, or nil where the delta has none of this name yet. Call it inside guard.
func (v *deltaView) bucket(b bucket) *bolt.Bucket {
	found, ok := v.buckets[string(b.name)]
	if !ok {
		found = v.tx.Bucket(b.name)
		v.buckets[string(b.name)] = found
	}
	return found
}

// meta returns a row of the delta's own bucket, which is valid while the view is.
func (v *deltaView) meta(key []byte) (row []byte, err error) {
	err = guard(v.delta.path, func() (err error) {
		row, err = v.delta.metaRow(v.bucket(metaBucket), key)
		return err
	})
	return row, err
}

// metaRow reads from the delta's own bucket. Call it inside guard.
func (d *delta) metaRow(b *bolt.Bucket, key []byte) ([]byte, error) {
	if b == nil {
		return nil, &DamageError{File: d.path, Detail: fmt.Sprintf("it has no bucket %s", metaBucket.name)}
	}
	cell := b.Get(key)
	if cell == nil {
		return nil, &DamageError{File: d.path, Detail: fmt.Sprintf("it has no %s", key)}
	}
	_, row, err := metaBucket.open(key, cell)
	if err != nil {
		return nil, d.badCell(metaBucket, key)
	}
	return row, nil
}

func (v *deltaView) checkpoint() (Checkpoint, error) {
	raw, err := v.meta(keyCheckpoint)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := decodeCheckpoint(raw)
	if err != nil {
		return Checkpoint{}, &DamageError{File: v.delta.path, Detail: err.Error()}
	}
	return c, nil
}

// get returns the tag and row under key; tag 0 where this delta says nothing of it. The row is valid while the view is.
func (v *deltaView) get(b bucket, key Key) (tag byte, row []byte, err error) {
	err = guard(v.delta.path, func() error {
		found := v.bucket(b)
		if found == nil {
			return nil
		}
		k := []byte(key)
		cell := found.Get(k)
		if cell == nil {
			return nil
		}
		if tag, row, err = b.open(k, cell); err != nil {
			return v.delta.badCell(b, k)
		}
		return nil
	})
	return tag, row, err
}

// covered tells whether a range tombstone of this delta hides key in the layers below.
func (v *deltaView) covered(ranges bucket, key Key) (covered bool, err error) {
	err = guard(v.delta.path, func() error {
		found := v.bucket(ranges)
		if found == nil {
			return nil
		}
		prefix, cell := rangeOver(found.Cursor(), key)
		if prefix == nil {
			return nil
		}
		if _, _, err := ranges.open(prefix, cell); err != nil {
			return v.delta.badCell(ranges, prefix)
		}
		covered = true
		return nil
	})
	return covered, err
}

// deltaRows walks the cells of one bucket by rising key.
type deltaRows struct {
	view   *deltaView
	bucket bucket
	cursor *bolt.Cursor
	prefix Key

	key Key
	tag byte
	row []byte
}

func (v *deltaView) rows(b bucket, prefix, from Key) (*deltaRows, error) {
	r := &deltaRows{view: v, bucket: b, prefix: prefix}
	err := guard(v.delta.path, func() error {
		found := v.bucket(b)
		if found == nil {
			return nil
		}
		r.cursor = found.Cursor()
		k, cell := r.cursor.Seek([]byte(max(prefix, from)))
		return r.take(k, cell)
	})
	return r, err
}

func (r *deltaRows) valid() bool { return r.tag != 0 }

func (r *deltaRows) next() error {
	return guard(r.view.delta.path, func() error {
		k, cell := r.cursor.Next()
		return r.take(k, cell)
	})
}

func (r *deltaRows) take(k, cell []byte) error {
	r.tag = 0
	if k == nil || !Key(k).HasPrefix(r.prefix) {
		return nil
	}
	tag, row, err := r.bucket.open(k, cell)
	if err != nil {
		return r.view.delta.badCell(r.bucket, k)
	}
	r.key, r.tag, r.row = Key(k), tag, row
	return nil
}
