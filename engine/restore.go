package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// RestoreWish is where the live models are to be put. A snapshot alone: there, paused until they are resumed. With ToSequence or
// ToTime: as of then, paused, from the snapshot or from the best one at or before it. With ToCurrent: on to the end of the stream,
// and live from there. Undo: what was live before the last switch, which then catches up.
type RestoreWish struct {
	Snapshot   string
	ToSequence eventlog.Seq
	ToTime     eventlog.Time
	ToCurrent  bool
	Undo       bool
	Verify     bool // reads everything and compares digests before the switch
}

// Restored says what a restore did.
type Restored struct {
	Sequence   eventlog.Seq  // the position of the models now
	Base       eventlog.Seq  // what it began from; 0 = the beginning
	Replayed   uint64        // events
	Paused     bool          // the models stay there until they are resumed
	Generation uint64        // of the models now
	Time       time.Duration // until the switch
}

// ErrRestoring says that another restore is under way.
var ErrRestoring = errors.New("engine: another restore is under way; wait for it, or see its progress in status")

// Validate refuses wishes that contradict themselves.
func (r *RestoreWish) Validate() error {
	n := 0
	for _, is := range []bool{r.ToSequence > 0, r.ToTime != 0, r.ToCurrent, r.Undo} {
		if is {
			n++
		}
	}
	switch {
	case n > 1:
		return projection.Fail(projection.BadRequest, "only one of a sequence, a moment, the current end and undo can be the end of a restore")
	case r.Undo && r.Snapshot != "":
		return projection.Fail(projection.BadRequest, "undo goes back to what was live before; it takes no snapshot")
	case n == 0 && r.Snapshot == "":
		return projection.Fail(projection.BadRequest, "neither a snapshot nor a sequence nor a moment is named")
	}
	return nil
}

// Restore puts the live models where the wish says. The new state is made beside the live one, which answers until it is put in
// place in one step; what was live can be brought back by Undo. progress is told of a replay; nil for nobody.
func (w *Worker) Restore(ctx context.Context, wish RestoreWish, progress func(applied, of uint64)) (Restored, error) {
	if err := wish.Validate(); err != nil {
		return Restored{}, err
	}
	if !w.restoring.TryLock() {
		return Restored{}, ErrRestoring
	}
	defer w.restoring.Unlock()
	begun := time.Now()
	out, err := w.restore(ctx, &wish, progress)
	if err != nil {
		return Restored{}, err
	}
	out.Time = time.Since(begun)
	out.Paused = !wish.ToCurrent && !wish.Undo
	w.folder.wake()
	w.config.Logger.Info("models were restored", "sequence", out.Sequence, "base", out.Base, "replayed", out.Replayed, "took", out.Time)
	return out, nil
}

func (w *Worker) restore(ctx context.Context, wish *RestoreWish, progress func(applied, of uint64)) (Restored, error) {
	if wish.Undo {
		return w.undo(ctx)
	}
	m, to, err := w.destination(ctx, wish)
	if err != nil {
		return Restored{}, err
	}
	what := "restore to " + to.String()
	if m != nil && to.seq == eventlog.Seq(m.StreamSequence) && to.time == 0 && !wish.Verify {
		what = "restore of snapshot " + m.Name
		if starts, ok := w.fits(m); ok {
			out := Restored{Sequence: to.seq, Base: to.seq}
			return out, w.replace(ctx, &out, wish, func() error { return w.store.Switch(starts, what) }, what)
		}
	}
	return w.rebuildTo(ctx, wish, m, to, what, progress)
}

// destination returns the snapshot that a restore begins from, nil for none, and where it ends.
func (w *Worker) destination(ctx context.Context, wish *RestoreWish) (*snapshotstore.Manifest, target, error) {
	var m *snapshotstore.Manifest
	var err error
	to := target{seq: wish.ToSequence, time: wish.ToTime}
	if wish.Snapshot != "" {
		if m, err = w.store.Snapshot(wish.Snapshot); err != nil {
			return nil, to, err
		}
		if to == (target{}) && !wish.ToCurrent {
			return m, target{seq: eventlog.Seq(m.StreamSequence)}, nil
		}
	}
	if to, err = w.bounded(ctx, to); err != nil {
		return nil, to, err
	}
	if m != nil && (to.seq < eventlog.Seq(m.StreamSequence) || to.time != 0 && m.StreamTime != nil && to.time < eventlog.Time(m.StreamTime.UnixNano())) {
		return nil, to, projection.Fail(projection.Refused, "snapshot %s is of event %d, which is after %s; leave the snapshot out, "+
			"and the best one before it is taken", m.Name, m.StreamSequence, to)
	}
	return m, to, nil
}

