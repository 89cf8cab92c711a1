package publish

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Reasons for which an event was not stored.
var (
	// ErrNoStream says that no stream takes the subject.
	ErrNoStream = errors.New("no stream takes this subject; create one with: projector streams apply")

	// ErrNoAck says that the server did not answer.
	ErrNoAck = errors.New("no acknowledgement came")

	// ErrOtherStream says that a stream other than the one asked for stored the event.
	ErrOtherStream = errors.New("another stream stored it")

	// ErrAtomicDisabled says that the stream takes no atomic batches.
	ErrAtomicDisabled = errors.New("the stream takes no atomic batches; set allow_atomic in its configuration, " +
		"or publish with AtomicBatch 0")

	// ErrNotAtomic says that the server knows no atomic batches, and has stored the first event of one by itself.
	ErrNotAtomic = errors.New("the server knows no atomic batches and has stored the first event by itself; " +
		"use a server from 2.12 on, or publish with AtomicBatch 0")

	// ErrIncomplete says that the stream did not get all events of an atomic batch.
	ErrIncomplete = errors.New("the stream did not get all events of the atomic batch; their subjects must all be its own")

	errNotOpened = errors.New("the atomic batch was not begun")
	errBadAck    = errors.New("the acknowledgement cannot be read")
	errLineBreak = errors.New("a value with a line break cannot be sent")
)

// Error codes of the server.
const (
	codeWrongLast      = 10071 // the last sequence is another than expected
	codeWrongLastOther = 10164 // the same, where the server does not say which
	codeAtomicDisabled = 10174
	codeIncomplete     = 10176
	codeBatchTooLarge  = 10199
	codeBatchDuplicate = 10201 // an id occurs twice in the batch, or is stored already
)

// RefusedError is the server's refusal to store an event.
type RefusedError struct {
	Code        int    `json:"code"`
	ErrorCode   int    `json:"err_code"`
	Description string `json:"description"`
	Stream      string `json:"-"` // that refuses
}

// Error quotes the server, and adds the next step where there is one.
func (e *RefusedError) Error() string {
	if known := e.Unwrap(); known != nil {
		return fmt.Sprintf("%v (error code %d)", known, e.ErrorCode)
	}
	return fmt.Sprintf("the server refuses: %s (code %d, error code %d)", e.Description, e.Code, e.ErrorCode)
}

// Unwrap returns the reason where this package has a name for it.
func (e *RefusedError) Unwrap() error {
	switch e.ErrorCode {
	case codeAtomicDisabled:
		return ErrAtomicDisabled
	case codeIncomplete:
		return ErrIncomplete
	}
	return nil
}

// refusedWith tells whether an error is a refusal with one of some codes.
func refusedWith(err error, codes ...int) (*RefusedError, bool) {
	refused, ok := errors.AsType[*RefusedError](err)
	return refused, ok && slices.Contains(codes, refused.ErrorCode)
}

// ack is the answer to one attempt.
type ack struct {
	Stream    string        `json:"stream"`
	Seq       uint64        `json:"seq"`
	Duplicate bool          `json:"duplicate"`
	Batch     string        `json:"batch"` // the atomic batch that is stored, and how many events it has
	Count     int           `json:"count"`
	Refused   *RefusedError `json:"error"`
}

// readAck returns what the server says about an event: an acknowledgement, or an error.
func readAck(msg *nats.Msg, stream string) (ack, error) {
	if len(msg.Data) == 0 && msg.Header.Get("Status") == "503" {
		return ack{}, ErrNoStream
	}
	var a ack
	err := json.Unmarshal(msg.Data, &a)
	switch {
	case err != nil:
		return a, fmt.Errorf("%w: %w", errBadAck, err)
	case a.Refused != nil:
		a.Refused.Stream = a.Stream
		return a, a.Refused
	case a.Stream == "" || a.Seq == 0:
		return a, errBadAck
	case stream != "" && a.Stream != stream:
		return a, fmt.Errorf("%w: %s at %s, and not %s", ErrOtherStream, a.Stream, eventlog.Seq(a.Seq), stream)
	}
	return a, nil
}

// transient tells whether the same event may be stored when it is sent again, and whether it is certain that it has not
// been stored yet.
func transient(err error) (again, absent bool) {
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		busy := refused.Code == 503 || refused.Code == 429 || refused.ErrorCode == codeIncomplete
		return busy, busy
	}
	switch {
	case errors.Is(err, errNotOpened):
		return true, true
	case errors.Is(err, ErrNoAck):
		return true, false
	case errors.Is(err, ErrNoStream),
		errors.Is(err, nats.ErrReconnectBufExceeded), errors.Is(err, nats.ErrConnectionReconnecting):
		return true, true
	}
	return false, false
}
