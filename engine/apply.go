package engine

import (
	"context"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// commitAge is how long a batch is kept open while history is being caught up with: a commit that is let grow touches each
// page of the store once. At the head of the stream nothing waits: what is there is committed.
const commitAge = time.Second

// applier folds chunks in order, and hands sealed batches to the committer: the next one is applied while one is committed.
type applier struct {
	fold    *projection.Fold
	dirty   int          // bytes after which a batch is sealed; nothing is applied above it while another is committed
	commit  int          // bytes that a commit may need
	records int          // records after which it is; 0 = no limit
	bound   eventlog.Seq // the position is not moved above it; 0 = no bound
	ordered <-chan *chunk
	batches chan<- *projection.Batch
	stored  <-chan *projection.Batch
	applied func(*chunk) // called after each chunk

	chunk      *chunk // that is being applied
	group      int    // of it, the next to be applied
	committing bool
	ended      bool
	pending    uint64
	opened     time.Time // when the open batch began
	timer      *time.Timer
}

// run applies until the chunks end or stop is closed, and everything that was applied is committed.
func (a *applier) run(ctx context.Context, stop <-chan struct{}) error {
	defer close(a.batches)
	a.timer = time.NewTimer(commitAge)
	defer a.timer.Stop()
	for {
		if err := a.applyChunk(); err != nil {
			return err
		}
		if err := a.seal(); err != nil {
			return err
		}
		if a.ended && !a.committing && (a.chunk == nil || stop == nil) {
			return nil
		}
		chunks := a.ordered
		if a.ended || a.chunk != nil {
			chunks = nil
		}
		select {
		case c, ok := <-chunks:
			a.ended = !ok
			if ok {
				if err := a.take(ctx, c); err != nil {
					return err
				}
			}
		case b := <-a.stored:
			a.fold.Committed(b)
			a.committing = false
		case <-a.timer.C: // the open batch is old enough
		case <-stop:
			a.ended, a.chunk, stop = true, nil, nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (a *applier) full() bool {
	return a.fold.Dirty() >= a.dirty || a.fold.CommitBytes() >= a.commit || a.records > 0 && a.fold.Records() >= a.records
}

// take waits until a chunk is decoded.
func (a *applier) take(ctx context.Context, c *chunk) error {
	select {
	case <-c.ready:
		a.chunk, a.group = c, 0
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// applyChunk applies groups of the chunk until the open batch is full or the chunk ends.
func (a *applier) applyChunk() error {
	c := a.chunk
	if c == nil {
		return nil
	}
	for ; a.group < c.groups(); a.group++ {
		if a.full() {
			return nil
		}
		if err := a.applyGroup(c); err != nil {
			return err
		}
	}
	a.open()
	through := c.through
	if a.bound > 0 {
		through = min(through, a.bound)
	}
	a.fold.Skip(through)
	a.pending = c.pending
	a.chunk = nil
	a.applied(c)
	return nil
}

func (a *applier) applyGroup(c *chunk) error {
	a.open()
	from, to := c.group(a.group)
	for i := from; i < to; i++ {
		if err := a.fold.Apply(&c.inputs[i]); err != nil {
			return err
		}
	}
	return nil
}

// open notes when the open batch gets its first change.
func (a *applier) open() {
	if a.fold.Dirty() == 0 {
		a.opened = time.Now()
		a.timer.Reset(commitAge)
	}
}

// seal hands the open batch to the committer where it is time to.
func (a *applier) seal() error {
	if a.committing || a.fold.Dirty() == 0 || !a.due() {
		return nil
	}
	b, err := a.fold.Seal()
	if err != nil {
		return err
	}
	a.committing = true
	a.batches <- b // has room for one, and one is all there is
	return nil
}

// due tells whether the open batch should be committed now: at the head of the stream as soon as nothing more is ready, while
// catching up when it is large or old.
func (a *applier) due() bool {
	switch {
	case a.ended, a.full():
		return true
	case a.pending == 0 && a.chunk == nil:
		return len(a.ordered) == 0
	}
	return time.Since(a.opened) >= commitAge
}
