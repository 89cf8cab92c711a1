package eventlogtest

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// RequireEqual fails the test where the records that a log delivered are not the ones that it holds: sequence, time,
// subject, headers and body of each.
func RequireEqual(t testing.TB, got, want []eventlog.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d records %s, want %d %s", len(got), seqs(got), len(want), seqs(want))
	}
	for i := range got {
		g, w := &got[i], &want[i]
		if g.Seq != w.Seq || g.Time != w.Time || g.Subject != w.Subject {
			t.Fatalf("record %d: got %s %s %q, want %s %s %q", i, g.Seq, g.Time, g.Subject, w.Seq, w.Time, w.Subject)
		}
		if !maps.EqualFunc(g.Header, w.Header, slices.Equal[[]string]) {
			t.Fatalf("record %s: got headers %q, want %q", g.Seq, g.Header, w.Header)
		}
		if !bytes.Equal(g.Body, w.Body) {
			t.Fatalf("record %s: got body %.80q (%d bytes), want %.80q (%d bytes)",
				g.Seq, g.Body, len(g.Body), w.Body, len(w.Body))
		}
		if g, w := eventlog.HashRecord(g), eventlog.HashRecord(w); g != w {
			t.Fatalf("record %s: hash %s, want %s", got[i].Seq, g, w)
		}
	}
}

// seqs lists at most the first few sequences.
func seqs(records []eventlog.Record) []eventlog.Seq {
	var out []eventlog.Seq
	for _, r := range records[:min(len(records), 20)] {
		out = append(out, r.Seq)
	}
	return out
}
