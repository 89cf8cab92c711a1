package projection

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Folded says what one fold did.
type Folded struct {
	Projections []string
	Snapshots   []string // that are complete now
	Delta       int64    // bytes of the delta that was folded
	Written     int64    // bytes of the new pack
	Time        time.Duration
}

// folding is a delta that is to be folded for some projections, as LIVE had them when it began.
type folding struct {
	delta       *delta
	view        *deltaView
	projections []liveProjection
	undone      bool     // only what can be undone needs it
	unpin       []func() // the bases below it
}

func (f *folding) close() {
	f.view.close()
	release(f.unpin)
}

// Fold folds the oldest frozen delta into the bases below it, and removes it. It returns nil where there is none. It runs beside
// commits and readers, one at a time, and ends early with ctx. Where LIVE has become another one meanwhile in a way that matters,
// what it made is garbage.
func (s *Store) Fold(ctx context.Context) (*Folded, error) {
	s.folds.Lock()
	defer s.folds.Unlock()
	begun := time.Now()
	s.unblock()
	f, err := s.beginFold()
	if err != nil {
		return nil, err
	}
	if f == nil {
		return s.nameLeft()
	}
	out := &Folded{Delta: f.delta.size()}
	if err := s.fold(ctx, f, out); err != nil {
		s.giveUp(f, err)
		return nil, err
	}
	out.Time = time.Since(begun)
	if err := s.tidy(); err != nil {
		s.config.Logger.Error("what nothing needs any more could not be removed", "err", err)
	}
	return out, nil
}

// fold writes the new bases, and puts them in place.
func (s *Store) fold(ctx context.Context, f *folding, out *Folded) error {
	w, err := s.chunks.NewWriter()
	if err != nil {
		f.close()
		return err
	}
	bases, err := s.foldAll(ctx, w, f)
	if err == nil {
		out.Written, err = s.commitWriter(w)
	}
	f.close()
	crashPoint("fold packed")
	var retired []*delta
	if err == nil {
		retired, err = s.endFold(f, bases, out)
	}
	crashPoint("fold live")
	err = errors.Join(err, s.closeWriter(w))
	s.retireAll(retired)
	return err
}

// giveUp notes that what can be undone is damaged, where it is that: it is not folded any more until the next start, so that it
// cannot hold up what is live.
func (s *Store) giveUp(f *folding, err error) {
	_, file := errors.AsType[*DamageError](err)
	_, chunk := errors.AsType[*snapshotstore.DamageError](err)
	_, missing := errors.AsType[*snapshotstore.MissingError](err)
	if !f.undone || !file && !chunk && !missing {
		return
	}
	s.config.Logger.Error("what was live before the last switch is damaged, and is left as it is", "err", err)
	s.damaged[f.delta.id] = true
}

// nameLeft writes the manifests of snapshots that could not be written when their folds ended. It returns nil where there is none.
func (s *Store) nameLeft() (*Folded, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	done, err := s.nameCuts()
	if len(done) == 0 || err != nil {
		return nil, err
	}
	return &Folded{Snapshots: done}, nil
}

// unblock rotates each group that still writes a delta below a frozen one of a projection that has left it: that one could not be
// folded before, and would be one too many for ever.
func (s *Store) unblock() {
	for _, g := range s.Groups() {
		if !s.blocks(g) {
			continue
		}
		if err := g.Rotate(); err != nil && !errors.Is(err, ErrFrozen) {
			s.config.Logger.Warn("a delta that others wait for could not be frozen", "projections", g.Names(), "err", err)
		}
	}
}

func (s *Store) blocks(g *Group) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.ContainsFunc(s.live.Projections, func(p liveProjection) bool { return slices.Index(p.Deltas, g.id) >= 2 })
}

// retireAll removes deltas in the background, once nothing reads them.
func (s *Store) retireAll(deltas []*delta) {
	for _, d := range deltas {
		s.retiring.Go(func() { s.remove(d) })
	}
}

