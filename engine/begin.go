package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// BeginFrom says where the state of an empty data directory comes from: a snapshot by name, which is there already or on the shelf,
// Latest for the one with the highest sequence, or an exported file.
type BeginFrom struct {
	Snapshot string
	File     io.Reader // goes before Snapshot
	Wish     string    // what Origin returns later; "" = Snapshot
}

// Latest stands for the snapshot with the highest sequence, of the log's own history where there is one.
const Latest = "latest"

// ErrNotEmpty says that a data directory already has a state.
var ErrNotEmpty = errors.New("engine: the data directory is not empty; a worker begins from a snapshot only where nothing is yet; " +
	"use restore to put an existing one there")

// Fresh tells whether no event was ever applied here, so that Begin can be called.
func (w *Worker) Fresh() (bool, error) { return w.store.Fresh() }

// Begin puts a snapshot in place as the first state of a data directory where no event was ever applied, and returns its manifest.
// It is called before Run, which goes on from there. A snapshot of another history than the log's, as far as that can be known now,
// is refused with a DivergedError, and one whose versions do not fit with projection.ErrOtherVersion. Where it fails or is killed,
// the directory is as empty as before, and Begin can be called again.
func (w *Worker) Begin(ctx context.Context, from BeginFrom, progress snapshotstore.Progress) (*snapshotstore.Manifest, error) {
	fresh, err := w.store.Fresh()
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, ErrNotEmpty
	}
	before, err := w.store.Snapshots()
	if err != nil {
		return nil, err
	}
	m, err := w.bring(ctx, from, progress)
	if err != nil {
		return nil, err
	}
	if err := w.beginAt(ctx, m, cmp.Or(from.Wish, from.Snapshot)); err != nil {
		return nil, errors.Join(err, w.giveBack(m, before))
	}
	w.config.Logger.Info("the models begin from a snapshot", "name", m.Name, "sequence", m.StreamSequence)
	return m, w.restored(&Restored{})
}

// beginAt puts a snapshot in place, if it is of this history and fits.
func (w *Worker) beginAt(ctx context.Context, m *snapshotstore.Manifest, wish string) error {
	if err := w.proveSnapshot(ctx, m); err != nil {
		return err
	}
	starts, ok := w.fits(m)
	if !ok {
		return fmt.Errorf("%w: snapshot %s does not have all of %v in the versions of this build; start without it, "+
			"and the models are made from history", projection.ErrOtherVersion, m.Name, w.names())
	}
	if err := w.store.SetOrigin(wish); err != nil {
		return err
	}
	if err := w.store.Switch(starts, "start from snapshot "+m.Name); err != nil {
		return err
	}
	return w.store.DropUndo() // of nothing
}

// giveBack removes a snapshot that was brought in, unless it is what is live now.
func (w *Worker) giveBack(m *snapshotstore.Manifest, before []*snapshotstore.Manifest) error {
	if slices.ContainsFunc(before, func(o *snapshotstore.Manifest) bool { return o.Name == m.Name }) {
		return nil
	}
	if fresh, err := w.store.Fresh(); err != nil || !fresh {
		return err
	}
	if err := w.store.GiveBack(m.Name); err != nil {
		return err
	}
	_, err := w.store.Collect()
	return err
}

// Origin returns what the wish was from which the state here began; "" where it began with the first event.
func (w *Worker) Origin() (string, error) { return w.store.Origin() }

// bring finds the snapshot and takes it in.
func (w *Worker) bring(ctx context.Context, from BeginFrom, progress snapshotstore.Progress) (*snapshotstore.Manifest, error) {
	if from.File != nil {
		return w.store.Import(ctx, from.File, "", progress)
	}
	if from.Snapshot == Latest {
		return w.bringLatest(ctx, progress)
	}
	m, err := w.store.Snapshot(from.Snapshot)
	if err == nil || !errors.Is(err, snapshotstore.ErrNoName) {
		return m, err
	}
	if w.config.Shelf == nil {
		return nil, fmt.Errorf("%w: there is no snapshot %s here, and no shelf is configured that could have it; "+
			"name an exported file, or configure a shelf", snapshotstore.ErrNoName, from.Snapshot)
	}
	return w.store.Pull(ctx, w.config.Shelf, from.Snapshot, progress)
}

// bringLatest takes in the newest of all snapshots that are here or on the shelf.
func (w *Worker) bringLatest(ctx context.Context, progress snapshotstore.Progress) (*snapshotstore.Manifest, error) {
	here, err := w.store.Snapshots()
	if err != nil {
		return nil, err
	}
	var there []*snapshotstore.Manifest
	if w.config.Shelf != nil {
		there, err = snapshotstore.Shelved(ctx, w.config.Shelf)
		if err != nil && (len(there) == 0 || !ofOne(err)) {
			return nil, err
		}
		if err != nil {
			w.config.Logger.Warn("a snapshot on the shelf cannot be read, and is passed over", "err", err)
		}
	}
	all := slices.Concat(here, there)
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: there is none here and none on a shelf", snapshotstore.ErrNoName)
	}
	bounds, err := w.config.Log.Bounds(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask which snapshots are of this history: %w", err)
	}
	newest := slices.MaxFunc(all, func(a, b *snapshotstore.Manifest) int { return byAge(bounds.Stream, a, b) })
	if slices.Contains(here, newest) {
		return newest, nil
	}
	return w.store.Pull(ctx, w.config.Shelf, newest.Name, progress)
}

// byAge orders snapshots: those of another stream before those of this one, then by position.
func byAge(stream eventlog.Stream, a, b *snapshotstore.Manifest) int {
	of := func(m *snapshotstore.Manifest) int {
		if m.StreamName == stream.Name && m.StreamCreated.Equal(stream.Created.Std()) {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(of(a), of(b)), cmp.Compare(a.StreamSequence, b.StreamSequence), a.CreatedAt.Compare(b.CreatedAt))
}
