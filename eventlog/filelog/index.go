package filelog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// index reads the file from its beginning.
func (l *Log) index(ctx context.Context) error {
	s := NewScanner(l.name, l.file, 0)
	for {
		line, err := s.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case s.Torn():
			return s.Refuse(ErrTornLine)
		case ctx.Err() != nil:
			return ctx.Err()
		}
		if err := l.add(s, line); err != nil {
			return s.Refuse(err)
		}
		l.lines, l.end = s.Number(), s.Offset()+int64(s.length)
	}
}

// add takes one line into the index.
func (l *Log) add(s *Scanner, text []byte) error {
	line, err := ParseLine(text)
	if err != nil {
		return err
	}
	first := l.stream.IsZero()
	if !line.Header.IsZero() {
		switch {
		case !first:
			return errLate
		case line.Header.Name == "":
			return errNameless
		}
		l.stream, l.time = line.Header, line.Header.Created
		return nil
	}
	if first {
		name, _, _ := strings.Cut(l.name, ".")
		l.stream = eventlog.Stream{Name: name, Created: line.Record.Time}
	}
	r := l.complete(line)
	if r.Seq <= l.last {
		return fmt.Errorf("%w: %s after %s", errFalling, r.Seq, l.last)
	}
	l.last = r.Seq
	if !line.Mark {
		l.take(&r, entry{seq: r.Seq, time: r.Time, offset: s.Offset(), length: int32(len(text)), line: int32(s.Number())})
	}
	return nil
}

// complete fills in what a line leaves out.
func (l *Log) complete(line Line) eventlog.Record {
	r := line.Record
	if r.Seq == 0 {
		r.Seq = l.last + 1
	}
	if r.Time.IsZero() {
		r.Time = l.time
	}
	return r
}

// take counts a message.
func (l *Log) take(r *eventlog.Record, e entry) {
	l.entries = append(l.entries, e)
	l.bytes += uint64(r.Size())
	l.time = r.Time
}
