package agent_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestDecodeAliases(t *testing.T) {
	x := []agent.Capability{{Name: "x"}}
	for _, c := range []struct {
		kind, name, payload string
		want                agent.Change
	}{
		{"registered", "agent_created", `{"agent_id":"a","registration_timestamp":1,"deployed_at":2,"registered_at":3}`,
			&agent.Registration{Agent: "a", At: 1e6}},
		{"registered", "agent_deployed", `{"agent_id":"a","registration_timestamp":null,"deployed_at":2,"registered_at":"?"}`,
			&agent.Registration{Agent: "a", At: 2e6}},
		{"registered", "registered", `{"registered_at":3,"capabilities":[],"communication_patterns":[]}`,
			&agent.Registration{Agent: "envelope", At: 3e6, HasCapabilities: true, HasPatterns: true}},
		{"deregistered", "agent_decommissioned", `{"agent_id":"a","decommissioned_at":1,"reason":"r"}`,
			&agent.Deregistration{Agent: "a", At: 1e6, Reason: eventlog.Value(`"r"`)}},
		{"deregistered", "deregistered", `{"deregistered_at":1}`, &agent.Deregistration{Agent: "envelope", At: 1e6}},
		{"deregistered", "terminated", `{"terminated_at":1}`, &agent.Deregistration{Agent: "envelope", At: 1e6}},
		{"capability_updated", "capability_added", `{"agent_id":"a","added_capabilities":["x"],"capabilities":["y"]}`,
			&agent.CapabilityUpdate{Agent: "a", Added: x}},
		{"capability_updated", "capability_added", `{"agent_id":"a","capabilities":["x"],"capability":"y"}`,
			&agent.CapabilityUpdate{Agent: "a", Added: x}},
		{"capability_updated", "capability_added", `{"agent_id":"a","capability":"x"}`,
			&agent.CapabilityUpdate{Agent: "a", Added: x}},
		{"capability_updated", "capability_updated", `{"agent_id":"a","capability":"x","capabilities":["x"]}`,
			&agent.CapabilityUpdate{Agent: "a"}},
		{"model_configuration_assigned", "model_configuration_assigned", `{"configuration_id":{"id":"k"},"assigned_at":7}`,
			&agent.Configuration{Agent: "envelope", ModelConfigurationID: new("k"), At: 7e6}},
		{"task_completed", "task_completed", `{"task_id":{"value":"t"}}`, &agent.TaskCompletion{Agent: "envelope", Task: "t"}},
		{"collaboration_initiated", "collaboration_initiated", `{"participating_agents":["b","a","b"]}`,
			&agent.CollaborationInitiation{Collaboration: "envelope", Participants: []string{"a", "b"}, HasParticipants: true}},
		{"node_joined", "node_joined", `{}`, &agent.NodeJoin{Node: "envelope"}},
		{"response_completed", "response_completed", `{"token_usage":{"total_tokens":null},"completed_at":1}`,
			&agent.Exchange{Agent: "envelope", What: agent.ResponseCompleted, At: 1e6}},
	} {
		t.Run(c.name+" "+c.payload, func(t *testing.T) {
			e := event(t, fact{c.kind, c.payload}, 1)
			e.AggregateID, e.Name = "envelope", c.name
			got, err := agent.Decode(e)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("change (-want +got):\n%s", diff)
			}
			if owner := agent.Owner(e); owner != got.Owner() {
				t.Errorf("Owner = %q, but the change belongs to %q", owner, got.Owner())
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	const (
		missing  = eventlog.CodeMissingField
		wrong    = eventlog.CodeWrongType
		outRange = eventlog.CodeOutOfRange
		empty    = eventlog.CodeEmptyID
		tooLong  = eventlog.CodeTooLong
	)
	long := strings.Repeat("x", eventlog.MaxIDBytes+1)
	a, task, metric := `{"agent_id":"a",`, `{"agent_id":"a","task_id":"t",`, `{"metric_name":"m",`
	for _, c := range []struct {
		kind, payload string
		code          eventlog.Code
		field         string
	}{
		{"registered", `null`, missing, "payload"},
		{"registered", `"a"`, wrong, "payload"},
		{"registered", `[]`, wrong, "payload"},
		{"registered", `{}`, missing, "payload.agent_id"},
		{"registered", `{"agent_id":7}`, wrong, "payload.agent_id"},
		{"registered", `{"agent_id":""}`, empty, "payload.agent_id"},
		{"registered", `{"agent_id":"` + long + `"}`, tooLong, "payload.agent_id"},
		{"registered", a + `"name":1}`, wrong, "payload.name"},
		{"registered", a + `"description":{}}`, wrong, "payload.description"},
		{"registered", a + `"person_id":""}`, empty, "payload.person_id"},
		{"registered", a + `"capabilities":"x"}`, wrong, "payload.capabilities"},
		{"registered", a + `"capabilities":["x",null]}`, wrong, "payload.capabilities.1"},
		{"registered", a + `"capabilities":["x",""]}`, empty, "payload.capabilities.1"},
		{"registered", a + `"capabilities":["` + long + `"]}`, tooLong, "payload.capabilities.0"},
		{"registered", a + `"communication_patterns":{}}`, wrong, "payload.communication_patterns"},
		{"registered", a + `"registration_timestamp":"soon"}`, wrong, "payload.registration_timestamp"},
		{"registered", a + `"registration_timestamp":{"nanos_since_epoch":0}}`, missing,
			"payload.registration_timestamp.secs_since_epoch"},
		{"registered", a + `"deployed_at":-1}`, outRange, "payload.deployed_at"},
		{"deregistered", `{"reason":"r"}`, missing, "payload.agent_id"},
		{"deregistered", a + `"decommissioned_at":[]}`, wrong, "payload.decommissioned_at"},
		{"capability_updated", a + `"added_capabilities":{}}`, wrong, "payload.added_capabilities"},
		{"capability_updated", a + `"removed_capabilities":[null]}`, wrong, "payload.removed_capabilities.0"},
		{"model_configured", `{"agent_id":"a"}`, missing, "payload.config"},
		{"model_configured", a + `"config":1,"configured_at":true}`, wrong, "payload.configured_at"},
		{"model_configuration_assigned", `{"agent_id":"a"}`, missing, "payload.configuration_id"},
		{"model_configuration_assigned", a + `"configuration_id":[]}`, wrong, "payload.configuration_id"},
		{"system_prompt_configured", a + `"system_prompt":null}`, missing, "payload.system_prompt"},
		{"agent_activated", a + `"activated_at":false}`, wrong, "payload.activated_at"},
		{"agent_suspended", a + `"suspended_at":false}`, wrong, "payload.suspended_at"},
		{"conversation_started", a + `"started_at":false}`, wrong, "payload.started_at"},
		{"message_sent", a + `"sent_at":false}`, wrong, "payload.sent_at"},
		{"response_chunk_received", a + `"received_at":false}`, wrong, "payload.received_at"},
		{"response_completed", a + `"token_usage":5}`, wrong, "payload.token_usage"},
		{"response_completed", a + `"token_usage":{"total_tokens":-5}}`, outRange, "payload.token_usage.total_tokens"},
		{"response_failed", a + `"failed_at":false}`, wrong, "payload.failed_at"},
		{"task_assigned", `{"agent_id":"a"}`, missing, "payload.task_id"},
		{"task_assigned", `{"task_id":"t"}`, missing, "payload.agent_id"},
		{"task_assigned", task + `"task_parameters":[]}`, wrong, "payload.task_parameters"},
		{"task_assigned", task + `"deadline":"tomorrow"}`, wrong, "payload.deadline"},
		{"task_assigned", task + `"deadline":{"secs_since_epoch":18446744073709551615}}`, outRange, "payload.deadline"},
		{"task_assigned", task + `"assigner":{"User":"u"}}`, wrong, "payload.assigner"},
		{"task_completed", `{"agent_id":"a"}`, missing, "payload.task_id"},
		{"task_completed", task + `"completed_at":{}}`, missing, "payload.completed_at.secs_since_epoch"},
		{"collaboration_initiated", `{"participating_agents":["a"]}`, missing, "payload.collaboration_id"},
		{"collaboration_initiated", `{"collaboration_id":"c","participating_agents":"a"}`, wrong, "payload.participating_agents"},
		{"collaboration_initiated", `{"collaboration_id":"c","participating_agents":["a",5]}`, wrong,
			"payload.participating_agents.1"},
		{"collaboration_initiated", `{"collaboration_id":"c","shared_context":[]}`, wrong, "payload.shared_context"},
		{"node_joined", `{}`, missing, "payload.node_id"},
		{"node_joined", `{"node_id":"n","network_address":{}}`, wrong, "payload.network_address"},
		{"node_joined", `{"node_id":"n","capabilities":{}}`, wrong, "payload.capabilities"},
		{"performance_threshold_exceeded", `{}`, missing, "payload.metric_name"},
		{"performance_threshold_exceeded", `{"metric_name":""}`, empty, "payload.metric_name"},
		{"performance_threshold_exceeded", metric + `"current_value":"1"}`, wrong, "payload.current_value"},
		{"performance_threshold_exceeded", metric + `"current_value":1e309}`, outRange, "payload.current_value"},
		{"performance_threshold_exceeded", metric + `"threshold_value":true}`, wrong, "payload.threshold_value"},
		{"performance_threshold_exceeded", metric + `"affected_components":{}}`, wrong, "payload.affected_components"},
		{"performance_threshold_exceeded", metric + `"recommended_actions":"x"}`, wrong, "payload.recommended_actions"},
	} {
		name := c.kind + " " + strings.ReplaceAll(c.payload, long, "LONG")
		t.Run(name, func(t *testing.T) {
			got, err := agent.Decode(event(t, fact{c.kind, c.payload}, 1))
			if err == nil {
				t.Fatalf("Decode = %+v, want %s at %s", got, c.code, c.field)
			}
			if err.Code != c.code || err.Field != c.field || got != nil {
				t.Errorf("Decode = %v, %s at %s; want nil, %s at %s", got, err.Code, err.Field, c.code, c.field)
			}
		})
	}
}

// TestCapabilityAddedSaysWhat refuses the event whose name says that something was added, and whose payload does not
// say what.
func TestCapabilityAddedSaysWhat(t *testing.T) {
	for payload, field := range map[string]string{
		`{"agent_id":"a"}`:                           "payload.added_capabilities",
		`{"agent_id":"a","capability":""}`:           "payload.capability",
		`{"agent_id":"a","added_capabilities":null}`: "payload.added_capabilities",
	} {
		e := event(t, fact{"capability_updated", payload}, 1)
		e.Name = "capability_added"
		if c, err := agent.Decode(e); err == nil || err.Field != field {
			t.Errorf("%s: Decode = %v, %v; want a refusal of %s", payload, c, err, field)
		}
	}
}

func TestKnownTypes(t *testing.T) {
	for _, f := range everyEvent {
		if e := event(t, f, 1); !agent.Known(e.Domain, e.Type) {
			t.Errorf("Known(%q, %q) = false", e.Domain, e.Type)
		}
	}
}

// TestChangeHoldsNothingOfTheBody overwrites the body between decoding and applying: a reader uses its buffers again.
func TestChangeHoldsNothingOfTheBody(t *testing.T) {
	var want, got agenttest.State
	for i, f := range everyEvent {
		e := event(t, f, eventlog.Time(i+1))
		apply(t, &want, e)

		body := bytes.Clone(e.Payload)
		e.Payload = body
		c, err := agent.Decode(e)
		if err != nil {
			t.Fatalf("%v: %v", f, err)
		}
		for i := range body {
			body[i] = 'x'
		}
		agent.Apply(&got, e, c)
	}
	if diff := cmp.Diff(want.Lines(), got.Lines()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestOneChangeForManyStates applies the same changes to several states, as generations that are built side by side do.
func TestOneChangeForManyStates(t *testing.T) {
	states := make([]agenttest.State, 3)
	for i, f := range everyEvent {
		e := event(t, f, eventlog.Time(i+1))
		c, err := agent.Decode(e)
		if err != nil {
			t.Fatalf("%v: %v", f, err)
		}
		for n := range states {
			agent.Apply(&states[n], e, c)
			if err := states[n].Check(); err != nil {
				t.Fatalf("state %d after %v: %v", n, f, err)
			}
		}
	}
	for n := range states {
		if diff := cmp.Diff(states[0].Lines(), states[n].Lines()); diff != "" {
			t.Errorf("state %d (-0 +it):\n%s", n, diff)
		}
	}
}

func TestOwner(t *testing.T) {
	for _, c := range []struct{ name, kind, payload, aggregate, want string }{
		{"the payload's agent", "registered", `{"agent_id":{"id":"a"}}`, "agg", "a"},
		{"the envelope's aggregate, where the payload names none", "message_sent", `{"message_id":"m"}`, "agg", "agg"},
		{"nobody", "message_sent", `{"message_id":"m"}`, "", ""},
		{"a task belongs to its agent", "task_completed", `{"agent_id":"a","task_id":"t"}`, "t", "a"},
		{"a collaboration to itself", "collaboration_initiated", `{"agent_id":"a","collaboration_id":"c"}`, "a", "c"},
		{"a node to itself", "node_joined", `{"agent_id":"a","node_id":"n"}`, "a", "n"},
		{"all thresholds together", "performance_threshold_exceeded", `{"metric_name":"m"}`, "n", agent.ThresholdOwner},
		{"thresholds that are refused too", "performance_threshold_exceeded", `[]`, "n", agent.ThresholdOwner},
		{"a payload that is refused still has an owner", "registered", `{"agent_id":"a","name":[]}`, "agg", "a"},
		{"an agent that is no identifier is passed over", "registered", `{"agent_id":5}`, "agg", "agg"},
		{"a payload that is no object", "registered", `[1]`, "agg", "agg"},
		{"a type that is not known", "agent_dreamed", `{"agent_id":"a"}`, "agg", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := event(t, fact{c.kind, c.payload}, 1)
			e.AggregateID = c.aggregate
			if got := agent.Owner(e); got != c.want {
				t.Errorf("Owner = %q, want %q", got, c.want)
			}
		})
	}
}

func TestHasCapability(t *testing.T) {
	var s agenttest.State
	apply(t, &s, event(t, fact{"registered",
		`{"agent_id":"a","capabilities":["b",{"b":1},{"d":2},{"d":[3]},7,{"x":1,"y":2}]}`}, 1))
	a, _ := s.Agent("a")
	for want, has := range map[string]bool{
		`"b"`: true, `{"b":1}`: true, `{"b":2}`: false, `"d"`: true, `{"d": [ 3 ]}`: true, `{"d":null}`: false,
		`"c"`: false, `"e"`: false,
		`7`: true, `7.0`: false, `8`: false, `{"x":1, "y":2}`: true, `{"y":2,"x":1}`: false, `"x"`: false, `"a"`: false,
	} {
		one, err := agent.ReadCapability(eventlog.Value(want))
		if err != nil {
			t.Fatal(err)
		}
		if got := agent.HasCapability(a.Capabilities, one); got != has {
			t.Errorf("HasCapability(%s) = %v", want, got)
		}
	}
}
