package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// input is what the source gave.
type input struct {
	event Event
	err   error
}

// read hands over events until the source ends or fails.
func read(ctx context.Context, source Source, to chan<- input) {
	for {
		event, err := source.Next(ctx)
		select {
		case to <- input{event, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// run publishes events one by one. All of it belongs to the goroutine of the loop.
type run struct {
	cfg     Config
	known   func(line int) // called for each event that the server had already; may be nil
	inbox   string
	answers chan *nats.Msg
	flight  *flight
	report  *Report
	failed  *Error // the first event, by line, that could not be stored
	ended   error  // why the source gives no more: io.EOF or its error
}

// loop sends, and takes answers, until nothing is left to wait for.
func (r *run) loop(ctx context.Context, events <-chan input, stop func()) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		if done, err := r.outcome(); done {
			return err
		}
		from := events
		if r.failed != nil || r.ended != nil || r.flight.held >= r.cfg.InFlight || r.flight.bytes >= r.cfg.MaxBytes {
			from = nil
		}
		timer.Reset(r.flight.untilDue())
		select {
		case in := <-from:
			r.take(in)
		case msg := <-r.answers:
			r.answer(msg)
		case <-timer.C:
			r.due()
		case <-ctx.Done():
			return interrupted(ctx, r.report.Stored)
		}
		if r.failed != nil {
			stop()
		}
	}
}

// outcome tells whether the run is over, and how it ended.
func (r *run) outcome() (bool, error) {
	switch {
	case r.failed != nil && r.flight.sent == 0 && !r.wanted(r.flight.order[0]):
		r.failed.Stored = r.report.Stored
		return true, r.failed
	case r.failed != nil || r.ended == nil || r.flight.held > 0:
		return false, nil
	case errors.Is(r.ended, io.EOF):
		return true, nil
	}
	return true, &InputError{Stored: r.report.Stored, Err: r.ended}
}

// take starts a new event, or queues it behind the others of its aggregate.
func (r *run) take(in input) {
	if in.err != nil {
		r.ended = in.err
		return
	}
	it := r.flight.add(in.event)
	if err := check(&it.Event); err != nil {
		r.fail(it, err)
		return
	}
	if r.flight.first(it) {
		r.send(it)
	}
}

// check refuses what the client library would change or let through.
func check(e *Event) error {
	for name, values := range e.Header {
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n") {
				return fmt.Errorf("header %s: %w", name, errLineBreak)
			}
		}
	}
	return eventlog.CheckSubject(e.Subject)
}

// send makes one attempt.
func (r *run) send(it *item) {
	it.attempts++
	r.flight.wait(it, true, r.cfg.AckTimeout)
	msg := &nats.Msg{Subject: it.Subject, Reply: r.inbox + it.token, Header: it.header(), Data: it.Body}
	if err := r.cfg.Conn.PublishMsg(msg); err != nil {
		r.retry(it, err)
	}
}

// answer takes what came for an item. One that is done already was answered twice, because it was sent twice.
func (r *run) answer(msg *nats.Msg) {
	it, ok := r.flight.items[strings.TrimPrefix(msg.Subject, r.inbox)]
	if !ok {
		return
	}
	ack, err := readAck(msg, r.cfg.Stream)
	if err != nil {
		if it.sent { // an earlier attempt's refusal says nothing about the one that is waited for
			r.retry(it, err)
		}
		return
	}
	if ack.Duplicate {
		r.report.Duplicates++
		if r.known != nil {
			r.known(it.Line)
		}
	} else {
		r.report.Accepted++
	}
	r.report.Stream, r.report.Last = ack.Stream, max(r.report.Last, eventlog.Seq(ack.Seq))
	r.flight.done(it)
	r.report.Stored = max(r.report.Stored, r.flight.stored)
	r.next(it)
}

// wanted tells whether an event is still to be stored: after a failure only those before it are.
func (r *run) wanted(it *item) bool { return r.failed == nil || it.Line < r.failed.Line }

// next starts the event that waited for one to be stored.
func (r *run) next(it *item) {
	if follower := r.flight.pop(it); follower != nil && r.wanted(follower) {
		r.send(follower)
	}
}

// due handles the items whose time has come: no acknowledgement, or another attempt.
func (r *run) due() {
	for {
		it := r.flight.popDue()
		switch {
		case it == nil:
			return
		case it.sent:
			r.retry(it, ErrNoAck)
		case r.wanted(it):
			r.report.Retries++
			r.send(it)
		}
	}
}

// retry plans another attempt, or gives up.
func (r *run) retry(it *item, err error) {
	again, absent := transient(err)
	if !again || it.attempts >= r.cfg.Attempts || !absent && it.id() == "" {
		r.fail(it, err)
		return
	}
	r.flight.wait(it, false, wait(it.attempts))
}

// fail ends the run with an event, unless one before it has failed too.
func (r *run) fail(it *item, err error) {
	r.flight.drop(it)
	if r.failed == nil || it.Line < r.failed.Line {
		r.failed = &Error{Line: it.Line, Subject: it.Subject, ID: it.id(), Err: err}
	}
}

// token names an item in its reply subject.
func token(n uint64) string { return strconv.FormatUint(n, 36) }
