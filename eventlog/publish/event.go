package publish

import (
	"context"
	"fmt"
	"maps"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Headers that mean something to the server.
const (
	msgIDHeader      = "Nats-Msg-Id" // the id by which it recognises what it has already
	expectLastHeader = "Nats-Expected-Last-Sequence"
	batchIDHeader    = "Nats-Batch-Id"
	batchSeqHeader   = "Nats-Batch-Sequence"
	commitHeader     = "Nats-Batch-Commit"
)

// Event is one message to publish.
type Event struct {
	Line      int // where it comes from: its line, or its number from 1; they must rise
	Subject   string
	Header    eventlog.Header // may hold Nats-Msg-Id, which then counts; Nats-Batch-… are left out
	Body      []byte
	ID        string // "" = the header's; where that is missing too, the event cannot be sent twice
	Aggregate string // events of one aggregate are stored in their order; so are those of none
}

// id is the message id that the event goes out with.
func (e *Event) id() string {
	if id := e.Header.Get(msgIDHeader); id != "" {
		return id
	}
	return e.ID
}

// header is a new header for the event to go out with: its own, and the message id. The place that a recorded event had
// in an atomic batch is not its place now.
func (e *Event) header() nats.Header {
	h := make(nats.Header, len(e.Header)+4)
	maps.Copy(h, nats.Header(e.Header))
	for _, name := range []string{batchIDHeader, batchSeqHeader, commitHeader} {
		delete(h, name)
	}
	if id := e.id(); id != "" && h.Get(msgIDHeader) == "" {
		h[msgIDHeader] = []string{id}
	}
	return h
}

func (e *Event) size() int { return len(e.Subject) + len(e.Body) }

// Source gives events one by one. It is used by one goroutine at a time.
type Source interface {
	// Next returns the next event, or io.EOF at the end. The event belongs to the caller.
	Next(ctx context.Context) (Event, error)
}

// Report says what was stored.
type Report struct {
	Accepted   uint64       // events that the server stored
	Duplicates uint64       // events that it had already, among them those whose first acknowledgement was lost
	Retries    uint64       // how often an event or an atomic batch was sent again
	Skipped    uint64       // events up to Config.SkipThrough, which were not sent
	Batches    uint64       // atomic batches that the server stored
	Fallbacks  uint64       // atomic batches whose events were sent one by one; see Config.OnFallback
	Stored     int          // everything up to and including this line is stored, or was skipped; 0 = nothing
	Stream     string       // where, by the last acknowledgement
	Last       eventlog.Seq // the highest sequence that was acknowledged
}

// Error is an event that could not be stored, or an atomic batch of which nothing was. Those behind it in its aggregate
// were not sent.
type Error struct {
	Line    int // of a batch, that of its first event
	Through int // the line of a batch's last event; 0 = it was one event
	Subject string
	ID      string
	Stored  int // everything up to and including this line is stored
	Err     error
}

// Error names the event or the batch, the reason, and from where to go on.
func (e *Error) Error() string {
	if e.Through != 0 {
		return fmt.Sprintf("publish: the atomic batch of lines %d to %d: %v; everything up to line %d is stored",
			e.Line, e.Through, e.Err, e.Stored)
	}
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
