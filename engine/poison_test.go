package engine_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// poison is what producers, networks and enemies put into a stream, with the code under which it must be kept.
var poison = []struct {
	name string
	body []byte
	code eventlog.Code
}{
	{"empty body", nil, eventlog.CodeEmptyBody},
	{"broken JSON", []byte(`{"event_type":"plain","payload":`), eventlog.CodeInvalidJSON},
	{"text", []byte("hello"), eventlog.CodeInvalidJSON},
	{"two values", []byte(`{"event_type":"plain","payload":{}}{}`), eventlog.CodeInvalidJSON},
	{"not UTF-8", []byte("{\"event_type\":\"plain\xff\",\"payload\":{}}"), eventlog.CodeInvalidUTF8},
	{"a name twice", []byte(`{"event_type":"plain","payload":{"a":1,"a":2}}`), eventlog.CodeDuplicateKey},
	{"an array", []byte(`[1,2,3]`), eventlog.CodeNoEnvelope},
	{"no payload", []byte(`{"event_type":"plain"}`), eventlog.CodeNoEnvelope},
	{"a number as type", []byte(`{"event_type":7,"payload":{}}`), eventlog.CodeWrongType},
	{"an id as number", []byte(`{"event_type":"plain","aggregate_id":7,"payload":{}}`), eventlog.CodeWrongType},
	{"a huge sequence", []byte(`{"event_type":"plain","sequence":99999999999999999999999,"payload":{}}`), eventlog.CodeOutOfRange},
	{"a time as text", []byte(`{"event_type":"plain","timestamp":"yesterday","payload":{}}`), eventlog.CodeWrongType},
	{"a million brackets", bytes.Repeat([]byte("["), 1_000_000), eventlog.CodeTooDeep},
	{"nested too deep", []byte(`{"event_type":"plain","payload":` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + `}`), eventlog.CodeTooDeep},
	{"900 KiB of text", bytes.Repeat([]byte("x"), 900<<10), eventlog.CodeInvalidJSON},
	{"refused by the projection", event(0, "bad", "a"), eventlog.CodeWrongType},
}

func TestTrap15PoisonStopsNothingAndIsKept(t *testing.T) {
	log := memlog.New(memlog.Config{})
	want := map[eventlog.Seq]eventlog.Code{}
	for i, p := range poison {
		for _, body := range [][]byte{event(i, "plain", "good"), p.body} {
			r, err := log.Append(t.Context(), "event.test.thing", eventlog.Header{"X-Test": {p.name}}, body)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(body, p.body) {
				want[r.Seq] = p.code
			}
		}
	}
	large := fmt.Appendf(nil, `{"event_type":"plain","aggregate_id":"good","payload":%q}`, strings.Repeat("y", 900<<10))
	huge := []byte(`{"event_type":"plain","aggregate_id":"good","payload":{"n":1e999999,"m":-0.0000000000000000001}}`)
	for _, body := range [][]byte{large, huge, event(0, "new_kind", "good")} {
		if _, err := log.Append(t.Context(), "event.test.thing", nil, body); err != nil {
			t.Fatal(err)
		}
	}
	last := eventlog.Seq(2*len(poison) + 3)

	w := start(t, config(t, log, keeper{newTally("keeper")}, newTally("plain")))
	w.waitFor(last, "keeper", "plain")
	got := letters(t, w, "keeper")
	for seq, code := range want {
		l, ok := got[seq]
		switch {
		case !ok:
			t.Errorf("event %s was lost", seq)
		case l.Code != code:
			t.Errorf("event %s is kept as %s, want %s", seq, l.Code, code)
		case len(l.Headers) != 1 || !bytes.Equal(l.Body, poison[(seq-1)/2].body):
			t.Errorf("event %s is not kept whole: %d bytes, headers %v", seq, len(l.Body), l.Headers)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d dead letters, want %d", len(got), len(want))
	}
	counts := countsOf(t, w, "plain")
	if counts.Seen() != uint64(last) || counts.Undecodable != uint64(len(want)-1) || counts.DeadLetters != 1 || counts.UnknownType != 1 {
		t.Errorf("accounts of what was seen: %+v", counts)
	}
}

func letters(t *testing.T, w *running, name string) map[eventlog.Seq]*projection.Letter {
	t.Helper()
	v, err := w.View(name)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	out := map[eventlog.Seq]*projection.Letter{}
	v.Letters("", func(l *projection.Letter) bool { out[l.Seq] = l; return true })
	if err := v.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func countsOf(t *testing.T, w *running, name string) projection.Counts {
	t.Helper()
	v, err := w.View(name)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	return v.Counts()
}
