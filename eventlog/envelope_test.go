package eventlog_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// envelopeCase is a line of testdata/envelopes.jsonl: a message as one of CIM's producers writes it, and the event that
// it is, or why it is none.
type envelopeCase struct {
	Name    string            `json:"name"`
	Subject string            `json:"subject"`
	Headers map[string]string `json:"headers"`
	Message json.RawMessage   `json:"message"`
	Want    *wantEvent        `json:"want"`
	Refused *struct {
		Code  eventlog.Code `json:"code"`
		Field string        `json:"field"`
	} `json:"refused"`
}

// wantEvent has "" for what an event does not have; the name is the type, the version 1, and the time the broker's
// where it is "".
type wantEvent struct {
	Domain      string          `json:"domain"`
	Type        string          `json:"type"`
	Name        string          `json:"name"`
	Version     int             `json:"version"`
	ID          string          `json:"event_id"`
	AggregateID string          `json:"aggregate_id"`
	Sequence    uint64          `json:"sequence"`
	Correlation string          `json:"correlation_id"`
	Causation   string          `json:"causation_id"`
	Actor       string          `json:"actor"`
	Occurred    string          `json:"occurred"`
	Payload     json.RawMessage `json:"payload"`
	Metadata    json.RawMessage `json:"metadata"`
}

func envelopeCases(t testing.TB) []envelopeCase {
	t.Helper()
	f, err := os.Open("testdata/envelopes.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []envelopeCase
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c envelopeCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("line %d: %v", len(out)+1, err)
		}
		out = append(out, c)
	}
	if len(out) < 43 {
		t.Fatalf("only %d cases were read", len(out))
	}
	return out
}

func (c *envelopeCase) record() *eventlog.Record {
	r := &eventlog.Record{Seq: 7, Time: 99, Subject: c.Subject, Body: c.Message}
	for name, value := range c.Headers {
		if r.Header == nil {
			r.Header = eventlog.Header{}
		}
		r.Header[name] = []string{value}
	}
	return r
}

func (w *wantEvent) event(t *testing.T, subject string) eventlog.Event {
	e := eventlog.Event{
		Seq: 7, Time: 99, Subject: subject, Domain: w.Domain, Type: w.Type, Name: w.Name, Version: w.Version, ID: w.ID,
		AggregateID: w.AggregateID, AggregateSequence: w.Sequence, Correlation: w.Correlation, Causation: w.Causation,
		Actor:    w.Actor,
		Occurred: 99, Payload: eventlog.Value(w.Payload),
	}
	if w.Metadata != nil {
		e.Metadata = eventlog.Value(w.Metadata)
	}
	if e.Name == "" {
		e.Name = e.Type
	}
	if e.Version == 0 {
		e.Version = 1
	}
	if w.Occurred != "" {
		at, err := time.Parse(time.RFC3339Nano, w.Occurred)
		if err != nil {
			t.Fatal(err)
		}
		e.Occurred = eventlog.Moment(at)
	}
	return e
}

// TestEnvelopes holds the decoder to one message of each producer.
func TestEnvelopes(t *testing.T) {
	for _, c := range envelopeCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			got, err := eventlog.Decode(c.record())
			if c.Refused != nil {
				field := fieldOf(t, err)
				if field.Code != c.Refused.Code || field.Field != c.Refused.Field {
					t.Errorf("Decode of %s refused %s of %q, want %s of %q", c.Message, field.Code, field.Field,
						c.Refused.Code, c.Refused.Field)
				}
				return
			}
			if err != nil {
				t.Fatalf("Decode of %s on %s: %v", c.Message, c.Subject, err)
			}
			if diff := cmp.Diff(c.Want.event(t, c.Subject), got); diff != "" {
				t.Errorf("Decode of %s on %s (-want +got):\n%s", c.Message, c.Subject, diff)
			}
			want := c.Subject
			if got.Domain != "" {
				want = "event." + got.Domain + "." + got.Type
			}
			if canonical := eventlog.CanonicalSubject(&got); canonical != want {
				t.Errorf("CanonicalSubject = %q, want %q", canonical, want)
			}
		})
	}
}
