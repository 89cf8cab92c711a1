package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// SnapshotWish is a snapshot that is asked for.
type SnapshotWish struct {
	Name        string // must be free
	Description string
	Keep        Term     // it may be removed after this; "" = never by itself
	Hold        bool     // it cannot be removed
	Only        []string // projections that it covers; none = all, which must run then
	Generated   bool     // by a schedule, whose policy may remove it
}

// Snapshot names what is committed now, and waits until the name is durable. Nothing but the next commit waits for it, for
// milliseconds. Where ctx ends first, the snapshot is made all the same: ErrUnfinished.
func (w *Worker) Snapshot(ctx context.Context, wish SnapshotWish) (*snapshotstore.Manifest, error) {
	if err := w.Cut(ctx, wish); err != nil {
		return nil, err
	}
	return w.Await(ctx, wish.Name)
}

// Await waits until a snapshot that was begun is durable. Where ctx ends first, it is completed all the same: ErrUnfinished.
func (w *Worker) Await(ctx context.Context, name string) (*snapshotstore.Manifest, error) {
	for {
		done := w.folder.next()
		m, err := w.snapshotOrCut(name)
		if err != nil || len(m.Projections) > 0 {
			return m, err
		}
		select {
		case <-done:
		case <-w.running:
			return nil, ErrUnfinished
		case <-ctx.Done():
			return nil, errors.Join(ErrUnfinished, context.Cause(ctx))
		}
	}
}

// ErrUnfinished says that a snapshot was taken, and is completed in the background, also after a restart.
var ErrUnfinished = errors.New("engine: the snapshot is taken and is still being written; it will be listed when that is done")

// Cut begins a snapshot: its position is fixed when Cut returns, and survives a restart. Projections that are about to meet are
// waited for.
func (w *Worker) Cut(ctx context.Context, wish SnapshotWish) error {
	begun := time.Now()
	for {
		done := w.folder.next()
		err := w.tryCut(wish)
		var met <-chan time.Time
		switch {
		case errors.Is(err, projection.ErrFrozen):
		case errors.Is(err, projection.ErrCutApart) && time.Since(begun) < joinTime && w.meeting(wish.Only):
			met = time.After(meetEvery)
		default:
			return err
		}
		select {
		case <-done:
		case <-met:
		case <-w.running:
			return errStopped
		case <-ctx.Done():
			return fmt.Errorf("earlier changes are still being folded: %w", context.Cause(ctx))
		}
	}
}

// meetEvery is how long to wait until it is looked again whether projections have met.
const meetEvery = 20 * time.Millisecond

// meeting tells whether projections, all where none are named, run near each other, so that they are about to be joined.
func (w *Worker) meeting(names []string) bool {
	names, err := w.known(names)
	if err != nil {
		return false
	}
	first, _, _ := w.board.look(names[0])
	for _, name := range names {
		e, _, _ := w.board.look(name)
		if e.state.stopped() || distance(e.committed, first.committed) > joinWithin {
			return false
		}
	}
	return true
}

// tryCut is Cut, but fails with projection.ErrFrozen or projection.ErrCutApart where it may have to wait.
func (w *Worker) tryCut(wish SnapshotWish) error {
	if _, err := wish.Keep.days(); err != nil {
		return err
	}
	if wish.Name == Latest {
		return projection.Fail(projection.BadRequest, "%q stands for the newest snapshot, whatever its name; choose another name", Latest)
	}
	if len(wish.Description) > maxDescription {
		return projection.Fail(projection.BadRequest, "the description has %d bytes, the most is %d", len(wish.Description), maxDescription)
	}
	if !utf8.ValidString(wish.Description) {
		return projection.Fail(projection.BadRequest, "the description is not UTF-8")
	}
	names, err := w.known(wish.Only)
	if err != nil {
		return err
	}
	if err := w.mayCut(names, len(wish.Only) > 0); err != nil {
		return err
	}
	c := projection.Cut{
		Name: wish.Name, Description: wish.Description, CreatedAt: time.Now().UTC(), Keep: string(wish.Keep), Hold: wish.Hold,
		Generated: wish.Generated, Projections: names,
	}
	err = w.store.Cut(c)
	w.folder.wake()
	return w.cutError(err)
}

// maxDescription is how long a description may be, in bytes.
const maxDescription = 4096

