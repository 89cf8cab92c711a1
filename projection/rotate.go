package projection

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// A delta grows until it is rotated: a fresh one with the same checkpoint takes its place, and it is frozen. In the background it is
// folded into the base below it, and removed. So bolt's files stay small whatever the state's size, and no file has to be shrunk.

// ErrFrozen says that a group cannot be rotated: as many of its deltas are frozen as may be, and have to be folded first.
var ErrFrozen = errors.New("projection: too many deltas are frozen")

// mostFrozen is how many deltas of a projection may wait to be folded.
const mostFrozen = 2

// Large tells whether the group's delta has reached the size at which it should be rotated.
func (g *Group) Large() bool { return g.Bytes() >= g.store.config.DeltaBytes }

// Rotate freezes the group's delta and puts a fresh one at the same checkpoint in its place. It is called by whoever writes the
// group, between two commits; the group's fold goes on. It fails with ErrFrozen where too many deltas wait already.
func (g *Group) Rotate() error {
	s := g.store
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	at, err := g.Checkpoint()
	if err != nil {
		return err
	}
	var moved []liveProjection
	for _, p := range g.projections {
		have := s.live.projection(p.Name())
		if len(have.Deltas) > mostFrozen {
			return fmt.Errorf("%w: %d of %s", ErrFrozen, len(have.Deltas)-1, p.Name())
		}
		moved = append(moved, *have)
	}
	return s.addGroup(moved, &at)
}

// Folded says what one fold did.
type Folded struct {
	Projections []string
	Delta       int64 // bytes of the delta that was folded
	Written     int64 // bytes of the new pack
	Time        time.Duration
}

// folding is a delta that is to be folded for some projections, as LIVE had them when it began.
type folding struct {
	delta       *delta
	view        *deltaView
	projections []liveProjection
}

// Fold folds the oldest frozen delta into the bases below it, and removes it. It returns nil where there is none. It runs beside
// commits and readers, one at a time, and ends early with ctx. Where LIVE has become another one meanwhile in a way that matters, what it made is garbage.
func (s *Store) Fold(ctx context.Context) (*Folded, error) {
	s.folds.Lock()
	defer s.folds.Unlock()
	begun := time.Now()
	f, err := s.beginFold()
	if f == nil || err != nil {
		return nil, err
	}
	w, err := s.chunks.NewWriter()
	if err != nil {
		f.view.close()
		return nil, err
	}
	out := &Folded{Delta: f.delta.size()}
	bases, err := s.foldAll(ctx, w, f)
	if err == nil {
		out.Written, err = w.Commit()
	}
	f.view.close()
	crashPoint("fold packed")
	var retired []*delta
	if err == nil {
		out.Projections, retired, err = s.endFold(f, bases)
	}
	crashPoint("fold live")
	err = errors.Join(err, w.Close())
	for _, d := range retired {
		s.retiring.Go(func() { s.remove(d) })
	}
	if err != nil {
		return nil, err
	}
	out.Time = time.Since(begun)
	return out, s.collect()
}

// remove closes and removes a delta that nothing names any more. It waits for those that still read it, who may themselves wait
// for the next commit, so nothing waits for it but Close. What it leaves is removed when the directory is opened again.
func (s *Store) remove(d *delta) {
	if err := errors.Join(d.close(), unlink(d)); err != nil {
		s.config.Logger.Warn("a folded delta could not be removed", "file", d.path, "err", err)
	}
}

// beginFold chooses the oldest delta that nobody writes and that lies right above a base, and begins to read it.
func (s *Store) beginFold() (*folding, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, errClosed
	}
	var f *folding
	for _, p := range s.live.Projections {
		lowest := p.Deltas[len(p.Deltas)-1]
		if s.live.written(lowest) || s.deltas[lowest] == nil || s.tables[p.Name] == nil {
			continue
		}
		if f == nil || lowest < f.delta.id {
			f = &folding{delta: s.deltas[lowest]}
		}
		if lowest == f.delta.id {
			f.projections = append(f.projections, p)
		}
	}
	if f == nil {
		return nil, nil
	}
	var err error
	f.view, err = f.delta.view()
	return f, err
}

// written tells whether a delta is the newest of some projection.
func (l *live) written(id uint64) bool {
	return slices.ContainsFunc(l.Projections, func(p liveProjection) bool { return p.Deltas[0] == id })
}

