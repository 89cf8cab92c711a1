package projection

import (
	"context"
	"errors"
	"io"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Export writes a snapshot as one file: see snapshotstore.Export.
func (s *Store) Export(ctx context.Context, name string, w io.Writer, progress snapshotstore.Progress) error {
	m, err := s.names.Get(name)
	if err != nil {
		return err
	}
	return snapshotstore.Export(ctx, s.chunks, m, w, progress)
}

// Import takes the snapshot of an exported file in, under its own name or, where as is not "", under that one. It fails with
// snapshotstore.ErrNameUsed where another snapshot has the name; one that is the same is left as it is.
func (s *Store) Import(ctx context.Context, r io.Reader, as string, progress snapshotstore.Progress) (*snapshotstore.Manifest, error) {
	pulled, err := snapshotstore.Import(ctx, s.chunks, r, progress)
	if err != nil {
		return nil, err
	}
	return s.name(pulled, as)
}

// Push puts a snapshot on a shelf: see snapshotstore.Push.
func (s *Store) Push(
	ctx context.Context, shelf snapshotstore.Shelf, name string, progress snapshotstore.Progress,
) (snapshotstore.Pushed, error) {
	m, err := s.names.Get(name)
	if err != nil {
		return snapshotstore.Pushed{}, err
	}
	return snapshotstore.Push(ctx, s.chunks, shelf, m, progress)
}

// Pull takes a snapshot in from a shelf, as Import does from a file.
func (s *Store) Pull(
	ctx context.Context, shelf snapshotstore.Shelf, name string, progress snapshotstore.Progress,
) (*snapshotstore.Manifest, error) {
	pulled, err := snapshotstore.Pull(ctx, shelf, name, s.chunks, progress)
	if err != nil {
		return nil, err
	}
	return s.name(pulled, "")
}

// name makes a snapshot that was brought in one of the store's own.
func (s *Store) name(pulled *snapshotstore.Pulled, as string) (*snapshotstore.Manifest, error) {
	m := *pulled.Manifest
	if as != "" {
		m.Name = as
	}
	err := s.receive(&m)
	root := s.root()
	root.reach.Lock() // as a writer's end: a collection that runs does not know of the name yet
	pulled.Close()
	root.reach.Unlock()
	if err != nil {
		return nil, err
	}
	return &m, nil
}

// receive stores a manifest under its name.
func (s *Store) receive(m *snapshotstore.Manifest) error {
	if s.parent != nil {
		return errBranch
	}
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	err := s.free(m.Name)
	if errors.Is(err, snapshotstore.ErrNameUsed) {
		if have, getErr := s.names.Get(m.Name); getErr == nil && have.Digest == m.Digest && have.StreamSequence == m.StreamSequence &&
			have.StreamCreated.Equal(m.StreamCreated) {
			return nil
		}
	}
	if err != nil {
		return err
	}
	return s.names.Create(m)
}

// Fresh tells whether nothing was ever applied here and nothing was ever named.
func (s *Store) Fresh() (bool, error) {
	all, err := s.names.List()
	if err != nil || len(all) > 0 {
		return false, err
	}
	for _, g := range s.Groups() {
		at, err := g.Checkpoint()
		if err != nil || at.Seq > 0 {
			return false, err
		}
	}
	return true, nil
}
