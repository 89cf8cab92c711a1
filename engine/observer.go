package engine

import (
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// Observer is told what a worker does. Every func may be nil. They are called from the worker's goroutines, hold it up while they
// run, and must not call the worker.
type Observer struct {
	// Committed is called after each commit is durable.
	Committed func(Commit)

	// StateChanged is called when a projection's state is another one.
	StateChanged func(projection string, state State, reason string)

	// CaughtUp is called when a group has committed everything that the log had when it was last asked.
	CaughtUp func(projections []string, at eventlog.Seq)

	// Merged is called when projections that were behind have joined others.
	Merged func(projections []string, at eventlog.Seq)

	// Retried is called before a runner starts again after an error.
	Retried func(projections []string, err error, wait time.Duration)

	// Folded is called after recent changes were folded into the state below them.
	Folded func(projection.Folded)

	// Unprovable is called when the records that could prove the history are gone: see Config.Strict.
	Unprovable func(projections []string, since eventlog.Seq)
}

// Commit is one commit of one group.
type Commit struct {
	Projections []string
	From        eventlog.Seq // the position before
	To          eventlog.Seq // the position after
	Records     int
	Time        time.Duration // from sealing to durable, the proof included
}

func (o *Observer) committed(c Commit) {
	if o.Committed != nil {
		o.Committed(c)
	}
}

func (o *Observer) stateChanged(projection string, s State, reason string) {
	if o.StateChanged != nil {
		o.StateChanged(projection, s, reason)
	}
}

func (o *Observer) caughtUp(names []string, at eventlog.Seq) {
	if o.CaughtUp != nil {
		o.CaughtUp(names, at)
	}
}

func (o *Observer) merged(names []string, at eventlog.Seq) {
	if o.Merged != nil {
		o.Merged(names, at)
	}
}

func (o *Observer) retried(names []string, err error, wait time.Duration) {
	if o.Retried != nil {
		o.Retried(names, err, wait)
	}
}

func (o *Observer) folded(f projection.Folded) {
	if o.Folded != nil {
		o.Folded(f)
	}
}

func (o *Observer) unprovable(names []string, since eventlog.Seq) {
	if o.Unprovable != nil {
		o.Unprovable(names, since)
	}
}
