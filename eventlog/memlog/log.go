package memlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// ErrClosed says that the log or the cursor was closed by its user.
var ErrClosed = errors.New("memlog: closed")

var (
	_ eventlog.Log      = (*Log)(nil)
	_ eventlog.Appender = (*Log)(nil)
)

// DefaultBatch is how many records a cursor hands out at once unless Config says otherwise.
const DefaultBatch = 1000

// Config describes a log; its zero value makes one.
type Config struct {
	Name    string               // the stream's name; "" = "MEMORY"
	Created eventlog.Time        // the moment of creation; 0 = now, by Clock
	First   eventlog.Seq         // the sequence of the first record; 0 = 1
	Batch   int                  // how many records a cursor hands out at once; 0 = DefaultBatch
	Clock   func() eventlog.Time // the broker's time; nil = time.Now
}

// Log is a history in memory. It is safe for concurrent use.
type Log struct {
	batch int
	clock func() eventlog.Time

	mu       sync.Mutex // guards what follows
	stream   eventlog.Stream
	reported eventlog.Stream // what Bounds said last: Read refuses to go on in another history
	records  []eventlog.Record
	bytes    uint64
	last     eventlog.Seq
	lastTime eventlog.Time
	lost     *lostCause    // cursors that were opened under another one are lost
	down     error         // why the log cannot be reached; nil = it can
	changed  chan struct{} // closed and replaced by every change
	closed   bool
}

// lostCause is one reason for which cursors were lost; cursors compare its address.
type lostCause struct{ err error }

// New makes an empty log.
func New(cfg Config) *Log {
	l := &Log{batch: cfg.Batch, clock: cfg.Clock, changed: make(chan struct{}), last: max(cfg.First, 1) - 1}
	if l.batch <= 0 {
		l.batch = DefaultBatch
	}
	if l.clock == nil {
		l.clock = func() eventlog.Time { return eventlog.Moment(time.Now()) }
	}
	l.stream = eventlog.Stream{Name: cfg.Name, Created: cfg.Created}
	if l.stream.Name == "" {
		l.stream.Name = "MEMORY"
	}
	if l.stream.Created.IsZero() {
		l.stream.Created = l.clock()
	}
	l.lost = new(lostCause)
	return l
}

// Append stores a copy of one message under the next sequence, at the clock's time.
func (l *Log) Append(ctx context.Context, subject string, header eventlog.Header, body []byte) (eventlog.Record, error) {
	if err := eventlog.CheckSubject(subject); err != nil {
		return eventlog.Record{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(ctx); err != nil {
		return eventlog.Record{}, fmt.Errorf("memlog: append to %s: %w", l.stream.Name, err)
	}
	r := eventlog.Record{
		Seq: l.last + 1, Time: l.clock(), Subject: subject,
		Header: cloneHeader(header), Body: bytes.Clone(body),
	}
	l.store(r)
	return r, nil
}

// Store puts a record in as it is, sequence and time included. Its sequence must be above the last one; those in between
// stay empty, as if their records had been deleted. The record belongs to the log from then on.
func (l *Log) Store(r eventlog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Seq <= l.last {
		return fmt.Errorf("memlog: store %s in %s: the last sequence is %s already; sequences must rise",
			r.Seq, l.stream.Name, l.last)
	}
	l.store(r)
	return nil
}

// store adds a record; mu must be held.
func (l *Log) store(r eventlog.Record) {
	l.records = append(l.records, r)
	l.bytes += uint64(r.Size())
	l.last, l.lastTime = r.Seq, r.Time
	l.wake()
}

// Bounds returns what the log holds now.
func (l *Log) Bounds(ctx context.Context) (eventlog.Bounds, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(ctx); err != nil {
		return eventlog.Bounds{}, fmt.Errorf("memlog: bounds of %s: %w", l.stream.Name, err)
	}
	l.reported = l.stream
	return l.bounds(), nil
}

// bounds makes the bounds; mu must be held.
func (l *Log) bounds() eventlog.Bounds {
	b := eventlog.Bounds{
		Stream: l.stream, First: l.last + 1, Last: l.last, LastTime: l.lastTime,
		Messages: uint64(len(l.records)), Bytes: l.bytes,
	}
	if len(l.records) > 0 {
		b.First = l.records[0].Seq
		b.Deleted = uint64(b.Last-b.First+1) - b.Messages
	}
	return b
}

// Seek returns the first record at or after from.
func (l *Log) Seek(ctx context.Context, from eventlog.Seq) (eventlog.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(ctx); err != nil {
		return eventlog.Record{}, fmt.Errorf("memlog: seek %s in %s: %w", from, l.stream.Name, err)
	}
	i := l.index(from)
	if i == len(l.records) {
		return eventlog.Record{}, fmt.Errorf("memlog: seek %s in %s: %w", from, l.stream.Name, eventlog.ErrNotFound)
	}
	return l.records[i], nil
}

// Read opens a cursor. Besides the errors of eventlog.Log it fails with ErrCursorLost when the log was recreated since
// Bounds was last asked: the asker does not know yet that it would read another history.
func (l *Log) Read(ctx context.Context, from, to eventlog.Seq) (eventlog.Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	from = max(from, 1)
	err := l.usable(ctx)
	b := l.bounds()
	switch {
	case err != nil:
	case !l.reported.IsZero() && l.reported != l.stream:
		err = fmt.Errorf("%w: %s is now another stream, %s; ask for its bounds", eventlog.ErrCursorLost, l.reported, l.stream)
	case from < b.First:
		err = fmt.Errorf("%w: the first record held is %s", eventlog.ErrGone, b.First)
	case from > b.Last+1:
		err = fmt.Errorf("%w: the last record was %s", eventlog.ErrBeyond, b.Last)
	}
	if err != nil {
		return nil, fmt.Errorf("memlog: read %s from %s: %w", l.stream.Name, from, err)
	}
	c := &cursor{log: l, lost: l.lost, through: from - 1}
	if to > 0 {
		c.bounded, c.bound = true, min(to, b.Last)
	}
	return c, nil
}

// Close ends the log: every later call fails with ErrClosed, and so do waiting cursors.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.wake()
	return nil
}

// usable tells why nothing can be asked; mu must be held.
func (l *Log) usable(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case l.closed:
		return ErrClosed
	case l.down != nil:
		return fmt.Errorf("%w: %w", eventlog.ErrUnavailable, l.down)
	}
	return nil
}

// index returns the place of the first record at or after from; mu must be held.
func (l *Log) index(from eventlog.Seq) int {
	i, _ := slices.BinarySearchFunc(l.records, from, func(r eventlog.Record, s eventlog.Seq) int {
		switch {
		case r.Seq < s:
			return -1
		case r.Seq > s:
			return 1
		}
		return 0
	})
	return i
}

// wake tells every waiting cursor that something changed; mu must be held.
func (l *Log) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

func cloneHeader(h eventlog.Header) eventlog.Header {
	if len(h) == 0 {
		return nil
	}
	out := make(eventlog.Header, len(h))
	for name, values := range h {
		out[name] = slices.Clone(values)
	}
	return out
}
