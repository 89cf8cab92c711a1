package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// joinWithin is how many events a group may be behind another one for them to be brought to one position and joined: it is how
// long the other one stands still.
const joinWithin = 10_000

// joinTime bounds how long both stand still.
const joinTime = 10 * time.Second

// watchHeads listens to commits, so that a group that has come near another one is joined with it.
func (w *Worker) watchHeads() {
	next := w.config.Observer.Committed
	w.config.Observer.Committed = func(c Commit) {
		if next != nil {
			next(c)
		}
		w.mayJoin()
	}
	caughtUp := w.config.Observer.CaughtUp
	w.config.Observer.CaughtUp = func(names []string, at eventlog.Seq) {
		if caughtUp != nil {
			caughtUp(names, at)
		}
		w.mayJoin()
	}
}

// mayJoin asks the goroutine of Run to look, without waiting for it.
func (w *Worker) mayJoin() {
	if w.groups.Load() < 2 {
		return
	}
	select {
	case w.heads <- struct{}{}:
	default: // it will look anyway
	}
}

// join joins two groups that run and stand near each other, if there are any.
func (w *Worker) join() {
	a, b := w.near()
	if a == nil {
		return
	}
	err := w.joinRunners(a, b)
	if errors.Is(err, projection.ErrUnlike) {
		w.unlike[pairOf(a, b)] = true
	}
	if err != nil {
		w.config.Logger.Warn("projections could not be joined yet", "first", a.names, "second", b.names, "err", err)
	}
	if err := w.settle(); err != nil {
		w.config.Logger.Error("projections could not be started again", "err", err)
	}
}

// near returns two runners that stand near each other.
func (w *Worker) near() (*runner, *runner) {
	for i, a := range w.runners {
		for _, b := range w.runners[i+1:] {
			if distance(a.position(), b.position()) <= joinWithin && !w.unlike[pairOf(a, b)] {
				return a, b
			}
		}
	}
	return nil, nil
}

// pair is two groups.
type pair [2]*projection.Group

func pairOf(a, b *runner) pair {
	if a.names[0] > b.names[0] {
		a, b = b, a
	}
	return pair{a.group, b.group}
}

func distance(a, b eventlog.Seq) eventlog.Seq { return max(a, b) - min(a, b) }

// joinRunners stops both, brings the one behind to the other's position, and merges the smaller into the larger.
func (w *Worker) joinRunners(a, b *runner) error {
	w.stopRunner(a.group)
	w.stopRunner(b.group)
	behind, ahead := a, b
	if behind.position() > ahead.position() {
		behind, ahead = ahead, behind
	}
	ctx, cancel := context.WithTimeout(w.base, joinTime)
	defer cancel()
	to := ahead.position()
	if err := newRunner(&w.config, behind.group, w.board, w.folder).run(ctx, target{seq: to}); err != nil {
		return err
	}
	if at := behind.position(); at != to {
		return fmt.Errorf("bring %v from %s to %s: not done within %s", behind.names, at, to, joinTime)
	}
	into, from := ahead.group, behind.group
	if from.Bytes() > into.Bytes() {
		into, from = from, into
	}
	if err := into.Merge(from); err != nil {
		return err
	}
	w.config.Observer.merged(from.Names(), to)
	return nil
}
