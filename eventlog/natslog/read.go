package natslog

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// messageOverhead is what a message may need beside its body: 64 KiB of headers, the subject and the reply subject.
const messageOverhead = 80 << 10

// Read opens a cursor. Besides the errors of eventlog.Log it fails with ErrCursorLost when the stream was recreated
// since Bounds was last asked: the asker does not know yet that it would read another history.
func (l *Log) Read(ctx context.Context, from, to eventlog.Seq) (eventlog.Cursor, error) {
	c, err := l.read(ctx, max(from, 1), to)
	if err != nil {
		return nil, fmt.Errorf("natslog: read stream %s from %s: %w", l.cfg.Stream, from, err)
	}
	return c, nil
}

func (l *Log) read(ctx context.Context, from, to eventlog.Seq) (*cursor, error) {
	before, err := l.info(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.checkRange(before, from); err != nil {
		return nil, err
	}
	c := &cursor{log: l, from: from, through: from - 1, known: eventlog.Seq(before.State.LastSeq)}
	if to > 0 {
		c.bounded, c.bound = true, min(to, c.known)
		if c.bound < from {
			return c, nil
		}
	}
	if err := c.open(ctx, before); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// checkRange refuses a stream that is not the one last reported, and a sequence from which it cannot be read.
func (l *Log) checkRange(info *jetstream.StreamInfo, from eventlog.Seq) error {
	b := boundsOf(info)
	l.mu.Lock()
	reported := l.reported
	l.mu.Unlock()
	switch {
	case !reported.IsZero() && reported != b.Stream:
		return fmt.Errorf("%w: %w: it was %s and is %s; ask for its bounds",
			eventlog.ErrCursorLost, errRecreated, reported, b.Stream)
	case from < b.First:
		return fmt.Errorf("%w: the first record held is %s", eventlog.ErrGone, b.First)
	case from > b.Last+1:
		return fmt.Errorf("%w: the last record was %s", eventlog.ErrBeyond, b.Last)
	}
	return nil
}

// open makes the consumer and asks it for the first messages. The stream is looked at once more after the consumer
// exists: only then is it certain that the consumer belongs to the stream that was checked, and that the sequence it was
// given lay inside its bounds.
func (c *cursor) open(ctx context.Context, before *jetstream.StreamInfo) error {
	c.status = c.log.nc.StatusChanged(nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
	c.reconnects = c.log.nc.Stats().Reconnects
	name := c.log.consumerName()
	if err := c.subscribe(name); err != nil {
		return err
	}
	pending, err := c.log.createConsumer(ctx, name, c.from)
	if err != nil {
		return err
	}
	after, err := c.log.info(ctx)
	if err != nil {
		return err
	}
	if !after.Created.Equal(before.Created) {
		return fmt.Errorf("%w: %w", eventlog.ErrCursorLost, errRecreated)
	}
	if err := c.log.checkRange(after, c.from); err != nil {
		return err
	}
	if c.interrupted() {
		return fmt.Errorf("%w: %w", eventlog.ErrCursorLost, errReconnected)
	}
	c.in.start(pending)
	return nil
}

// subscribe makes the intake for a consumer and lets it listen on an inbox of its own.
func (c *cursor) subscribe(consumer string) error {
	nc, cfg := c.log.nc, c.log.cfg
	inbox := nc.NewInbox()
	subject := c.log.api("CONSUMER.MSG.NEXT." + cfg.Stream + "." + consumer)
	c.in = &intake{
		stream: cfg.Stream, consumer: consumer, wake: make(chan struct{}, 1), window: c.window(),
		send: func(p pull) error { return nc.PublishRequest(subject, inbox, p.body(int64(cfg.Heartbeat))) },
	}
	sub, err := nc.Subscribe(inbox, c.in.handle)
	if err != nil {
		c.log.nc.RemoveStatusListener(c.status)
		return err
	}
	c.done = make(chan struct{})
	sub.SetClosedHandler(func(string) { close(c.done) })
	c.sub = sub
	c.unwatch = c.log.denials.watch(subject, c.in.fail)
	// The pull requests are the limit; the client's own would drop messages.
	return sub.SetPendingLimits(-1, -1)
}

// window sizes the requests: half of the memory each, but room for the largest message that can be published.
func (c *cursor) window() window {
	cfg := c.log.cfg
	w := window{batch: cfg.Batch, bytes: max(cfg.MaxBytes/2, int(c.log.nc.MaxPayload())+messageOverhead), left: noLimit}
	if c.bounded {
		w.left = uint64(c.bound - c.from + 1)
	}
	return w
}
