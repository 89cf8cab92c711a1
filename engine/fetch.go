package engine

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/semaphore"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// chunk is a run of records on its way from the log to the tables.
type chunk struct {
	records []eventlog.Record
	alone   []bool // of each record: a member of a broken atomic batch; nil for none
	ends    []int  // where groups end: nothing may be committed between
	through eventlog.Seq
	pending uint64
	open    bool // an atomic batch stands behind it that is not complete
	bytes   int64

	inputs []projection.Input
	ready  chan struct{} // closed when inputs are there
}

// chunkRecords is how many records a chunk has at most, groups being kept whole: small enough to keep every decoder busy, large
// enough that handing it on costs nothing.
const chunkRecords = 256

// fetcher turns what a cursor delivers into chunks, in order.
type fetcher struct {
	cursor  eventlog.Cursor
	anchor  *eventlog.Mark // the record that must come first, and was applied before; nil for none
	at      *projection.Checkpoint
	room    *semaphore.Weighted // bytes between the log and the tables
	most    int64               // all of it
	group   eventlog.Assembler
	ordered chan<- *chunk // to the one that applies
	work    chan<- *chunk // to those that decode
}

// run fetches until the cursor ends. It closes its channels.
func (f *fetcher) run(ctx context.Context) error {
	defer close(f.ordered)
	defer close(f.work)
	for {
		b, err := f.cursor.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f.take(ctx, b); err != nil {
			return err
		}
	}
}

func (f *fetcher) take(ctx context.Context, b eventlog.Batch) error {
	records, err := f.checkFirst(b.Records)
	if err != nil {
		return err
	}
	c := &chunk{}
	emit := func(g eventlog.Group) error {
		c.add(g)
		if len(c.records) < chunkRecords {
			return nil
		}
		full := c
		full.through, full.pending = full.records[len(full.records)-1].Seq, b.Pending+1
		c = &chunk{}
		return f.send(ctx, full)
	}
	for _, r := range records {
		if err := f.group.Add(r, emit); err != nil {
			return err
		}
	}
	c.through, c.pending = b.Through, b.Pending
	first, open := f.group.Open()
	if open {
		c.through = first - 1
	}
	c.open = open
	return f.send(ctx, c)
}

// checkFirst holds the first record of a cursor against the one that the checkpoint was made at, and drops it.
func (f *fetcher) checkFirst(records []eventlog.Record) ([]eventlog.Record, error) {
	if f.anchor == nil || len(records) == 0 {
		return records, nil
	}
	want := *f.anchor
	f.anchor = nil
	r := &records[0]
	if r.Seq != want.Seq {
		return nil, fmt.Errorf("event %s was gone when reading began at it: %w", want.Seq, eventlog.ErrCursorLost)
	}
	if eventlog.HashRecord(r) != want.Hash {
		return nil, &DivergedError{Stream: f.at.Stream, At: f.at.Seq, Different: r.Seq, Last: r.Seq}
	}
	return records[1:], nil
}

func (c *chunk) add(g eventlog.Group) {
	if g.Broken && c.alone == nil {
		c.alone = make([]bool, len(c.records), len(c.records)+len(g.Records))
	}
	for _, r := range g.Records {
		c.records = append(c.records, r)
		c.bytes += int64(r.Size()) + recordOverhead
		if c.alone != nil {
			c.alone = append(c.alone, g.Broken)
		}
	}
	c.ends = append(c.ends, len(c.records))
}

// recordOverhead is about what a record in flight costs beyond its own bytes, decoded once for each projection.
const recordOverhead = 700

func (f *fetcher) send(ctx context.Context, c *chunk) error {
	c.bytes = min(c.bytes, f.most)
	if err := f.room.Acquire(ctx, c.bytes); err != nil {
		return err
	}
	c.ready = make(chan struct{})
	for _, to := range []chan<- *chunk{f.work, f.ordered} {
		select {
		case to <- c:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// decode prepares the chunks that it is given.
func decode(ctx context.Context, p *projection.Preparer, work <-chan *chunk) error {
	for {
		select {
		case c, ok := <-work:
			if !ok {
				return nil
			}
			c.inputs = p.PrepareAll(c.records, c.alone)
			close(c.ready)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
