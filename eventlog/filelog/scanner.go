package filelog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrTornLine says that the input ends inside a line.
var ErrTornLine = errors.New("the last line does not end with a line feed: what wrote it was interrupted")

// ErrLongLine says that a line is longer than the limit.
var ErrLongLine = errors.New("the line is too long")

// LineError is a line that was refused.
type LineError struct {
	Name string // of the file
	Line int    // from 1
	Err  error
}

// Error names the file, the line and the reason.
func (e *LineError) Error() string {
	return fmt.Sprintf("filelog: %s line %d: %v", e.Name, e.Line, e.Err)
}

// Unwrap returns the reason.
func (e *LineError) Unwrap() error { return e.Err }

// Scanner cuts input into lines and counts them. Unlike bufio's it tells a torn last line from a whole one, and says
// where each line begins.
type Scanner struct {
	name   string
	in     *bufio.Reader
	limit  int
	buf    []byte
	number int
	offset int64
	length int
	torn   bool
}

// NewScanner reads lines of at most limit bytes, or MaxLine for 0. The name is for errors.
func NewScanner(name string, in io.Reader, limit int) *Scanner {
	if limit <= 0 {
		limit = MaxLine
	}
	return &Scanner{name: name, in: bufio.NewReaderSize(in, 64<<10), limit: limit}
}

// Next returns the next line that is not empty, without its line feed; it is valid until the following call. It ends with
// io.EOF, or with a *LineError.
func (s *Scanner) Next() ([]byte, error) {
	for {
		line, err := s.read()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(line)) > 0 {
			return line, nil
		}
	}
}

// read returns the next line, empty or not.
func (s *Scanner) read() ([]byte, error) {
	s.offset += int64(s.length)
	s.buf, s.length = s.buf[:0], 0
	s.number++
	for {
		part, err := s.in.ReadSlice('\n')
		s.buf = append(s.buf, part...)
		s.length += len(part)
		switch {
		case s.length > s.limit:
			return nil, s.Refuse(fmt.Errorf("%w: it has more than %d bytes", ErrLongLine, s.limit))
		case err == nil:
			return bytes.TrimSuffix(s.buf[:s.length-1], []byte{'\r'}), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && s.length == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			s.torn = true
			return s.buf, nil
		default:
			return nil, s.Refuse(err)
		}
	}
}

// Refuse makes an error of the current line.
func (s *Scanner) Refuse(err error) *LineError {
	return &LineError{Name: s.name, Line: s.number, Err: err}
}

// Number returns the number of the current line, from 1.
func (s *Scanner) Number() int { return s.number }

// Offset returns where the current line begins, in bytes.
func (s *Scanner) Offset() int64 { return s.offset }

// Torn tells whether the current line is the last one and has no line feed.
func (s *Scanner) Torn() bool { return s.torn }
