package publish

import (
	"context"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Publisher stores events. It is safe for concurrent use; order is kept within one call of Publish.
type Publisher struct {
	cfg Config
}

// New makes a publisher, or returns what is wrong with its configuration.
func New(cfg Config) (*Publisher, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Publisher{cfg: cfg.withDefaults()}, nil
}

// Publish stores everything that the source has. It returns when all of it is acknowledged; or, after everything before it
// has been, with an *Error for the first event (or atomic batch) that could not be stored, or an *InputError where the
// source failed; or with the context's error. The report counts what was acknowledged in any case, and its line Stored is
// the SkipThrough of the run that goes on.
func (p *Publisher) Publish(ctx context.Context, source Source) (Report, error) {
	s := &session{cfg: p.cfg, source: ahead{source: source}, expect: p.cfg.ExpectLast, size: p.cfg.AtomicBatch}
	err := s.publish(ctx)
	return s.report, err
}

// session is one call of Publish.
type session struct {
	cfg    Config
	source ahead
	report Report
	expect *eventlog.Seq // what the stream's last sequence must be before the next event; nil = anything
	size   int           // events that one batch may hold
}

func (s *session) publish(ctx context.Context) error {
	s.skip(ctx)
	if s.cfg.AtomicBatch > 1 {
		return s.batches(ctx)
	}
	return s.separately(ctx, &s.source, nil)
}

// skip passes over what an earlier run stored. What is wrong with the source is found again by whoever reads on.
func (s *session) skip(ctx context.Context) {
	for s.cfg.SkipThrough > 0 {
		event, err := s.source.peek(ctx)
		if err != nil || event.Line > s.cfg.SkipThrough {
			return
		}
		s.source.drop()
		s.report.Skipped++
		s.report.Stored = event.Line
	}
}

// separately stores a source's events as messages of their own: the first alone where the stream must be at a sequence
// before it, and then the others. known is called for each that the server had already.
func (s *session) separately(ctx context.Context, source *ahead, known func(line int)) error {
	if s.expect != nil {
		event, err := source.peek(ctx)
		if err == nil {
			source.drop()
			if err := s.first(ctx, event, known); err != nil {
				return err
			}
		}
	}
	return s.plain(ctx, source, known)
}

// plain stores a source's events, many at once.
func (s *session) plain(ctx context.Context, source Source, known func(line int)) error {
	run := &run{cfg: s.cfg, known: known, report: &s.report, flight: newFlight(), inbox: s.cfg.Conn.NewInbox() + "."}
	// What does not fit in is dropped by the client, and counts as no acknowledgement.
	run.answers = make(chan *nats.Msg, 2*s.cfg.InFlight)
	sub, err := s.cfg.Conn.ChanSubscribe(run.inbox+"*", run.answers)
	if err != nil {
		return fmt.Errorf("publish: listen for acknowledgements: %w", err)
	}
	reading, stop := context.WithCancel(ctx)
	input := make(chan input)
	var reader sync.WaitGroup
	reader.Go(func() { read(reading, source, input) })
	err = run.loop(ctx, input, stop)
	stop()
	reader.Wait()
	// The subscription is gone in any case; a closed connection has ended it before.
	_ = sub.Unsubscribe()
	return err
}

// interrupted is the end of a run by its context.
func interrupted(ctx context.Context, stored int) error {
	return fmt.Errorf("publish: everything up to line %d is stored: %w", stored, ctx.Err())
}
