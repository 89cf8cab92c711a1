package filelog

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/thecowboyai/cim-projector/eventlog"
)

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
