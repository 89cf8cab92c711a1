package eventlog

import (
	"context"
	"errors"
)

// Conditions that a reader of a log branches on.
var (
	// ErrNotFound says that the log holds no record at or after the asked sequence.
	ErrNotFound = errors.New("eventlog: no such record")

	// ErrCursorLost says that a cursor's connection to the log was interrupted in any way: reconnect,
	// lost consumer, missed message, leader change. What it delivered and the reader has not yet made
	// durable must be dropped; a new cursor is opened at the last durable position.
	ErrCursorLost = errors.New("eventlog: cursor lost")

	// ErrGone says that the asked range begins below the first record that the log still holds.
	ErrGone = errors.New("eventlog: range is gone")

	// ErrBeyond says that the asked range begins above the end of the log: it is not the history that
	// the asker knew.
	ErrBeyond = errors.New("eventlog: position is beyond the end of the log")

	// ErrUnavailable says that the log cannot be reached now; the same call may work later.
	ErrUnavailable = errors.New("eventlog: log unavailable")
)

// Bounds is what a log holds at one moment.
type Bounds struct {
	Stream   Stream
	First    Seq // the first held sequence; Last+1 when nothing is held
	Last     Seq // the last sequence ever assigned, held or not
	LastTime Time
	Messages uint64
	Bytes    uint64
	Deleted  uint64 // sequences missing between First and Last
}

// Batch is what a cursor had ready.
type Batch struct {
	// Records have rising sequences, all above the previous batch's Through.
	Records []Record

	// Through is the position after this batch: every record at or below it was delivered by this cursor
	// (from its start on), or does not exist. It can be above the last record, where the log's end is a
	// run of deleted sequences.
	Through Seq

	// Pending is how many records the log still had behind this batch when it delivered it. 0 means that
	// the reader was caught up.
	Pending uint64
}

// Log is one ordered history that can be read from any sequence that it still holds.
//
// Implementations are safe for concurrent use. Every method that waits ends with the context's error when
// the context ends. Errors wrap the sentinels of this package where a caller can act on them.
type Log interface {
	// Bounds returns what the log holds now.
	Bounds(ctx context.Context) (Bounds, error)

	// Seek returns the first record at or after from, or ErrNotFound when there is none.
	Seek(ctx context.Context, from Seq) (Record, error)

	// Read opens a cursor at the first record at or after from (0 means 1). It fails with ErrGone when from
	// is below the first held sequence (a reader content with what is left asks Bounds and names that), and
	// with ErrBeyond when from is above the last sequence plus one. With to = 0 the cursor follows the log
	// for ever; otherwise it ends behind the record to, or at the log's end as it was at the opening,
	// whichever is lower.
	Read(ctx context.Context, from, to Seq) (Cursor, error)

	// Close releases the log. Cursors must be closed first.
	Close() error
}

// Cursor delivers one log's records in order, each once. It is used from one goroutine.
type Cursor interface {
	// Next returns as soon as at least one record is ready, with everything that is ready up to the
	// cursor's limits. It also returns, without records, when Through rises because the end of the log is
	// a run of missing sequences. A bounded cursor returns io.EOF once Through has reached the bound.
	// After ErrCursorLost every later call returns it again.
	Next(ctx context.Context) (Batch, error)

	// Close ends the cursor and releases what it holds at the log. It is idempotent.
	Close() error
}

// Appender is a log that can be written to.
type Appender interface {
	// Append stores one message and returns it as stored, with its sequence and time.
	Append(ctx context.Context, subject string, header Header, body []byte) (Record, error)
}
