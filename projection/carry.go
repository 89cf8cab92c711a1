package projection

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Export writes a snapshot as one file: see snapshotstore.Export. One that is removed meanwhile is written all the same, or is
// snapshotstore.ErrNoName.
func (s *Store) Export(ctx context.Context, name string, w io.Writer, progress snapshotstore.Progress) error {
	return s.carry(name, func(m *snapshotstore.Manifest) error { return snapshotstore.Export(ctx, s.chunks, m, w, progress) })
}

// Push puts a snapshot on a shelf: see snapshotstore.Push. One that is removed meanwhile is put there all the same, or is
// snapshotstore.ErrNoName.
func (s *Store) Push(
	ctx context.Context, shelf snapshotstore.Shelf, name string, progress snapshotstore.Progress,
) (out snapshotstore.Pushed, err error) {
	err = s.carry(name, func(m *snapshotstore.Manifest) (err error) {
		out, err = snapshotstore.Push(ctx, s.chunks, shelf, m, progress)
		return err
	})
	return out, err
}

// carry reads a snapshot, which the collector spares until that is done.
func (s *Store) carry(name string, read func(*snapshotstore.Manifest) error) error {
	m, err := s.names.Get(name)
	if err != nil {
		return err
	}
	var starts []Start
	for _, p := range m.Projections {
		starts = append(starts, Start{Projection: p.Name, Commit: p.Commit})
	}
	defer s.keep(starts)()
	err = read(m)
	if _, missing := errors.AsType[*snapshotstore.MissingError](err); missing { // it may have been removed before it was kept
		if _, gone := s.names.Get(name); errors.Is(gone, snapshotstore.ErrNoName) {
			return gone
		}
	}
	return err
}

// Import takes the snapshot of an exported file in, under its own name or, where as is not "", under that one. It fails with
// snapshotstore.ErrNameUsed where another snapshot has the name; one that is the same is left as it is. A person wanted it here:
// its term, and what a schedule keeps, were those of where it comes from, and do not count here.
func (s *Store) Import(ctx context.Context, r io.Reader, as string, progress snapshotstore.Progress) (*snapshotstore.Manifest, error) {
	if as != "" && !snapshotstore.NamePattern.MatchString(as) { // before anything is read
		return nil, fmt.Errorf("%w: not %.200q", snapshotstore.ErrBadName, as)
	}
	if s.parent != nil {
		return nil, errBranch
	}
	pulled, err := snapshotstore.Import(ctx, s.chunks, r, progress)
	if err != nil {
		return nil, err
	}
	m := *pulled.Manifest
	m.Keep, m.Generated = "", false
	if as != "" {
		m.Name = as
	}
	return s.receive(&m, pulled)
}

// Pull takes a snapshot in from a shelf, as it is there. It fails as Import does.
func (s *Store) Pull(
	ctx context.Context, shelf snapshotstore.Shelf, name string, progress snapshotstore.Progress,
) (*snapshotstore.Manifest, error) {
	if s.parent != nil {
		return nil, errBranch
	}
	pulled, err := snapshotstore.Pull(ctx, shelf, name, s.chunks, progress)
	if err != nil {
		return nil, err
	}
	return s.receive(pulled.Manifest, pulled)
}

// receive makes a snapshot that was brought in one of the store's own, and returns it as it stands there.
func (s *Store) receive(m *snapshotstore.Manifest, pulled *snapshotstore.Pulled) (*snapshotstore.Manifest, error) {
	err := s.believe(m)
	if err == nil {
		m, err = s.admit(m)
	}
	root := s.root()
	root.reach.Lock() // as a writer's end: a collection that runs does not know of the name yet
	pulled.Close()
	root.reach.Unlock()
	if err != nil {
		return nil, err
	}
	return m, nil
}

// admit stores a manifest under its name, unless the same snapshot has it.
func (s *Store) admit(m *snapshotstore.Manifest) (*snapshotstore.Manifest, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	err := s.free(m.Name)
	if errors.Is(err, snapshotstore.ErrNameUsed) {
		if have, getErr := s.names.Get(m.Name); getErr == nil && SameSnapshot(have, m) {
			return have, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return m, s.names.Create(m)
}

// SameSnapshot tells whether two manifests are of the same state of the same history, whatever they are called and how long they are
// kept.
func SameSnapshot(a, b *snapshotstore.Manifest) bool {
	return a.Digest == b.Digest && a.StreamSequence == b.StreamSequence && a.StreamName == b.StreamName &&
		a.StreamCreated.Equal(b.StreamCreated)
}

// ErrMisstated is a manifest that says other things of its commits than they do themselves.
var ErrMisstated = errors.New("projection: the snapshot is not what it says")

// mostManifest is how large a manifest may be that comes from elsewhere: it is sent whole in answers.
const mostManifest = 64 << 10

// believe refuses a manifest that its own commits contradict. They are there, and what they reach was proved to be whole.
func (s *Store) believe(m *snapshotstore.Manifest) error {
	raw, err := m.Encode()
	if err != nil {
		return err
	}
	if len(raw) > mostManifest {
		return fmt.Errorf("%w: its manifest has %d bytes, the most is %d", ErrMisstated, len(raw), mostManifest)
	}
	if len(m.Projections) == 0 {
		return fmt.Errorf("%w: it covers nothing", ErrMisstated)
	}
	for _, p := range m.Projections {
		if err := s.believePart(m, &p); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) believePart(m *snapshotstore.Manifest, p *snapshotstore.ManifestProjection) error {
	b, err := openTree(s.chunks, p.Commit)
	if err != nil {
		return err
	}
	t, err := b.describe(p.Commit)
	if err != nil {
		return err
	}
	at := &t.At
	switch {
	case t.Projection != p.Name || t.Version != p.Version || t.Decoder != p.Decoder:
		return fmt.Errorf("%w: %s in version %d is %s in version %d", ErrMisstated, p.Name, p.Version, t.Projection, t.Version)
	case uint64(at.Seq) != m.StreamSequence || at.Stream.Name != m.StreamName || !at.Stream.Created.Std().Equal(m.StreamCreated):
		return fmt.Errorf("%w: %s stands at event %s of %s, the snapshot at %d of %s", ErrMisstated,
			p.Name, at.Seq, at.Stream.Name, m.StreamSequence, m.StreamName)
	}
	if c := s.configured(p.Name); c == nil || c.Version() != p.Version {
		return nil // its tables are not known here
	}
	if d := b.digests(s.tables[p.Name]); d.State.String() != p.Digest || d.Rows != p.Rows || d.Bytes != p.Bytes {
		return fmt.Errorf("%w: %s has %d rows of %d bytes and the digest %s, which is not what is stated", ErrMisstated,
			p.Name, d.Rows, d.Bytes, d.State)
	}
	return nil
}

// GiveBack forgets a snapshot that was brought in and is of no use here, also one on hold: it is kept where it comes from.
func (s *Store) GiveBack(name string) error {
	if s.parent != nil {
		return errBranch
	}
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	return s.names.Remove(name)
}

// Fresh tells whether no event was ever applied here. Snapshots may be there, which were brought in.
func (s *Store) Fresh() (bool, error) {
	for _, g := range s.Groups() {
		at, err := g.Checkpoint()
		if err != nil || at.Seq > 0 {
			return false, err
		}
	}
	return true, nil
}
