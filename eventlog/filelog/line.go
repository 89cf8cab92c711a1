package filelog

import (
	"encoding/base64"
	"errors"

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
