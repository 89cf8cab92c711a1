package projection

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Cut is a wish for a snapshot of what is committed now.
type Cut struct {
	Name        string
	Description string
	CreatedAt   time.Time
	Keep        string // a term, as the manifest states it
	Hold        bool
	Generated   bool
	Projections []string // that it covers; none = all that are configured
}

// Conditions of cuts.
var (
	// ErrCutApart says that the projections of a cut do not stand at one position.
	ErrCutApart = errors.New("projection: the projections do not stand at one position")

	// ErrNothing says that there is nothing to be named yet.
	ErrNothing = errors.New("projection: no event has been applied yet")
)

// Cut names what is committed now: the group's delta is rotated, and the snapshot's manifest is written when everything up to
// there is folded, also after a restart. It waits for a commit under way and for nothing else. It fails with ErrCutApart
// where the projections do not share a position, with ErrFrozen where deltas have to be folded first, and with
// snapshotstore.ErrNameUsed where the name is taken.
func (s *Store) Cut(c Cut) error {
	if len(c.Projections) == 0 {
		for _, p := range s.config.Projections {
			c.Projections = append(c.Projections, p.Name())
		}
	}
	c.Projections = slices.Compact(slices.Sorted(slices.Values(c.Projections)))
	if s.parent != nil {
		return errBranch
	}
	if err := s.prepare(); err != nil {
		return err
	}
	for {
		g := s.GroupOf(c.Projections[0])
		if g == nil {
			return fmt.Errorf("projection: there is no projection %q here", c.Projections[0])
		}
		if done, err := s.cut(g, c); done {
			return err
		}
	}
}

// cut does nothing where others have taken the place of the group.
func (s *Store) cut(g *Group, c Cut) (done bool, err error) {
	g.writing.Lock()
	defer g.writing.Unlock()
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if g.current() != nil {
		return false, nil
	}
	if err := s.mayCut(g, &c); err != nil {
		return true, err
	}
	frozen := g.id
	return true, s.rotate(g, func(l *live, at *Checkpoint) { l.Cuts = append(l.Cuts, newCut(&c, at, frozen)) })
}

func (s *Store) mayCut(g *Group, c *Cut) error {
	for _, name := range c.Projections {
		if p := s.live.projection(name); p == nil || p.Deltas[0] != g.id {
			return fmt.Errorf("%w: %s and %s", ErrCutApart, c.Projections[0], name)
		}
	}
	if err := s.free(c.Name); err != nil {
		return err
	}
	at, err := g.Checkpoint()
	if err == nil && at.Records == 0 {
		err = ErrNothing
	}
	return err
}

// free refuses a name that a snapshot has, or will have.
func (s *Store) free(name string) error {
	if slices.ContainsFunc(s.live.Cuts, func(c liveCut) bool { return c.Draft.Name == name }) {
		return fmt.Errorf("%w: %s, which is being made", snapshotstore.ErrNameUsed, name)
	}
	switch _, err := s.names.Get(name); {
	case err == nil:
		return fmt.Errorf("%w: %s", snapshotstore.ErrNameUsed, name)
	case errors.Is(err, snapshotstore.ErrNoName):
		return nil
	default:
		return err
	}
}

func newCut(c *Cut, at *Checkpoint, frozen uint64) liveCut {
	out := liveCut{Draft: snapshotstore.Manifest{
		Name: c.Name, Description: c.Description, CreatedAt: c.CreatedAt, Keep: c.Keep, Hold: c.Hold, Generated: c.Generated,
		StreamName: at.Stream.Name, StreamCreated: at.Stream.Created.Std(), StreamSequence: uint64(at.Seq), EventCount: at.Records,
	}}
	if at.Anchor.Seq > 0 {
		t := at.Anchor.Time.Std()
		out.Draft.StreamTime = &t
	}
	for _, name := range c.Projections {
		out.Parts = append(out.Parts, livePart{Projection: name, Delta: frozen})
	}
	return out
}

// completeParts notes that a delta was folded into these bases, by projection, for the cuts that waited for it.
func (l *live) completeParts(delta uint64, bases map[string]string, written int64) {
	for i := range l.Cuts {
		c := &l.Cuts[i]
		some := false
		for j := range c.Parts {
			part := &c.Parts[j]
			if base, ok := bases[part.Projection]; ok && part.Delta == delta && part.Commit == "" {
				part.Commit, some = base, true
			}
		}
		if some {
			c.Draft.StoredBytes += uint64(written)
		}
	}
}

func (c *liveCut) complete() bool {
	return !slices.ContainsFunc(c.Parts, func(p livePart) bool { return p.Commit == "" })
}

// nameCuts writes the manifests of the cuts whose folds are done, and returns their names. One that cannot be written stops
// nothing else: LIVE goes on to name what belongs to it, and the next fold or start tries again. s.maintenance must be held.
func (s *Store) nameCuts() ([]string, error) {
	var done []string
	for _, c := range s.live.Cuts {
		if !c.complete() {
			continue
		}
		if err := s.nameCut(&c); err != nil {
			s.config.Logger.Error("a snapshot is complete, and its manifest could not be written", "snapshot", c.Draft.Name, "err", err)
			continue
		}
		done = append(done, c.Draft.Name)
	}
	if len(done) == 0 {
		return nil, nil
	}
	return done, s.edit(func(l *live) {
		l.Cuts = slices.DeleteFunc(l.Cuts, func(c liveCut) bool { return slices.Contains(done, c.Draft.Name) })
	})
}

// nameCut writes one manifest. After a crash it may be there already.
func (s *Store) nameCut(c *liveCut) error {
	m, err := s.manifest(c)
	if err != nil {
		return err
	}
	crashPoint("cut complete")
	err = s.names.Create(m)
	if errors.Is(err, snapshotstore.ErrNameUsed) {
		have, getErr := s.names.Get(m.Name)
		if getErr == nil && have.Digest == m.Digest && have.StreamSequence == m.StreamSequence {
			err = nil
		}
	}
	crashPoint("cut named")
	return err
}

func (s *Store) manifest(c *liveCut) (*snapshotstore.Manifest, error) {
	m := c.Draft
	m.Projections = nil
	for _, part := range c.Parts {
		b, err := openTree(s.chunks, part.Commit)
		if err != nil {
			return nil, err
		}
		t, err := b.describe(part.Commit)
		if err != nil {
			return nil, err
		}
		tables := s.tables[part.Projection]
		if tables == nil {
			return nil, fmt.Errorf("projection: snapshot %s covers %s, which is not configured any more; "+
				"start once with it, so that the snapshot can be completed", m.Name, part.Projection)
		}
		d := b.digests(tables)
		m.Projections = append(m.Projections, snapshotstore.ManifestProjection{
			Name: t.Projection, Version: t.Version, Decoder: t.Decoder, Digest: d.State.String(), Rows: d.Rows, Bytes: d.Bytes,
			Commit: part.Commit,
		})
		m.Bytes += d.Bytes
	}
	slices.SortFunc(m.Projections, func(a, b snapshotstore.ManifestProjection) int { return strings.Compare(a.Name, b.Name) })
	m.Digest = snapshotstore.DigestOf(m.Projections)
	return &m, nil
}
