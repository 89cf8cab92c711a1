package natslog

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Conditions of this kind of log.
var (
	// ErrClosed says that the log or the cursor was closed by its user.
	ErrClosed = errors.New("natslog: closed")

	errReconnected = errors.New("the connection to the server was interrupted")
	errSilent      = errors.New("the server's heartbeats stopped")
	errGap         = errors.New("a message was missed")
	errRecreated   = errors.New("the stream was recreated")
	errForeign     = errors.New("a message came that belongs to no request of this cursor")
	errSkipped     = errors.New("the server began behind the sequence that was asked for")
)

// StreamMissingError is a stream that does not exist.
type StreamMissingError struct {
	Stream string
}

// Error names the stream and what makes it.
func (e *StreamMissingError) Error() string {
	return fmt.Sprintf("natslog: stream %s does not exist; create it with: projector streams apply", e.Stream)
}

// RetentionError is a stream that no history can be read from, because reading or acknowledging removes messages.
type RetentionError struct {
	Stream    string
	Retention jetstream.RetentionPolicy
}

// Error names the stream and what to read instead.
func (e *RetentionError) Error() string {
	return fmt.Sprintf("natslog: stream %s has %s retention: what is acknowledged is gone, so it holds no history; "+
		"read a stream with limits retention that its publishers write to", e.Stream, e.Retention)
}

// PermissionError is something that the server does not allow this connection to do.
type PermissionError struct {
	Denied string // the server's words: which subject, and whether publishing or subscribing
	err    error
}

// Error quotes the server.
func (e *PermissionError) Error() string {
	return fmt.Sprintf("natslog: the server denies: %s; allow it for this user", e.Denied)
}

// Unwrap returns the client library's error.
func (e *PermissionError) Unwrap() error { return e.err }

// statusError is a status message with which the server ended a consumer or a request.
type statusError struct {
	code, text string
}

// Error quotes the server.
func (e *statusError) Error() string { return fmt.Sprintf("the server says: %s %s", e.code, e.text) }

// apiError is a refusal in the answer to an API request that the client library does not decode.
type apiError struct {
	Code        int    `json:"code"`
	ErrorCode   int    `json:"err_code"`
	Description string `json:"description"`
}

// Error quotes the server.
func (e *apiError) Error() string {
	return fmt.Sprintf("the server says: %s (code %d, error code %d)", e.Description, e.Code, e.ErrorCode)
}

// unreachable are the client's errors after which the same request may work later.
var unreachable = []error{
	nats.ErrNoResponders, nats.ErrTimeout, nats.ErrNoServers, nats.ErrDisconnected, nats.ErrConnectionReconnecting,
	nats.ErrStaleConnection, jetstream.ErrJetStreamNotEnabled, context.DeadlineExceeded,
}

// classify gives an error of a request the meaning that callers act on. ctx is the caller's own: when that ended, its
// error is the one that counts.
func (l *Log) classify(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, ok := errors.AsType[*PermissionError](err); ok {
		return err
	}
	switch {
	case l.closed.Load():
		return ErrClosed
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return &StreamMissingError{Stream: l.cfg.Stream}
	}
	for _, target := range unreachable {
		if errors.Is(err, target) {
			return fmt.Errorf("%w: %w", eventlog.ErrUnavailable, err)
		}
	}
	if api, ok := errors.AsType[jetstream.JetStreamError](err); ok && api.APIError() != nil && api.APIError().Code == 503 {
		return fmt.Errorf("%w: %w", eventlog.ErrUnavailable, err)
	}
	if api, ok := errors.AsType[*apiError](err); ok && api.Code == 503 {
		return fmt.Errorf("%w: %w", eventlog.ErrUnavailable, err)
	}
	return err
}
