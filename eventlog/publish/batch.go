package publish

import (
	"context"
	"errors"
	"io"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Fallback is an atomic batch whose events were sent one by one, because the server refused it for an id that it had
// already or that the batch holds twice. It was stored whole earlier, or it lost being atomic.
type Fallback struct {
	First, Last int   // the lines of its first and last event
	Known       []int // the lines of those that the server had already, as they were answered
}

// batches stores the source's events in atomic batches, one after the other.
func (s *session) batches(ctx context.Context) error {
	w := &wire{cfg: s.cfg, inbox: s.cfg.Conn.NewInbox() + ".", answers: make(chan *nats.Msg, 64)}
	sub, err := s.cfg.Conn.ChanSubscribe(w.inbox+"*", w.answers)
	if err != nil {
		return err
	}
	// The subscription is gone in any case; a closed connection has ended it before.
	defer sub.Unsubscribe() //nolint:errcheck // see above
	for {
		batch, err := s.collect(ctx)
		switch {
		case ctx.Err() != nil:
			return interrupted(ctx, s.report.Stored)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return &InputError{Stored: s.report.Stored, Err: err}
		}
		if err := s.store(ctx, w, batch); err != nil {
			return err
		}
	}
}

// collect takes the next batch from the source: at least one event, or the error that ends the source.
func (s *session) collect(ctx context.Context) ([]Event, error) {
	var batch []Event
	bytes := 0
	for {
		event, err := s.source.peek(ctx)
		switch {
		case err != nil && len(batch) > 0:
			return batch, nil
		case err != nil:
			return nil, err
		case len(batch) > 0 && (len(batch) >= s.size || bytes+event.size() > s.cfg.MaxBytes):
			n := cut(batch, event.Aggregate)
			s.source.unread(batch[n:])
			return batch[:n], nil
		}
		s.source.drop()
		batch = append(batch, event)
		bytes += event.size()
	}
}

// cut returns how many events of a full batch make one where the next event is of an aggregate: consecutive events of one
// aggregate stay together, unless they are all that the batch holds.
func cut(batch []Event, next string) int {
	n := len(batch)
	for n > 0 && next != "" && batch[n-1].Aggregate == next {
		n--
	}
	if n == 0 {
		return len(batch)
	}
	return n
}

// store stores one batch, or puts a part of it back.
func (s *session) store(ctx context.Context, w *wire, batch []Event) error {
	if len(batch) == 1 {
		return s.separately(ctx, &ahead{source: Events(batch...)}, nil)
	}
	ack, err := s.attempts(ctx, w, batch)
	if err == nil {
		s.expect = nil
		s.report.Batches++
		s.report.Accepted += uint64(len(batch))
		s.report.Stored = batch[len(batch)-1].Line
		s.report.Stream, s.report.Last = ack.Stream, max(s.report.Last, eventlog.Seq(ack.Seq))
		return nil
	}
	if ctx.Err() != nil {
		return interrupted(ctx, s.report.Stored)
	}
	if bad, ok := errors.AsType[*unsendable](err); ok {
		return s.storeBefore(ctx, w, batch, bad)
	}
	if _, ok := refusedWith(err, codeBatchTooLarge); ok {
		s.size = len(batch) / 2
		n := cut(batch[:s.size], batch[s.size].Aggregate)
		s.source.unread(batch[n:])
		return s.store(ctx, w, batch[:n])
	}
	return s.refused(ctx, batch, err)
}

// storeBefore stores the events before one that cannot be sent, which is then the next one of the source.
func (s *session) storeBefore(ctx context.Context, w *wire, batch []Event, bad *unsendable) error {
	if bad.index == 0 {
		return s.failed(batch[0], bad.err)
	}
	s.source.unread(batch[bad.index:])
	return s.store(ctx, w, batch[:bad.index])
}

// refused sends the events of a batch one by one where it, or a part of it, is stored already.
func (s *session) refused(ctx context.Context, batch []Event, err error) error {
	if _, ok := refusedWith(err, codeBatchDuplicate); ok {
		return s.fallBack(ctx, batch)
	}
	if refused, ok := refusedWith(err, codeWrongLast, codeWrongLastOther); ok && s.expect != nil {
		if err := s.conflict(ctx, batch[0], refused); err != nil {
			return err
		}
		return s.fallBack(ctx, batch)
	}
	failed := s.failed(batch[0], err)
	failed.Through = batch[len(batch)-1].Line
	return failed
}

func (s *session) fallBack(ctx context.Context, batch []Event) error {
	f := Fallback{First: batch[0].Line, Last: batch[len(batch)-1].Line}
	s.report.Fallbacks++
	err := s.separately(ctx, &ahead{source: Events(batch...)}, func(line int) { f.Known = append(f.Known, line) })
	if s.cfg.OnFallback != nil {
		s.cfg.OnFallback(f)
	}
	return err
}
