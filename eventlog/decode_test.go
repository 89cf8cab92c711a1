package eventlog_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/eventlog"
)

const whole = `{
  "event_id": "e-1", "event_type": "graph.NodeCreated", "aggregate_id": {"value": "g-1"}, "aggregate_type": "Graph",
  "sequence": 18446744073709551615, "timestamp": {"secs_since_epoch": 1, "nanos_since_epoch": 2},
  "correlation_id": "c", "causation_id": {"id": "k"}, "actor": "a", "unknown": [1],
  "payload": { "x": 1.50 }, "metadata": {"version": 3, "rank": 0}
}`

func record(body string) *eventlog.Record {
	return &eventlog.Record{Seq: 7, Time: 99, Subject: "event.graph.node_created", Body: []byte(body)}
}

func TestDecodeWhole(t *testing.T) {
	got, err := eventlog.Decode(record(whole))
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	want := eventlog.Event{
		Seq: 7, Time: 99, Subject: "event.graph.node_created", Domain: "graph", Type: "node_created", Name: "node_created", Version: 3,
		ID: "e-1", AggregateID: "g-1", AggregateSequence: 1<<64 - 1, Correlation: "c", Causation: "k", Actor: "a", Occurred: 1_000_000_002,
		Payload: eventlog.Value(`{ "x": 1.50 }`), Metadata: eventlog.Value(`{"version": 3, "rank": 0}`),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
}

func TestDecodeSmallest(t *testing.T) {
	for _, body := range []string{
		`{"event_type":"x","payload":null}`,
		`{"payload":null,"event_type":"x","event_id":null,"aggregate_id":null,"sequence":null,"timestamp":null,"correlation_id":null,` +
			`"causation_id":null,"actor":null,"metadata":null}`,
	} {
		r := record(body)
		r.Header = eventlog.Header{"Nats-Msg-Id": {"m"}}
		got, err := eventlog.Decode(r)
		if err != nil {
			t.Fatalf("Decode: %v", err)
		}
		want := eventlog.Event{
			Seq: 7, Time: 99, Subject: r.Subject, Domain: "graph", Type: "x", Name: "x", Version: 1, ID: "m", Occurred: 99,
			Payload: eventlog.Value("null"),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Decode of %s (-want +got):\n%s", body, diff)
		}
	}
}

func TestDecodeVersion(t *testing.T) {
	for metadata, want := range map[string]int{
		`{}`: 1, `null`: 1, `{"version":null}`: 1, `{"version":2}`: 2, `{"version":"1.2.0"}`: 1, `{"version":1.5}`: 1,
		`{"version":1073741824}`: 1 << 30, `"free"`: 1, `[{"version":9}]`: 1, `{"other":{"version":9}}`: 1,
	} {
		got, err := eventlog.Decode(record(`{"event_type":"x","payload":1,"metadata":` + metadata + `}`))
		if err != nil || got.Version != want {
			t.Errorf("metadata %s: version %d, %v, want %d", metadata, got.Version, err, want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	envelope := func(member string) string { return `{"event_type":"x","payload":1,` + member + `}` }
	tests := []struct {
		name  string
		body  string
		code  eventlog.Code
		field string
	}{
		{"nothing", ``, eventlog.CodeEmptyBody, ""},
		{"no JSON", `{`, eventlog.CodeInvalidJSON, ""},
		{"invalid UTF-8", "{\"event_type\":\"\xff\"}", eventlog.CodeInvalidUTF8, ""},
		{"too deep", envelope(`"metadata":` + nested(128)), eventlog.CodeTooDeep, ""},
		{"array", `[]`, eventlog.CodeNoEnvelope, ""},
		{"text", `"x"`, eventlog.CodeNoEnvelope, ""},
		{"null", `null`, eventlog.CodeNoEnvelope, ""},
		{"empty object", `{}`, eventlog.CodeNoEnvelope, ""},
		{"no payload", `{"event_type":"x"}`, eventlog.CodeNoEnvelope, ""},
		{"no type", `{"payload":1}`, eventlog.CodeNoEnvelope, ""},
		{"names of another case", `{"Event_Type":"x","Payload":1}`, eventlog.CodeNoEnvelope, ""},
		{"type is a number", `{"event_type":1,"payload":1}`, eventlog.CodeWrongType, "event_type"},
		{"type is null", `{"event_type":null,"payload":1}`, eventlog.CodeWrongType, "event_type"},
		{"type is empty", `{"event_type":"","payload":1}`, eventlog.CodeEmptyID, "event_type"},
		{"member twice", envelope(`"actor":"a","actor":"a"`), eventlog.CodeDuplicateKey, ""},
		{"payload with a member twice", `{"event_type":"x","payload":{"a":1,"a":1}}`, eventlog.CodeDuplicateKey, ""},
		{"event id is a number", envelope(`"event_id":1`), eventlog.CodeWrongType, "event_id"},
		{"event id is empty", envelope(`"event_id":""`), eventlog.CodeEmptyID, "event_id"},
		{"aggregate id is too long", envelope(`"aggregate_id":"` + strings.Repeat("x", 1025) + `"`), eventlog.CodeTooLong, "aggregate_id"},
		{"sequence is negative", envelope(`"sequence":-1`), eventlog.CodeOutOfRange, "sequence"},
		{"sequence over 64 bits", envelope(`"sequence":18446744073709551616`), eventlog.CodeOutOfRange, "sequence"},
		{"sequence with an exponent", envelope(`"sequence":1e3`), eventlog.CodeWrongType, "sequence"},
		{"sequence as text", envelope(`"sequence":"1"`), eventlog.CodeWrongType, "sequence"},
		{"timestamp of no form", envelope(`"timestamp":"now"`), eventlog.CodeWrongType, "timestamp"},
		{"timestamp without seconds", envelope(`"timestamp":{}`), eventlog.CodeMissingField, "timestamp.secs_since_epoch"},
		{"timestamp out of range", envelope(`"timestamp":{"secs_since_epoch":18446744073709551615}`), eventlog.CodeOutOfRange, "timestamp"},
		{"correlation is an array", envelope(`"correlation_id":[]`), eventlog.CodeWrongType, "correlation_id"},
		{"causation is true", envelope(`"causation_id":true`), eventlog.CodeWrongType, "causation_id"},
		{"actor is an empty object", envelope(`"actor":{}`), eventlog.CodeWrongType, "actor"},
		{"version zero", envelope(`"metadata":{"version":0}`), eventlog.CodeOutOfRange, "metadata.version"},
		{"version too large", envelope(`"metadata":{"version":1073741825}`), eventlog.CodeOutOfRange, "metadata.version"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := eventlog.Decode(record(test.body))
			refused, ok := errors.AsType[*eventlog.DecodeError](err)
			if !ok || refused.Seq != 7 || refused.Subject != "event.graph.node_created" {
				t.Fatalf("Decode = %+v, %v, want a *DecodeError of the record", got, err)
			}
			if refused.Field.Code != test.code || refused.Field.Field != test.field {
				t.Errorf("Decode: %s of %q, want %s of %q", refused.Field.Code, refused.Field.Field, test.code, test.field)
			}
			if field, ok := errors.AsType[*eventlog.FieldError](err); !ok || field != refused.Field {
				t.Error("the error does not unwrap to its field")
			}
			if diff := cmp.Diff(eventlog.Event{}, got); diff != "" {
				t.Errorf("a refused record made an event: %s", diff)
			}
		})
	}
}

func TestFieldError(t *testing.T) {
	inner := eventlog.Refuse(eventlog.CodeWrongType, "x")
	if got := inner.In("position").In("payload"); got.Field != "payload.position.x" || inner.Field != "x" {
		t.Errorf("In = %q, and the inner is %q", got.Field, inner.Field)
	}
	if got := eventlog.Refuse(eventlog.CodeTooLong, "").In("a"); got.Field != "a" {
		t.Errorf("In of the whole = %q", got.Field)
	}
	if got := inner.In(""); got.Field != "x" {
		t.Errorf("In of no parent = %q", got.Field)
	}
	if got := eventlog.Refuse(eventlog.CodeTooLong, "").Error(); got != "body: too_long" {
		t.Errorf("Error = %q", got)
	}
	at := &eventlog.FieldError{Code: eventlog.CodeInvalidJSON, Offset: 3}
	if got := at.Error(); got != "body: invalid_json at byte 3" {
		t.Errorf("Error = %q", got)
	}
}

// FuzzDecode must end with an event or a refusal, the same each time, and change nothing.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(whole), "event.graph.x", "m")
	f.Add([]byte(`{"event_type":"x","payload":{"a":[]},"timestamp":"2026-01-23T10:00:00Z"}`), "", "")
	f.Add([]byte(`{"event_type":"graph.","payload":1,"sequence":1e5}`), "event.graph.a.b", "")
	f.Fuzz(func(t *testing.T, body []byte, subject, id string) {
		r := &eventlog.Record{Seq: 1, Time: 5, Subject: subject, Header: eventlog.Header{"Nats-Msg-Id": {id}}, Body: body}
		before := string(body)
		got, err := eventlog.Decode(r)
		again, errAgain := eventlog.Decode(r)
		if string(body) != before {
			t.Fatal("Decode changed the body")
		}
		if diff := cmp.Diff(got, again); diff != "" || (err == nil) != (errAgain == nil) {
			t.Fatalf("Decode twice: %s %v %v", diff, err, errAgain)
		}
		if err != nil {
			if refused, ok := errors.AsType[*eventlog.DecodeError](err); !ok || refused.Field.Code == "" {
				t.Fatalf("Decode: %v, want a *DecodeError", err)
			}
			return
		}
		if got.Type == "" || got.Version < 1 || got.Payload == nil || len(got.ID) > max(eventlog.MaxIDBytes, len(id)) {
			t.Fatalf("Decode = %+v", got)
		}
		if _, err := eventlog.ParseValue(got.Payload); err != nil {
			t.Fatalf("the payload %q is no value: %v", got.Payload, err)
		}
	})
}
