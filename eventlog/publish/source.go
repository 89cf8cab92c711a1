package publish

import (
	"context"
	"io"
	"iter"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Events is a source of events from memory, which it does not change. One whose Line is 0 gets its number, from 1.
func Events(list ...Event) Source { return &memory{list: list} }

// memory is a source over a slice.
type memory struct {
	list []Event
	next int
}

// Next is part of Source.
func (m *memory) Next(ctx context.Context) (Event, error) {
	if ctx.Err() != nil {
		return Event{}, ctx.Err()
	}
	if m.next == len(m.list) {
		return Event{}, io.EOF
	}
	m.next++
	return numbered(m.list[m.next-1], m.next), nil
}

// PublishSeq is Publish with the events of an iterator. One whose Line is 0 gets its number, from 1. The first error ends
// the run as an *InputError. The iterator is asked for no more events after PublishSeq has returned.
func (p *Publisher) PublishSeq(ctx context.Context, events iter.Seq2[Event, error]) (Report, error) {
	next, stop := iter.Pull2(events)
	defer stop()
	return p.Publish(ctx, &pulled{next: next})
}

// pulled is a source over an iterator.
type pulled struct {
	next func() (Event, error, bool) //nolint:revive // the order is that of iter.Pull2
	n    int
}

// Next is part of Source.
func (p *pulled) Next(ctx context.Context) (Event, error) {
	if ctx.Err() != nil {
		return Event{}, ctx.Err()
	}
	event, err, more := p.next()
	if !more {
		return Event{}, io.EOF
	}
	if err != nil {
		return Event{}, err
	}
	p.n++
	return numbered(event, p.n), nil
}

func numbered(e Event, n int) Event {
	if e.Line == 0 {
		e.Line = n
	}
	return e
}

// FromEnvelope makes an event of an envelope's JSON as a Reader does of a line that is one: its subject is made of
// aggregate_type and event_type, and its ids are the envelope's. The event keeps body.
func FromEnvelope(body []byte) (Event, error) {
	value, refused := eventlog.ParseValue(body)
	if refused != nil {
		return Event{}, refused
	}
	subject, err := subjectOf(value)
	if err != nil {
		return Event{}, err
	}
	if err := eventlog.CheckSubject(subject); err != nil {
		return Event{}, err
	}
	return event(&eventlog.Record{Subject: subject, Body: body}, 0), nil
}

// FromRecord makes an event of a stored one, to publish it again elsewhere. It has no line.
func FromRecord(r *eventlog.Record) Event { return event(r, 0) }

// ahead is a source whose events can be looked at and put back.
type ahead struct {
	source Source
	queue  []Event // in front of the source
	err    error   // how the source ended
}

var (
	_ Source = (*ahead)(nil)
	_ Source = (*Reader)(nil)
)

// Next is part of Source.
func (a *ahead) Next(ctx context.Context) (Event, error) {
	if len(a.queue) == 0 && a.err == nil {
		return a.source.Next(ctx)
	}
	event, err := a.peek(ctx)
	if err == nil {
		a.drop()
	}
	return event, err
}

// peek returns the event that is next, or why there is none; it says so again when it is asked again.
func (a *ahead) peek(ctx context.Context) (Event, error) {
	if len(a.queue) > 0 {
		return a.queue[0], nil
	}
	if a.err != nil {
		return Event{}, a.err
	}
	event, err := a.source.Next(ctx)
	if err != nil {
		a.err = err
		return Event{}, err
	}
	a.queue = append(a.queue, event)
	return event, nil
}

// drop passes over the event that peek returned.
func (a *ahead) drop() {
	if len(a.queue) == 1 {
		a.queue = a.queue[:0] // its memory is used again
		return
	}
	a.queue = a.queue[1:]
}

// unread puts events back in front.
func (a *ahead) unread(events []Event) {
	a.queue = append(append(make([]Event, 0, len(events)+len(a.queue)), events...), a.queue...)
}
