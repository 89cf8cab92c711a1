package show

import (
	"encoding/json"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Moment returns a time, or nil where none is known.
func Moment(t eventlog.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	std := t.Std()
	return &std
}

// Text returns a text, or nil for "".
func Text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// List returns values as they were received; never nil.
func List(values []eventlog.Value) []json.RawMessage {
	out := make([]json.RawMessage, len(values))
	for i, v := range values {
		out[i] = json.RawMessage(v)
	}
	return out
}

// Object returns members as they were received; never nil.
func Object(members map[string]eventlog.Value) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(members))
	for name, v := range members {
		out[name] = json.RawMessage(v)
	}
	return out
}
