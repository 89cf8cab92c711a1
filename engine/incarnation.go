package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// incarnation is one life of a group's pipeline: one cursor, one fold, and everything between. Whatever disturbs it ends it, and
// what it fetched and did not commit is dropped with it.
type incarnation struct {
	config  *Config
	group   *projection.Group
	to      target
	missing eventlog.Seq // up to here the log need not hold what was never applied
	board   *board
	folder  *folder
	grace   time.Duration                // for the last commit after the context has ended
	dropped context.Context              //nolint:containedctx // ends when nothing more is to be committed; nil for never
	watch   func(*projection.Fold) error // is given the fold before it begins; nil = nobody
	started func()                       // called once the log answered and its history is proved

	names   []string
	fold    *projection.Fold
	last    projection.Checkpoint // the last committed
	applied atomic.Uint64         // the position in memory
	reached bool                  // it ended because it came to the target
}

// run lives until ctx ends, the target is reached (nil both), or something disturbs it.
func (in *incarnation) run(ctx context.Context) error {
	in.names = in.group.Names()
	fold, err := in.group.Fold()
	if err != nil {
		return err
	}
	in.fold = fold
	defer fold.Close()
	in.last = fold.Checkpoint()
	if in.watch != nil {
		if err := in.watch(fold); err != nil {
			return err
		}
	}
	if in.to.passed(&in.last) {
		in.reached = true
		return nil
	}
	cursor, anchor, err := in.begin(ctx)
	if err != nil {
		return err
	}
	err = in.pipe(ctx, cursor, anchor)
	return errors.Join(err, cursor.Close())
}

// begin proves the log's history and opens a cursor: at the checkpointed record where it is still held, which then comes first
// and must be the same, else behind it.
func (in *incarnation) begin(ctx context.Context) (eventlog.Cursor, *eventlog.Mark, error) {
	log := in.config.Log
	bounds, err := log.Bounds(ctx)
	if err != nil {
		return nil, nil, err
	}
	found, err := prove(ctx, log, &in.last)
	if err != nil {
		return nil, nil, err
	}
	if bounds.Last < in.to.seq { // which was there when the target was set
		return nil, nil, &DivergedError{Stream: bounds.Stream, At: in.to.seq, Common: in.last.Anchor.Seq, Last: bounds.Last}
	}
	if err := in.accept(found, bounds); err != nil {
		return nil, nil, err
	}
	in.fold.Pin(bounds.Stream)
	in.fold.Prune(bounds.First)
	from, err := in.from(bounds)
	if err != nil {
		return nil, nil, err
	}
	in.started()
	if in.last.Seq >= bounds.Last {
		in.atHead()
	}
	var anchor *eventlog.Mark
	if found.held {
		from, anchor = in.last.Anchor.Seq, &in.last.Anchor
	}
	cursor, err := log.Read(ctx, from, in.to.seq)
	if err != nil {
		return nil, nil, fmt.Errorf("read from %s: %w", from, err)
	}
	return cursor, anchor, nil
}

// accept decides what an unprovable history means.
func (in *incarnation) accept(found proof, bounds eventlog.Bounds) error {
	if found.provable {
		return nil
	}
	if in.config.Strict {
		return &UnprovableError{Stream: bounds.Stream, Since: in.last.Seq}
	}
	in.config.Observer.unprovable(in.names, in.last.Seq)
	return nil
}

// from returns where to read on, or what is missing before it.
func (in *incarnation) from(bounds eventlog.Bounds) (eventlog.Seq, error) {
	next := in.last.Seq + 1
	if next >= bounds.First {
		return next, nil
	}
	if !in.config.AcceptGap && bounds.First-1 > in.missing {
		return 0, &GapError{Stream: bounds.Stream, From: next, To: bounds.First - 1}
	}
	in.fold.Skip(in.to.within(bounds.First - 1))
	return bounds.First, nil
}

