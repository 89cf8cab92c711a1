package projection

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Start is where one projection begins: at a commit, or before the first event where none is named.
type Start struct {
	Projection string
	Commit     string
}

// set is projections that begin at one checkpoint.
type set struct {
	at          Checkpoint
	projections []liveProjection
}

// sets groups starts by where they begin, in the order of the configuration.
func (s *Store) sets(starts []Start) ([]*set, error) {
	for _, st := range starts {
		if s.configured(st.Projection) == nil {
			return nil, fmt.Errorf("projection: there is no projection %q here that could begin anywhere", st.Projection)
		}
	}
	var out []*set
	for _, p := range s.config.Projections {
		i := slices.IndexFunc(starts, func(st Start) bool { return st.Projection == p.Name() })
		if i < 0 {
			return nil, fmt.Errorf("projection: it is not said where %s begins", p.Name())
		}
		at, err := s.startsAt(p, starts[i].Commit)
		if err != nil {
			return nil, err
		}
		fresh := liveProjection{
			Name: p.Name(), Version: p.Version(), Decoder: s.config.Decoder.Fingerprint(), Generation: 1, Base: starts[i].Commit,
		}
		out = into(out, at, fresh)
	}
	return out, nil
}

// into adds a projection to the set at its checkpoint.
func into(sets []*set, at Checkpoint, p liveProjection) []*set {
	for _, have := range sets {
		if have.at.same(&at) {
			have.projections = append(have.projections, p)
			return sets
		}
	}
	return append(sets, &set{at: at, projections: []liveProjection{p}})
}

// ErrOtherVersion says that a commit was made by another version of its projection, or from events that were read another way.
var ErrOtherVersion = errors.New("projection: the state was made by another version")

// startsAt returns the checkpoint that a commit is true at.
func (s *Store) startsAt(p Projection, commit string) (Checkpoint, error) {
	if commit == "" {
		return Checkpoint{}, nil
	}
	t, err := s.Tree(commit)
	if err != nil {
		return Checkpoint{}, err
	}
	if t.Projection != p.Name() || t.Version != p.Version() || t.Decoder != s.config.Decoder.Fingerprint() {
		return Checkpoint{}, fmt.Errorf("%w: %s in version %d with decoder and mapping %s; this is %s in version %d with %s", ErrOtherVersion,
			t.Projection, t.Version, t.Decoder, p.Name(), p.Version(), s.config.Decoder.Fingerprint())
	}
	return t.At, nil
}

// Switch puts other states in the place of the live ones, in one step: every configured projection begins again where it is said,
// in a new generation. What was live before can be brought back by Undo. Folds of events must be closed first, what they would
// still commit is refused with ErrNotOpen; views go on to show what they began with. It fails with ErrCutting where a snapshot is
// still being made of what was live before the last switch: fold first.
func (s *Store) Switch(starts []Start, what string) error {
	release := s.keep(starts)
	defer release()
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	sets, err := s.sets(starts)
	if err != nil {
		return err
	}
	return s.replace(sets, what)
}

// replace makes sets live and keeps what was. s.maintenance must be held.
func (s *Store) replace(sets []*set, what string) error {
	first := s.live.NextDelta
	put := func(l *live) { l.replace(sets, first, &liveUndo{Since: time.Now().UTC(), Before: what}) }
	trial := s.live.clone()
	if put(trial); trial.lostCut() != "" {
		return fmt.Errorf("%w: %s, of what was live before the last switch", ErrCutting, trial.lostCut())
	}
	if err := s.edit(func(l *live) { l.NextDelta += uint64(len(sets)) }); err != nil {
		return err
	}
	for i, one := range sets {
		if err := s.newDelta(first+uint64(i), &one.at); err != nil {
			return err
		}
	}
	thaw := s.freeze(sets)
	if err := s.edit(put); err != nil {
		thaw()
		return err
	}
	crashPoint("switched")
	s.retireAll(s.unnamed())
	return nil
}

// freeze refuses commits into the deltas that projections write, after those under way: they may be brought back, below another
// one. It returns a func that allows them again.
func (s *Store) freeze(sets []*set) (thaw func()) {
	frozen := map[*delta]bool{}
	for _, one := range sets {
		for _, p := range one.projections {
			if d := s.deltas[s.live.projection(p.Name).Deltas[0]]; d != nil && !frozen[d] {
				d.freeze(true)
				frozen[d] = true
			}
		}
	}
	return func() {
		for d := range frozen {
			d.freeze(false)
		}
	}
}

