package filelog

import (
	"context"
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Append writes one message under the next sequence, at the clock's time.
func (l *Log) Append(ctx context.Context, subject string, header eventlog.Header, body []byte) (eventlog.Record, error) {
	if err := eventlog.CheckSubject(subject); err != nil {
		return eventlog.Record{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := eventlog.Record{Seq: l.last + 1, Time: l.clock(), Subject: subject, Header: header, Body: body}
	return r, l.write1(ctx, &r)
}

// Store writes a message as it is, sequence and time included: a history is recorded with it. Its sequence must be above
// the last one.
func (l *Log) Store(ctx context.Context, r eventlog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write1(ctx, &r)
}

// Mark writes down that sequences up to last were assigned, and that nothing is held of those behind the last message.
func (l *Log) Mark(ctx context.Context, last eventlog.Seq) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.writable(ctx, last); err != nil {
		return err
	}
	if err := l.append(appendMark(nil, last)); err != nil {
		return err
	}
	l.last = last
	l.wake()
	return nil
}

// Sync waits until everything appended is on the disk.
func (l *Log) Sync() error {
	if err := l.file.Sync(); err != nil {
		return fmt.Errorf("filelog: sync %s: %w", l.name, err)
	}
	return nil
}

// write1 writes one message; mu must be held.
func (l *Log) write1(ctx context.Context, r *eventlog.Record) error {
	if err := l.writable(ctx, r.Seq); err != nil {
		return err
	}
	line, err := AppendLine(nil, r)
	if err != nil {
		return err
	}
	e := entry{seq: r.Seq, time: r.Time, offset: l.end, length: int32(len(line) - 1)}
	if r.Time.IsZero() {
		e.time = l.time // as the line will be read
	}
	if err := l.append(line); err != nil {
		return err
	}
	e.line, l.last = int32(l.lines), r.Seq
	l.take(&eventlog.Record{Subject: r.Subject, Header: r.Header, Body: r.Body, Time: e.time}, e)
	l.wake()
	return nil
}

// writable tells why a sequence cannot be written; mu must be held.
func (l *Log) writable(ctx context.Context, seq eventlog.Seq) error {
	err := l.usable(ctx)
	switch {
	case err != nil:
	case !l.write:
		err = ErrReadOnly
	case l.broken != nil:
		err = l.broken
	case seq <= l.last:
		err = fmt.Errorf("%w: it is %s", errFalling, l.last)
	default:
		return nil
	}
	return fmt.Errorf("filelog: append %s to %s: %w", seq, l.name, err)
}

// append writes one line behind the others, whole or not at all; mu must be held.
func (l *Log) append(line []byte) error {
	_, err := l.file.WriteAt(line, l.end)
	if err == nil {
		l.end += int64(len(line))
		l.lines++
		return nil
	}
	err = fmt.Errorf("filelog: append to %s line %d: %w", l.name, l.lines+1, err)
	if cut := l.file.Truncate(l.end); cut != nil {
		l.broken = fmt.Errorf("an earlier write failed and may have left a part of a line: %w", cut)
	}
	return err
}
