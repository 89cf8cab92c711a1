package projection

import (
	"errors"
	"fmt"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// A delta grows until it is rotated: a fresh one with the same checkpoint takes its place, and it is frozen. In the background it is
// folded into the base below it, and removed. So bolt's files stay small whatever the state's size, and no file has to be shrunk.

// ErrFrozen says that a group cannot be rotated: as many of its deltas are frozen as may be, and have to be folded first.
var ErrFrozen = errors.New("projection: too many deltas are frozen")

// mostFrozen is how many deltas of a projection may wait to be folded.
const mostFrozen = 2

// Large tells whether the group's delta has reached the size at which it should be rotated.
func (g *Group) Large() bool { return g.Bytes() >= g.store.config.DeltaBytes }

// Rotate freezes the group's delta and puts a fresh one at the same checkpoint in its place. It waits for a commit under way; the
// group's fold goes on. It fails with ErrFrozen where too many deltas wait already.
func (g *Group) Rotate() error {
	s := g.store
	if err := s.prepare(); err != nil {
		return err
	}
	g.writing.Lock()
	defer g.writing.Unlock()
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	return s.rotate(g, func(*live, *Checkpoint) {})
}

// rotate changes LIVE as it is told in the same step. g.writing and s.maintenance must be held.
func (s *Store) rotate(g *Group, also func(*live, *Checkpoint)) error {
	at, err := g.settled()
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
	return s.addGroup(moved, &at, func(l *live) { also(l, &at) })
}

// prepare makes a delta ahead of its use, so that the commit that waits for a rotation waits for one write and one LIVE less. What is
// left of it after a crash is named by nothing.
func (s *Store) prepare() error {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.usable(); s.spare != nil || err != nil {
		return err
	}
	id, err := s.takeNumber()
	if err != nil {
		return err
	}
	s.spare, err = createDelta(filepath.Join(s.config.Dir, deltasDir), s.live.Directory, id, &Checkpoint{})
	return err
}

// takeNumber takes the number of a delta that is about to be made: none is used twice, whatever happens next.
func (s *Store) takeNumber() (uint64, error) {
	id := s.live.NextDelta
	return id, s.edit(func(l *live) { l.NextDelta++ })
}

// freshDelta opens an empty delta at a checkpoint, the spare one where there is one. LIVE does not name it yet. s.maintenance must
// be held.
func (s *Store) freshDelta(at *Checkpoint) (uint64, error) {
	d := s.spare
	if d == nil {
		id, err := s.takeNumber()
		if err != nil {
			return 0, err
		}
		return id, s.newDelta(id, at)
	}
	s.spare = nil
	err := d.update(func(tx *bolt.Tx) error { return putCheckpoint(tx.Bucket(metaBucket.name), at) })
	if err != nil {
		return 0, errors.Join(fmt.Errorf("write %s: %w", d.path, err), d.close(), unlink(d))
	}
	s.adopt(d)
	return d.id, nil
}
