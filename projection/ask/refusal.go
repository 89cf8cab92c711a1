package ask

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// NotFound makes the error of a question for something that is not there, which a parameter names.
func NotFound(field string, value any, format string, args ...any) error {
	err := projection.Fail(projection.NotFound, format, args...)
	err.Details = map[string]any{field: value}
	return err
}

// misread makes the answer to a question with a member that is not understood.
func misread(err *eventlog.FieldError, why string) *projection.QueryError {
	q := projection.Fail(projection.BadRequest, "%s %s", err.Field, why)
	q.Details = map[string]any{"field": err.Field, "reason": string(err.Code)}
	return q
}

func reason(code eventlog.Code) string {
	switch code {
	case eventlog.CodeMissingField:
		return "is missing"
	case eventlog.CodeWrongType:
		return "has a type that is not accepted here"
	case eventlog.CodeEmptyID:
		return "is empty"
	case eventlog.CodeTooLong:
		return fmt.Sprintf("is longer than %d bytes", eventlog.MaxIDBytes)
	case eventlog.CodeOutOfRange:
		return "is a number out of range"
	}
	return "is not understood"
}
