package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	if m != nil && to.seq == eventlog.Seq(m.StreamSequence) && to.time == 0 {
		what = "restore of snapshot " + m.Name
		if starts, ok := w.fits(m); ok && !wish.Verify {
			out := Restored{Sequence: to.seq, Base: to.seq}
			err := w.replace(ctx, &out, wish, func() error { return w.store.Switch(starts, what) }, what)
			return out, err
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
		if err = w.proveSnapshot(ctx, m); err != nil {
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

// proofWait is how long a restore waits for the log to say whether a snapshot is of its history. Where it does not say, the proof comes
// before the next commit.
const proofWait = time.Second

// proveSnapshot refuses a snapshot of another history than the log's, as far as that can be known now.
func (w *Worker) proveSnapshot(ctx context.Context, m *snapshotstore.Manifest) error {
	ctx, cancel := context.WithTimeout(ctx, proofWait)
	defer cancel()
	for _, p := range m.Projections {
		t, err := w.store.Tree(p.Commit)
		if err != nil {
			continue // whoever wants it will say so
		}
		var diverged *DivergedError
		if _, err := prove(ctx, w.config.Log, &t.At); errors.As(err, &diverged) {
			return fmt.Errorf("snapshot %s: %w", m.Name, err)
		}
	}
	return nil
}

// rebuildTo makes the state beside the live one, and puts it in place.
func (w *Worker) rebuildTo(
	ctx context.Context, wish *RestoreWish, m *snapshotstore.Manifest, to target, what string, progress func(applied, of uint64),
) (out Restored, err error) {
	b := &builder{worker: w, to: to, names: w.names(), progress: progress, prefer: map[string]string{}, flat: true}
	if m != nil {
		b.prefer = startsOf(m)
	}
	if wish.Verify {
		b.verify = func(s *projection.Store) error { return w.prove(ctx, s, m, to) }
	}
	made, err := b.run(ctx)
	if err != nil {
		return Restored{}, err
	}
	defer func() { err = errors.Join(err, made.store.Close()) }()
	if out.Sequence, err = made.position(); err != nil {
		return Restored{}, err
	}
	out.Base, out.Replayed = eventlog.Seq(made.cost.Base), made.cost.Replayed
	err = w.replace(ctx, &out, wish, func() error { return w.store.Switch(made.starts, what) }, what)
	return out, err
}

// undo brings back what was live before the last switch.
func (w *Worker) undo(ctx context.Context) (Restored, error) {
	before, err := w.store.Undoable()
	if err != nil {
		return Restored{}, err
	}
	out := Restored{Sequence: before.At, Base: before.At}
	wish := &RestoreWish{Undo: true}
	err = w.replace(ctx, &out, wish, w.store.Undo, "undo of "+before.Before)
	return out, err
}

// replace puts the new state in place. Where a snapshot is still being made of what was live before the last switch, it waits for that.
func (w *Worker) replace(ctx context.Context, out *Restored, wish *RestoreWish, put func() error, what string) error {
	for {
		done := w.folder.next()
		err := w.doWhole(ctx, func() error { return w.swap(out, wish, put, what) })
		if !errors.Is(err, projection.ErrCutting) {
			return err
		}
		w.folder.wake()
		select {
		case <-done:
		case <-w.running:
			return err
		case <-ctx.Done():
			return errors.Join(err, context.Cause(ctx))
		}
	}
}

// swap stops what runs, puts the new state in place, and lets it run or not. A pause is stored before the switch: whatever happens
// in between, nothing runs on from where it should stand still. Where the switch fails, everything is as it was.
func (w *Worker) swap(out *Restored, wish *RestoreWish, put func() error, what string) error {
	before, err := w.store.Paused()
	if err != nil {
		return err
	}
	names, runs, reason := w.names(), wish.ToCurrent || wish.Undo, what+"; resume to go on from there"
	if !runs {
		pause := projection.Pause{Since: time.Now().UTC(), Reason: reason}
		if err := w.store.SetPaused(names, &pause); err != nil {
			return err
		}
	}
	w.abandonAll()
	if err := put(); err != nil {
		return errors.Join(err, w.pauseAgain(names, before), w.settle())
	}
	if runs {
		err = w.store.SetPaused(names, nil)
	} else { // before anybody sees them at their new place as if they moved
		w.board.set(names, Paused, reason, nil)
	}
	return errors.Join(err, w.restored(out), w.settle())
}

// pauseAgain makes the pauses what they were.
func (w *Worker) pauseAgain(names []string, before map[string]projection.Pause) error {
	var errs []error
	for _, name := range names {
		var pause *projection.Pause
		if p, ok := before[name]; ok {
			pause = &p
		}
		errs = append(errs, w.store.SetPaused([]string{name}, pause))
	}
	return errors.Join(errs...)
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

// UnsoundError is a state that does not agree with itself, or with the snapshot that it was made from.
type UnsoundError struct {
	Projection string
	Problem    string
}

// Error names the problem.
func (e *UnsoundError) Error() string {
	return fmt.Sprintf("engine: the state of %s that was made is not sound: %s", e.Projection, e.Problem)
}

// prove compares the digests of a state, read from its rows, with what the snapshot says, and checks its structure.
func (w *Worker) prove(ctx context.Context, store *projection.Store, m *snapshotstore.Manifest, to target) error {
	found, err := VerifyStore(ctx, store, w.config.Projections)
	if err != nil {
		return err
	}
	for _, d := range found.Projections {
		if !d.OK {
			return &UnsoundError{Projection: d.Name, Problem: strings.Join(d.Problems, "; ")}
		}
		if m == nil || eventlog.Seq(m.StreamSequence) != to.seq || to.time != 0 {
			continue
		}
		for _, p := range m.Projections {
			if p.Name == d.Name && p.Version == d.Version && p.Digest != d.Digest {
				return &UnsoundError{Projection: d.Name, Problem: fmt.Sprintf("its digest is %s, snapshot %s says %s", d.Digest, m.Name, p.Digest)}
			}
		}
	}
	return nil
}
