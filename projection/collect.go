package projection

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// What nothing reaches is removed once there is enough of it: this many packs, or this share of what was there after the last
// collection, and no less than these bytes.
const (
	tidyPacks = 16
	tidyShare = 4
	tidyBytes = 64 << 20
)

// root is the store that owns the chunks: itself, or the one that it branches off.
func (s *Store) root() *Store {
	if s.parent != nil {
		return s.parent
	}
	return s
}

// pin keeps the collector from a commit until the returned func is called.
func (s *Store) pin(commit string) func() {
	if commit == "" {
		return nil
	}
	s = s.root()
	s.pinning.Lock()
	defer s.pinning.Unlock()
	s.pinned[commit]++
	return func() {
		s.pinning.Lock()
		defer s.pinning.Unlock()
		if s.pinned[commit]--; s.pinned[commit] == 0 {
			delete(s.pinned, commit)
		}
	}
}

// closeWriter gives up what keeps the collector from new objects. Where a collection runs, it does not know yet what was named
// since it began: the writer must outlive it.
func (s *Store) closeWriter(w *snapshotstore.Writer) error {
	s = s.root()
	s.reach.Lock()
	defer s.reach.Unlock()
	return w.Close()
}

// tidy collects when it is worth it.
func (s *Store) tidy() error {
	if s.parent != nil {
		return nil
	}
	packs, bytes := s.chunks.Packs(), s.chunks.Bytes()
	s.pinning.Lock()
	after := s.collected
	s.pinning.Unlock()
	if packs <= tidyPacks && bytes-after < max(tidyBytes, after/tidyShare) {
		return nil
	}
	_, err := s.Collect()
	return err
}

// Collect removes the chunks that nothing reaches: no snapshot, no base of LIVE, of its predecessor, of a snapshot that is being
// made or of what can be undone, and none that is being read. It runs beside everything else. It removes nothing while a manifest
// cannot be read: what it names is not known.
func (s *Store) Collect() (snapshotstore.Collected, error) {
	s.reach.Lock()
	defer s.reach.Unlock()
	roots, err := s.reachable()
	if err != nil {
		return snapshotstore.Collected{}, err
	}
	done, err := s.chunks.Collect(roots)
	s.pinning.Lock()
	s.collected = s.chunks.Bytes()
	s.pinning.Unlock()
	return done, err
}

// reachable returns the commits that something names now.
func (s *Store) reachable() ([]snapshotstore.Hash, error) {
	manifests, err := s.names.List()
	if err != nil {
		return nil, fmt.Errorf("projection: nothing is removed while a snapshot cannot be read: %w", err)
	}
	named := map[string]bool{}
	for _, m := range manifests {
		for _, p := range m.Projections {
			named[p.Commit] = true
		}
	}
	for _, l := range s.lives() {
		for _, root := range l.roots() {
			named[root] = true
		}
	}
	s.pinning.Lock()
	for commit := range s.pinned { // one that is pinned later is of LIVE
		named[commit] = true
	}
	s.pinning.Unlock()
	delete(named, "")
	var out []snapshotstore.Hash
	for commit := range named {
		hash, err := snapshotstore.ParseHash(commit)
		if err != nil {
			return nil, err
		}
		out = append(out, hash)
	}
	return out, nil
}

// lives returns LIVE and its predecessor.
func (s *Store) lives() []*live {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if s.before == nil {
		return []*live{s.live}
	}
	return []*live{s.live, s.before}
}
