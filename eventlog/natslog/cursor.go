package natslog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// closePatience is how long Close waits for the server to delete the consumer; one that stays ends by itself.
const closePatience = 2 * time.Second

// cursor reads through one consumer.
type cursor struct {
	log        *Log
	in         *intake
	sub        *nats.Subscription // nil where nothing is to be read
	done       chan struct{}      // closed when the subscription's goroutine has ended
	status     chan nats.Status
	reconnects uint64
	unwatch    func()

	from    eventlog.Seq
	through eventlog.Seq
	known   eventlog.Seq // the stream's last sequence, read before the consumer was made
	bound   eventlog.Seq // of a bounded cursor
	bounded bool
	began   bool      // the first record was looked at
	kept    *taken    // what was taken when a context ended
	signs   uint64    // of the server, when the reader last waited
	since   time.Time // when signs became what it is
	closed  bool
	err     error // what Next returns for ever
}

// Next returns what was received, or waits for it.
func (c *cursor) Next(ctx context.Context) (eventlog.Batch, error) {
	for {
		b, ready, err := c.poll(ctx)
		if ready || err != nil {
			return b, err
		}
		if err := c.wait(ctx); err != nil {
			return eventlog.Batch{}, err
		}
	}
}

// poll returns a batch or an error, if there is one.
func (c *cursor) poll(ctx context.Context) (b eventlog.Batch, ready bool, err error) {
	switch {
	case c.closed || c.log.closed.Load():
		return b, false, fmt.Errorf("natslog: read stream %s: %w", c.log.cfg.Stream, ErrClosed)
	case c.err != nil:
		return b, false, c.err
	case ctx.Err() != nil:
		return b, false, ctx.Err()
	case c.bounded && c.through >= c.bound:
		return b, false, io.EOF
	case c.interrupted():
		return b, false, c.lose(errReconnected)
	}
	t := c.taken()
	switch {
	case t.err != nil:
		return b, false, c.lose(t.err)
	case len(t.records) > 0:
		b, err = c.batch(ctx, t)
		return b, err == nil, err
	case t.quiet.claimed:
		return c.tail(ctx, t)
	}
	return b, false, nil
}

// taken returns what is there to be looked at.
func (c *cursor) taken() taken {
	if c.kept == nil {
		return c.in.take()
	}
	t := *c.kept
	c.kept = nil
	return t
}

// interrupted tells whether the connection is not the one that the consumer was made on.
func (c *cursor) interrupted() bool {
	return !c.log.nc.IsConnected() || c.log.nc.Stats().Reconnects != c.reconnects
}

// batch makes a batch of records, cut at the bound.
func (c *cursor) batch(ctx context.Context, t taken) (eventlog.Batch, error) {
	if err := c.checkBegin(ctx, t.records[0].Seq); err != nil {
		if err == ctx.Err() {
			c.kept = &t
			return eventlog.Batch{}, err
		}
		return eventlog.Batch{}, c.lose(err)
	}
	b := eventlog.Batch{Records: t.records, Pending: t.pending}
	b.Through = t.records[len(t.records)-1].Seq
	if c.bounded && b.Through > c.bound {
		keep := len(t.records)
		for keep > 0 && t.records[keep-1].Seq > c.bound {
			keep--
		}
		b.Records, b.Through = t.records[:keep:keep], c.bound
		b.Pending += uint64(len(t.records) - keep)
	}
	c.through = b.Through
	c.in.requiet(t.quiet)
	return b, nil
}

// checkBegin makes sure that the first record is one that may come now. Nothing may come at or below Through, which the
// tail can have raised. And some servers begin elsewhere than they were told to, in silence: where the first record of
// all is not the one asked for, those before it must be missing from the stream.
func (c *cursor) checkBegin(ctx context.Context, first eventlog.Seq) error {
	if first <= c.through {
		return errGap
	}
	if c.began || first == c.from {
		c.began = true
		return nil
	}
	r, err := c.log.seek(ctx, c.from)
	switch {
	case errors.Is(err, eventlog.ErrNotFound): // what was delivered is gone by now
	case err != nil:
		return err
	case r.Seq < first:
		return fmt.Errorf("%w: %s is held, and %s came first", errSkipped, r.Seq, first)
	}
	c.began = true
	return nil
}

// tail lets Through rise over missing sequences at the end. The last sequence was read first; then the consumer said
// that nothing is pending; and the stream's leader confirms that nothing is held in between.
func (c *cursor) tail(ctx context.Context, t taken) (eventlog.Batch, bool, error) {
	target := max(c.known, t.quiet.passed)
	if c.bounded {
		target = c.bound
	}
	if c.through >= target {
		return eventlog.Batch{}, false, nil
	}
	r, err := c.log.leaderGet(ctx, c.through+1)
	switch {
	case err == nil && r.Seq <= target:
		return eventlog.Batch{}, false, nil // it is on its way
	case err != nil && ctx.Err() != nil:
		c.in.requiet(t.quiet)
		return eventlog.Batch{}, false, ctx.Err()
	case err != nil && !errors.Is(err, eventlog.ErrNotFound):
		return eventlog.Batch{}, false, c.lose(err)
	}
	c.through = target
	return eventlog.Batch{Through: target, Pending: t.pending}, true, nil
}

// wait blocks until there may be something to take. Between two signs of the server there may be two and a half
// heartbeats, over however many calls.
func (c *cursor) wait(ctx context.Context) error {
	signs, _ := c.in.signals()
	if signs != c.signs || c.since.IsZero() {
		c.signs, c.since = signs, time.Now()
	}
	patience := c.log.cfg.Heartbeat * 5 / 2
	silence := time.NewTimer(time.Until(c.since.Add(patience)))
	defer silence.Stop()
	select {
	case <-c.in.wake:
	case <-c.status:
		return c.lose(errReconnected)
	case <-ctx.Done():
		return ctx.Err()
	case <-silence.C:
		now, expected := c.in.signals()
		if expected && now == c.signs {
			return c.lose(errSilent)
		}
		c.since = time.Time{}
	}
	return nil
}

// lose ends the cursor for a cause. What was received and not taken is dropped.
func (c *cursor) lose(cause error) error {
	c.err = fmt.Errorf("natslog: read stream %s after %s: %w: %w", c.log.cfg.Stream, c.through, eventlog.ErrCursorLost, cause)
	c.log.cfg.Logger.Info("cursor lost", "stream", c.log.cfg.Stream, "after", uint64(c.through), "cause", cause)
	c.release()
	return c.err
}

// release stops what runs on this side. It is idempotent.
func (c *cursor) release() {
	if c.sub == nil {
		return
	}
	// A subscription that is invalid already, or of a closed connection, has ended as well.
	_ = c.sub.Unsubscribe()
	select {
	case <-c.done:
	case <-time.After(closePatience): // the connection was closed before it knew whom to tell
	}
	c.unwatch()
	c.log.nc.RemoveStatusListener(c.status)
	c.in.fail(ErrClosed)
	c.sub = nil
}

// Close ends the cursor and deletes its consumer. Where the server cannot be reached the consumer ends by itself.
func (c *cursor) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	c.release()
	if c.in == nil || !c.log.nc.IsConnected() || c.log.closed.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	err := c.log.deleteConsumer(ctx, c.in.consumer)
	if err == nil || ctx.Err() != nil || errors.Is(err, eventlog.ErrUnavailable) {
		return nil
	}
	return fmt.Errorf("natslog: delete consumer %s of stream %s: %w", c.in.consumer, c.log.cfg.Stream, err)
}

// noLimit is how many messages a following cursor may ask for.
const noLimit = math.MaxUint64 / 2
