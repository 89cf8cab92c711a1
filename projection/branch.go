package projection

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// ScratchDir is the folder of a data directory where branches live. What is in it means nothing after a restart: it is removed.
const ScratchDir = "scratch"

// errBranch says that a branch cannot do what outlives it.
var errBranch = errors.New("projection: a branch keeps nothing; ask the store that it branches off")

// Branch makes a store beside this one that begins where it is said, for the named projections only. It is written and read like
// any other, shares the chunks, and is gone when it is closed: a state as of another moment, or one that is to be put in the place
// of the live one by Switch. Its deltas are not synced. Close it before this one.
func (s *Store) Branch(starts []Start) (*Store, error) {
	dir, err := s.scratch()
	if err != nil {
		return nil, err
	}
	config := s.config
	config.Dir = dir
	config.Pace = nil // nothing that is live is written beside it
	config.Projections = slices.DeleteFunc(slices.Clone(config.Projections), func(p Projection) bool {
		return !slices.ContainsFunc(starts, func(st Start) bool { return st.Projection == p.Name() })
	})
	b := &Store{
		config: config, parent: s, tables: s.tables, chunks: s.chunks, names: s.names, deltas: map[uint64]*delta{},
		damaged: map[uint64]bool{}, live: &live{Counter: 1, Directory: "scratch", NextDelta: 1},
	}
	b.base = b.treeOf
	if err := b.begun(starts); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// scratch makes an empty folder for a branch.
func (s *Store) scratch() (string, error) {
	if s.Closed() {
		return "", errClosed
	}
	s.pinning.Lock()
	s.branches++
	n := s.branches
	s.pinning.Unlock()
	dir := filepath.Join(s.config.Dir, ScratchDir, strconv.Itoa(n))
	if err := os.MkdirAll(filepath.Join(dir, deltasDir), 0o700); err != nil {
		return "", fmt.Errorf("make the folder of a branch: %w", err)
	}
	return dir, nil
}

// begun puts the first deltas of a branch over their bases, which are kept by their names from then on.
func (s *Store) begun(starts []Start) error {
	release := s.keep(starts)
	defer release()
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	sets, err := s.sets(starts)
	if err != nil {
		return err
	}
	for _, one := range sets {
		if err := s.addGroup(one.projections, &one.at, nil); err != nil {
			return err
		}
	}
	return nil
}

// hold pins what a branch's bases have become, and gives up those that they were.
func (s *Store) hold(l *live) {
	if s.parent == nil {
		return
	}
	old := s.holds
	s.holds = nil
	for _, root := range l.roots() {
		if unpin := s.pin(root); unpin != nil {
			s.holds = append(s.holds, unpin)
		}
	}
	release(old)
}

func release(holds []func()) {
	for _, unpin := range holds {
		unpin()
	}
}

// Flatten folds everything, also what is being written, and returns where each projection could begin again. Folds of events must
// be closed, and nothing may be committed meanwhile. The commits stay for as long as the store is open, or something names them.
func (s *Store) Flatten(ctx context.Context) ([]Start, error) {
	if err := s.foldAllFrozen(ctx); err != nil {
		return nil, err
	}
	for _, g := range s.Groups() {
		if err := g.Rotate(); err != nil {
			return nil, err
		}
	}
	if err := s.foldAllFrozen(ctx); err != nil {
		return nil, err
	}
	var out []Start
	l := s.liveNow()
	for _, p := range s.config.Projections {
		out = append(out, Start{Projection: p.Name(), Commit: l.projection(p.Name()).Base})
	}
	return out, nil
}

func (s *Store) foldAllFrozen(ctx context.Context) error {
	for {
		done, err := s.Fold(ctx)
		if done == nil || err != nil {
			return err
		}
	}
}
