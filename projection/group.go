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

// Group is the set of projections that stand at one position: they share the delta that is written, and its checkpoint.
type Group struct {
	store       *Store
	delta       *delta
	projections []Projection // in the order of the configuration
}

// regroup makes the groups from LIVE. s.mu must be held, or the store not yet be shared.
func (s *Store) regroup() {
	var groups []*Group
	for _, p := range s.config.Projections {
		have := s.live.projection(p.Name())
		d := s.deltas[have.Deltas[0]]
		i := slices.IndexFunc(groups, func(g *Group) bool { return g.delta == d })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &Group{store: s, delta: d})
		}
		groups[i].projections = append(groups[i].projections, p)
	}
	s.groups = groups
}

// Groups returns the groups of the configured projections as they are now. Detach and Merge replace them.
func (s *Store) Groups() []*Group {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.groups)
}

// GroupOf returns the group of a projection, or nil.
func (s *Store) GroupOf(name string) *Group {
	for _, g := range s.Groups() {
		if slices.Contains(g.Names(), name) {
			return g
		}
	}
	return nil
}

// ID identifies the group for as long as it lives.
func (g *Group) ID() uint64 { return g.delta.id }

// Names returns the names of the projections.
func (g *Group) Names() []string {
	out := make([]string, len(g.projections))
	for i, p := range g.projections {
		out[i] = p.Name()
	}
	return out
}

// Projections returns the projections.
func (g *Group) Projections() []Projection { return slices.Clone(g.projections) }

// Checkpoint returns the committed checkpoint.
func (g *Group) Checkpoint() (Checkpoint, error) { return g.delta.checkpoint() }

// Bytes is the size of the delta.
func (g *Group) Bytes() int64 { return g.delta.size() }

// Fold returns a fold over the committed state. There is one at a time.
func (g *Group) Fold() (*Fold, error) {
	at, err := g.delta.checkpoint()
	if err != nil {
		return nil, err
	}
	f := &Fold{at: at}
	for _, p := range g.projections {
		deltas, base := g.store.layers(p.Name())
		m, err := newMember(p, deltas, base, g.store.config.CacheBytes/len(g.store.config.Projections))
		if err != nil {
			f.Close()
			return nil, err
		}
		f.members = append(f.members, m)
	}
	return f, nil
}

// layers returns a projection's deltas, the newest first, and its base.
func (s *Store) layers(name string) ([]*delta, Base) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.layersLocked(name)
}

// layersLocked is layers while s.mu is held.
func (s *Store) layersLocked(name string) ([]*delta, Base) {
	var out []*delta
	for _, id := range s.live.projection(name).Deltas {
		out = append(out, s.deltas[id])
	}
	return out, EmptyBase{}
}

// Commit stores a sealed batch with its checkpoint in one transaction. When it fails, nothing of the batch is stored that a
// reader could see; the fold that it came from must be dropped, and Reopen called before the group is used again.
func (g *Group) Commit(b *Batch) error {
	if err := g.delta.commit(b); err != nil {
		return fmt.Errorf("commit up to %s into %s: %w", b.At.Seq, g.delta.path, err)
	}
	return nil
}

