package eventlog

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// agree holds the shortcut to the one description of what is accepted: what it takes is taken, and becomes the same.
func agree(t *testing.T, r *Record) (shortcut bool) {
	t.Helper()
	body, refused := ParseValue(r.Body)
	if refused != nil {
		return false
	}
	at := standard.locate(r.Subject)
	var got Event
	if !got.document(r, at.domain, body) {
		return false
	}
	want, err := standard.open(r, at, body)
	if err != nil {
		t.Fatalf("the shortcut makes %+v of %s on %s, which is refused: %v", got, r.Body, r.Subject, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the shortcut makes another event of %s on %s (-plain +shortcut):\n%s", r.Body, r.Subject, diff)
	}
	return true
}

// FuzzDecodeDifferential begins with one message of every shape and type.
func FuzzDecodeDifferential(f *testing.F) {
	for _, r := range producers(f) {
		f.Add(r.Subject, r.Body)
	}
	f.Fuzz(func(t *testing.T, subject string, body []byte) {
		agree(t, &Record{Seq: 1, Time: 5, Subject: subject, Body: body})
	})
}

func producers(t testing.TB) []Record {
	f, err := os.Open("testdata/envelopes.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []Record
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c struct {
			Subject string
			Message json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, Record{Seq: Seq(len(out) + 1), Time: 5, Subject: c.Subject, Body: c.Message})
	}
	return out
}

// TestShortcutTakesDocuments holds that the document's own messages take the shortcut, and that it agrees on
// everyone's.
func TestShortcutTakesDocuments(t *testing.T) {
	took := 0
	for _, r := range producers(t) {
		if agree(t, &r) {
			took++
		}
	}
	if took < 32 {
		t.Errorf("%d messages took the shortcut, want at least the document's 32", took)
	}
}

// TestShortcutAgrees tries every member of the document's envelope with values of every kind, under other names, and
// left out.
func TestShortcutAgrees(t *testing.T) {
	members := []string{
		"event_id", "event_type", "aggregate_id", "aggregate_type", "sequence", "timestamp", "correlation_id",
		"causation_id", "actor",
		"payload", "metadata",
		"id", "stream_id", "type", "version", "data", "event", "event_data", "stored_event", "domain", "context",
		"payload_metadata",
		"aggregate_sequence", "occurred_at", "stored_at", "triggered_by", "kind", "value", "other",
	}
	values := []string{
		`null`, `true`, `5`, `-1`, `1.5`, `""`, `"x"`, `"node_created"`, `"NodeCreated"`, `"node\u005fcreated"`,
		`"Workflow"`, `[]`, `[123,125]`,
		`{}`, `{"id":"i"}`, `{"kind":"Single","value":"v"}`, `{"kind":"Right","value":{"a":1}}`,
		`{"value":1,"kind":"Left"}`,
		`{ "NodeCreated" : {"a":1}}`, `{"Node":{"NodeCreated":{}}}`, `{"\u004eodeCreated":1}`,
		`{"Lifecycle":"NodeCreated"}`, `{"a":1}`,
		`{"secs_since_epoch":1,"nanos_since_epoch":2}`, `{"secs_since_epoch":"1"}`, `"2023-11-14T22:13:20Z"`,
		`{"version":2}`, `{"version":0}`, `{"event_id":"m","timestamp":5,"version":"1.0"}`, `{"event_id":7}`,
		`{"user_id":"u","correlation_id":5}`,
		`"` + strings.Repeat("x", MaxIDBytes) + `"`, `"` + strings.Repeat("x", MaxIDBytes+1) + `"`,
	}
	base := func(without string) string {
		out := ""
		for _, m := range [][2]string{
			{"event_id", `"e"`}, {"event_type", `"node_created"`}, {"aggregate_id", `"g"`}, {"payload", `{"a":1}`},
			{"sequence", `3`},
			{"actor", `null`},
		} {
			if m[0] != without {
				out += fmt.Sprintf(`,%q:%s`, m[0], m[1])
			}
		}
		return out
	}
	took := 0
	for _, name := range members {
		for _, value := range values {
			for _, subject := range []string{"event.graph.x", "event.node.x", "event.workflow.x", "event.billing.x",
				"else", "cmd.graph.x"} {
				body := fmt.Sprintf(`{%q:%s%s}`, name, value, base(name))
				if agree(t, &Record{Subject: subject, Body: []byte(body)}) {
					took++
				}
			}
		}
		agree(t, &Record{Subject: "event.graph.x", Body: []byte(`{` + strings.TrimPrefix(base(name), ",") + `}`)})
	}
	if took < 100 {
		t.Errorf("%d bodies took the shortcut, too few to say anything", took)
	}
}