// rebuildTo makes the state beside the live one, and puts it in place.
func (w *Worker) rebuildTo(
	ctx context.Context, wish *RestoreWish, m *snapshotstore.Manifest, to target, what string, progress func(applied, of uint64),
) (out Restored, err error) {
	b := &builder{worker: w, to: to, names: w.names(), progress: progress, prefer: map[string]string{}}
	if m != nil {
		b.prefer = startsOf(m)
	}
	made, err := b.run(ctx)
	if err != nil {
		return Restored{}, err
	}
	defer func() { err = errors.Join(err, made.store.Close()) }()
	if out.Sequence, err = made.position(); err != nil {
		return Restored{}, err
	}
	starts, err := made.store.Flatten(ctx)
	if err != nil {
		return Restored{}, fmt.Errorf("fold the restored state: %w", err)
	}
	if wish.Verify {
		if err := w.prove(ctx, made.store, m, out.Sequence); err != nil {
			return Restored{}, err
		}
	}
	out.Base, out.Replayed = eventlog.Seq(made.cost.Base), made.cost.Replayed
	return out, w.replace(ctx, &out, wish, func() error { return w.store.Switch(starts, what) }, what)
}

// undo brings back what was live before the last switch.
func (w *Worker) undo(ctx context.Context) (Restored, error) {
	before, err := w.store.Undoable()
	if err != nil {
		return Restored{}, err
	}
	out := Restored{Sequence: before.At, Base: before.At}
	wish := &RestoreWish{Undo: true}
	return out, w.replace(ctx, &out, wish, w.store.Undo, "undo of "+before.Before)
}

// replace stops what runs, puts the new state in place, and lets it run or not. A pause is stored before the switch: whatever
// happens in between, nothing runs on from where it should stand still.
func (w *Worker) replace(ctx context.Context, out *Restored, wish *RestoreWish, put func() error, what string) error {
	names := w.names()
	return w.do(ctx, func() error {
		runs := wish.ToCurrent || wish.Undo
		if !runs {
			pause := projection.Pause{Since: time.Now().UTC(), Reason: what + "; resume to go on from there"}
			if err := w.store.SetPaused(names, &pause); err != nil {
				return err
			}
		}
		w.abandonAll()
		err := put()
		if err == nil && runs {
			err = w.store.SetPaused(names, nil)
		}
		if err == nil {
			err = w.restored(out)
		}
		return errors.Join(err, w.settle())
	})
}

// restored puts the new positions on the board.
func (w *Worker) restored(out *Restored) error {
	clear(w.stopped)
	clear(w.unlike)
	for _, g := range w.store.Groups() {
		at, err := g.Checkpoint()
		if err != nil {
			return err
		}
		for _, name := range g.Names() {
			w.board.place(name, at.Seq)
			out.Generation = max(out.Generation, w.store.Generation(name))
		}
	}
	return nil
}

// prove compares the digests of a state, read from its rows, with what the snapshot says, and checks its structure.
func (w *Worker) prove(ctx context.Context, store *projection.Store, m *snapshotstore.Manifest, at eventlog.Seq) error {
	found, err := VerifyStore(ctx, store, w.config.Projections)
	if err != nil {
		return err
	}
	for _, d := range found.Projections {
		if !d.OK {
			return fmt.Errorf("engine: the restored state of %s is not whole: %s", d.Name, d.Problems[0])
		}
		if m == nil || eventlog.Seq(m.StreamSequence) != at {
			continue
		}
		for _, p := range m.Projections {
			if p.Name == d.Name && p.Version == d.Version && p.Digest != d.Digest {
				return fmt.Errorf("engine: the restored state of %s has digest %s, snapshot %s says %s", d.Name, d.Digest, m.Name, p.Digest)
			}
		}
	}
	return nil
}
