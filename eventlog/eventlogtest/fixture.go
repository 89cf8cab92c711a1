package eventlogtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// patience is how long any one case may take.
const patience = 30 * time.Second

// Fixture is one fresh, empty log and what can be done to it behind the readers' back. Functions fail the test that they
// are given where they cannot do their work.
type Fixture struct {
	Log eventlog.Log

	// Append stores one message and returns it as the log must deliver it.
	Append func(t testing.TB, subject string, header eventlog.Header, body []byte) eventlog.Record

	// Fill stores n small messages as fast as the log can and returns them. nil = n times Append.
	Fill func(t testing.TB, n int) []eventlog.Record

	// Gap lets the next n sequences be assigned and their records be gone.
	Gap func(t testing.TB, n int)

	// Delete removes one record and leaves its sequence empty. nil where a log cannot.
	Delete func(t testing.TB, seq eventlog.Seq)

	// DropBefore removes all records below first. nil where a log cannot.
	DropBefore func(t testing.TB, first eventlog.Seq)

	// Interrupt makes every open cursor lose its connection to the log, which itself stays as it is. nil where a log
	// has no connection.
	Interrupt func(t testing.TB)

	// Recreate replaces the history by an empty one of the same name. nil where a log cannot.
	Recreate func(t testing.TB)
}

// bench is a fixture in one test, with the deadline of the case.
type bench struct {
	Fixture
	*testing.T
	ctx context.Context
}

func newBench(t *testing.T, f Fixture) *bench {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	t.Cleanup(func() {
		if err := f.Log.Close(); err != nil {
			t.Errorf("Log.Close: %v", err)
		}
	})
	return &bench{Fixture: f, T: t, ctx: ctx}
}

// fill appends n records and returns them as the log must deliver them.
func (b *bench) fill(n int) []eventlog.Record {
	b.Helper()
	if b.Fill != nil {
		return b.Fill(b.T, n)
	}
	out := make([]eventlog.Record, n)
	for i := range out {
		out[i] = b.append(fmt.Sprintf("event.graph.t%d", i%7), nil, fmt.Appendf(nil, `{"n":%d}`, i))
	}
	return out
}

func (b *bench) append(subject string, header eventlog.Header, body []byte) eventlog.Record {
	b.Helper()
	return b.Append(b.T, subject, header, body)
}

func (b *bench) bounds() eventlog.Bounds {
	b.Helper()
	got, err := b.Log.Bounds(b.ctx)
	if err != nil {
		b.Fatalf("Bounds: %v", err)
	}
	return got
}

// read opens a cursor that the end of the case closes.
func (b *bench) read(from, to eventlog.Seq) *reader {
	b.Helper()
	c, err := b.Log.Read(b.ctx, from, to)
	if err != nil {
		b.Fatalf("Read(%s, %s): %v", from, to, err)
	}
	b.Cleanup(func() {
		if err := c.Close(); err != nil {
			b.Errorf("Cursor.Close: %v", err)
		}
	})
	return &reader{bench: b, cursor: c, through: max(from, 1) - 1}
}
