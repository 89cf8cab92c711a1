package publish

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Defaults of Config.
const (
	DefaultInFlight   = 1000
	DefaultMaxBytes   = 64 << 20
	DefaultAckTimeout = 5 * time.Second
	DefaultAttempts   = 8
)

// MaxAtomicBatch is how many events a server takes in one atomic batch, unless it is configured otherwise.
const MaxAtomicBatch = 1000

// The wait before an event is sent again: it doubles from the first to the last.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 2 * time.Second
)

// Config says how to publish. Conn must be set.
type Config struct {
	Conn *nats.Conn // the caller closes it

	// Stream is where events are to be stored; "" = wherever their subjects lead. An acknowledgement of another
	// stream is an error.
	Stream string

	InFlight   int           // events that may be read and not yet acknowledged; 0 = DefaultInFlight
	MaxBytes   int           // the same in bytes, but one event always may; 0 = DefaultMaxBytes
	AckTimeout time.Duration // after which an event is sent again; 0 = DefaultAckTimeout
	Attempts   int           // how often an event is sent in all; 0 = DefaultAttempts

	// AtomicBatch is how many consecutive events are stored together, all or none; up to MaxAtomicBatch. 0 or 1 = each
	// event by itself. A batch holds no more than MaxBytes either. The stream must allow it.
	AtomicBatch int

	// OnFallback is told of each atomic batch whose events were sent one by one, after they were. It is called by the
	// goroutine that called Publish. It may be nil.
	OnFallback func(Fallback)

	// ExpectLast is the stream's last sequence before the first event that this call sends; nil = any. Where the
	// stream is elsewhere, nothing is stored, and the error is a *ConflictError.
	ExpectLast *eventlog.Seq

	// Domain is the JetStream domain of the stream, which is asked only where ExpectLast is refused; "" = the server's
	// own.
	Domain string

	// SkipThrough is the line up to which nothing is sent, because an earlier call stored it: its Report.Stored.
	SkipThrough int
}

// Validate returns everything that is wrong with the configuration.
func (c Config) Validate() error {
	var problems []error
	if c.Conn == nil {
		problems = append(problems, errors.New("publish: no connection; set Conn"))
	}
	if c.InFlight < 0 || c.MaxBytes < 0 || c.AckTimeout < 0 || c.Attempts < 0 {
		problems = append(problems, fmt.Errorf(
			"publish: in flight %d, max bytes %d, ack timeout %s and attempts %d must not be negative",
			c.InFlight, c.MaxBytes, c.AckTimeout, c.Attempts))
	}
	if c.AtomicBatch < 0 || c.AtomicBatch > MaxAtomicBatch {
		problems = append(problems, fmt.Errorf(
			"publish: an atomic batch of %d events is not possible; choose 2 to %d, or 0 for none", c.AtomicBatch, MaxAtomicBatch))
	}
	if c.SkipThrough < 0 {
		problems = append(problems, fmt.Errorf("publish: there is no line %d to skip through; lines count from 1", c.SkipThrough))
	}
	return errors.Join(problems...)
}

// withDefaults fills in what the zero value stands for.
func (c Config) withDefaults() Config {
	if c.InFlight == 0 {
		c.InFlight = DefaultInFlight
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	if c.AckTimeout == 0 {
		c.AckTimeout = DefaultAckTimeout
	}
	if c.Attempts == 0 {
		c.Attempts = DefaultAttempts
	}
	return c
}

// wait returns how long an event is kept back before its next attempt.
func wait(attempts int) time.Duration {
	d := firstWait
	for ; attempts > 1 && d < lastWait; attempts-- {
		d *= 2
	}
	return min(d, lastWait)
}