// mayCut refuses a snapshot of projections that do not move, or are behind others, unless they were named.
func (w *Worker) mayCut(names []string, named bool) error {
	if named {
		return nil
	}
	var out []string
	for _, name := range names {
		if e, _, _ := w.board.look(name); e.state.stopped() {
			out = append(out, fmt.Sprintf("%s is %s at %s", name, e.state, e.committed))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return projection.Fail(projection.Refused, "a snapshot names one position of all projections, and %s; resume, or name those to cover with --only",
		strings.Join(out, ", "))
}

func (w *Worker) cutError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, projection.ErrCutApart):
		var at []string
		for _, name := range w.names() {
			e, _, _ := w.board.look(name)
			at = append(at, fmt.Sprintf("%s at %s", name, e.committed))
		}
		return fmt.Errorf("%w: %w", err, projection.Fail(projection.Refused, "a snapshot names one position, and the projections stand apart (%s); "+
			"wait until they have met, or name those to cover with --only", strings.Join(at, ", ")))
	case errors.Is(err, projection.ErrNothing):
		return projection.Fail(projection.Refused, "no event has been applied yet: there is nothing to name")
	}
	return err
}

// Snapshots returns the snapshots by rising sequence. The error says what is wrong with those that cannot be read.
func (w *Worker) Snapshots() ([]*snapshotstore.Manifest, error) { return w.store.Snapshots() }

// SnapshotNamed returns a snapshot.
func (w *Worker) SnapshotNamed(name string) (*snapshotstore.Manifest, error) {
	return w.store.Snapshot(name)
}

// Making returns the snapshots that are taken and not yet complete.
func (w *Worker) Making() []snapshotstore.Manifest { return w.store.Cuts() }

// snapshotOrCut returns a snapshot, also one that is taken and not yet complete: that one has no projections.
func (w *Worker) snapshotOrCut(name string) (m *snapshotstore.Manifest, err error) {
	for range 2 { // it may be completed between the two looks
		if m, err = w.store.Snapshot(name); !errors.Is(err, snapshotstore.ErrNoName) {
			return m, err
		}
		for _, c := range w.store.Cuts() {
			if c.Name == name {
				return &c, nil
			}
		}
	}
	return nil, err
}

// RemoveSnapshots removes snapshots by name, also those that are not yet complete, and the chunks that only they reached. Names that do
// not exist or are on hold are refused before anything is removed.
func (w *Worker) RemoveSnapshots(names ...string) (snapshotstore.Collected, error) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	var all []*snapshotstore.Manifest
	for _, name := range names {
		m, err := w.snapshotOrCut(name)
		if err != nil {
			return snapshotstore.Collected{}, err
		}
		if m.Hold {
			return snapshotstore.Collected{}, fmt.Errorf("%w: %s", projection.ErrHeld, name)
		}
		all = append(all, m)
	}
	if err := w.shelver.remove(all, func() error { return w.removeAll(names) }); err != nil {
		return snapshotstore.Collected{}, err
	}
	return w.store.Collect()
}

func (w *Worker) removeAll(names []string) error {
	for _, name := range names {
		if err := w.store.RemoveSnapshot(name); err != nil {
			return err
		}
		w.config.Logger.Info("a snapshot was removed", "name", name)
	}
	return nil
}

// Prune removes the snapshots whose term has passed, and the generated ones that the policy does not keep. With dry it only says
// which.
func (w *Worker) Prune(dry bool) ([]string, error) {
	all, err := w.store.Snapshots()
	if err != nil {
		return nil, err
	}
	names := w.config.Retention.expired(all, time.Now())
	slices.Sort(names)
	if dry || len(names) == 0 {
		return names, nil
	}
	_, err = w.RemoveSnapshots(names...)
	return names, err
}

// Retain changes how long a snapshot is kept, and whether it is on hold; nil leaves it as it is. Copies on a shelf keep what they
// were put there with.
func (w *Worker) Retain(name string, keep *Term, hold *bool) (*snapshotstore.Manifest, error) {
	var term *string
	if keep != nil {
		if _, err := keep.Duration(); err != nil {
			return nil, err
		}
		text := string(*keep)
		term = &text
	}
	m, err := w.store.RetainSnapshot(name, term, hold)
	if err == nil {
		w.config.Logger.Info("how long a snapshot is kept was changed", "name", name, "keep", m.Keep, "hold", m.Hold)
	}
	return m, err
}
