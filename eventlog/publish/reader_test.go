package publish_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/filelog"
	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

func TestReader(t *testing.T) {
	const bare = `{"event_type":"node_created","aggregate_type":"Graph","event_id":"e","aggregate_id":"g","payload":{}}`
	tests := []struct {
		name string
		line string
		want publish.Event
	}{
		{"bare envelope", bare, publish.Event{Subject: "event.graph.node_created", Body: []byte(bare), ID: "e", Aggregate: "g"}},
		{
			"message", `{"subject":"event.graph.x","headers":{"H":"v"},"message":{"n": 1}}`,
			publish.Event{Subject: "event.graph.x", Header: eventlog.Header{"H": {"v"}}, Body: []byte(`{"n": 1}`)},
		},
		{
			"message that is an event",
			`{"subject":"event.graph.x","message":{"event_type":"x","payload":1,"event_id":"e","aggregate_id":{"id":"g"}}}`,
			publish.Event{
				Subject: "event.graph.x", ID: "e", Aggregate: "g",
				Body: []byte(`{"event_type":"x","payload":1,"event_id":"e","aggregate_id":{"id":"g"}}`),
			},
		},
		{
			"ids in headers", `{"subject":"a.b","headers":{"Nats-Msg-Id":"m","Cim-Aggregate-Id":"g"},"data":"AAE="}`,
			publish.Event{
				Subject: "a.b", Header: eventlog.Header{"Nats-Msg-Id": {"m"}, "Cim-Aggregate-Id": {"g"}},
				Body: []byte{0, 1}, ID: "m", Aggregate: "g",
			},
		},
		{
			"line of a recorded history", `{"sequence":9,"time":1,"subject":"a","message":null}`,
			publish.Event{Subject: "a", Body: []byte("null")},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := "{\"log\":{\"name\":\"EVENTS\"}}\n\n{\"sequence\":8}\n" + test.line // the last line needs no line feed
			r := publish.NewReader("in", strings.NewReader(in), 0)
			got, err := r.Next(t.Context())
			if err != nil {
				t.Fatalf("Next: %v", err)
			}
			got.Body = append([]byte(nil), got.Body...)
			test.want.Line = 4
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if _, err := r.Next(t.Context()); !errors.Is(err, io.EOF) {
				t.Errorf("Next at the end: %v, want io.EOF", err)
			}
		})
	}
}

func TestSubjectOfBareEnvelope(t *testing.T) {
	tests := []struct{ aggregate, event, want string }{
		{"Graph", "node_created", "event.graph.node_created"},
		{"Graph", "graph.node_created", "event.graph.node_created"},
		{"Graph", "event.graph.node_created", "event.graph.node_created"},
		{"Graph", "NodeCreated", "event.graph.node_created"},
		{"ConceptualSpace", "concept_added", "event.conceptual.concept_added"},
		{"Workflow", "step.done", "event.workflow.step.done"},
		{"Node", "moved", "event.node.moved"},
		{"Node", "NodeMoved", "event.node.node_moved"},
		{"Concept", "added", "event.concept.added"},
	}
	for _, test := range tests {
		line := `{"event_type":"` + test.event + `","aggregate_type":"` + test.aggregate + `","payload":1}`
		got, err := publish.NewReader("in", strings.NewReader(line), 0).Next(t.Context())
		if err != nil || got.Subject != test.want {
			t.Errorf("%s of %s: subject %q, %v, want %q", test.event, test.aggregate, got.Subject, err, test.want)
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	const good = `{"subject":"a","message":1}`
	for _, bad := range []string{
		`{"event_type":"x","payload":1}`,
		`{"event_type":"x","aggregate_type":null,"payload":1}`,
		`{"event_type":"a b","aggregate_type":"Graph","payload":1}`,
		`{"event_type":"","aggregate_type":"Graph","payload":1}`,
		`{"event_type":7,"aggregate_type":"Graph","payload":1}`,
		`{"subject":"a..b","message":1}`,
		`{"subject":"a.*","message":1}`,
		`{"subject":"a"}`,
		`{}`, `[]`, `x`, "\ufeff" + good,
		`{"subject":"a","message":"` + strings.Repeat("x", 200) + `"}`,
	} {
		r := publish.NewReader("in", strings.NewReader(good+"\n\n"+bad+"\n"+good), 150)
		if _, err := r.Next(t.Context()); err != nil {
			t.Fatalf("Next of a good line: %v", err)
		}
		_, err := r.Next(t.Context())
		if refused, ok := errors.AsType[*filelog.LineError](err); !ok || refused.Line != 3 {
			t.Errorf("%.60s: %v, want line 3 refused", bad, err)
		}
	}
}

func TestReaderEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := publish.NewReader("in", strings.NewReader(`{"subject":"a","message":1}`), 0).Next(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Next with an ended context: %v, want context.Canceled", err)
	}
}
