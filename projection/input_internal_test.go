package projection

import (
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// subscriber wants some subjects and does nothing.
type subscriber struct{ subjects []string }

func (s subscriber) Name() string            { return "subscriber" }
func (s subscriber) Version() int            { return 1 }
func (s subscriber) Subjects() []string      { return s.subjects }
func (s subscriber) Schema() *Schema         { return nil }
func (s subscriber) Apply(*Tx, *Event) error { return nil }

// TestSubscriptionsAreOfCanonicalSubjects holds that a projection gets what its subjects say, however producers publish it.
func TestSubscriptionsAreOfCanonicalSubjects(t *testing.T) {
	m := eventlog.DefaultMapping()
	m.Rules = append([]eventlog.Rule{{Subject: "erp.{type}", Domain: "billing"}}, m.Rules...)
	own, err := eventlog.NewDecoder(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		pattern, subject, body string
		decoder                *eventlog.Decoder
		want                   bool
	}{
		{"event.graph.>", "event.graph.node_created", `{"event_type":"node_created","payload":{}}`, nil, true},
		{"event.graph.node_created", "graph.g-1.node.added", `{"type":"NodeAdded"}`, nil, true},
		{"event.graph.node_created", "event.graph.node_created", `{"event_type":"node_moved","payload":{}}`, nil, false},
		{"event.graph.node_moved", "event.graph.node_created", `{"event_type":"node_moved","payload":{}}`, nil, true},
		{"event.graph.>", "local.cim.composed.g-1", `{"Generic":{"event_type":"NodeAdded","data":{}}}`, nil, true},
		{"graph.>", "graph.g-1.node.added", `{"type":"NodeAdded"}`, nil, false},
		{"event.graph.>", "graph.g-1.node.added", `{"type":`, nil, true},
		{"event.graph.>", "local.cim.composed.g-1", ``, nil, true},
		{"event.workflow.>", "graph.g-1.node.added", `{"type":`, nil, false},
		{"event.graph.>", "event.dlq.node_created", `{"event_type":"node_created","payload":{}}`, nil, false},
		{"event.graph.>", "cmd.graph.node_created", `{"event_type":"node_created","payload":{}}`, nil, false},
		{"weather.>", "weather.rain", `{"Rained":{}}`, nil, true},
		{"weather.>", "weather.rain", `{`, nil, true},
		{"erp.>", "erp.invoice_sent", `{"Sent":{}}`, nil, true},
		{"erp.>", "erp.invoice_sent", `{"Sent":{}}`, own, false},
		{"event.billing.>", "erp.invoice_sent", `{"a":1}`, own, true},
	} {
		in := NewPreparer([]Projection{subscriber{[]string{test.pattern}}}, test.decoder).
			Prepare(eventlog.Record{Seq: 1, Subject: test.subject, Body: []byte(test.body)}, false)
		if got := in.parts[0].wanted; got != test.want {
			t.Errorf("%s for %s on %s: %t, want %t", test.pattern, test.body, test.subject, got, test.want)
		}
	}
}
