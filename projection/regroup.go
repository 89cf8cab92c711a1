package projection

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Detach moves projections out of the group into one of their own at the same position, so that the rest can go on
// without them. Close the group's fold first. Detaching all of them, or none, changes nothing.
func (g *Group) Detach(names ...string) error {
	s := g.store
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	at, err := g.settled()
	if err != nil {
		return err
	}
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	var moved []liveProjection
	for _, name := range names {
		have := s.live.projection(name)
		if have == nil || have.Deltas[0] != g.id {
			return fmt.Errorf("projection: %s is not in the group that was to be split", name)
		}
		moved = append(moved, *have)
	}
	if len(moved) == 0 || len(moved) == len(g.projections) {
		return nil
	}
	return s.addGroup(moved, &at, nil)
}

// Conditions that keep groups apart.
var (
	// ErrApart says that two groups do not stand at the same position of the same history.
	ErrApart = errors.New("projection: groups stand at different positions")

	// ErrUnlike says that two groups stand at the same position and were made from different records: something was
	// deleted from the history between the one's reading and the other's. They stay apart.
	ErrUnlike = errors.New("projection: groups were made from different records")
)

// One transaction of a merge moves at most so many rows, and stops at so many bytes.
const (
	mergeRows  = 20_000
	mergeBytes = 16 << 20
)

// Merge moves the projections of the other group into this one. Both must stand at the same position, or it fails with
// ErrApart, and have been made from the same records, or it fails with ErrUnlike. Close both folds first. The other's
// rows are copied into this group's delta, where they stay hidden below their own delta until LIVE is replaced: a crash
// in between leaves both groups as they were. Views can be opened all the time; Merge waits for those that read the
// other's delta before it removes it.
func (g *Group) Merge(other *Group) error {
	s := g.store
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if g.id == other.id {
		return nil
	}
	at, err := sameCheckpoint(g, other)
	if err != nil {
		return err
	}
	if err := s.uncut(other); err != nil {
		return err
	}
	for _, p := range other.projections {
		if err := s.mergeInto(s.live.projection(p.Name()), g.id); err != nil {
			return fmt.Errorf("merge %s into delta %d: %w", p.Name(), g.id, err)
		}
	}
	crashPoint("merge copied")
	if err := s.edit(func(l *live) { mergeLive(l, other, g, at) }); err != nil {
		return err
	}
	crashPoint("merge live")
	return s.retire()
}

// ErrCutting says that a snapshot is being made of a group, which has to stay as it is until that is done.
var ErrCutting = errors.New("projection: a snapshot is being made")

// uncut refuses to merge layers that a snapshot waits for: it would never see them folded.
func (s *Store) uncut(g *Group) error {
	for _, c := range s.live.Cuts {
		for _, part := range c.Parts {
			if part.Commit == "" && slices.Contains(g.Names(), part.Projection) {
				return fmt.Errorf("%w: %s, of %s", ErrCutting, c.Draft.Name, part.Projection)
			}
		}
	}
	return nil
}

// mergeInto copies what lies above the delta into, or all of it, into it, the oldest first.
func (s *Store) mergeInto(p *liveProjection, into uint64) error {
	above, _ := splitLayers(p.Deltas, into)
	to, tables := s.deltas[into], s.tables[p.Name]
	if !slices.Contains(p.Deltas, into) { // what it may hold of the projection was left by a merge that did not come to its end
		if err := dropTables(to, tables); err != nil {
			return err
		}
	}
	for _, id := range slices.Backward(above) {
		if err := copyTables(s.deltas[id], to, tables); err != nil {
			return err
		}
	}
	return nil
}

// retire closes and removes deltas that LIVE does not name any more. s.maintenance must be held.
func (s *Store) retire() error {
	var errs []error
	for _, d := range s.unnamed() {
		errs = append(errs, d.close(), unlink(d))
	}
	return errors.Join(errs...)
}

// unnamed takes the deltas off the store that LIVE does not name any more, so that nothing begins to read them. s.maintenance must
// be held.
func (s *Store) unnamed() []*delta {
	var out []*delta
	for id := range s.deltas {
		if !slices.ContainsFunc(s.live.Deltas, func(ld liveDelta) bool { return ld.ID == id }) {
			out = append(out, s.take(id))
		}
	}
	return out
}

