package filelog

import (
	"context"
	"fmt"
	"io"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// A cursor hands out at most so much at once.
const (
	maxRecords = 1000
	maxBytes   = 8 << 20
)

// Seek returns the first record at or after from.
func (l *Log) Seek(ctx context.Context, from eventlog.Seq) (eventlog.Record, error) {
	e, err := l.seek(ctx, from)
	if err != nil {
		return eventlog.Record{}, fmt.Errorf("filelog: seek %s in %s: %w", from, l.name, err)
	}
	return l.load1(e)
}

func (l *Log) seek(ctx context.Context, from eventlog.Seq) (entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(ctx); err != nil {
		return entry{}, err
	}
	i := l.find(from)
	if i == len(l.entries) {
		return entry{}, eventlog.ErrNotFound
	}
	return l.entries[i], nil
}

// load1 reads one message from the file.
func (l *Log) load1(e entry) (eventlog.Record, error) {
	text := make([]byte, e.length)
	refuse := func(err error) (eventlog.Record, error) {
		return eventlog.Record{}, &LineError{Name: l.name, Line: int(e.line), Err: err}
	}
	if _, err := l.file.ReadAt(text, e.offset); err != nil {
		return refuse(err)
	}
	line, err := ParseLine(text)
	if err != nil {
		return refuse(fmt.Errorf("it was changed since the file was opened: %w", err))
	}
	r := line.Record
	if r.Seq != 0 && r.Seq != e.seq {
		return refuse(fmt.Errorf("it was changed since the file was opened: its sequence was %s and is %s", e.seq, r.Seq))
	}
	r.Seq, r.Time = e.seq, e.time
	return r, nil
}

// Read opens a cursor.
func (l *Log) Read(ctx context.Context, from, to eventlog.Seq) (eventlog.Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	from = max(from, 1)
	err := l.usable(ctx)
	b := l.bounds()
	switch {
	case err != nil:
	case from < b.First:
		err = fmt.Errorf("%w: the first record held is %s", eventlog.ErrGone, b.First)
	case from > b.Last+1:
		err = fmt.Errorf("%w: the last record was %s", eventlog.ErrBeyond, b.Last)
	}
	if err != nil {
		return nil, fmt.Errorf("filelog: read %s from %s: %w", l.name, from, err)
	}
	c := &cursor{log: l, through: from - 1}
	if to > 0 {
		c.bounded, c.bound = true, min(to, b.Last)
	}
	return c, nil
}

// cursor reads a log. It holds no goroutine, and no memory between two calls.
type cursor struct {
	log     *Log
	through eventlog.Seq
	bound   eventlog.Seq
	bounded bool
	closed  bool
}

// Next returns what is ready, or waits for it.
func (c *cursor) Next(ctx context.Context) (eventlog.Batch, error) {
	for {
		p, changed, err := c.plan(ctx)
		if err != nil {
			return eventlog.Batch{}, err
		}
		if changed == nil {
			return c.fetch(p)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return eventlog.Batch{}, ctx.Err()
		}
	}
}

// plan is what the next batch is to hold.
type plan struct {
	entries []entry
	through eventlog.Seq
	pending uint64
}

// plan decides on the next batch, or returns the channel to wait on.
func (c *cursor) plan(ctx context.Context) (plan, <-chan struct{}, error) {
	l := c.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.closed {
		return plan{}, nil, fmt.Errorf("filelog: read %s: %w", l.name, ErrClosed)
	}
	if err := l.usable(ctx); err != nil {
		return plan{}, nil, err
	}
	target := l.last
	if c.bounded {
		target = c.bound
	}
	switch {
	case c.through < target:
	case c.bounded:
		return plan{}, nil, io.EOF
	default:
		return plan{}, l.changed, nil
	}
	start, end := l.find(c.through+1), l.find(target+1)
	entries := limited(l.entries[start:end])
	p := plan{entries: entries, through: target, pending: uint64(len(l.entries) - start - len(entries))}
	if len(entries) < end-start {
		p.through = entries[len(entries)-1].seq
	}
	return p, nil, nil
}

// limited cuts entries to what may be handed out at once.
func limited(entries []entry) []entry {
	n, bytes := 0, 0
	for n < len(entries) && n < maxRecords && (n == 0 || bytes+int(entries[n].length) <= maxBytes) {
		bytes += int(entries[n].length)
		n++
	}
	return entries[:n:n]
}

// fetch reads what was planned. The entries and their bytes in the file do not change any more.
func (c *cursor) fetch(p plan) (eventlog.Batch, error) {
	b := eventlog.Batch{Through: p.through, Pending: p.pending}
	for _, e := range p.entries {
		r, err := c.log.load1(e)
		if err != nil {
			return eventlog.Batch{}, err
		}
		b.Records = append(b.Records, r)
	}
	c.through = p.through
	return b, nil
}

// Close ends the cursor.
func (c *cursor) Close() error {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	c.closed = true
	return nil
}
