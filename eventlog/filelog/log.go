package filelog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
)

var (
	_ eventlog.Log      = (*Log)(nil)
	_ eventlog.Appender = (*Log)(nil)
)

// Conditions of this kind of log.
var (
	// ErrClosed says that the log or the cursor was closed by its user.
	ErrClosed = errors.New("filelog: closed")

	// ErrReadOnly says that the log was not opened to write.
	ErrReadOnly = errors.New("filelog: the file is open for reading only; set Write to append to it")

	errFalling  = errors.New("its sequence is not above the one before")
	errLate     = errors.New("a header can only be the first line")
	errNameless = errors.New("the header has no name")
)

// Config says which file to open. Path must be set.
type Config struct {
	Path string

	// Write opens the file for appending too.
	Write bool

	// Create makes the file, with a header of this identity, where there is none or an empty one. It needs Write. A zero
	// Created is the moment of making it; a zero value creates nothing.
	Create eventlog.Stream

	Clock func() eventlog.Time // the time of appended messages; nil = time.Now
}

// entry is where one message is in the file.
type entry struct {
	seq    eventlog.Seq
	time   eventlog.Time // its line may not state it
	offset int64
	length int32
	line   int32
}

// Log is a file of messages. It is safe for concurrent use.
type Log struct {
	name  string // of the file
	file  *os.File
	write bool
	clock func() eventlog.Time

	mu      sync.Mutex // guards what follows; the file's bytes up to end never change
	stream  eventlog.Stream
	entries []entry
	bytes   uint64
	last    eventlog.Seq
	time    eventlog.Time // of the last message
	lines   int
	end     int64
	changed chan struct{} // closed and replaced by every change
	broken  error         // why nothing can be appended any more
	closed  bool
}

// Open reads the file through. It fails with a *LineError where a line is refused. It ends early when ctx does.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	if cfg.Path == "" || !cfg.Create.IsZero() && !cfg.Write {
		return nil, errors.New("filelog: open: a path must be set, and to create a file it must be opened to write")
	}
	l := &Log{name: filepath.Base(cfg.Path), write: cfg.Write, clock: cfg.Clock, changed: make(chan struct{})}
	if l.clock == nil {
		l.clock = func() eventlog.Time { return eventlog.Moment(time.Now()) }
	}
	flags := os.O_RDONLY
	if cfg.Write {
		flags = os.O_RDWR
		if !cfg.Create.IsZero() {
			flags |= os.O_CREATE
		}
	}
	file, err := os.OpenFile(cfg.Path, flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("filelog: open: %w", err)
	}
	l.file = file
	if err := l.load(ctx, cfg); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// load indexes the file, or gives an empty one its header.
func (l *Log) load(ctx context.Context, cfg Config) error {
	info, err := l.file.Stat()
	switch {
	case err != nil:
		return fmt.Errorf("filelog: open: %w", err)
	case info.Size() == 0 && cfg.Create.IsZero():
		return fmt.Errorf("filelog: open %s: %w: the file is empty, not even a header says which history it is",
			cfg.Path, fs.ErrInvalid)
	case info.Size() == 0:
		return l.create(cfg.Create)
	}
	return l.index(ctx)
}

func (l *Log) create(stream eventlog.Stream) error {
	if stream.Name == "" {
		return fmt.Errorf("filelog: create %s: %w", l.name, errNameless)
	}
	if stream.Created.IsZero() {
		stream.Created = l.clock()
	}
	l.stream, l.time = stream, stream.Created
	return l.append(appendHeader(nil, stream))
}

// Bounds returns what the file holds.
func (l *Log) Bounds(ctx context.Context) (eventlog.Bounds, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(ctx); err != nil {
		return eventlog.Bounds{}, fmt.Errorf("filelog: bounds of %s: %w", l.name, err)
	}
	return l.bounds(), nil
}

// bounds makes the bounds; mu must be held.
func (l *Log) bounds() eventlog.Bounds {
	b := eventlog.Bounds{
		Stream: l.stream, First: l.last + 1, Last: l.last, Messages: uint64(len(l.entries)), Bytes: l.bytes,
	}
	if len(l.entries) > 0 {
		b.First, b.LastTime = l.entries[0].seq, l.time
		b.Deleted = uint64(b.Last-b.First+1) - b.Messages
	}
	return b
}

// usable tells why nothing can be asked; mu must be held.
func (l *Log) usable(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if l.closed {
		return ErrClosed
	}
	return nil
}

// find returns the place of the first message at or after from; mu must be held.
func (l *Log) find(from eventlog.Seq) int {
	i, _ := slices.BinarySearchFunc(l.entries, from, func(e entry, s eventlog.Seq) int {
		switch {
		case e.seq < s:
			return -1
		case e.seq > s:
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

// Close closes the file. It is idempotent.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	l.wake()
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("filelog: close %s: %w", l.name, err)
	}
	return nil
}