// replace puts sets in the place of what is live, below deltas whose numbers begin with first.
func (l *live) replace(sets []*set, first uint64, undo *liveUndo) {
	for i, one := range sets {
		id := first + uint64(i)
		l.Deltas = append(l.Deltas, liveDelta{ID: id, Began: one.at.Seq, Floor: one.at.Seq})
		for _, p := range one.projections {
			undo.Projections = append(undo.Projections, l.put(id, p))
		}
	}
	l.Undo = undo
	l.dropUnused()
}

// put makes a projection's new layers live, below a new delta, and returns those that it had.
func (l *live) put(id uint64, p liveProjection) liveProjection {
	have := l.projection(p.Name)
	old := *have
	p.Deltas = append([]uint64{id}, p.Deltas...)
	p.Generation = old.Generation + 1
	*have = p
	return old
}

// Undoable says what Undo would bring back.
type Undoable struct {
	Since  time.Time    // when it was live last
	Before string       // what took its place
	At     eventlog.Seq // its lowest position
}

// ErrNoUndo says that there is nothing to bring back.
var ErrNoUndo = errors.New("projection: there is nothing to undo")

// Undoable tells what Undo would bring back, or fails with ErrNoUndo.
func (s *Store) Undoable() (Undoable, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if s.live.Undo == nil {
		return Undoable{}, ErrNoUndo
	}
	sets, err := s.undoSets()
	if err != nil {
		return Undoable{}, err
	}
	out := Undoable{Since: s.live.Undo.Since, Before: s.live.Undo.Before, At: sets[0].at.Seq}
	for _, one := range sets {
		out.At = min(out.At, one.at.Seq)
	}
	return out, nil
}

// Undo brings back what was live before the last switch, as Switch does; what is live now can then be brought back in turn.
func (s *Store) Undo() error {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if s.live.Undo == nil {
		return ErrNoUndo
	}
	sets, err := s.undoSets()
	if err != nil {
		return err
	}
	return s.replace(sets, undoing(s.live.Undo.Before))
}

// undoSets groups what was live before by where it stood. s.maintenance must be held.
func (s *Store) undoSets() ([]*set, error) {
	var out []*set
	for _, p := range s.live.Undo.Projections {
		c := s.configured(p.Name)
		if c == nil {
			return nil, fmt.Errorf("projection: %s is not configured any more, so what was live before cannot be brought back as a whole", p.Name)
		}
		if p.Version != c.Version() || p.Decoder != s.config.Decoder.Fingerprint() {
			return nil, fmt.Errorf("%w: %s in version %d with decoder and mapping %s", ErrOtherVersion, p.Name, p.Version, p.Decoder)
		}
		at, err := s.stoodAt(&p)
		if err != nil {
			return nil, err
		}
		out = into(out, at, p)
	}
	return out, nil
}

// stoodAt returns the checkpoint of layers that nobody writes any more.
func (s *Store) stoodAt(p *liveProjection) (Checkpoint, error) {
	if len(p.Deltas) == 0 {
		t, err := s.Tree(p.Base)
		return t.At, err
	}
	d := s.deltas[p.Deltas[0]]
	if d == nil {
		return Checkpoint{}, fmt.Errorf("%w: delta %d of %s", ErrNotOpen, p.Deltas[0], p.Name)
	}
	if err := d.sure(); err != nil {
		return Checkpoint{}, err
	}
	return d.checkpoint()
}

// DropUndo gives up what Undo would bring back, so that the disk can have its room. It fails with ErrCutting where a snapshot is still
// being made of it.
func (s *Store) DropUndo() error {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if s.live.Undo == nil {
		return nil
	}
	drop := func(l *live) {
		l.Undo = nil
		l.dropUnused()
	}
	trial := s.live.clone()
	if drop(trial); trial.lostCut() != "" {
		return fmt.Errorf("%w: %s, of what can be undone; try again when it is done", ErrCutting, trial.lostCut())
	}
	if err := s.edit(drop); err != nil {
		return err
	}
	crashPoint("undo dropped")
	s.retireAll(s.unnamed())
	return s.edit(func(*live) {}) // the predecessor, which the collector spares, names it no more either
}

// undoing names the undo of something; the undo of an undo is that something again.
func undoing(what string) string {
	const prefix = "undo of "
	if again, ok := strings.CutPrefix(what, prefix); ok {
		return again
	}
	return prefix + what
}
