package eventlog

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// This is the one file that names the JSON library. What it accepts is written down in the package comment.

// MaxDepth is how deep a body may nest. It is the limit of serde_json, which writes CIM's events and could not read
// deeper ones itself.
const MaxDepth = 128

// MaxIDBytes is how long an identifier may be: every key of a read model holds several, and a key of the store has
// 32 KiB at most.
const MaxIDBytes = 1024

// Value is one valid JSON value, as received. Its methods read it; none of them changes it.
type Value []byte

// decoders check what comes from outside. What they have accepted is read by splitting it: see split.go.
var decoders = sync.Pool{New: func() any { return &decoder{json: jsontext.NewDecoder(&bytes.Buffer{})} }}

// decoder is the library's decoder with the buffer that it reads from.
type decoder struct {
	json *jsontext.Decoder
	buf  bytes.Buffer
}

// reset points the decoder at raw, which it reads in place.
func (d *decoder) reset(raw []byte) *jsontext.Decoder {
	d.buf = *bytes.NewBuffer(raw)
	d.json.Reset(&d.buf)
	return d.json
}

// ParseValue checks that raw is exactly one JSON value within this package's rules, and returns it without white space
// around it.
func ParseValue(raw []byte) (Value, *FieldError) {
	if len(raw) == 0 {
		return nil, &FieldError{Code: CodeEmptyBody, Offset: 0}
	}
	if !utf8.Valid(raw) {
		return nil, &FieldError{Code: CodeInvalidUTF8, Offset: invalidUTF8At(raw)}
	}
	if at := tooDeepAt(raw); at >= 0 {
		return nil, &FieldError{Code: CodeTooDeep, Offset: at}
	}
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	dec := d.reset(raw)
	v, err := dec.ReadValue()
	if err != nil {
		return nil, syntaxError(err)
	}
	start := dec.InputOffset() - int64(len(v))
	end := dec.InputOffset()
	if rest := bytes.TrimLeft(raw[end:], " \t\r\n"); len(rest) > 0 {
		return nil, &FieldError{Code: CodeInvalidJSON, Offset: int64(len(raw) - len(rest))}
	}
	return Value(raw[start:end:end]), nil
}

func syntaxError(err error) *FieldError {
	out := &FieldError{Code: CodeInvalidJSON, Offset: -1}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		out.Code = CodeDuplicateKey
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		out.Offset = syntax.ByteOffset
	}
	return out
}

func invalidUTF8At(raw []byte) int64 {
	at := 0
	for at < len(raw) {
		r, n := utf8.DecodeRune(raw[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	return int64(at)
}

// tooDeepAt returns where raw first nests deeper than MaxDepth, or -1. It counts brackets outside strings, so it is
// right for valid JSON and harmless for anything else.
func tooDeepAt(raw []byte) int64 {
	if bytes.Count(raw, []byte{'{'})+bytes.Count(raw, []byte{'['}) <= MaxDepth {
		return -1
	}
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return int64(i)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return -1
}

// IsNull tells whether the value is absent or null: serde writes None as either.
func (v Value) IsNull() bool { return len(v) == 0 || v[0] == 'n' }

// MarshalJSON returns the value as it is, and null for an absent one.
func (v Value) MarshalJSON() ([]byte, error) {
	if len(v) == 0 {
		return []byte("null"), nil
	}
	return v, nil
}

// IsObject tells whether the value is an object.
func (v Value) IsObject() bool { return len(v) > 0 && v[0] == '{' }

// IsArray tells whether the value is an array.
func (v Value) IsArray() bool { return len(v) > 0 && v[0] == '[' }

// IsString tells whether the value is a string.
func (v Value) IsString() bool { return len(v) > 0 && v[0] == '"' }

// Compact returns a copy without white space between tokens. Numbers and the order of members stay as received.
func (v Value) Compact() Value {
	if !bytes.ContainsAny(v, " \t\r\n") {
		return bytes.Clone(v)
	}
	out := jsontext.Value(bytes.Clone(v))
	if err := out.Compact(); err != nil {
		panic("eventlog: Compact of a value that was not checked: " + err.Error())
	}
	return Value(out)
}

// Text returns a string's content.
func (v Value) Text() (string, *FieldError) {
	if !v.IsString() {
		return "", Refuse(CodeWrongType, "")
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return string(v[1 : len(v)-1]), nil
	}
	out, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return "", syntaxError(err)
	}
	return string(out), nil
}

// ID returns an identifier in any of the forms that CIM's code writes: a string, or an object with the string under
// "id" or "value". It is compared exactly, case included.
func (v Value) ID() (string, *FieldError) {
	if v.IsObject() {
		return v.wrappedID()
	}
	id, err := v.Text()
	switch {
	case err != nil:
		return "", err
	case id == "":
		return "", Refuse(CodeEmptyID, "")
	case len(id) > MaxIDBytes:
		return "", Refuse(CodeTooLong, "")
	}
	return id, nil
}

func (v Value) wrappedID() (string, *FieldError) {
	var inner Value
	err := v.Object(func(name string, value Value) *FieldError {
		if name == "id" || name == "value" {
			inner = value
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if !inner.IsString() {
		return "", Refuse(CodeWrongType, "")
	}
	return inner.ID()
}

// Uint64 returns a whole number from 0 to 2^64-1, written without fraction or exponent.
func (v Value) Uint64() (uint64, *FieldError) {
	if !v.isNumber() {
		return 0, Refuse(CodeWrongType, "")
	}
	n, err := strconv.ParseUint(string(v), 10, 64)
	if errors.Is(err, strconv.ErrRange) || strings.HasPrefix(string(v), "-") {
		return 0, Refuse(CodeOutOfRange, "")
	}
	if err != nil {
		return 0, Refuse(CodeWrongType, "")
	}
	return n, nil
}

// Float32 returns the nearest float32: producers print typed f32 fields, bare or widened to f64. A number that no
// float32 can hold is refused, as is null.
func (v Value) Float32() (float32, *FieldError) {
	if !v.isNumber() {
		return 0, Refuse(CodeWrongType, "")
	}
	f, err := strconv.ParseFloat(string(v), 32)
	if err != nil || math.IsInf(f, 0) {
		return 0, Refuse(CodeOutOfRange, "")
	}
	return float32(f), nil
}

// Bool returns a truth value.
func (v Value) Bool() (bool, *FieldError) {
	switch string(v) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, Refuse(CodeWrongType, "")
}

func (v Value) isNumber() bool {
	return len(v) > 0 && (v[0] == '-' || v[0] >= '0' && v[0] <= '9')
}
