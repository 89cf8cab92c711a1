package eventlog

import "fmt"

// Code is a stable word for why something was refused. Codes are stored with dead letters and are part of their
// digest, so a code keeps its meaning for ever; text for people is made from it when it is shown.
type Code string

// Codes of bodies and payloads that cannot be understood.
const (
	CodeEmptyBody    Code = "empty_body"    // no bytes at all
	CodeInvalidUTF8  Code = "invalid_utf8"  // bytes that are not UTF-8
	CodeInvalidJSON  Code = "invalid_json"  // not one JSON value (RFC 8259)
	CodeDuplicateKey Code = "duplicate_key" // one object names a member twice
	CodeTooDeep      Code = "too_deep"      // nested deeper than MaxDepth
	CodeNoEnvelope   Code = "no_envelope"   // JSON, but none of the shapes that carry an event
	CodeMissingField Code = "missing_field" // a member that the meaning needs is absent or null
	CodeWrongType    Code = "wrong_type"    // a member is of another JSON type than any accepted one
	CodeOutOfRange   Code = "out_of_range"  // a number or time that its type cannot hold
	CodeTooLong      Code = "too_long"      // an identifier over MaxIDBytes
	CodeEmptyID      Code = "empty_id"      // an identifier without a character
	CodeUnresolvable Code = "unresolvable"  // only a content address, the event itself is elsewhere
)

// FieldError says what is wrong with one part of a body. Field is a path such as "payload.position.x", or "" for the
// whole; Offset is in bytes from the start of the body, or -1 where it is not known.
type FieldError struct {
	Code   Code
	Field  string
	Offset int64
}

// Error states code and place.
func (e *FieldError) Error() string {
	place := e.Field
	if place == "" {
		place = "body"
	}
	if e.Offset >= 0 {
		return fmt.Sprintf("%s: %s at byte %d", place, e.Code, e.Offset)
	}
	return fmt.Sprintf("%s: %s", place, e.Code)
}

// Refuse makes a FieldError without an offset.
func Refuse(code Code, field string) *FieldError {
	return &FieldError{Code: code, Field: field, Offset: -1}
}

// In returns the error with its field put below a parent: "x" in "position" is "position.x".
func (e *FieldError) In(parent string) *FieldError {
	out := *e
	switch {
	case out.Field == "":
		out.Field = parent
	case parent != "":
		out.Field = parent + "." + out.Field
	}
	return &out
}

// InIfAny is In for an error that may be nil.
func (e *FieldError) InIfAny(parent string) *FieldError {
	if e == nil {
		return nil
	}
	return e.In(parent)
}

// DecodeError is a record that could not be made an event. It carries the position, and unwraps to the FieldError.
type DecodeError struct {
	Seq     Seq
	Subject string
	Field   *FieldError
}

// Error states the position, the subject and the reason.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("eventlog: event %s on %s is not readable: %s", e.Seq, e.Subject, e.Field)
}

// Unwrap returns the FieldError.
func (e *DecodeError) Unwrap() error { return e.Field }
