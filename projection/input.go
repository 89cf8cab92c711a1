package projection

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Input is a record made ready to be applied: fingerprinted, decoded, and prepared for each projection. Making one
// depends on nothing but the record, so that it can be done in parallel.
type Input struct {
	Record eventlog.Record
	Hash   eventlog.Hash

	event eventlog.Event
	err   *eventlog.DecodeError // the envelope could not be read
	parts []part                // one for each projection, in the order of the preparer
}

// part is what one projection made of an event.
type part struct {
	wanted  bool
	decoded any
	err     error
}

// Preparer makes inputs for a list of projections. It is safe for concurrent use.
type Preparer struct {
	projections []Projection
	subjects    [][]string
	decoder     *eventlog.Decoder
}

// NewPreparer returns a preparer for projections in this order. decoder makes the events; nil = the standard one.
func NewPreparer(projections []Projection, decoder *eventlog.Decoder) *Preparer {
	if decoder == nil {
		decoder = eventlog.StandardDecoder()
	}
	p := &Preparer{projections: projections, decoder: decoder}
	for _, one := range projections {
		p.subjects = append(p.subjects, one.Subjects())
	}
	return p
}

// Prepare makes the input of a record. alone marks a member of a broken atomic batch.
func (p *Preparer) Prepare(r eventlog.Record, alone bool) Input {
	return p.PrepareAll([]eventlog.Record{r}, []bool{alone})[0]
}

// PrepareAll makes the inputs of records. alone marks the members of broken atomic batches; nil for none.
func (p *Preparer) PrepareAll(records []eventlog.Record, alone []bool) []Input {
	n := len(p.projections)
	inputs, parts := make([]Input, len(records)), make([]part, len(records)*n)
	for i, r := range records {
		in := &inputs[i]
		in.Record, in.parts = r, parts[i*n:(i+1)*n:(i+1)*n]
		p.fill(in)
		in.event.Alone = alone != nil && alone[i]
	}
	return inputs
}

// fill makes the rest of an input from its record.
func (p *Preparer) fill(in *Input) {
	in.Hash = eventlog.HashRecord(&in.Record)
	event, err := p.decoder.Decode(&in.Record)
	if err != nil && !errors.As(err, &in.err) {
		panic("projection: Decode returned an error of another type: " + err.Error())
	}
	in.event = event
	in.event.Hash = in.Hash
	subject := p.subject(in)
	for i, one := range p.projections {
		in.parts[i] = in.prepare(one, matchAny(p.subjects[i], subject))
	}
}

// subject returns what subscriptions are matched against: event.<domain>.<type>, for a body that cannot be read as far as
// its subject tells.
func (p *Preparer) subject(in *Input) string {
	if in.err != nil {
		return p.decoder.CanonicalSubject(in.Record.Subject)
	}
	return eventlog.CanonicalSubject(&in.event)
}

func (in *Input) prepare(p Projection, wanted bool) part {
	out := part{wanted: wanted}
	decoder, ok := p.(Decoder)
	if !ok || !wanted || in.err != nil {
		return out
	}
	out.err = caught(func() (err error) {
		out.decoded, err = decoder.Decode(&in.event)
		return err
	})
	return out
}

// refusal returns why an event cannot be applied, or nil and whether it is of an unknown type, or the error that stops.
func refusal(err error) (field *eventlog.FieldError, unknown bool, fault error) {
	switch {
	case err == nil:
		return nil, false, nil
	case errors.Is(err, ErrUnknownType):
		return nil, true, nil
	case errors.As(err, &field):
		return field, false, nil
	}
	return nil, false, err
}

// letter makes the dead letter of a record.
func (in *Input) letter(why *eventlog.FieldError) *Letter {
	r := &in.Record
	l := &Letter{
		Seq: r.Seq, Time: r.Time, Subject: r.Subject, Body: r.Body,
		Code: why.Code, Field: why.Field, Offset: why.Offset,
		Type: in.event.Type, EventID: in.event.ID, AggregateID: in.event.AggregateID,
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			l.Headers = append(l.Headers, HeaderField{Name: name, Value: value})
		}
	}
	return l
}

// FaultError is a projection that failed at an event: its own error, or a panic.
type FaultError struct {
	Projection string
	Seq        eventlog.Seq
	Type       string
	Err        error
}

// Error names the projection and the event.
func (e *FaultError) Error() string {
	return fmt.Sprintf("projection: %s failed at event %s (%s): %v; nothing of it was kept, and the projection stands before it",
		e.Projection, e.Seq, e.Type, e.Err)
}

// Unwrap returns the projection's error.
func (e *FaultError) Unwrap() error { return e.Err }
