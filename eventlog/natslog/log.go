package natslog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/thecowboyai/cim-projector/eventlog"
)

var _ eventlog.Log = (*Log)(nil)

// serial numbers the consumers of this process, so that no two share a name.
var serial atomic.Uint64

// Log reads one stream. It is safe for concurrent use.
type Log struct {
	cfg     Config
	nc      *nats.Conn
	js      jetstream.JetStream
	owned   bool // the connection is the log's
	direct  atomic.Bool
	closed  atomic.Bool
	denials denials

	mu       sync.Mutex      // guards what follows
	reported eventlog.Stream // what Bounds said last: Read refuses to go on in another history
	warnings []string
	subjects []string // of the stream when it was opened
}

// Open connects where no connection was given, checks the stream, and removes what earlier runs of the worker left there.
// It fails with *StreamMissingError, *RetentionError, *PermissionError, or ErrUnavailable, among others.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	l := &Log{cfg: cfg.withDefaults(), nc: cfg.Conn}
	if l.nc == nil {
		nc, err := l.connect(ctx)
		if err != nil {
			return nil, err
		}
		l.nc, l.owned = nc, true
	}
	if err := l.open(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Log) open(ctx context.Context) (err error) {
	if l.cfg.Domain != "" {
		l.js, err = jetstream.NewWithDomain(l.nc, l.cfg.Domain)
	} else {
		l.js, err = jetstream.New(l.nc)
	}
	if err != nil {
		return fmt.Errorf("natslog: open stream %s: %w", l.cfg.Stream, err)
	}
	info, err := l.info(ctx)
	if err != nil {
		return fmt.Errorf("natslog: open stream %s: %w", l.cfg.Stream, err)
	}
	l.subjects = info.Config.Subjects
	if l.warnings, err = CheckOrigin(info); err != nil {
		return fmt.Errorf("natslog: open stream %s: %w", l.cfg.Stream, err)
	}
	if l.cfg.Worker == "" {
		l.cfg.Worker = "reader-" + nuid.Next()
		return nil
	}
	if err := l.removeStale(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l.warnings = append(l.warnings, fmt.Sprintf(
			"consumers that earlier runs of %s left on stream %s could not be removed (%v); they end by themselves within %s",
			l.cfg.Worker, l.cfg.Stream, err, pullExpiry+inactiveThreshold))
	}
	return nil
}

// Warnings returns what Open found that is allowed but doubtful, one sentence each.
func (l *Log) Warnings() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.warnings...)
}

// Stream returns the stream's name and the subjects that it took when it was opened.
func (l *Log) Stream() (name string, subjects []string) {
	return l.cfg.Stream, slices.Clone(l.subjects)
}

// Bounds returns what the stream holds now.
func (l *Log) Bounds(ctx context.Context) (eventlog.Bounds, error) {
	info, err := l.info(ctx)
	if err != nil {
		return eventlog.Bounds{}, fmt.Errorf("natslog: bounds of stream %s: %w", l.cfg.Stream, err)
	}
	b := boundsOf(info)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reported = b.Stream
	return b, nil
}

// info asks the server for the stream, and refuses one that cannot be read.
func (l *Log) info(ctx context.Context) (*jetstream.StreamInfo, error) {
	var info *jetstream.StreamInfo
	err := l.request(ctx, l.api("STREAM.INFO."+l.cfg.Stream), func(ctx context.Context) error {
		stream, err := l.js.Stream(ctx, l.cfg.Stream)
		if err == nil {
			info = stream.CachedInfo()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := CheckOrigin(info); err != nil {
		return nil, err
	}
	l.direct.Store(info.Config.AllowDirect)
	return info, nil
}

// boundsOf translates the server's state. A stream without messages states a first sequence of its own choice.
func boundsOf(info *jetstream.StreamInfo) eventlog.Bounds {
	s := info.State
	b := eventlog.Bounds{
		Stream: eventlog.Stream{Name: info.Config.Name, Created: eventlog.Moment(info.Created)},
		First:  eventlog.Seq(s.LastSeq) + 1, Last: eventlog.Seq(s.LastSeq),
		Messages: s.Msgs, Bytes: s.Bytes,
	}
	if !s.LastTime.IsZero() {
		b.LastTime = eventlog.Moment(s.LastTime)
	}
	if s.Msgs > 0 {
		b.First = eventlog.Seq(s.FirstSeq)
		b.Deleted = s.LastSeq - s.FirstSeq + 1 - s.Msgs
	}
	return b
}

// request runs one exchange with the server within the request timeout. It fails at once where the server cannot be
// reached, or denies the subject.
func (l *Log) request(ctx context.Context, subject string, run func(context.Context) error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case l.closed.Load() || l.nc.IsClosed():
		return ErrClosed
	case !l.nc.IsConnected():
		return fmt.Errorf("%w: %w", eventlog.ErrUnavailable, nats.ErrConnectionReconnecting)
	}
	timed, cancel := context.WithTimeout(ctx, l.cfg.RequestTimeout)
	defer cancel()
	bound, end := context.WithCancelCause(timed)
	defer end(nil)
	defer l.denials.watch(subject, end)()
	err := run(bound)
	if err == nil {
		return nil
	}
	if denied, ok := errors.AsType[*PermissionError](context.Cause(bound)); ok {
		err = denied
	}
	return l.classify(ctx, err)
}

// api returns the subject of an API request.
func (l *Log) api(name string) string {
	if l.cfg.Domain != "" {
		return "$JS." + l.cfg.Domain + ".API." + name
	}
	return "$JS.API." + name
}

// Close ends the log and, where it is the log's own, the connection. It is idempotent.
func (l *Log) Close() error {
	if !l.closed.Swap(true) && l.owned {
		l.nc.Close()
	}
	return nil
}