// Reopen closes the group's delta and opens it again as after a restart: an error of writing may have left bolt's memory
// ahead of the file.
func (g *Group) Reopen() error {
	s, old := g.store, g.delta
	if err := old.close(); err != nil { // outside of the lock: closing waits for readers
		return fmt.Errorf("close %s: %w", old.path, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.live.Deltas, func(d liveDelta) bool { return d.ID == old.id })
	d, err := s.openDelta(s.live.Deltas[i])
	if err != nil {
		return err
	}
	s.deltas[old.id] = d
	g.delta = d
	s.regroup()
	return nil
}

// View opens a projection's committed state for reading.
func (s *Store) View(name string) (*View, error) {
	s.mu.RLock()
	release := s.mu.RUnlock
	if s.closed || s.live.projection(name) == nil || s.configured(name) == nil {
		release()
		return nil, fmt.Errorf("projection: there is no projection %q here", name)
	}
	p := s.configured(name)
	deltas, base := s.layersLocked(name)
	st, err := openStack(deltas, base)
	release()
	if err != nil {
		return nil, err
	}
	v := &View{projection: p, tables: bind(name, p.Schema()), stack: st}
	if v.at, err = st.views[0].checkpoint(); err != nil {
		v.Close()
		return nil, err
	}
	return v, nil
}

// Detach moves projections out of the group into one of their own at the same position, so that the rest can go on without
// them. Nothing may be writing the group.
func (g *Group) Detach(names ...string) error {
	s := g.store
	s.mu.Lock()
	defer s.mu.Unlock()
	at, err := g.delta.checkpoint()
	if err != nil {
		return err
	}
	var moved []liveProjection
	for _, name := range names {
		if !slices.Contains(g.Names(), name) {
			return fmt.Errorf("projection: %s is not in the group that was to be split", name)
		}
		moved = append(moved, *s.live.projection(name))
	}
	if len(moved) == len(g.projections) {
		return nil
	}
	if err := s.addGroup(moved, &at); err != nil {
		return err
	}
	s.regroup()
	return nil
}

// ErrApart says that two groups do not stand at the same position of the same history.
var ErrApart = errors.New("projection: groups stand at different positions")

// mergeRows is how many rows one transaction of a merge moves.
const mergeRows = 20_000

// Merge moves the projections of the other group into this one. Both must stand at the same position, and nothing may be
// writing either. The other's rows are copied into this group's delta, where they stay hidden below their own delta until LIVE is
// replaced: a crash in between leaves both groups as they were.
func (g *Group) Merge(other *Group) error {
	retired, err := g.merge(other)
	if err != nil {
		return err
	}
	for _, d := range retired { // outside of the lock: closing waits for readers
		if err := d.close(); err != nil {
			return err
		}
		if err := unlink(d); err != nil {
			return err
		}
	}
	return nil
}

// merge does all of it but closing the deltas that are not used any more, which it returns.
func (g *Group) merge(other *Group) ([]*delta, error) {
	s := g.store
	s.mu.Lock()
	defer s.mu.Unlock()
	at, err := sameCheckpoint(g, other)
	if err != nil {
		return nil, err
	}
	for _, p := range other.projections {
		above, _ := splitLayers(s.live.projection(p.Name()).Deltas, g.delta.id)
		for i := len(above) - 1; i >= 0; i-- {
			if err := copyTables(s.deltas[above[i]], g.delta, bind(p.Name(), p.Schema())); err != nil {
				return nil, fmt.Errorf("merge %s into %s: %w", s.deltas[above[i]].path, g.delta.path, err)
			}
		}
	}
	if err := s.edit(func(l *live) { mergeLive(l, other, g, at) }); err != nil {
		return nil, err
	}
	s.regroup()
	return s.retire(), nil
}

// retire takes deltas off the store that LIVE does not name any more. s.mu must be held.
func (s *Store) retire() []*delta {
	var out []*delta
	for id, d := range s.deltas {
		if !slices.ContainsFunc(s.live.Deltas, func(ld liveDelta) bool { return ld.ID == id }) {
			delete(s.deltas, id)
			out = append(out, d)
		}
	}
	return out
}

// splitLayers splits a projection's deltas, the newest first, into those above one of them and those below it. All are above
// one that is not there.
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
		_, below := splitLayers(have.Deltas, into.delta.id)
		have.Deltas = append([]uint64{into.delta.id}, below...)
	}
	for i := range l.Deltas {
		if l.Deltas[i].ID == into.delta.id {
			l.Deltas[i].Floor = at
		}
	}
	l.dropUnused()
}

func sameCheckpoint(a, b *Group) (eventlog.Seq, error) {
	x, err := a.delta.checkpoint()
	if err != nil {
		return 0, err
	}
	y, err := b.delta.checkpoint()
	if err != nil {
		return 0, err
	}
	if x.Stream != y.Stream || x.Seq != y.Seq || x.Anchor != y.Anchor {
		return 0, fmt.Errorf("%w: %s at %s, %s at %s", ErrApart, a.Names(), x.Position(), b.Names(), y.Position())
	}
	return x.Seq, nil
}

func unlink(d *delta) error {
	if err := os.Remove(d.path); err != nil {
		return fmt.Errorf("remove %s: %w", d.path, err)
	}
	return syncDir(filepath.Dir(d.path))
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
	return guard(to.path, func() error {
		return to.db.Update(func(tx *bolt.Tx) error { return storeRanges(tx, t, prefixes) })
	})
}

func copyRows(v *deltaView, to *delta, t *bound) error {
	rows, err := v.rows(t.rows, "", "")
	for err == nil && rows.valid() {
		var cells [][2][]byte
		for ; err == nil && rows.valid() && len(cells) < mergeRows; err = rows.next() {
			key := []byte(rows.key)
			cells = append(cells, [2][]byte{key, t.rows.seal(key, rows.tag, rows.row)})
		}
		if err == nil {
			err = putCells(to, t, cells)
		}
	}
	return err
}

func putCells(to *delta, t *bound, cells [][2][]byte) error {
	return guard(to.path, func() error {
		return to.db.Update(func(tx *bolt.Tx) error {
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
	})
}
