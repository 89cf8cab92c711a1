package eventlog_test

import (
	"errors"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// fieldOf returns why a record was refused.
func fieldOf(t *testing.T, err error) *eventlog.FieldError {
	t.Helper()
	refused, ok := errors.AsType[*eventlog.DecodeError](err)
	if !ok {
		t.Fatalf("got the error %v, want a *DecodeError", err)
	}
	return refused.Field
}
