package filelog

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// MaxLine is how long a line may be, in bytes.
const MaxLine = 16 << 20

// Reasons for which a line is refused, beside those of package eventlog.
var (
	errNoObject  = errors.New("it is not a JSON object")
	errNoSubject = errors.New("it has no subject")
	errTwoBodies = errors.New("it has both message and data")
	errNoBody    = errors.New("it has neither message nor data")
	errBase64    = errors.New("data is not base64")
	errText      = errors.New("subject and headers must be UTF-8")
)

// Line is one line of a file: a message, a header or a mark.
type Line struct {
	// Record is the message. Seq and Time are 0 where the line does not state them.
	Record eventlog.Record

	// Header is the stream that a header line names; zero for other lines.
	Header eventlog.Stream

	// Mark says that the line holds a sequence and no message.
	Mark bool
}

// ParseLine reads one line, without its line feed. What it returns points into the line.
func ParseLine(line []byte) (Line, error) {
	var p lineParser
	value, err := eventlog.ParseValue(line)
	if err != nil {
		return Line{}, err
	}
	if !value.IsObject() {
		return Line{}, errNoObject
	}
	if err := value.Object(p.member); err != nil {
		return Line{}, err
	}
	return p.line()
}

// lineParser collects the members of a line.
type lineParser struct {
	out                   Line
	seq, subject, headers bool // which members were there
	message, data         eventlog.Value
}

func (p *lineParser) member(name string, v eventlog.Value) (err *eventlog.FieldError) {
	r := &p.out.Record
	switch name {
	case "message":
		p.message = v
		return nil
	case "log":
		err = p.header(v)
	case "sequence":
		var n uint64
		n, err = v.Uint64()
		if n == 0 && err == nil {
			err = eventlog.Refuse(eventlog.CodeOutOfRange, "")
		}
		r.Seq, p.seq = eventlog.Seq(n), true
	case "time":
		r.Time, err = v.Moment()
	case "subject":
		r.Subject, err = v.Text()
		p.subject = true
	case "headers":
		r.Header, err = parseHeaders(v)
		p.headers = true
	case "data":
		if !v.IsString() {
			err = eventlog.Refuse(eventlog.CodeWrongType, "")
		}
		p.data = v
	}
	if err != nil {
		return err.In(name)
	}
	return nil
}

func (p *lineParser) header(v eventlog.Value) *eventlog.FieldError {
	h := &p.out.Header
	return v.Object(func(name string, v eventlog.Value) (err *eventlog.FieldError) {
		switch name {
		case "name":
			h.Name, err = v.Text()
		case "created":
			h.Created, err = v.Moment()
		}
		if err != nil {
			return err.In(name)
		}
		return nil
	})
}

func parseHeaders(v eventlog.Value) (eventlog.Header, *eventlog.FieldError) {
	out := eventlog.Header{}
	err := v.Object(func(name string, v eventlog.Value) *eventlog.FieldError {
		if v.IsString() {
			text, err := v.Text()
			if err != nil {
				return err.In(name)
			}
			out[name] = []string{text}
			return nil
		}
		err := v.Array(func(v eventlog.Value) *eventlog.FieldError {
			text, err := v.Text()
			out[name] = append(out[name], text)
			return err
		})
		if err != nil {
			return err.In(name)
		}
		return nil
	})
	if len(out) == 0 {
		out = nil
	}
	return out, err
}

// line puts the members together.
func (p *lineParser) line() (Line, error) {
	r := &p.out.Record
	bare := !p.subject && !p.headers && p.message == nil && p.data == nil
	switch {
	case bare && !p.out.Header.IsZero():
		return p.out, nil
	case bare && p.seq:
		p.out.Mark = true
		return p.out, nil
	case !p.subject:
		return Line{}, errNoSubject
	case p.message != nil && p.data != nil:
		return Line{}, errTwoBodies
	case p.message != nil:
		r.Body = p.message
		return p.out, nil
	case p.data == nil:
		return Line{}, errNoBody
	}
	text, err := p.data.Text()
	if err != nil {
		return Line{}, err.In("data")
	}
	body, decodeErr := base64.StdEncoding.DecodeString(text)
	if decodeErr != nil {
		return Line{}, errBase64
	}
	r.Body = body
	return p.out, nil
}

// AppendLine writes a message as one line with its line feed.
func AppendLine(dst []byte, r *eventlog.Record) ([]byte, error) {
	if !isText(r) {
		return dst, fmt.Errorf("filelog: write message %s: %w", r.Seq, errText)
	}
	start := len(dst)
	dst = fmt.Appendf(dst, `{"sequence":%d`, r.Seq)
	if !r.Time.IsZero() {
		dst = fmt.Appendf(dst, `,"time":"%s"`, r.Time)
	}
	dst = append(dst, `,"subject":`...)
	dst = appendQuoted(dst, r.Subject)
	dst = appendHeaders(dst, r.Header)
	head := len(dst)
	if len(r.Body) > 0 && bytes.IndexByte(r.Body, '\n') < 0 {
		dst = append(append(append(dst, `,"message":`...), r.Body...), '}')
		if line, err := ParseLine(dst[start:]); err == nil && bytes.Equal(line.Record.Body, r.Body) {
			return checkLength(append(dst, '\n'), start, r)
		}
	}
	dst = append(dst[:head], `,"data":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, r.Body)
	return checkLength(append(dst, "\"}\n"...), start, r)
}

// checkLength refuses a line that could not be read again.
func checkLength(dst []byte, start int, r *eventlog.Record) ([]byte, error) {
	if len(dst)-start > MaxLine {
		return dst[:start], fmt.Errorf("filelog: write message %s: its line would have %d bytes, and %d are the limit",
			r.Seq, len(dst)-start, MaxLine)
	}
	return dst, nil
}

// appendMark writes a mark.
func appendMark(dst []byte, seq eventlog.Seq) []byte {
	return fmt.Appendf(dst, "{\"sequence\":%d}\n", seq)
}

// appendHeader writes a header line.
func appendHeader(dst []byte, stream eventlog.Stream) []byte {
	dst = append(dst, `{"log":{"name":`...)
	dst = appendQuoted(dst, stream.Name)
	if !stream.Created.IsZero() {
		dst = fmt.Appendf(dst, `,"created":"%s"`, stream.Created)
	}
	return append(dst, "}}\n"...)
}

// appendHeaders writes headers by name, so that a message has one line only.
func appendHeaders(dst []byte, h eventlog.Header) []byte {
	if len(h) == 0 {
		return dst
	}
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if i == 0 {
			dst = append(dst, `,"headers":{`...)
		} else {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, name), ":["...)
		for j, v := range h[name] {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = appendQuoted(dst, v)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendQuoted(dst []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic("filelog: a string that JSON cannot hold: " + err.Error())
	}
	return append(dst, quoted...)
}

func isText(r *eventlog.Record) bool {
	ok := utf8.ValidString(r.Subject)
	for name, values := range r.Header {
		ok = ok && utf8.ValidString(name)
		for _, v := range values {
			ok = ok && utf8.ValidString(v)
		}
	}
	return ok
}
