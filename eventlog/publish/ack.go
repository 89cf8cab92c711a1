package publish

import (
	"encoding/json"
	"errors"
	"fmt"

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

	errBadAck    = errors.New("the acknowledgement cannot be read")
	errLineBreak = errors.New("a value with a line break cannot be sent")
)

// RefusedError is the server's refusal to store an event.
type RefusedError struct {
	Code        int    `json:"code"`
	ErrorCode   int    `json:"err_code"`
	Description string `json:"description"`
}

// Error quotes the server.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the server refuses: %s (code %d, error code %d)", e.Description, e.Code, e.ErrorCode)
}

// ack is the answer to one attempt.
type ack struct {
	Stream    string        `json:"stream"`
	Seq       uint64        `json:"seq"`
	Duplicate bool          `json:"duplicate"`
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
		busy := refused.Code == 503 || refused.Code == 429
		return busy, busy
	}
	switch {
	case errors.Is(err, ErrNoAck):
		return true, false
	case errors.Is(err, ErrNoStream),
		errors.Is(err, nats.ErrReconnectBufExceeded), errors.Is(err, nats.ErrConnectionReconnecting):
		return true, true
	}
	return false, false
}
