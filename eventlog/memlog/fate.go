package memlog

import (
	"errors"
	"fmt"
	"slices"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Causes that lost cursors carry.
var (
	errRolledBack = errors.New("the log was rolled back")
	errRecreated  = errors.New("the log was recreated")
)

// Delete removes one record; its sequence stays empty. It fails with ErrNotFound where none is held.
func (l *Log) Delete(seq eventlog.Seq) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.index(seq)
	if i == len(l.records) || l.records[i].Seq != seq {
		return fmt.Errorf("memlog: delete %s from %s: %w", seq, l.stream.Name, eventlog.ErrNotFound)
	}
	l.keep(slices.Delete(slices.Clone(l.records), i, i+1))
	l.wake()
	return nil
}

// DropBefore removes every record below first, as limits and purges do. A first above the last sequence moves the log
// forward: the next record gets it.
func (l *Log) DropBefore(first eventlog.Seq) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keep(slices.Clone(l.records[l.index(first):]))
	l.last = max(l.last, max(first, 1)-1)
	l.wake()
}

// Rollback removes every record above last and gives their sequences out again, as a server does that lost its unsynced
// tail. The identity stays. Open cursors are lost.
func (l *Log) Rollback(last eventlog.Seq) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last >= l.last {
		return
	}
	l.keep(slices.Clone(l.records[:l.index(last+1)]))
	l.last, l.lastTime = last, 0
	if n := len(l.records); n > 0 {
		l.lastTime = l.records[n-1].Time
	}
	l.lose(errRolledBack)
}

// Recreate empties the log and gives it another identity: the moment of creation given, or the clock's for 0. Where that
// is the old one, it is one nanosecond later. Open cursors are lost.
func (l *Log) Recreate(created eventlog.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if created.IsZero() {
		created = l.clock()
	}
	if created == l.stream.Created {
		created++
	}
	l.stream.Created = created
	l.keep(nil)
	l.last, l.lastTime = 0, 0
	l.lose(errRecreated)
}

// Interrupt loses every open cursor for the given cause, which their errors wrap. The log itself stays as it is.
func (l *Log) Interrupt(cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lose(cause)
}

// SetUnavailable takes the log out of reach for the given cause: cursors are lost, and every call fails with
// ErrUnavailable until nil puts it back.
func (l *Log) SetUnavailable(cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = cause
	if cause != nil {
		l.lose(cause)
	}
}

// lose ends all open cursors; mu must be held.
func (l *Log) lose(cause error) {
	l.lost.err = cause
	l.lost = new(lostCause)
	l.wake()
}

// keep replaces the records; cursors hold parts of the old slice, so it must be a new one. mu must be held.
func (l *Log) keep(records []eventlog.Record) {
	l.records, l.bytes = records, 0
	for i := range records {
		l.bytes += uint64(records[i].Size())
	}
}
