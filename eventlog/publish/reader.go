package publish

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/filelog"
)

// errNoAggregateType is a bare envelope that does not say where to publish it.
var errNoAggregateType = errors.New("a bare envelope needs event_type and aggregate_type, from which its subject is made; " +
	`add them, or write {"subject":…,"message":…}`)

// Reader reads events from JSON Lines in two forms, mixed as they come:
//
//   - a message, {"subject":…,"headers":{…},"message":…}, as package filelog writes it; headers are optional, and the
//     sequence and time of a recorded history are passed over, as are its header line and its marks;
//   - a bare envelope, {"event_type":…,"aggregate_type":…,…}, whose subject becomes event.<aggregate type>.<event type>
//     in the canonical spelling: lower case, without the domain repeated, "conceptual" for ConceptualSpace.
//
// Empty lines are passed over.
type Reader struct {
	lines *filelog.Scanner
}

// NewReader reads from in, whose name is for errors. A line may have limit bytes, or filelog.MaxLine for 0.
func NewReader(name string, in io.Reader, limit int) *Reader {
	return &Reader{lines: filelog.NewScanner(name, in, limit)}
}

// Next returns the next event. It fails with a *filelog.LineError, which names the line, where that holds none.
func (r *Reader) Next(ctx context.Context) (Event, error) {
	for {
		if ctx.Err() != nil {
			return Event{}, ctx.Err()
		}
		line, err := r.lines.Next()
		if err != nil {
			return Event{}, err
		}
		record, skip, err := parse(bytes.Clone(line))
		switch {
		case err != nil:
			return Event{}, r.lines.Refuse(err)
		case skip:
			continue
		}
		if err := eventlog.CheckSubject(record.Subject); err != nil {
			return Event{}, r.lines.Refuse(err)
		}
		return event(&record, r.lines.Number()), nil
	}
}

// parse makes a message of a line; skip says that it is one of a recorded history that holds none.
func parse(line []byte) (r eventlog.Record, skip bool, err error) {
	bare, err := isBare(line)
	if err != nil {
		return r, false, err
	}
	if bare {
		r.Body = bytes.TrimSpace(line)
		r.Subject, err = subjectOf(r.Body)
		return r, false, err
	}
	parsed, err := filelog.ParseLine(line)
	return parsed.Record, parsed.Mark || !parsed.Header.IsZero(), err
}

// isBare tells a bare envelope from a message that says its subject.
func isBare(line []byte) (bool, error) {
	value, refused := eventlog.ParseValue(line)
	if refused != nil {
		return false, refused
	}
	var envelope, message bool
	refused = value.Object(func(name string, _ eventlog.Value) *eventlog.FieldError {
		switch name {
		case "event_type":
			envelope = true
		case "subject", "message", "data":
			message = true
		}
		return nil
	})
	if refused != nil {
		return false, refused
	}
	return envelope && !message, nil
}

// subjectOf makes the subject of a bare envelope. Producers spell both parts in several ways, and some of their subjects
// are not captured by any stream; this is the spelling that is.
func subjectOf(body eventlog.Value) (string, error) {
	var domain, kind string
	err := body.Object(func(name string, v eventlog.Value) (err *eventlog.FieldError) {
		switch name {
		case "event_type":
			kind, err = v.ID()
		case "aggregate_type":
			if !v.IsNull() {
				domain, err = v.ID()
			}
		}
		if err != nil {
			return err.In(name)
		}
		return nil
	})
	switch {
	case err != nil:
		return "", err
	case domain == "":
		return "", errNoAggregateType
	}
	domain = owner(strings.ToLower(domain))
	return "event." + domain + "." + eventlog.CanonicalType(domain, kind), nil
}

// owner returns the second token for an aggregate type in lower case: its domain's canonical name where it spells a
// domain, or the type itself. A "node" stays: without it, "moved" would not say what moved.
func owner(aggregate string) string {
	domain := eventlog.SubjectDomain("event." + aggregate + ".x")
	if slices.Contains(eventlog.DefaultMapping().Aggregates[domain], aggregate) {
		return aggregate
	}
	return domain
}

// aggregateHeaders name the aggregate where the body does not.
var aggregateHeaders = []string{"Cim-Aggregate-Id", "Aggregate-Id"}

// event reads from a message what publishing it needs. A body that is no event at all is published as well.
func event(r *eventlog.Record, line int) Event {
	e := Event{Line: line, Subject: r.Subject, Header: r.Header, Body: r.Body, ID: r.Header.Get(msgIDHeader)}
	if decoded, err := eventlog.Decode(r); err == nil {
		e.Aggregate = decoded.AggregateID
		if e.ID == "" {
			e.ID = decoded.ID
		}
	}
	for _, name := range aggregateHeaders {
		if e.Aggregate == "" {
			e.Aggregate = r.Header.Get(name)
		}
	}
	return e
}
