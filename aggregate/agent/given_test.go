package agent_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// fact is an event as the tables write it: its type and its payload. The n-th of a history occurred at n nanoseconds.
type fact struct{ kind, payload string }

// scenario is a history and what must come of it. The events of given may record whatever anomalies they like.
type scenario struct {
	name      string
	given     []fact
	when      []fact
	then      []string // all rows, as agenttest.State.Lines prints them
	anomalies []agenttest.Record
}

func (c scenario) run(t *testing.T) {
	t.Helper()
	var s agenttest.State
	for i, f := range slices.Concat(c.given, c.when) {
		if i == len(c.given) {
			s.Anomalies = nil
		}
		apply(t, &s, event(t, f, eventlog.Time(i+1)))
		if err := s.Check(); err != nil {
			t.Fatalf("after event %d, %v: %v", i+1, f, err)
		}
	}
	if diff := cmp.Diff(c.then, s.Lines()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(c.anomalies, s.Anomalies); diff != "" {
		t.Errorf("anomalies (-want +got):\n%s", diff)
	}
}

func runAll(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, c := range scenarios {
		t.Run(c.name, c.run)
	}
}

// event makes an event without an aggregate in its envelope. Its domain is agent, unless the type is one of the
// system's.
func event(t testing.TB, f fact, at eventlog.Time) *eventlog.Event {
	t.Helper()
	payload, err := eventlog.ParseValue([]byte(f.payload))
	if err != nil {
		t.Fatalf("the test's own payload %s: %v", f.payload, err)
	}
	e := &eventlog.Event{Domain: "agent", Type: f.kind, Name: f.kind, Version: 1, Payload: payload, Occurred: at}
	if f.kind == "node_joined" || f.kind == "performance_threshold_exceeded" {
		e.Domain = "system"
	}
	return e
}

func apply(t testing.TB, s agent.State, e *eventlog.Event) {
	t.Helper()
	c, err := agent.Decode(e)
	if err != nil {
		t.Fatalf("Decode(%s %s): %v", e.Type, e.Payload, err)
	}
	if c == nil {
		t.Fatalf("Decode(%s %s) does not know the type", e.Domain, e.Type)
	}
	agent.Apply(s, e, c)
}

// record makes a list of anomalies.
func record(code agent.Anomaly, subjects ...string) []agenttest.Record {
	var out []agenttest.Record
	for _, s := range subjects {
		out = append(out, agenttest.Record{Code: code, Subject: s})
	}
	return out
}

// Short histories that many scenarios begin with.
var (
	agentA = fact{"registered", `{"agent_id":"a"}`}
	goneA  = fact{"deregistered", `{"agent_id":"a"}`}
	taskT  = fact{"task_assigned", `{"agent_id":"a","task_id":"t"}`}
	doneT  = fact{"task_completed", `{"agent_id":"a","task_id":"t"}`}
)

// everyEvent is a history in which every type occurs, with all that it may state.
var everyEvent = []fact{
	{"registered", `{"agent_id":"a","agent_type":{"Custom": "x"},"name":"A","description":"d","person_id":"p",
		"capabilities":["embed",{"rank": {"k":1}}],"communication_patterns":["RequestReply"],"resource_requirements":{"cpu": 1},
		"registration_timestamp":{"secs_since_epoch":1,"nanos_since_epoch":5}}`},
	{"capability_updated", `{"agent_id":"a","added_capabilities":["cluster"],"removed_capabilities":["embed"],
		"performance_metrics":{"p99": 1},"update_reason":"Upgrade"}`},
	{"model_configured", `{"agent_id":"a","config":{"model": "m"},"configured_at":"2025-01-01T00:00:00Z"}`},
	{"model_configuration_assigned", `{"agent_id":"a","configuration_id":"mc"}`},
	{"system_prompt_configured", `{"agent_id":"a","system_prompt":"be kind"}`},
	{"agent_activated", `{"agent_id":"a"}`},
	{"conversation_started", `{"agent_id":"a"}`},
	{"message_sent", `{"agent_id":"a","message_id":"m","content":{"text":"hello"},"sent_at":"2025-01-01T00:00:00Z"}`},
	{"response_chunk_received", `{"agent_id":"a","message_id":"m","chunk":{"chunk_index":0}}`},
	{"response_completed", `{"agent_id":"a","message_id":"m","token_usage":{"total_tokens":17}}`},
	{"response_failed", `{"agent_id":"a","message_id":"m","error_type":"timeout"}`},
	{"task_assigned", `{"agent_id":"a","task_id":"t","task_type":"Categorize","task_parameters":{"k": [1]},"priority":"High",
		"deadline":{"secs_since_epoch":2,"nanos_since_epoch":0},"assigner":"u"}`},
	{"task_assigned", `{"agent_id":"a","task_id":"u","task_parameters":{}}`},
	{"task_completed", `{"agent_id":"a","task_id":"t"}`},
	{"collaboration_initiated", `{"collaboration_id":"c","participating_agents":["b","a"],"collaboration_type":"PeerReview",
		"shared_context":{"k": 1},"coordination_pattern":"RoundRobin"}`},
	{"agent_suspended", `{"agent_id":"a","reason":"tired"}`},
	{"deregistered", `{"agent_id":"a","reason":"gone"}`},
	{"node_joined", `{"node_id":"n","node_type":"Leaf","capabilities":["storage"],"resource_capacity":{"cpu": 8},
		"network_address":"10.0.0.5:4222"}`},
	{"performance_threshold_exceeded", `{"metric_name":"lag","current_value":75.5,"threshold_value":60.0,"severity":"Warning",
		"affected_components":["G"],"recommended_actions":["scale out"]}`},
}
