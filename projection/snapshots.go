package projection

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Snapshots returns the manifests by rising sequence and name, and beside them what is wrong with those that cannot be read.
func (s *Store) Snapshots() ([]*snapshotstore.Manifest, error) { return s.names.List() }

// Snapshot returns a manifest. It fails with snapshotstore.ErrNoName where there is none of this name.
func (s *Store) Snapshot(name string) (*snapshotstore.Manifest, error) { return s.names.Get(name) }

// Cuts returns the snapshots that are being made, as far as they are known.
func (s *Store) Cuts() []snapshotstore.Manifest {
	var out []snapshotstore.Manifest
	for _, c := range s.liveNow().Cuts {
		out = append(out, c.Draft)
	}
	return out
}

// ErrHeld says that a snapshot must not be removed.
var ErrHeld = errors.New("projection: the snapshot is on hold")

// RemoveSnapshot forgets a snapshot, also one that is still being made. Collect removes what only it reached.
func (s *Store) RemoveSnapshot(name string) error {
	if s.parent != nil {
		return errBranch
	}
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	for _, c := range s.live.Cuts {
		if c.Draft.Name == name {
			return s.dropCut(&c.Draft)
		}
	}
	m, err := s.names.Get(name)
	if err != nil {
		return err
	}
	if m.Hold {
		return fmt.Errorf("%w: %s", ErrHeld, name)
	}
	return s.names.Remove(name)
}

// dropCut gives a cut up. A manifest of its name may be there already, where it could not be seen that it is the cut's own: it is
// not touched. s.maintenance must be held.
func (s *Store) dropCut(m *snapshotstore.Manifest) error {
	if m.Hold {
		return fmt.Errorf("%w: %s", ErrHeld, m.Name)
	}
	return s.edit(func(l *live) {
		l.Cuts = slices.DeleteFunc(l.Cuts, func(c liveCut) bool { return c.Draft.Name == m.Name })
	})
}

// Trees returns the whole states of a projection that are at hand, the newest first: those of snapshots, of LIVE, and of what can
// be undone, and beside them what is wrong with manifests and commits that cannot be read. Those of another version, or that another
// decoder made, are left out.
func (s *Store) Trees(name string) ([]Tree, error) {
	p := s.configured(name)
	if p == nil {
		return nil, fmt.Errorf("projection: there is no projection %q here", name)
	}
	commits, err := s.commitsOf(name)
	var out []Tree
	for _, commit := range commits {
		t, treeErr := s.Tree(commit)
		switch {
		case errors.Is(treeErr, errPart):
		case treeErr != nil:
			err = errors.Join(err, treeErr)
		case t.Version == p.Version() && t.Decoder == s.config.Decoder.Fingerprint():
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Tree) int { return cmp.Compare(b.At.Seq, a.At.Seq) })
	return out, err
}

// commitsOf returns what names a base of the projection, and what is wrong with manifests.
func (s *Store) commitsOf(name string) ([]string, error) {
	manifests, err := s.names.List()
	seen := map[string]bool{"": true}
	var out []string
	add := func(projection, commit string) {
		if projection == name && !seen[commit] {
			seen[commit] = true
			out = append(out, commit)
		}
	}
	for _, m := range manifests {
		for _, p := range m.Projections {
			add(p.Name, p.Commit)
		}
	}
	for _, p := range s.liveNow().layers() {
		add(p.Name, p.Base)
	}
	return out, err
}

// DeltaBytes is what the files of recent changes take on disk.
func (s *Store) DeltaBytes() (n int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, d := range s.deltas {
		n += d.size()
	}
	return n
}

// ChunkBytes is what the chunks take on disk: of snapshots, of the live state, and what is not collected yet.
func (s *Store) ChunkBytes() int64 { return s.chunks.Bytes() }

// RetainSnapshot changes how long a snapshot is kept; nil leaves it as it is.
func (s *Store) RetainSnapshot(name string, keep *string, hold *bool) (*snapshotstore.Manifest, error) {
	if s.parent != nil {
		return nil, errBranch
	}
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	return s.names.Retain(name, keep, hold)
}
