package publish

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// ConflictError is a stream whose last sequence is not Config.ExpectLast: someone else has published. Nothing was stored.
type ConflictError struct {
	Stream   string
	Expected eventlog.Seq
	Actual   eventlog.Seq // as the stream says when it is asked after the refusal
	Err      error        // the refusal
}

// Error names both sequences and the next step.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("the stream %s is at %d and not at %d; "+
		"read what was stored since, and publish with the sequence that it is at then",
		e.Stream, e.Actual, e.Expected)
}

// Unwrap returns the refusal.
func (e *ConflictError) Unwrap() error { return e.Err }

// first stores the event before which the stream must be at a sequence.
func (s *session) first(ctx context.Context, event Event, known func(line int)) error {
	sent := event
	sent.Header = eventlog.Header(event.header())
	sent.Header[expectLastHeader] = []string{expected(*s.expect)}
	err := s.plain(ctx, Events(sent), known)
	if refused, ok := refusedWith(err, codeWrongLast, codeWrongLastOther); ok {
		if err = s.conflict(ctx, event, refused); err == nil {
			s.report.Duplicates++
			s.report.Stored = event.Line
			if known != nil {
				known(event.Line)
			}
		}
	}
	if err == nil {
		s.expect = nil
	}
	return err
}

// conflict returns nil where an event was refused only because it is what moved the stream on: a server without replicas
// looks at the sequence first and at the id then. It counts as stored for as long as the server would know its id, and no
// longer, because what follows it is recognised by its id only.
func (s *session) conflict(ctx context.Context, event Event, refused *RefusedError) error {
	found, actual, err := s.find(ctx, event, refused.Stream)
	switch {
	case ctx.Err() != nil:
		return interrupted(ctx, s.report.Stored)
	case err != nil:
		return s.failed(event, fmt.Errorf("%w; ask the stream %s for what it holds: %w", refused, refused.Stream, err))
	case found == 0:
		conflict := &ConflictError{Stream: refused.Stream, Expected: *s.expect, Actual: actual, Err: refused}
		return s.failed(event, conflict)
	}
	s.report.Stream, s.report.Last = refused.Stream, max(s.report.Last, found)
	return nil
}

// find returns where a stream holds an event whose id it still knows, 0 = nowhere, and the stream's last sequence. The
// event is looked for behind the expected sequence, and at the end of its subject.
func (s *session) find(ctx context.Context, event Event, name string) (found, last eventlog.Seq, err error) {
	js, err := jetstream.New(s.cfg.Conn)
	if s.cfg.Domain != "" {
		js, err = jetstream.NewWithDomain(s.cfg.Conn, s.cfg.Domain)
	}
	if err != nil {
		return 0, 0, err
	}
	stream, err := js.Stream(ctx, name)
	if err != nil {
		return 0, 0, err
	}
	info := stream.CachedInfo()
	last = eventlog.Seq(info.State.LastSeq)
	for _, get := range []func() (*jetstream.RawStreamMsg, error){
		func() (*jetstream.RawStreamMsg, error) { return stream.GetMsg(ctx, uint64(*s.expect)+1) },
		func() (*jetstream.RawStreamMsg, error) { return stream.GetLastMsgForSubject(ctx, event.Subject) },
	} {
		msg, err := get()
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound):
		case err != nil:
			return 0, last, err
		case event.id() != "" && msg.Header.Get(msgIDHeader) == event.id() &&
			info.TimeStamp.Sub(msg.Time) < info.Config.Duplicates:
			return eventlog.Seq(msg.Sequence), last, nil
		}
	}
	return 0, last, nil
}

// failed is the end of a run with an event.
func (s *session) failed(event Event, err error) *Error {
	return &Error{Line: event.Line, Subject: event.Subject, ID: event.id(), Stored: s.report.Stored, Err: err}
}

// expected writes a sequence as the server reads it.
func expected(seq eventlog.Seq) string { return fmt.Sprintf("%d", uint64(seq)) }
