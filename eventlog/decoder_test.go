package eventlog_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

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

func decoder(t *testing.T, m eventlog.Mapping) *eventlog.Decoder {
	t.Helper()
	d, err := eventlog.NewDecoder(m)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDecoderIsDeterministic decodes every producer's message at the same time from several goroutines, with decoders
// of their own and with one that they share.
func TestDecoderIsDeterministic(t *testing.T) {
	cases := envelopeCases(t)
	shared := eventlog.StandardDecoder()
	var all sync.WaitGroup
	for range 4 {
		own := decoder(t, eventlog.DefaultMapping())
		all.Go(func() {
			for _, c := range cases {
				before := string(c.Message)
				want, wantErr := eventlog.Decode(c.record())
				for _, d := range []*eventlog.Decoder{shared, own} {
					got, err := d.Decode(c.record())
					if diff := cmp.Diff(want, got); diff != "" || !cmp.Equal(wantErr, err) {
						t.Errorf("%s: another time %s, %v, first %v", c.Name, diff, err, wantErr)
					}
				}
				if string(c.Message) != before {
					t.Errorf("%s: Decode changed the body", c.Name)
				}
			}
		})
	}
	all.Wait()
}

func TestCanonicalSubject(t *testing.T) {
	for _, test := range []struct{ subject, domain, kind, want string }{
		{"event.graph.node_created", "graph", "node_created", "event.graph.node_created"},
		{"event.graph.node.created", "graph", "node_created", "event.graph.node_created"},
		{"graph.g-1.node.added", "graph", "node_created", "event.graph.node_created"},
		{"event.graph.performance.slow_operation", "graph", "performance.slow_operation",
			"event.graph.performance.slow_operation"},
		{"weather.rain", "", "rained", "weather.rain"},
	} {
		e := eventlog.Event{Subject: test.subject, Domain: test.domain, Type: test.kind}
		if got := eventlog.CanonicalSubject(&e); got != test.want {
			t.Errorf("CanonicalSubject of %s = %q, want %q", test.subject, got, test.want)
		}
		if n := testing.AllocsPerRun(10, func() { eventlog.CanonicalSubject(&e) }); n > 0 && test.subject == test.want {
			t.Errorf("CanonicalSubject of %s allocates %v times", test.subject, n)
		}
	}
}

// TestUnreadableBodies holds what is known of a record from its subject alone.
func TestUnreadableBodies(t *testing.T) {
	for _, test := range []struct{ subject, domain, canonical string }{
		{"event.graph.node_created", "graph", "event.graph.node_created"},
		{"event.graph.node_added", "graph", "event.graph.node_created"},
		{"graph.g-1.node.added", "graph", "event.graph.node_created"},
		{"event.conceptualspaces.region_formed", "conceptual", "event.conceptual.category_formed"},
		{"local.cim.workflow.w-1", "workflow", "event.workflow.unreadable"},
		{"event.graph.graph._", "graph", "event.graph.unreadable"},
		{"event.dlq.processing_failed", "dlq", "event.dlq.processing_failed"},
		{"cmd.graph.create_node", "", "cmd.graph.create_node"},
		{"event.graph", "", "event.graph"},
		{"event.graph.", "", "event.graph."},
		{"event..x", "", "event..x"},
		{"event.graph.a..b", "", "event.graph.a..b"},
		{"weather.rain", "", "weather.rain"},
		{"", "", ""},
	} {
		d := eventlog.StandardDecoder()
		if got := d.Domain(test.subject); got != test.domain {
			t.Errorf("Domain(%q) = %q, want %q", test.subject, got, test.domain)
		}
		if got := d.CanonicalSubject(test.subject); got != test.canonical {
			t.Errorf("CanonicalSubject(%q) = %q, want %q", test.subject, got, test.canonical)
		}
	}
}

// TestHeaders holds what headers say, and that they are not asked for what the body says.
func TestHeaders(t *testing.T) {
	long := strings.Repeat("x", eventlog.MaxIDBytes+1)
	body := `{"NodeAdded":{"a":1}}`
	whole := `{"event_type":"node_added","event_id":"e","aggregate_id":"g","correlation_id":"c","causation_id":"k","actor":"a",` +
		`"timestamp":5,"payload":{}}`
	for _, test := range []struct {
		name, body, header, value string
		want                      string // of the field, or the code of the refusal and its place
		field                     func(e *eventlog.Event) string
	}{
		{"aggregate", body, "Aggregate-Id", "h", "h", func(e *eventlog.Event) string { return e.AggregateID }},
		{"aggregate of the body", whole, "Aggregate-Id", long, "g",
			func(e *eventlog.Event) string { return e.AggregateID }},
		{"aggregate, too long", body, "Aggregate-Id", long, "too_long headers.Aggregate-Id", nil},
		{"aggregate, no UTF-8", body, "X-Workflow-ID", "\xff", "invalid_utf8 headers.X-Workflow-ID", nil},
		{"another case is another header", body, "aggregate-id", "h", "",
			func(e *eventlog.Event) string { return e.AggregateID }},
		{"seconds", body, "X-Timestamp", "2", "1970-01-01T00:00:02Z",
			func(e *eventlog.Event) string { return e.Occurred.String() }},
		{"seconds, of the body", whole, "X-Timestamp", "never", "1970-01-01T00:00:00.005Z",
			func(e *eventlog.Event) string { return e.Occurred.String() }},
		{"seconds with a fraction", body, "X-Timestamp", "2.5", "wrong_type headers.X-Timestamp", nil},
		{"seconds before 1970", body, "X-Timestamp", "-2", "wrong_type headers.X-Timestamp", nil},
		{"seconds beyond 64 bits", body, "X-Timestamp", "18446744073709551616", "out_of_range headers.X-Timestamp",
			nil},
		{"seconds beyond 2262", body, "X-Timestamp", "9223372037", "out_of_range headers.X-Timestamp", nil},
		{"sequence of a publisher", body, "X-Sequence", "7", "0",
			func(e *eventlog.Event) string { return string(rune('0' + e.AggregateSequence)) }},
		{"type, not where the body has one", body, "X-Event-Type", "NodeRemoved", "node_created",
			func(e *eventlog.Event) string { return e.Type }},
		{"type, where it has none", `{"a":1}`, "X-Event-Type", "NodeRemoved", "node_deleted",
			func(e *eventlog.Event) string { return e.Type }},
		{"type, too long", `{"a":1}`, "Cim-Event-Type", long, "too_long headers.Cim-Event-Type", nil},
		{"type of nothing but the domain", `{"a":1}`, "Cim-Event-Type", "graph.", "empty_id headers.Cim-Event-Type",
			nil},
		{"empty is absent", `{"a":1}`, "Cim-Event-Type", "", "edge_created",
			func(e *eventlog.Event) string { return e.Type }},
		{"id of the broker", body, "Nats-Msg-Id", "m", "m", func(e *eventlog.Event) string { return e.ID }},
		{"id of the broker, unusable", body, "Nats-Msg-Id", long, "", func(e *eventlog.Event) string { return e.ID }},
		{"domain, where the subject has one", body, "Cim-Graph-Type", "workflow", "graph",
			func(e *eventlog.Event) string { return e.Domain }},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, err := eventlog.Decode(&eventlog.Record{
				Subject: "event.edge.added", Body: []byte(test.body),
				Header: eventlog.Header{test.header: {test.value}},
			})
			got := ""
			if err != nil {
				field := fieldOf(t, err)
				got = string(field.Code) + " " + field.Field
			} else if test.field != nil {
				got = test.field(&e)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// FuzzDecoder must end with an event that keeps its promises, or with a refusal of a known code, the same each time.
func FuzzDecoder(f *testing.F) {
	for _, c := range envelopeCases(f) {
		f.Add([]byte(c.Message), c.Subject, "X-Workflow-ID", c.Headers["X-Workflow-ID"])
		f.Add([]byte(c.Message), c.Subject, "Cim-Event-Type", c.Headers["Cim-Event-Type"])
	}
	f.Fuzz(func(t *testing.T, body []byte, subject, header, value string) {
		r := &eventlog.Record{Seq: 1, Time: 5, Subject: subject, Header: eventlog.Header{header: {value}}, Body: body}
		e, err := eventlog.Decode(r)
		again, errAgain := eventlog.Decode(r)
		if diff := cmp.Diff(e, again); diff != "" || !cmp.Equal(err, errAgain) {
			t.Fatalf("Decode twice: %s %v %v", diff, err, errAgain)
		}
		if err != nil {
			if field := fieldOf(t, err); !knownCodes[field.Code] {
				t.Fatalf("Decode refuses with %q", field.Code)
			}
			return
		}
		if e.Type == "" || e.Name == "" || strings.Trim(e.Type, "._") == "" || e.Version < 1 || e.Occurred.IsZero() {
			t.Fatalf("Decode = %+v", e)
		}
		for _, text := range []string{e.Type, e.Name, e.ID, e.AggregateID, e.Correlation, e.Causation, e.Actor} {
			if len(text) > 2*eventlog.MaxIDBytes || !utf8.ValidString(text) {
				t.Fatalf("the event has the text %q", text)
			}
		}
		if _, err := eventlog.ParseValue(e.Payload); err != nil {
			t.Fatalf("the payload %q is no value: %v", e.Payload, err)
		}
	})
}

var knownCodes = map[eventlog.Code]bool{
	eventlog.CodeEmptyBody: true, eventlog.CodeInvalidUTF8: true, eventlog.CodeInvalidJSON: true,
	eventlog.CodeDuplicateKey: true,
	eventlog.CodeTooDeep:      true, eventlog.CodeNoEnvelope: true, eventlog.CodeMissingField: true,
	eventlog.CodeWrongType:  true,
	eventlog.CodeOutOfRange: true, eventlog.CodeTooLong: true, eventlog.CodeEmptyID: true,
	eventlog.CodeUnresolvable: true,
}