// pipe connects the stages and waits for all of them.
func (in *incarnation) pipe(ctx context.Context, cursor eventlog.Cursor, anchor *eventlog.Mark) error {
	hard, kill := context.WithCancelCause(context.WithoutCancel(ctx))
	defer kill(nil)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(in.grace, func() { kill(context.Cause(ctx)) }) })
	defer stop()
	if in.dropped != nil {
		defer context.AfterFunc(in.dropped, func() { kill(errAbandoned) })()
	}

	stages, hard := errgroup.WithContext(hard)
	fetching, endFetch := context.WithCancel(hard)
	defer endFetch()
	defer context.AfterFunc(ctx, endFetch)()

	depth := 4 * in.config.Decoders
	work, ordered := make(chan *chunk, depth), make(chan *chunk, depth)
	batches, stored := make(chan *projection.Batch, 1), make(chan *projection.Batch, 1)
	room := semaphore.NewWeighted(int64(in.config.flightBytes()))

	at := in.last
	fetch := &fetcher{
		log: in.config.Log, cursor: cursor, anchor: anchor, at: &at, room: room, most: int64(in.config.flightBytes()),
		group: eventlog.Assembler{Limit: in.config.flightBytes()}, ordered: ordered, work: work, to: in.to,
	}
	stages.Go(func() error {
		err := fetch.run(fetching)
		if ctx.Err() != nil {
			return nil // stopping: what was applied is still to be committed
		}
		in.reached = err == nil && fetch.reached
		return err
	})
	preparer := projection.NewPreparer(in.fold.Projections(), in.config.Decoder)
	for range in.config.Decoders {
		stages.Go(func() error { return decode(hard, preparer, work) }) // to the end of what was fetched
	}
	apply := &applier{
		fold: in.fold, dirty: in.config.dirtyBytes(), commit: in.config.commitBytes(), records: in.config.CommitRecords,
		bound: in.to.seq, ordered: ordered, batches: batches, stored: stored,
		applied: func(c *chunk) {
			room.Release(c.bytes)
			in.applied.Store(uint64(in.fold.Position()))
			in.board.waiting(in.names, c.pending, c.open)
		},
	}
	stages.Go(func() error { return apply.run(hard, ctx.Done()) })
	stages.Go(func() error { return in.commit(hard, batches, stored) })
	return stages.Wait()
}

var errAbandoned = errors.New("engine: what was applied is not wanted any more")

// commit stores batches until there are no more: each after the log was asked once more, after the last record of the batch had
// come, whether it still is the history.
func (in *incarnation) commit(ctx context.Context, batches <-chan *projection.Batch, stored chan<- *projection.Batch) error {
	for b := range batches {
		begun := time.Now()
		if err := in.proveBatch(ctx, b); err != nil {
			return err
		}
		writing := time.Now()
		if err := in.group.Commit(b); err != nil {
			return &CommitError{Err: err}
		}
		if e, _, _ := in.board.look(in.names[0]); e.state == Live {
			in.folder.committed(time.Since(writing))
		}
		from := in.last.Seq
		in.last = b.At
		in.board.moved(in.names, b.At.Seq, b.Records)
		in.config.Observer.committed(Commit{Projections: in.names, From: from, To: b.At.Seq, Records: b.Records, Time: time.Since(begun)})
		stored <- b // has room for one, and one is all there is
		if err := in.rotate(ctx); err != nil {
			return err
		}
		in.head()
	}
	return nil
}

// rotate freezes the group's delta when it has grown large, and has it folded. Where too many wait for that already, nothing is
// committed until one is done: memory and disk stay bounded.
func (in *incarnation) rotate(ctx context.Context) error {
	for in.group.Large() {
		done := in.folder.next()
		err := in.group.Rotate()
		in.folder.wake()
		if err == nil {
			return nil
		}
		if !errors.Is(err, projection.ErrFrozen) {
			return &CommitError{Err: err}
		}
		in.board.set(in.names, CatchingUp, "held back until earlier changes are folded", nil)
		select {
		case <-done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// proveBatch proves the history that a batch continues. Before the first checkpoint there is nothing but the batch itself: its
// first record must still be there.
func (in *incarnation) proveBatch(ctx context.Context, b *projection.Batch) error {
	at := in.last
	if at.Anchor.Seq == 0 {
		at.Seq, at.Anchor = b.First.Seq, b.First
	}
	found, err := prove(ctx, in.config.Log, &at)
	if err != nil {
		return err
	}
	if !found.provable && in.config.Strict {
		return &UnprovableError{Stream: at.Stream, Since: at.Seq}
	}
	return nil
}

// CommitError is a batch that could not be stored.
type CommitError struct {
	Err error
}

// Error states the cause.
func (e *CommitError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *CommitError) Unwrap() error { return e.Err }

// head reports whether everything that was known to wait is committed.
func (in *incarnation) head() {
	e, _, _ := in.board.look(in.names[0])
	switch {
	case e.pending == 0 && uint64(in.last.Seq) >= in.applied.Load():
		in.atHead()
	case e.pending >= catchUpFrom:
		in.board.set(in.names, CatchingUp, "", nil)
	}
}

// catchUpFrom is how many events must wait for a projection to be said to be catching up: fewer come and go in a busy stream.
const catchUpFrom = 1000

func (in *incarnation) atHead() {
	in.board.set(in.names, Live, "", nil)
	in.config.Observer.caughtUp(in.names, in.last.Seq)
}