// splitLayers splits a projection's deltas, the newest first, into those above one of them and those below it. All are
// above one that is not there.
func splitLayers(deltas []uint64, at uint64) (above, below []uint64) {
	i := slices.Index(deltas, at)
	if i < 0 {
		return deltas, nil
	}
	return deltas[:i], deltas[i+1:]
}

// mergeLive rewrites the layers of the merged projections: this group's delta in the place of those above it.
func mergeLive(l *live, other, into *Group, at eventlog.Seq) {
	for _, p := range other.projections {
		have := l.projection(p.Name())
		_, below := splitLayers(have.Deltas, into.id)
		have.Deltas = append([]uint64{into.id}, below...)
	}
	for i := range l.Deltas {
		if l.Deltas[i].ID == into.id {
			l.Deltas[i].Floor = at
		}
	}
	l.dropUnused()
}

// sameCheckpoint returns where two groups stand that may be merged.
func sameCheckpoint(a, b *Group) (eventlog.Seq, error) {
	x, err := a.settled()
	if err != nil {
		return 0, err
	}
	y, err := b.settled()
	if err != nil {
		return 0, err
	}
	if x.Stream != y.Stream || x.Seq != y.Seq {
		return 0, fmt.Errorf("%w: %s at %s, %s at %s", ErrApart, a.Names(), x.Position(), b.Names(), y.Position())
	}
	if x.Anchor != y.Anchor || x.Chain != y.Chain || x.Records != y.Records {
		return 0, fmt.Errorf("%w: %s from %d of them, %s from %d, up to %s", ErrUnlike, a.Names(), x.Records, b.Names(), y.Records, x.Position())
	}
	return x.Seq, nil
}

func unlink(d *delta) error {
	if err := os.Remove(d.path); err != nil {
		return fmt.Errorf("remove %s: %w", d.path, err)
	}
	return syncDir(filepath.Dir(d.path))
}

// dropTables removes a projection's buckets from a delta.
func dropTables(d *delta, tables []*bound) error {
	return d.update(func(tx *bolt.Tx) error {
		for _, t := range tables {
			for _, b := range []bucket{t.rows, t.ranges} {
				if tx.Bucket(b.name) == nil {
					continue
				}
				if err := tx.DeleteBucket(b.name); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// copyTables puts one delta's cells of some tables over another's.
func copyTables(from, to *delta, tables []*bound) error {
	v, err := from.view()
	if err != nil {
		return err
	}
	defer v.close()
	for _, t := range tables {
		if err := copyRanges(v, to, t); err != nil {
			return err
		}
		if err := copyRows(v, to, t); err != nil {
			return err
		}
	}
	return nil
}

func copyRanges(v *deltaView, to *delta, t *bound) error {
	rows, err := v.rows(t.ranges, "", "")
	var prefixes []Key
	for ; err == nil && rows.valid(); err = rows.next() {
		prefixes = append(prefixes, rows.key)
	}
	if err != nil || len(prefixes) == 0 {
		return err
	}
	return to.update(func(tx *bolt.Tx) error { return storeRanges(tx, t, prefixes) })
}

func copyRows(v *deltaView, to *delta, t *bound) error {
	rows, err := v.rows(t.rows, "", "")
	for err == nil && rows.valid() {
		var cells [][2][]byte
		size := 0
		for ; err == nil && rows.valid() && len(cells) < mergeRows && size < mergeBytes; err = rows.next() {
			key := []byte(rows.key)
			cells = append(cells, [2][]byte{key, t.rows.seal(key, rows.tag, rows.row)})
			size += len(key) + len(rows.row)
		}
		if err == nil {
			err = putCells(to, t, cells)
		}
		crashPoint("merge copying")
	}
	return err
}

func putCells(to *delta, t *bound, cells [][2][]byte) error {
	return to.update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(t.rows.name)
		if err != nil {
			return err
		}
		for _, c := range cells {
			if err := b.Put(c[0], c[1]); err != nil {
				return err
			}
		}
		return nil
	})
}

// update makes one commit.
func (d *delta) update(fn func(*bolt.Tx) error) error {
	return guard(d.path, func() error { return d.db.Update(fn) })
}
