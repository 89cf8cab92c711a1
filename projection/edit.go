package projection

import (
	"errors"
	"fmt"
	"path/filepath"
)

// addGroup puts a new delta at this checkpoint on top of the layers of projections, and makes it live. also changes LIVE in the
// same step; nil for nothing. s.maintenance must be held.
func (s *Store) addGroup(projections []liveProjection, at *Checkpoint, also func(*live)) error {
	id, err := s.freshDelta(at)
	if err != nil {
		return err
	}
	return s.edit(func(l *live) {
		if also != nil {
			also(l)
		}
		l.Deltas = append(l.Deltas, liveDelta{ID: id, Began: at.Seq, Floor: at.Seq})
		for _, p := range projections {
			p.Deltas = append([]uint64{id}, p.Deltas...)
			if have := l.projection(p.Name); have != nil {
				*have = p
			} else {
				l.Projections = append(l.Projections, p)
			}
		}
	})
}

// newDelta makes and opens a delta that LIVE does not name yet.
func (s *Store) newDelta(id uint64, at *Checkpoint) error {
	d, err := createDelta(filepath.Join(s.config.Dir, deltasDir), s.live.Directory, id, at)
	if err != nil {
		return err
	}
	s.adopt(d)
	return nil
}

// adopt takes a delta in that is about to be live.
func (s *Store) adopt(d *delta) {
	d.db.NoSync = s.parent != nil
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deltas[d.id] = d
}

// edit replaces LIVE by a changed copy, and the groups by those that it makes. s.maintenance must be held. Where nobody
// knows whether the old one or the new one is on the disk, nothing may be committed that fits to only one of them:
// nothing works from then on until the directory is opened again.
func (s *Store) edit(change func(*live)) error {
	if err := s.usable(); err != nil {
		return err
	}
	next := s.live.clone()
	next.Counter++
	change(next)
	if err := next.validate(); err != nil {
		return fmt.Errorf("projection: refused to write LIVE: %w", err)
	}
	bases, err := s.basesOf(next)
	if err != nil {
		return err
	}
	if s.parent == nil {
		err = writeLive(s.config.Dir, next)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(err, errUnsure) {
		s.failed = fmt.Errorf("projection: open the data directory again: %w", err)
		return s.failed
	}
	if err != nil {
		return err
	}
	s.before, s.live, s.bases = s.live, next, bases
	s.hold(next)
	s.regroup()
	return nil
}
