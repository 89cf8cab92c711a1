package projection

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Batch is a sealed batch on its way into a delta: everything that its records changed, and the checkpoint that is true
// with it.
type Batch struct {
	At      Checkpoint
	First   eventlog.Mark // of the first record in it; zero when only the position moved
	Records int

	after place // what it continues: nothing else may be stored when it is committed
	parts []*batchPart
}

// place is what tells one committed state of a group from another.
type place struct {
	seq   eventlog.Seq
	chain eventlog.Chain
}

func (c *Checkpoint) place() place { return place{c.Seq, c.Chain} }

// batchPart is one projection's part.
type batchPart struct {
	projection string
	tables     []*bound
	overlays   []*overlay
	written    []write
}

// write is one row on its way: kept for the cache once it is stored.
type write struct {
	table int
	key   Key
	row   any // nil for a tombstone
	size  int // of the canonical bytes
	cell  []byte
}

// commit stores a batch and its checkpoint in one transaction: after a crash at any moment the delta holds both or
// neither.
func (d *delta) commit(b *Batch) error {
	for _, p := range b.parts {
		if err := p.encode(); err != nil {
			return err
		}
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	if d.frozen {
		return fmt.Errorf("%w: another state was put in the place of the one in %s", ErrNotOpen, d.path)
	}
	stored := false
	err := guard(d.path, func() error {
		return d.db.Update(func(tx *bolt.Tx) error {
			err := b.put(d, tx)
			stored = err == nil
			return err
		})
	})
	d.doubt = d.doubt || stored && err != nil
	return err
}

func (b *Batch) put(d *delta, tx *bolt.Tx) error {
	meta := tx.Bucket(metaBucket.name)
	if err := b.follows(d, meta); err != nil {
		return err
	}
	for _, p := range b.parts {
		if err := p.store(tx); err != nil {
			return err
		}
	}
	return putCheckpoint(meta, &b.At)
}

// follows tells whether the batch continues what is stored: two folds over one group would each undo the other's.
func (b *Batch) follows(d *delta, meta *bolt.Bucket) error {
	raw, err := d.metaRow(meta, keyCheckpoint)
	if err != nil {
		return err
	}
	stored, err := decodeCheckpoint(raw)
	if err != nil {
		return &DamageError{File: d.path, Detail: err.Error()}
	}
	if stored.place() != b.after {
		return fmt.Errorf("projection: the batch continues another state at %s than the one at %s that is stored", b.after.seq, stored.Seq)
	}
	return nil
}

// encode makes the cells of all changed rows, by table and rising key.
func (p *batchPart) encode() error {
	p.written = p.written[:0]
	for i, t := range p.tables {
		for _, key := range p.overlays[i].keys() {
			w := write{table: i, key: key, row: p.overlays[i].cells[key].row}
			tag, raw := byte(tagTombstone), []byte(nil)
			if w.row != nil {
				var err error
				if raw, err = t.encode(w.row); err != nil {
					return fmt.Errorf("projection: encode row %q of %s: %w", key, t.rows.name, err)
				}
				tag = tagRow
			}
			w.size = len(raw)
			w.cell = t.rows.seal([]byte(key), tag, raw)
			p.written = append(p.written, w)
		}
	}
	return nil
}

func (p *batchPart) store(tx *bolt.Tx) error {
	for i, t := range p.tables {
		if err := storeRanges(tx, t, p.overlays[i].ranges); err != nil {
			return err
		}
	}
	var rows *bolt.Bucket
	last := -1
	for i := range p.written {
		w := &p.written[i]
		if w.table != last {
			var err error
			if rows, err = tx.CreateBucketIfNotExists(p.tables[w.table].rows.name); err != nil {
				return err
			}
			last = w.table
		}
		if err := rows.Put([]byte(w.key), w.cell); err != nil {
			return fmt.Errorf("projection: store row %q of %s: %w", w.key, p.tables[w.table].rows.name, err)
		}
		w.cell = nil
	}
	return nil
}

// storeRanges deletes what this delta holds below each prefix and leaves a tombstone for the layers below it.
// Tombstones never nest: one inside of another says nothing more, and would hide it from a search.
func storeRanges(tx *bolt.Tx, t *bound, prefixes []Key) error {
	if len(prefixes) == 0 {
		return nil
	}
	ranges, err := tx.CreateBucketIfNotExists(t.ranges.name)
	if err != nil {
		return err
	}
	rows := tx.Bucket(t.rows.name)
	for _, prefix := range prefixes {
		if rows != nil {
			if err := deletePrefix(rows, prefix); err != nil {
				return err
			}
		}
		if at, _ := rangeOver(ranges.Cursor(), prefix); at != nil {
			continue
		}
		if err := deletePrefix(ranges, prefix); err != nil {
			return err
		}
		if err := ranges.Put([]byte(prefix), t.ranges.seal([]byte(prefix), tagRange, nil)); err != nil {
			return err
		}
	}
	return nil
}

// rangeOver returns the range tombstone that key lies under, with its cell, or nil. Since they do not nest, only the
// last one at or before key can be it.
func rangeOver(c *bolt.Cursor, key Key) (prefix, cell []byte) {
	k, v := c.Seek([]byte(key))
	switch {
	case k == nil:
		k, v = c.Last()
	case Key(k) != key:
		k, v = c.Prev()
	}
	if k == nil || !key.HasPrefix(Key(k)) {
		return nil, nil
	}
	return k, v
}

func deletePrefix(b *bolt.Bucket, prefix Key) error {
	c := b.Cursor()
	for k, _ := c.Seek([]byte(prefix)); k != nil && Key(k).HasPrefix(prefix); k, _ = c.Seek([]byte(prefix)) {
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return nil
}