// remove closes and removes a delta that nothing names any more. It waits for those that still read it, who may themselves wait
// for the next commit, so nothing waits for it but Close. What it leaves is removed when the directory is opened again.
func (s *Store) remove(d *delta) {
	if err := errors.Join(d.close(), unlink(d)); err != nil {
		s.config.Logger.Warn("a folded delta could not be removed", "file", d.path, "err", err)
	}
}

// beginFold chooses the oldest delta that nobody writes and that lies right above a base, and begins to read it. What is live goes
// before what can be undone.
func (s *Store) beginFold() (*folding, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	d, undone := s.oldest(s.live.Projections), false
	if d == nil && s.live.Undo != nil {
		d, undone = s.oldest(s.live.Undo.Projections), true
	}
	if d == nil {
		return nil, nil
	}
	f := &folding{delta: d, undone: undone}
	for _, p := range s.live.layers() {
		if s.lowest(p) == d {
			f.projections = append(f.projections, *p)
		}
	}
	var err error
	if f.view, err = d.view(); err != nil {
		return nil, err
	}
	for _, p := range f.projections { // they can go out of LIVE while they are read
		if unpin := s.pin(p.Base); unpin != nil {
			f.unpin = append(f.unpin, unpin)
		}
	}
	return f, nil
}

// oldest returns the oldest delta that can be folded for one of these projections, or nil. s.mu must be held.
func (s *Store) oldest(projections []liveProjection) *delta {
	var out *delta
	for i := range projections {
		if d := s.lowest(&projections[i]); d != nil && (out == nil || d.id < out.id) {
			out = d
		}
	}
	return out
}

// lowest returns a projection's delta right above its base, or nil where it cannot be folded. s.mu must be held.
func (s *Store) lowest(p *liveProjection) *delta {
	if len(p.Deltas) == 0 || s.tables[p.Name] == nil {
		return nil
	}
	id := p.Deltas[len(p.Deltas)-1]
	if s.live.written(id) || s.damaged[id] {
		return nil
	}
	return s.deltas[id]
}

// written tells whether a delta is the newest of some live projection.
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
		changes, err := changesOf(ctx, f.view, t, s.config.Pace)
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
	row := commitState{Format: commitFormat, Projection: p.Name, Version: p.Version, Decoder: p.Decoder}
	if s.whole(&p, at.Seq) {
		if row.Checkpoint, err = at.encode(); err != nil {
			return nil, err
		}
	}
	return encodeRow(&row)
}

// whole tells whether a projection's oldest delta, which ends at this checkpoint, was written for it up to there: the delta above
// it begins there. One that nobody writes and that has none above it was.
func (s *Store) whole(p *liveProjection, at eventlog.Seq) bool {
	if len(p.Deltas) == 1 {
		return true
	}
	above := p.Deltas[len(p.Deltas)-2]
	return slices.ContainsFunc(s.liveNow().Deltas, func(d liveDelta) bool { return d.ID == above && d.Began == at })
}

func (s *Store) liveNow() *live {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.live
}

// endFold puts the new bases in the place of the old ones and the delta, for each projection that still has both, and completes
// the snapshots that waited for them. It returns the deltas that nothing names any more.
func (s *Store) endFold(f *folding, bases map[string]string, out *Folded) ([]*delta, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if !slices.ContainsFunc(s.live.layers(), f.made) {
		return nil, nil
	}
	err := s.edit(func(l *live) {
		done := map[string]string{}
		for _, p := range l.layers() {
			if f.made(p) {
				out.Projections = append(out.Projections, p.Name)
				done[p.Name] = bases[p.Name]
				p.Base, p.Deltas = bases[p.Name], p.Deltas[:len(p.Deltas)-1]
			}
		}
		l.completeParts(f.delta.id, done, out.Written)
		l.dropUnused()
	})
	if err != nil {
		return nil, err
	}
	retired := s.unnamed()
	out.Snapshots, err = s.nameCuts()
	return retired, err
}

// made tells whether the fold is of these layers, as they are now.
func (f *folding) made(p *liveProjection) bool {
	return len(p.Deltas) > 0 && p.Deltas[len(p.Deltas)-1] == f.delta.id &&
		slices.ContainsFunc(f.projections, func(o liveProjection) bool { return o.Name == p.Name && o.Base == p.Base })
}
