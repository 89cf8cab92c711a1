package eventlog_test

import (
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// The numbers are those of the catalogue of traps that CIM's documents and code set.

// understood decodes a message without headers.
func understood(t *testing.T, subject, body string) eventlog.Event {
	t.Helper()
	e, err := eventlog.Decode(&eventlog.Record{Seq: 1, Time: 99, Subject: subject, Body: []byte(body)})
	if err != nil {
		t.Fatalf("%s on %s: %v", body, subject, err)
	}
	return e
}

// refused returns why a message without headers is refused: code and place.
func refused(t *testing.T, subject, body string) string {
	t.Helper()
	e, err := eventlog.Decode(&eventlog.Record{Seq: 1, Time: 99, Subject: subject, Body: []byte(body)})
	if err == nil {
		t.Fatalf("%s on %s became %+v", body, subject, e)
	}
	field := fieldOf(t, err)
	return strings.TrimSpace(string(field.Code) + " " + field.Field)
}

func TestTrap11_DeadLettersAreNoDomainEvents(t *testing.T) {
	for _, subject := range []string{"event.dlq.processing_failed", "event.dlq.graph.node_created",
		"dlq.graph.node_created"} {
		for _, body := range []string{
			`{"event_type":"graph.node_created","aggregate_type":"Graph","domain":"graph","payload":{"a":1}}`,
			`{"Node":{"NodeCreated":{"a":1}}}`, `{"a":1}`,
		} {
			e := understood(t, subject, body)
			if got := eventlog.CanonicalSubject(&e); e.Domain != "dlq" || !strings.HasPrefix(got, "event.dlq.") {
				t.Errorf("%s on %s is %s of %q", body, subject, got, e.Domain)
			}
		}
	}
}

func TestTrap36_DomainsOfSubjects(t *testing.T) {
	for subject, want := range map[string]string{
		"event.graph.graph.node_created":                  "event.graph.node_created",
		"event.conceptual.category_formed":                "event.conceptual.category_formed",
		"event.conceptualspace.category_formed":           "event.conceptual.category_formed",
		"event.conceptualspaces.region_formed":            "event.conceptual.category_formed",
		"event.conceptual_space.region_defined.space-1":   "event.conceptual.category_formed",
		"event.ConceptualSpace.RegionAdded":               "event.conceptual.category_formed",
		"event.conceptual.conceptualspaces.concept_added": "event.conceptual.concept_added",
		"event.node.node_created":                         "event.graph.node_created",
		"event.edge.edge_created":                         "event.graph.edge_created",
		"event.concept.concept_added":                     "event.conceptual.concept_added",
	} {
		e := understood(t, subject, `{"a":1}`)
		if got := eventlog.CanonicalSubject(&e); got != want {
			t.Errorf("%s is %s, want %s", subject, got, want)
		}
	}
}

func TestTrap50_SpellingsOfTypes(t *testing.T) {
	for _, name := range []string{"node_created", "graph.node_created", "NodeCreated", "node.created", "nodecreated",
		"graph.NodeCreated", "Node.Created"} {
		if e := understood(t, "event.graph.any", `{"event_type":"`+name+`","payload":{}}`); e.Type != "node_created" {
			t.Errorf("%s is %s", name, e.Type)
		}
	}
}

// The order is: what names a type and has a payload; what has a string "type"; what is one variant; then the subject.
func TestTrap51_OrderOfShapes(t *testing.T) {
	for _, test := range []struct{ body, kind, payload string }{
		{`{"event_type":"NodeAdded","type":"EdgeAdded","payload":{"a":1}}`, "node_created", `{"a":1}`},
		{`{"type":"EdgeAdded","event":{"a":1}}`, "edge_created", `{"type":"EdgeAdded","event":{"a":1}}`},
		{`{"type":"EdgeAdded","NodeAdded":{"a":1}}`, "edge_created", `{"type":"EdgeAdded","NodeAdded":{"a":1}}`},
		{`{"NodeAdded":{"type":"EdgeAdded"}}`, "node_created", `{"type":"EdgeAdded"}`},
		{`{"payload":{"type":"EdgeAdded","a":1}}`, "edge_created", `{"type":"EdgeAdded","a":1}`},
		{`{"payload":{"Node":{"NodeRemoved":{"a":1}}}}`, "node_deleted", `{"a":1}`},
		{`{"payload":{"a":1}}`, "node_moved", `{"a":1}`},
		{`{"a":1}`, "node_moved", `{"a":1}`},
		{`{"type":5,"a":1}`, "node_moved", `{"type":5,"a":1}`},
		{`{"data":{"a":1}}`, "node_moved", `{"data":{"a":1}}`},
		{`{"event_id":"e","data":{"a":1}}`, "node_moved", `{"a":1}`},
	} {
		if e := understood(t, "event.graph.node_moved", test.body); e.Type != test.kind ||
			string(e.Payload) != test.payload {
			t.Errorf("%s is %s with %s, want %s with %s", test.body, e.Type, e.Payload, test.kind, test.payload)
		}
	}
}

func TestTrap52_ContentAddressAlone(t *testing.T) {
	for _, body := range []string{
		`{"event_id":"e","payload":{"kind":"Left","value":{"inner":[1]}}}`,
		`{"event_type":"node_created","payload":{"value":{"inner":[1]},"kind":"Left"}}`,
	} {
		if got := refused(t, "event.graph.node_created", body); got != "unresolvable payload" {
			t.Errorf("%s is refused with %q", body, got)
		}
	}
	if e := understood(t, "event.graph.node_created",
		`{"event_type":"x","payload":{"kind":"Left","value":1,"more":2}}`); !e.Payload.IsObject() {
		t.Error("a payload with members of these names and others was taken apart")
	}
}

func TestTrap53_FormsOfIdentifiers(t *testing.T) {
	for form, want := range map[string]string{
		`"graph-123"`: "graph-123", `"A0EE"`: "A0EE", `"a0ee"`: "a0ee", `{"id":"x"}`: "x",
		`{"kind":"Single","value":"v"}`: "v",
		`{"id":"x","phantom":null}`:     "x",
	} {
		body := `{"event_type":"x","payload":{},"aggregate_id":` + form + `,"correlation_id":` + form + `}`
		if e := understood(t, "event.graph.any", body); e.AggregateID != want || e.Correlation != want {
			t.Errorf("%s is %q and %q, want %q", form, e.AggregateID, e.Correlation, want)
		}
	}
}

func TestTrap54_FormsOfTimes(t *testing.T) {
	for form, want := range map[string]string{
		`{"secs_since_epoch":1737626400,"nanos_since_epoch":123456789}`: "2025-01-23T10:00:00.123456789Z",
		`"2025-01-23T10:00:00Z"`: "2025-01-23T10:00:00Z", `"2025-01-23T10:00:00.5Z"`: "2025-01-23T10:00:00.5Z",
		`"2025-01-23T10:00:00.123Z"`:            "2025-01-23T10:00:00.123Z",
		`"2025-01-23T10:00:00.123456Z"`:         "2025-01-23T10:00:00.123456Z",
		`"2025-01-23T11:00:00.123456789+01:00"`: "2025-01-23T10:00:00.123456789Z",
		`1737626400123`:                         "2025-01-23T10:00:00.123Z",
		`null`:                                  eventlog.Time(99).String(),
	} {
		if e := understood(t, "event.graph.any",
			`{"event_type":"x","payload":{},"timestamp":`+form+`}`); e.Occurred.String() != want {
			t.Errorf("%s is %s, want %s", form, e.Occurred, want)
		}
		if e := understood(t, "graph.g.any", `{"type":"X","timestamp":`+form+`}`); e.Occurred.String() != want {
			t.Errorf("%s in a flat event is %s, want %s", form, e.Occurred, want)
		}
	}
}

// A time inside the payload of an envelope is the payload's: it is neither read nor refused.
func TestTrap54_TimesInsideThePayload(t *testing.T) {
	for _, inner := range []string{`5`, `"noon"`} {
		body := `{"aggregate_id":"a","timestamp":7,"event":{"type":"AgentActivated","timestamp":` + inner + `}}`
		if e := understood(t, "agent.events.agent.a.activated", body); e.Occurred != 7_000_000 {
			t.Errorf("%s happened at %s", body, e.Occurred)
		}
	}
}

func TestTrap55_SequencesAreInformational(t *testing.T) {
	for member, want := range map[string]uint64{
		`"sequence":0`: 0, `"sequence":null`: 0, `"version":7`: 7, `"sequence":3,"version":7`: 3,
		`"version":"1.0.0"`: 0, `"aggregate_sequence":4`: 4,
	} {
		e := understood(t, "event.graph.any", `{"event_type":"x","payload":{},`+member+`}`)
		if e.AggregateSequence != want || e.Seq != 1 {
			t.Errorf("%s: the sequence of the aggregate is %d and of the log %d, want %d and 1", member,
				e.AggregateSequence, e.Seq, want)
		}
	}
}

func TestTrap56_BrokerHeadersInMessagesSayNothing(t *testing.T) {
	r := &eventlog.Record{Seq: 1, Time: 99, Subject: "event.graph.node_created", Body: []byte(`{"a":1}`),
		Header: eventlog.Header{
			"Nats-Sequence": {"77"}, "Nats-Time-Stamp": {"2025-01-23T10:00:00Z"},
			"Nats-Subject": {"event.agent.registered"},
		}}
	e, err := eventlog.Decode(r)
	if err != nil || e.Seq != 1 || e.AggregateSequence != 0 || e.Occurred != 99 || e.Domain != "graph" {
		t.Errorf("Decode = %+v, %v", e, err)
	}
}

func TestTrap57And58_NumbersStayAsReceived(t *testing.T) {
	payload := `{"weight":0.8999999761581421,"big":18446744073709551615,"huge":1e400,"nan":null,"x":1.0,"y":-0.0}`
	for _, body := range []string{
		`{"event_type":"x","payload":` + payload + `}`, `{"X":` + payload + `}`,
		`{"payload":{"Node":{"X":` + payload + `}}}`, payload,
	} {
		if e := understood(t, "event.graph.any", body); string(e.Payload) != payload {
			t.Errorf("%s has the payload %s", body, e.Payload)
		}
	}
	if e := understood(t, "event.graph.any",
		`{"event_type":"x","payload":{},"sequence":18446744073709551615}`); e.AggregateSequence != 1<<64-1 {
		t.Errorf("the sequence is %d", e.AggregateSequence)
	}
}

func TestTrap59_NullIsAbsent(t *testing.T) {
	const nulls = `"event_id":null,"aggregate_id":null,"aggregate_type":null,"domain":null,"sequence":null,"timestamp":null,` +
		`"correlation_id":null,"causation_id":null,"actor":null,"metadata":null`
	with := understood(t, "event.graph.any", `{"event_type":"x","payload":{},`+nulls+`}`)
	without := understood(t, "event.graph.any", `{"event_type":"x","payload":{}}`)
	if with.ID != without.ID || with.AggregateID != "" || with.Actor != "" || with.Occurred != without.Occurred ||
		with.Metadata != nil {
		t.Errorf("with nulls %+v, without %+v", with, without)
	}
}

func TestTrap60And61_UnknownTypesAndMembers(t *testing.T) {
	e := understood(t, "event.graph.any",
		`{"event_type":"node_dreamed","payload":{"a":1},"quality":[1],"signature":{"x":{}}}`)
	if e.Type != "node_dreamed" || e.Domain != "graph" || string(e.Payload) != `{"a":1}` {
		t.Errorf("an unknown type became %+v", e)
	}
}

func TestTrap62_PoisonIsRefused(t *testing.T) {
	for body, want := range map[string]string{
		"": "empty_body", "{": "invalid_json", "{} {}": "invalid_json", "\xef\xbb\xbf{}": "invalid_json",
		"{\"A\":\"\xff\"}":            "invalid_utf8",
		`{"NodeAdded":{"a":1,"a":2}}`: "duplicate_key", `{"type":"X","type":"Y"}`: "duplicate_key",
		strings.Repeat("[", 129) + strings.Repeat("]", 129): "too_deep",
	} {
		if got := refused(t, "event.graph.node_created", body); got != want {
			t.Errorf("%q is refused with %q, want %q", body, got, want)
		}
	}
	twice := &eventlog.Record{
		Subject: "event.graph.any",
		Body:    []byte(`{"event_type":"x","event_data":[123,34,97,34,58,49,44,34,97,34,58,49,125]}`),
	}
	_, err := eventlog.Decode(twice)
	if got := fieldOf(t, err); got.Code != eventlog.CodeDuplicateKey || got.Field != "event_data" || got.Offset != -1 {
		t.Errorf("bytes with a member twice are refused with %v; their offset is not one of the body", got)
	}
}

func TestTrap63_PayloadAndEnvelopeMayDisagree(t *testing.T) {
	e := understood(t, "event.graph.node_created",
		`{"event_type":"node_created","aggregate_id":"a","payload":{"graph_id":"b"}}`)
	if e.AggregateID != "a" || string(e.Payload) != `{"graph_id":"b"}` {
		t.Errorf("the event is %+v; both ids must stay readable", e)
	}
}

func TestTrap64_IdOfALegacyGraphIsNoEventID(t *testing.T) {
	e := understood(t, "event.graph.created",
		`{"id":"g-1","metadata":{"name":"G","version":0,"created_at":{"secs_since_epoch":1}}}`)
	if e.ID != "" || e.Type != "graph_created" || e.Version != 1 || e.Metadata != nil {
		t.Errorf("the event is %+v", e)
	}
}

func TestTrap65_MetadataIsOpaque(t *testing.T) {
	for _, metadata := range []string{
		`{"a":[1,{"b":null}],"correlation_id":5,"user_id":[],"timestamp":"noon"}`, `[1]`, `"text"`, `7`,
		`{"event_id":7}`, `{"event_id":"m","timestamp":"noon","correlation_id":[]}`,
	} {
		e := understood(t, "event.graph.any", `{"event_id":"e","event_type":"x","payload":{},"metadata":`+metadata+`}`)
		if string(e.Metadata) != metadata || e.Correlation != "" || e.Actor != "" || e.Occurred != 99 {
			t.Errorf("metadata %s: %+v", metadata, e)
		}
	}
}

// TestTrap70_NamesOfDeletedGraphs reads what only producers have, not the document: one name each, whatever the spelling.
func TestTrap70_NamesOfDeletedGraphs(t *testing.T) {
	for name, want := range map[string]string{
		"GraphDeleted": "event.graph.graph_deleted", "graph.graph_deleted": "event.graph.graph_deleted",
		"GraphArchived": "event.graph.graph_archived", "graph_archived": "event.graph.graph_archived",
	} {
		e := understood(t, "event.graph.any", `{"event_type":"`+name+`","payload":{"graph_id":"g"}}`)
		if got := eventlog.CanonicalSubject(&e); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
