package publish

import (
	"context"
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// msgIDHeader holds the id by which a server recognises what it has already.
const msgIDHeader = "Nats-Msg-Id"

// Event is one message to publish.
type Event struct {
	Line      int // where it comes from: its line, or its number from 1; they must rise
	Subject   string
	Header    eventlog.Header // may hold Nats-Msg-Id, which then counts
	Body      []byte
	ID        string // "" = the header's; where that is missing too, the event cannot be sent twice
	Aggregate string // events of one aggregate are stored in their order; so are those of none
}

// Source gives events one by one. It is used from one goroutine.
type Source interface {
	// Next returns the next event, or io.EOF at the end. The event belongs to the caller.
	Next(ctx context.Context) (Event, error)
}

// Report says what was stored.
type Report struct {
	Accepted   uint64       // events that the server stored
	Duplicates uint64       // events that it had already, among them those whose first acknowledgement was lost
	Retries    uint64       // how often an event was sent again
	Stored     int          // everything up to and including this line is stored; 0 = nothing
	Stream     string       // where, by the last acknowledgement
	Last       eventlog.Seq // the highest sequence that was acknowledged
}

// Error is an event that could not be stored. Those behind it in its aggregate were not sent.
type Error struct {
	Line    int
	Subject string
	ID      string
	Stored  int // everything up to and including this line is stored
	Err     error
}

// Error names the event, the reason, and from where to go on.
func (e *Error) Error() string {
	return fmt.Sprintf("publish: line %d (id %q, subject %s): %v; everything up to line %d is stored",
		e.Line, e.ID, e.Subject, e.Err, e.Stored)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// InputError is a source that could not be read on.
type InputError struct {
	Stored int // everything up to and including this line is stored
	Err    error
}

// Error says why, and from where to go on.
func (e *InputError) Error() string {
	return fmt.Sprintf("publish: read the input: %v; everything up to line %d is stored", e.Err, e.Stored)
}

// Unwrap returns the reason.
func (e *InputError) Unwrap() error { return e.Err }
