package eventlog_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestParseSeq(t *testing.T) {
	for text, want := range map[string]eventlog.Seq{"0": 0, "4711": 4711, "18446744073709551615": 1<<64 - 1, "007": 7} {
		got, err := eventlog.ParseSeq(text)
		if err != nil || got != want {
			t.Errorf("ParseSeq(%q) = %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", " 1", "1 ", "+1", "-1", "1e3", "0x10", "1_000", "١", "18446744073709551616"} {
		if got, err := eventlog.ParseSeq(text); err == nil {
			t.Errorf("ParseSeq(%q) = %s, want it refused", text, got)
		}
	}
}

func TestPosition(t *testing.T) {
	p := eventlog.Position{Stream: eventlog.Stream{Name: "EVENTS", Created: 1}, Seq: 7}
	if p.String() != "EVENTS@7" || p.IsZero() || p.Stream.IsZero() {
		t.Errorf("position %s", p)
	}
	if got := p.Stream.String(); got != "EVENTS (created 1970-01-01T00:00:00.000000001Z)" {
		t.Errorf("stream %s", got)
	}
	if !(eventlog.Position{}).IsZero() || !(eventlog.Stream{}).IsZero() {
		t.Error("the zero values are not zero")
	}
}

func TestRecordSize(t *testing.T) {
	r := eventlog.Record{Subject: "ab", Body: []byte("cde"), Header: eventlog.Header{"H": {"x", "yz"}, "E": {""}}}
	if got, want := r.Size(), 2+3+(1+1+4)+(1+2+4)+(1+0+4); got != want {
		t.Errorf("Size = %d, want %d", got, want)
	}
	if r.Header.Get("H") != "x" || r.Header.Get("h") != "" || eventlog.Header(nil).Get("H") != "" {
		t.Error("Get must return the first value under the exact name")
	}
}
