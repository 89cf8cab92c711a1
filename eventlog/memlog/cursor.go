package memlog

import (
	"context"
	"fmt"
	"io"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// cursor reads a log. It holds no goroutine and no memory of its own.
type cursor struct {
	log     *Log
	lost    *lostCause // as it was at the opening
	through eventlog.Seq
	bound   eventlog.Seq
	bounded bool
	closed  bool
	err     error // what Next returns for ever
}

// Next returns what is ready, or waits for it.
func (c *cursor) Next(ctx context.Context) (eventlog.Batch, error) {
	for {
		b, changed, err := c.poll(ctx)
		if changed == nil {
			return b, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return eventlog.Batch{}, ctx.Err()
		}
	}
}

// poll returns a batch or an error, or the channel to wait on when there is neither.
func (c *cursor) poll(ctx context.Context) (eventlog.Batch, <-chan struct{}, error) {
	l := c.log
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case c.closed || l.closed:
		return eventlog.Batch{}, nil, fmt.Errorf("memlog: read %s: %w", l.stream.Name, ErrClosed)
	case c.err != nil:
		return eventlog.Batch{}, nil, c.err
	case ctx.Err() != nil:
		return eventlog.Batch{}, nil, ctx.Err()
	case c.lost != l.lost:
		c.err = fmt.Errorf("memlog: read %s after %s: %w: %w", l.stream.Name, c.through, eventlog.ErrCursorLost, c.lost.err)
		return eventlog.Batch{}, nil, c.err
	}
	if b, ok := c.take(); ok {
		return b, nil, nil
	}
	if c.bounded {
		return eventlog.Batch{}, nil, io.EOF
	}
	return eventlog.Batch{}, l.changed, nil
}

// take makes the next batch, if there is one; the log's mu must be held.
func (c *cursor) take() (eventlog.Batch, bool) {
	l := c.log
	target := l.last
	if c.bounded {
		target = c.bound
	}
	if c.through >= target {
		return eventlog.Batch{}, false
	}
	start, end := l.index(c.through+1), l.index(target+1)
	full := end-start > l.batch
	if full {
		end = start + l.batch
	}
	b := eventlog.Batch{Records: l.records[start:end:end], Through: target, Pending: uint64(len(l.records) - end)}
	if full {
		b.Through = l.records[end-1].Seq
	}
	c.through = b.Through
	return b, true
}

// Close ends the cursor.
func (c *cursor) Close() error {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	c.closed = true
	return nil
}
