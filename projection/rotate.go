package projection

import (
	"errors"
	"fmt"
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
	g.writing.Lock()
	defer g.writing.Unlock()
	s := g.store
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
