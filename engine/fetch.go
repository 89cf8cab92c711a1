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
	ends    []int  // where groups end: nothing may be committed between; nil where every record is one
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
	log     eventlog.Log
	cursor  eventlog.Cursor
	anchor  *eventlog.Mark // the record that must come first, and was applied before; nil for none
	at      *projection.Checkpoint
	room    *semaphore.Weighted // bytes between the log and the tables
	most    int64               // all of it
	group   eventlog.Assembler
	to      target
	reached bool          // it ended at the target
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
		var behind *eventlog.Record
		behind, f.reached = f.to.cut(&b)
		if err := f.take(ctx, b, behind); err != nil {
			return err
		}
		if f.reached && f.to.time != 0 {
			return nil
		}
	}
}

func (f *fetcher) take(ctx context.Context, b eventlog.Batch, behind *eventlog.Record) error {
	records, err := f.checkFirst(b.Records)
	if err != nil {
		return err
	}
	if _, open := f.group.Open(); !open && plain(records) {
		return f.takePlain(ctx, b, records)
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
	first, open := f.group.Open()
	if open && f.reached {
		ends, err := f.ends(ctx, b.Through, behind, emit)
		if err != nil {
			return err
		}
		open = !ends
	}
	c.through, c.pending = b.Through, b.Pending
	if open {
		c.through = first - 1
	}
	c.open = open
	return f.send(ctx, c)
}

// ends tells whether the atomic batch that is open at the target ends there, because the record behind it is not its next member. It is
// broken then, and its members are emitted: they belong to the state, as they do where reading goes on.
func (f *fetcher) ends(ctx context.Context, at eventlog.Seq, behind *eventlog.Record, emit func(eventlog.Group) error) (bool, error) {
	if behind == nil {
		r, err := f.log.Seek(ctx, at+1)
		if errors.Is(err, eventlog.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		behind = &r
	}
	broken := false
	err := f.group.Add(*behind, func(g eventlog.Group) error {
		if g.Last() > at {
			return nil
		}
		broken = true
		return emit(g)
	})
	return broken, err
}

// plain tells whether no record belongs to an atomic batch.
func plain(records []eventlog.Record) bool {
	for i := range records {
		if records[i].Header.Get("Nats-Batch-Id") != "" {
			return false
		}
	}
	return true
}

// takePlain cuts records into chunks as they are, each record its own group.
func (f *fetcher) takePlain(ctx context.Context, b eventlog.Batch, records []eventlog.Record) error {
	for len(records) > chunkRecords {
		c := &chunk{records: records[:chunkRecords:chunkRecords], pending: b.Pending + uint64(len(records)-chunkRecords)}
		c.through = c.records[chunkRecords-1].Seq
		records = records[chunkRecords:]
		if err := f.send(ctx, c.measured()); err != nil {
			return err
		}
	}
	c := &chunk{records: records, through: b.Through, pending: b.Pending}
	return f.send(ctx, c.measured())
}

// measured takes in what the records weigh.
func (c *chunk) measured() *chunk {
	for i := range c.records {
		c.bytes += int64(c.records[i].Size()) + recordOverhead
	}
	return c
}

// groups is how many groups the chunk has.
func (c *chunk) groups() int {
	if c.ends == nil {
		return len(c.records)
	}
	return len(c.ends)
}

// group returns where the i-th group begins and ends.
func (c *chunk) group(i int) (from, to int) {
	switch {
	case c.ends == nil:
		return i, i + 1
	case i == 0:
		return 0, c.ends[0]
	}
	return c.ends[i-1], c.ends[i]
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