// foldAll writes the new base of each projection, and returns their roots.
func (s *Store) foldAll(ctx context.Context, w *snapshotstore.Writer, f *folding) (map[string]string, error) {
	out := map[string]string{}
	for _, p := range f.projections {
		hash, err := s.foldOne(ctx, w, f, p)
		if err != nil {
			return nil, fmt.Errorf("fold %s of %s: %w", p.Name, f.delta.path, err)
		}
		out[p.Name] = hash.String()
	}
	return out, nil
}

func (s *Store) foldOne(ctx context.Context, w *snapshotstore.Writer, f *folding, p liveProjection) (snapshotstore.Hash, error) {
	old := &treeBase{store: s.chunks}
	if p.Base != "" {
		var err error
		if old, err = openTree(s.chunks, p.Base); err != nil {
			return snapshotstore.Hash{}, err
		}
	}
	commit := snapshotstore.Commit{}
	for _, t := range s.tables[p.Name] {
		changes, err := changesOf(ctx, f.view, t)
		if err != nil {
			return snapshotstore.Hash{}, err
		}
		root, err := w.Fold(old.tree(t.name), changes)
		if err != nil {
			return snapshotstore.Hash{}, err
		}
		commit.Tables = append(commit.Tables, snapshotstore.Named{Table: t.name, Root: root})
	}
	state, err := s.stateOf(f, p)
	if err != nil {
		return snapshotstore.Hash{}, err
	}
	commit.State = state
	return w.PutCommit(&commit)
}

// stateOf returns what the commit of a base says beside its roots: which projection it is of, and the checkpoint that it is true
// at. A base that holds a part of a state only has no checkpoint: the delta went on for other projections after this one left.
func (s *Store) stateOf(f *folding, p liveProjection) ([]byte, error) {
	at, err := f.view.checkpoint()
	if err != nil {
		return nil, err
	}
	row := commitState{Format: commitFormat, Projection: p.Name, Version: p.Version}
	above := p.Deltas[len(p.Deltas)-2]
	i := slices.IndexFunc(s.liveNow().Deltas, func(d liveDelta) bool { return d.ID == above })
	if i >= 0 && s.liveNow().Deltas[i].Began == at.Seq {
		if row.Checkpoint, err = at.encode(); err != nil {
			return nil, err
		}
	}
	return encodeRow(&row)
}

// commitState is what a commit says beside its roots.
type commitState struct {
	Format     int
	Projection string
	Version    int
	Checkpoint []byte // as a delta stores it; empty where the base is part of a state only
}

const commitFormat = 1

func (s *Store) liveNow() *live {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.live
}

// endFold puts the new bases in the place of the old ones and the delta, for each projection that still has both. It returns the
// deltas that nothing names any more.
func (s *Store) endFold(f *folding, bases map[string]string) ([]string, []*delta, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	var done []string
	for _, p := range f.projections {
		now := s.live.projection(p.Name)
		if now != nil && now.Base == p.Base && len(now.Deltas) > 1 && now.Deltas[len(now.Deltas)-1] == f.delta.id {
			done = append(done, p.Name)
		}
	}
	if len(done) == 0 {
		return nil, nil, nil
	}
	err := s.edit(func(l *live) {
		for _, name := range done {
			p := l.projection(name)
			p.Base, p.Deltas = bases[name], p.Deltas[:len(p.Deltas)-1]
		}
		l.dropUnused()
	})
	if err != nil {
		return nil, nil, err
	}
	return done, s.unnamed(), nil
}

// pin keeps the collector from a base for as long as it is read, until the returned func is called.
func (s *Store) pin(root string) func() {
	if root == "" {
		return nil
	}
	s.pinning.Lock()
	defer s.pinning.Unlock()
	s.pinned[root]++
	return func() {
		s.pinning.Lock()
		defer s.pinning.Unlock()
		if s.pinned[root]--; s.pinned[root] == 0 {
			delete(s.pinned, root)
		}
	}
}

// collect removes chunks that no base reaches: of LIVE, of its predecessor, or one that is being read.
func (s *Store) collect() error {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	reached := map[string]bool{}
	for _, l := range []*live{s.live, s.before} {
		if l != nil {
			for _, p := range l.Projections {
				reached[p.Base] = true
			}
		}
	}
	s.pinning.Lock()
	for root := range s.pinned { // one that is pinned later is of LIVE
		reached[root] = true
	}
	s.pinning.Unlock()
	delete(reached, "")
	var roots []snapshotstore.Hash
	for root := range reached {
		hash, err := snapshotstore.ParseHash(root)
		if err != nil {
			return err
		}
		roots = append(roots, hash)
	}
	_, err := s.chunks.Collect(roots)
	return err
}
