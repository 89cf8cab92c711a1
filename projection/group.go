package projection

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Group is the set of projections that stand at one position: they share the delta that is written, and its checkpoint.
// Detach and Merge replace groups: ask for them again afterwards.
type Group struct {
	store       *Store
	id          uint64       // of the delta that is written; protected by the store's mu
	projections []Projection // in the order of the configuration
	generations []uint64     // of the projections

	writing sync.Mutex // held over a commit, and while another delta takes the place of this one; taken before the store's locks
}

// ErrNotOpen says that a group's delta is not open: the group was merged into another, another state was put in its place, or it is
// being opened again.
var ErrNotOpen = errors.New("projection: the group is not open")

// regroup makes the groups from LIVE. One whose projections stay the same, in the same generations, stays the same group, also
// when it writes another delta. s.mu must be held, or the store not yet be shared.
func (s *Store) regroup() {
	var groups []*Group
	for _, p := range s.config.Projections {
		have := s.live.projection(p.Name())
		if have == nil {
			continue
		}
		i := slices.IndexFunc(groups, func(g *Group) bool { return g.id == have.Deltas[0] })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &Group{store: s, id: have.Deltas[0]})
		}
		groups[i].projections = append(groups[i].projections, p)
		groups[i].generations = append(groups[i].generations, have.Generation)
	}
	for i, g := range groups {
		for _, old := range s.groups {
			if slices.Equal(old.Names(), g.Names()) && slices.Equal(old.generations, g.generations) {
				old.id = g.id
				groups[i] = old
			}
		}
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

// ID is the number of the delta that the group writes.
func (g *Group) ID() uint64 {
	g.store.mu.RLock()
	defer g.store.mu.RUnlock()
	return g.id
}

// Names returns the names of the projections.
func (g *Group) Names() []string {
	out := make([]string, len(g.projections))
	for i, p := range g.projections {
		out[i] = p.Name()
	}
	return out
}

// delta returns the open delta that the group writes.
func (g *Group) delta() (*delta, error) {
	g.store.mu.RLock()
	defer g.store.mu.RUnlock()
	return g.deltaLocked()
}

// deltaLocked is delta while the store's mu is held.
func (g *Group) deltaLocked() (*delta, error) {
	s := g.store
	d := s.deltas[g.id]
	switch {
	case s.closed:
		return nil, errClosed
	case s.failed != nil:
		return nil, s.failed
	case d == nil:
		return nil, fmt.Errorf("%w: delta %d", ErrNotOpen, g.id)
	}
	return d, nil
}

// Checkpoint returns the committed checkpoint.
func (g *Group) Checkpoint() (Checkpoint, error) {
	d, err := g.delta()
	if err != nil {
		return Checkpoint{}, err
	}
	return d.checkpoint()
}

// settled is the committed checkpoint of a group that is to be given other layers: the group as it is now, whose last commit is on the
// disk. s.maintenance must be held.
func (g *Group) settled() (Checkpoint, error) {
	d, err := g.delta()
	if err == nil {
		err = g.current()
	}
	if err == nil {
		err = d.sure()
	}
	if err != nil {
		return Checkpoint{}, err
	}
	return d.checkpoint()
}

// current refuses a group that others have taken the place of: what is live is not its own any more. s.maintenance must be held.
func (g *Group) current() error {
	if !slices.Contains(g.store.groups, g) {
		return fmt.Errorf("%w: other groups have taken the place of %v; ask for them again", ErrNotOpen, g.Names())
	}
	return nil
}

// Bytes is the size of the delta's file, or 0 where it is not open.
func (g *Group) Bytes() int64 {
	d, err := g.delta()
	if err != nil {
		return 0
	}
	return d.size()
}

// Fold returns a fold over the committed state. There is one at a time: a batch of another one is refused by Commit.
func (g *Group) Fold() (*Fold, error) {
	at, err := g.Checkpoint()
	if err != nil {
		return nil, err
	}
	f := &Fold{at: at, after: at.place()}
	for i, p := range g.projections {
		layers := func() (*stack, error) {
			st, _, err := g.store.openStack(p.Name(), g.generations[i])
			return st, err
		}
		m, err := newMember(p, layers, g.store.config.CacheBytes/len(g.store.config.Projections))
		if err != nil {
			return nil, err
		}
		f.members = append(f.members, m)
	}
	f.file = f.members[0].size()
	return f, nil
}

// layersLocked returns a projection's deltas, the newest first, and its base. s.mu must be held.
func (s *Store) layersLocked(name string) ([]*delta, Base, error) {
	p := s.live.projection(name)
	switch {
	case s.closed:
		return nil, nil, errClosed
	case s.failed != nil:
		return nil, nil, s.failed
	case p == nil:
		return nil, nil, fmt.Errorf("projection: there is no projection %q here", name)
	}
	var out []*delta
	for _, id := range p.Deltas {
		d := s.deltas[id]
		if d == nil {
			return nil, nil, fmt.Errorf("%w: delta %d of %s", ErrNotOpen, id, name)
		}
		out = append(out, d)
	}
	return out, s.base(name), nil
}

// Commit stores a sealed batch with its checkpoint in one transaction. When it fails, nothing of the batch is stored
// that a reader could see; the fold that it came from must be closed, and Reopen called before the group is used again.
func (g *Group) Commit(b *Batch) error {
	g.writing.Lock()
	defer g.writing.Unlock()
	d, err := g.delta()
	if err == nil {
		err = d.commit(b)
	}
	if err != nil {
		return fmt.Errorf("commit up to %s into delta %d: %w", b.At.Seq, g.id, err)
	}
	return nil
}

// Reopen closes the group's delta and opens it again as after a restart: an error of writing may have left bolt's
// memory ahead of the file. Close every fold that reads the delta first: Reopen waits for them, and for the views that
// are open; views that are asked for meanwhile fail with ErrNotOpen. Afterwards the state is that of the last commit
// that succeeded, or, where only the last step of a commit failed, that of this one: ask for the checkpoint.
func (g *Group) Reopen() error {
	s := g.store
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := g.current(); err != nil {
		return err
	}
	i := slices.IndexFunc(s.live.Deltas, func(d liveDelta) bool { return d.ID == g.id })
	if i < 0 {
		return fmt.Errorf("%w: delta %d was merged into another", ErrNotOpen, g.id)
	}
	if old := s.take(g.id); old != nil {
		if err := old.close(); err != nil {
			return fmt.Errorf("close %s: %w", old.path, err)
		}
	}
	d, err := s.openDelta(s.live.Deltas[i])
	if err != nil {
		return err
	}
	if err := d.rewrite(); err != nil {
		return errors.Join(err, d.close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deltas[g.id] = d
	return nil
}

// take takes an open delta off the store, so that nothing begins to read it any more, and returns it, or nil.
func (s *Store) take(id uint64) *delta {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.deltas[id]
	delete(s.deltas, id)
	return d
}

// View opens a projection's committed state for reading. It fails with ErrNotOpen while the projection's group is being
// opened again after a failed commit.
func (s *Store) View(name string) (*View, error) {
	st, p, err := s.openStack(name, anyGeneration)
	if err != nil {
		return nil, err
	}
	v := &View{projection: p, tables: s.tables[name], stack: st}
	if v.at, err = st.views[0].checkpoint(); err != nil {
		v.Close()
		return nil, err
	}
	return v, nil
}

// anyGeneration stands for the one that is live. Generations are counted from 1.
const anyGeneration = 0

// openStack begins to read a projection's layers, which must be of this generation: a fold does not go on over another state than
// it began with. The lock is held over it, so that no layer is closed in between; nothing in it waits.
func (s *Store) openStack(name string, generation uint64) (*stack, Projection, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p := s.configured(name)
	if p == nil {
		return nil, nil, fmt.Errorf("projection: there is no projection %q here", name)
	}
	deltas, base, err := s.layersLocked(name)
	if err != nil {
		return nil, nil, err
	}
	live := s.live.projection(name)
	if generation != anyGeneration && generation != live.Generation {
		return nil, nil, fmt.Errorf("%w: another state was put in the place of %s", ErrNotOpen, name)
	}
	st, err := openStack(deltas, base)
	if err != nil {
		return nil, nil, err
	}
	st.unpin = s.pin(live.Base)
	return st, p, nil
}
