package projection

import (
	"context"
	"fmt"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// treeBase is a folded state as the lowest layer of a projection. It is safe for concurrent use.
type treeBase struct {
	store  *snapshotstore.Store
	commit snapshotstore.Commit
}

var _ Base = (*treeBase)(nil)

// openTree reads the commit behind a base's root.
func openTree(store *snapshotstore.Store, root string) (*treeBase, error) {
	hash, err := snapshotstore.ParseHash(root)
	if err != nil {
		return nil, err
	}
	commit, err := store.Commit(hash)
	if err != nil {
		return nil, fmt.Errorf("read the commit of a base: %w", err)
	}
	return &treeBase{store: store, commit: commit}, nil
}

func (b *treeBase) tree(table string) *snapshotstore.Tree {
	return b.store.Tree(table, b.commit.Root(table))
}

// Get returns the canonical bytes of a row.
func (b *treeBase) Get(table string, key Key) ([]byte, error) {
	value, ok, err := b.tree(table).Get([]byte(key))
	if err != nil || !ok {
		return nil, err
	}
	if value == nil {
		value = []byte{}
	}
	return value, nil
}

// Rows walks over rows of a table.
func (b *treeBase) Rows(table string, from Key) (BaseRows, error) {
	return treeRows{b.tree(table).Rows([]byte(from))}, nil
}

type treeRows struct{ rows *snapshotstore.Rows }

func (r treeRows) Next() (Key, []byte, bool, error) {
	key, value, ok, err := r.rows.Next()
	return Key(key), value, ok, err
}

func (treeRows) Close() error { return nil }

// deltaChanges hands one table's part of a delta to a fold.
type deltaChanges struct {
	ctx    context.Context //nolint:containedctx // of the fold that it is handed to
	rows   *deltaRows
	ranges [][]byte
	begun  bool
	pace   func(context.Context) // called now and then; nil for nobody
	read   int
}

// paceRows is after how many rows of a fold its pace is asked for.
const paceRows = 1000

// changesOf reads what a delta says of a table.
func changesOf(ctx context.Context, v *deltaView, t *bound, pace func(context.Context)) (*deltaChanges, error) {
	ranges, err := v.rows(t.ranges, "", "")
	c := &deltaChanges{ctx: ctx, pace: pace}
	for ; err == nil && ranges.valid(); err = ranges.next() {
		c.ranges = append(c.ranges, []byte(ranges.key))
	}
	if err != nil {
		return nil, err
	}
	c.rows, err = v.rows(t.rows, "", "")
	return c, err
}

// Ranges returns the deleted prefixes.
func (c *deltaChanges) Ranges() [][]byte { return c.ranges }

// Next returns the next change, by rising key.
func (c *deltaChanges) Next() (snapshotstore.Change, bool, error) {
	if c.read++; c.pace != nil && c.read%paceRows == 0 {
		c.pace(c.ctx)
	}
	if err := context.Cause(c.ctx); err != nil {
		return snapshotstore.Change{}, false, err
	}
	if c.begun && c.rows.valid() {
		if err := c.rows.next(); err != nil {
			return snapshotstore.Change{}, false, err
		}
	}
	c.begun = true
	if !c.rows.valid() {
		return snapshotstore.Change{}, false, nil
	}
	return snapshotstore.Change{Key: []byte(c.rows.key), Value: c.rows.row, Delete: c.rows.tag == tagTombstone}, true, nil
}
