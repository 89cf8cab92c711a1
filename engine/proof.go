package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// DivergedError is a log that is not, or no longer, the history which a state was made from.
type DivergedError struct {
	Stream    eventlog.Stream
	At        eventlog.Seq // the checkpoint
	Common    eventlog.Seq // the highest sequence that was proved to be the same; 0 for none
	Different eventlog.Seq // the lowest that was proved to be another; 0 where the log ends before it
	Last      eventlog.Seq // the log's last sequence
}

// Error says where the histories part.
func (e *DivergedError) Error() string {
	what := fmt.Sprintf("event %s is another one", e.Different)
	if e.Different == 0 {
		what = fmt.Sprintf("it ends at %s", e.Last)
	}
	return fmt.Sprintf("engine: stream %s is not the history that was projected up to %s: %s, the same up to %s is proved; "+
		"nothing of it was applied; project it again into another data directory, or bring the old stream back",
		e.Stream.Name, e.At, what, e.Common)
}

// GapError is a range of events that the log no longer holds and that was never applied.
type GapError struct {
	Stream   eventlog.Stream
	From, To eventlog.Seq
}

// Error names the range.
func (e *GapError) Error() string {
	return fmt.Sprintf("engine: stream %s no longer holds the events %s to %s, which were never applied; "+
		"start with --accept-gap to go on without them", e.Stream.Name, e.From, e.To)
}

// UnprovableError is a history that cannot be proved, in strict mode.
type UnprovableError struct {
	Stream eventlog.Stream
	Since  eventlog.Seq
}

// Error says since when.
func (e *UnprovableError) Error() string {
	return fmt.Sprintf("engine: stream %s holds none of the events by which the history up to %s could be proved; "+
		"start without --strict to trust the stream's identity instead", e.Stream.Name, e.Since)
}

// proof is what the log says of a checkpoint.
type proof struct {
	held     bool // the anchor is still there, and is the same
	provable bool // some mark is
}

// prove asks the log whether it still is the history that the checkpoint was made from. It returns a DivergedError when it is
// not, and any other error when it could not be asked.
func prove(ctx context.Context, log eventlog.Log, at *projection.Checkpoint) (proof, error) {
	if at.Anchor.Seq == 0 {
		return proof{provable: true}, nil
	}
	same, held, err := compare(ctx, log, at.Anchor)
	if err != nil {
		return proof{}, err
	}
	if held && same {
		return proof{held: true, provable: true}, nil
	}
	if held {
		return proof{}, bracket(ctx, log, at, at.Anchor.Seq)
	}
	return proveByRing(ctx, log, at)
}

// compare holds one mark against the log's record.
func compare(ctx context.Context, log eventlog.Log, m eventlog.Mark) (same, held bool, err error) {
	r, err := log.Seek(ctx, m.Seq)
	switch {
	case errors.Is(err, eventlog.ErrNotFound):
		return false, false, nil
	case err != nil:
		return false, false, fmt.Errorf("ask for event %s: %w", m.Seq, err)
	case r.Seq != m.Seq:
		return false, false, nil
	}
	return eventlog.HashRecord(&r) == m.Hash, true, nil
}

// proveByRing proves a checkpoint whose own record is gone: by the newest mark that the log still holds, or, where it holds none,
// by the stream's identity and length.
func proveByRing(ctx context.Context, log eventlog.Log, at *projection.Checkpoint) (proof, error) {
	bounds, err := log.Bounds(ctx)
	if err != nil {
		return proof{}, err
	}
	if bounds.Last < at.Seq {
		return proof{}, bracket(ctx, log, at, 0)
	}
	for _, m := range at.Ring.Marks() {
		if m.Seq < bounds.First {
			break
		}
		same, held, err := compare(ctx, log, m)
		switch {
		case err != nil:
			return proof{}, err
		case held && !same:
			return proof{}, bracket(ctx, log, at, m.Seq)
		case held:
			return proof{provable: true}, nil
		}
	}
	if bounds.Stream != at.Stream {
		return proof{}, &DivergedError{Stream: bounds.Stream, At: at.Seq, Different: bounds.First, Last: bounds.Last}
	}
	return proof{}, nil
}

// bracket finds between which marks two histories part, and returns it as a DivergedError. different is a sequence that is
// known to be another record, or 0.
func bracket(ctx context.Context, log eventlog.Log, at *projection.Checkpoint, different eventlog.Seq) error {
	bounds, err := log.Bounds(ctx)
	if err != nil {
		return err
	}
	out := &DivergedError{Stream: bounds.Stream, At: at.Seq, Different: different, Last: bounds.Last}
	for _, m := range at.Ring.Marks() {
		same, held, err := compare(ctx, log, m)
		switch {
		case err != nil:
			return err
		case held && same:
			out.Common = m.Seq
			return out
		case held:
			out.Different = m.Seq
		}
	}
	return out
}
