package projection

import (
	"fmt"
	"slices"

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
	for s.parent != nil {
		s = s.parent
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

// keep keeps the collector from commits until the returned func is called. It waits for a collection under way that does not know
// them: whether they are there is known afterwards.
func (s *Store) keep(starts []Start) (release func()) {
	var unpin []func()
	for _, st := range starts {
		if one := s.pin(st.Commit); one != nil {
			unpin = append(unpin, one)
		}
	}
	s = s.root()
	if !s.spared(starts) {
		s.reach.Lock()
		defer s.reach.Unlock()
	}
	return func() {
		for _, one := range unpin {
			one()
		}
	}
}

// spared tells whether the collection under way, if there is one, spares commits.
func (s *Store) spared(starts []Start) bool {
	s.pinning.Lock()
	defer s.pinning.Unlock()
	return s.spares == nil || !slices.ContainsFunc(starts, func(st Start) bool { return st.Commit != "" && !s.spares[st.Commit] })
}

// commitWriter makes new objects durable, between two collections: one that runs asks for the writer's pack.
func (s *Store) commitWriter(w *snapshotstore.Writer) (int64, error) {
	s = s.root()
	s.reach.Lock()
	defer s.reach.Unlock()
	return w.Commit()
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
	if s.parent != nil {
		return snapshotstore.Collected{}, errBranch
	}
	s.reach.Lock()
	defer s.reach.Unlock()
	defer s.spareNothing()
	roots, err := s.reachable()
	if err != nil {
		return snapshotstore.Collected{}, err
	}
	crashPoint("collecting")
	return s.chunks.Collect(roots)
}

// spareNothing notes that no collection runs.
func (s *Store) spareNothing() {
	s.pinning.Lock()
	defer s.pinning.Unlock()
	s.collected, s.spares = s.chunks.Bytes(), nil
}

// reachable returns the commits that something names now. What names a commit may hand it on meanwhile, always in this order: LIVE
// to a manifest, either to a pin; so none is missed. Only Switch goes back, and it pins for that long.
func (s *Store) reachable() ([]snapshotstore.Hash, error) {
	named, err := s.inLive()
	if err != nil {
		return nil, err
	}
	manifests, err := s.names.List()
	if err != nil {
		return nil, fmt.Errorf("projection: nothing is removed while a snapshot cannot be read: %w", err)
	}
	for _, m := range manifests {
		for _, p := range m.Projections {
			named[p.Commit] = true
		}
	}
	delete(named, "")
	s.addPinned(named)
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

// inLive returns what LIVE and its predecessor name.
func (s *Store) inLive() (map[string]bool, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.usable(); err != nil { // where nobody knows which LIVE is on the disk, nobody knows what it names
		return nil, err
	}
	named := map[string]bool{}
	for _, l := range []*live{s.live, s.before} {
		if l == nil {
			continue
		}
		for _, root := range l.roots() {
			named[root] = true
		}
	}
	return named, nil
}

// addPinned adds what is pinned, and notes what is spared from now on. A commit that is pinned and not there was asked for in vain,
// which who asked will find out.
func (s *Store) addPinned(named map[string]bool) {
	s.pinning.Lock()
	defer s.pinning.Unlock()
	for commit := range s.pinned {
		if hash, err := snapshotstore.ParseHash(commit); err == nil && s.chunks.Has(hash) {
			named[commit] = true
		}
	}
	s.spares = named
}
