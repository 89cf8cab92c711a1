package natslog_test

import (
	"errors"
	"io"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// collect reads a bounded range to its end.
func collect(t testing.TB, l eventlog.Log, from, to eventlog.Seq) []eventlog.Record {
	t.Helper()
	c, err := l.Read(t.Context(), from, to)
	if err != nil {
		t.Fatalf("Read(%s, %s): %v", from, to, err)
	}
	defer c.Close()
	var out []eventlog.Record
	for {
		b, err := c.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		out = append(out, b.Records...)
	}
}
