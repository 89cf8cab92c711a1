package agent_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// The numbers are those of the known contradictions in CIM's sources. What each is, its scenarios say.

func TestTrap53IdentifiersInEveryForm(t *testing.T) {
	then := []string{"agent A-1 Known=true Status=registered StatusSince=1 RegisteredAt=1 UpdatedAt=1"}
	for _, id := range []string{`"A-1"`, `{"id":"A-1"}`, `{"value":"A-1"}`, `"\u0041-1"`} {
		runAll(t, []scenario{{name: id, when: []fact{{"registered", `{"agent_id":` + id + `}`}}, then: then}})
	}
}

func TestTrap54TimesInEveryForm(t *testing.T) {
	for _, at := range []string{
		`{"secs_since_epoch":1737626499,"nanos_since_epoch":5000000}`, `"2025-01-23T10:01:39.005Z"`, `1737626499005`,
		`"2025-01-23T11:01:39.005000000+01:00"`,
	} {
		var s agenttest.State
		apply(t, &s, event(t, fact{"registered", `{"agent_id":"a","registration_timestamp":` + at + `}`}, 1))
		apply(t, &s, event(t, fact{"task_assigned", `{"agent_id":"a","task_id":"t","deadline":` + at + `}`}, 2))
		const want = 1737626499005000000
		if a, _ := s.Agent("a"); a.RegisteredAt != want || a.UpdatedAt != 2 {
			t.Errorf("%s: registered at %v, updated at %v", at, a.RegisteredAt, a.UpdatedAt)
		}
		if task, _ := s.Task("a", "t"); *task.Deadline != want {
			t.Errorf("%s: deadline %v", at, *task.Deadline)
		}
	}
}

// TestTrap55SequencesOfAgentsInformOnly: agents restart theirs at 1, or have none.
func TestTrap55SequencesOfAgentsInformOnly(t *testing.T) {
	var want, got agenttest.State
	for i, f := range everyEvent {
		e := event(t, f, eventlog.Time(i+1))
		apply(t, &want, e)
		e.AggregateSequence = uint64(i % 3)
		apply(t, &got, e)
	}
	if diff := cmp.Diff(want.Lines(), got.Lines()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestTrap57NullValueIsNeverZero(t *testing.T) {
	exceeded := func(values string) fact {
		return fact{"performance_threshold_exceeded", `{"metric_name":"m"` + values + `}`}
	}
	runAll(t, []scenario{
		{
			name: "the current value", when: []fact{exceeded(`,"current_value":null,"threshold_value":2`)},
			then: []string{"metric m Count=1 ThresholdValue=2 LastAt=1"}, anomalies: record(agent.ValueNotFinite, "m"),
		},
		{
			name: "the threshold", when: []fact{exceeded(`,"current_value":2,"threshold_value":null`)},
			then: []string{"metric m Count=1 CurrentValue=2 LastAt=1"}, anomalies: record(agent.ValueNotFinite, "m"),
		},
		{
			name: "the last one is told, not the one before", given: []fact{exceeded(`,"current_value":1,"threshold_value":2`)},
			when: []fact{exceeded(``)},
			then: []string{"metric m Count=2 LastAt=2"}, anomalies: record(agent.ValueNotFinite, "m"),
		},
	})
}

func TestTrap58NumbersAreKeptWhole(t *testing.T) {
	runAll(t, []scenario{{
		name: "beyond what a float64 holds",
		when: []fact{
			{"registered", `{"agent_id":"a","resource_requirements":{"memory":18446744073709551615,"x":1.10,"y":1e400}}`},
			{"task_assigned", `{"agent_id":"a","task_id":"t","priority":9007199254740993,"task_parameters":{"k":0.1000}}`},
		},
		then: []string{
			`agent a Known=true ResourceRequirements={"memory":18446744073709551615,"x":1.10,"y":1e400} Status=registered ` +
				`StatusSince=1 ActiveTasks=1 RegisteredAt=1 UpdatedAt=2`,
			"task a/t Parameters=[k:0.1000] Priority=9007199254740993 Status=assigned AssignedAt=2",
		},
	}})
}

func TestTrap59NullAndAbsentAreAlike(t *testing.T) {
	optional := map[string][]string{
		"registered": {"agent_type", "name", "description", "person_id", "capabilities", "communication_patterns",
			"resource_requirements", "registration_timestamp", "deployed_at", "registered_at"},
		"deregistered":                 {"reason", "decommissioned_at"},
		"capability_updated":           {"added_capabilities", "removed_capabilities", "performance_metrics", "update_reason"},
		"model_configured":             {"configured_at"},
		"model_configuration_assigned": {"assigned_at"},
		"system_prompt_configured":     {"configured_at"},
		"agent_activated":              {"activated_at"},
		"agent_suspended":              {"suspended_at", "reason"},
		"conversation_started":         {"started_at"},
		"message_sent":                 {"sent_at"},
		"response_chunk_received":      {"received_at"},
		"response_completed":           {"completed_at", "token_usage"},
		"response_failed":              {"failed_at"},
		"task_assigned":                {"task_type", "task_parameters", "priority", "deadline", "assigner", "assigned_at"},
		"task_completed":               {"completed_at"},
		"collaboration_initiated":      {"participating_agents", "collaboration_type", "shared_context", "coordination_pattern"},
		"node_joined":                  {"node_type", "capabilities", "resource_capacity", "network_address", "joined_at"},
		"performance_threshold_exceeded": {"current_value", "threshold_value", "severity", "affected_components",
			"recommended_actions"},
	}
	const required = `"agent_id":"a","collaboration_id":"c","node_id":"n","task_id":"t","metric_name":"m","config":1,` +
		`"configuration_id":"k","system_prompt":"p"`
	for kind, names := range optional {
		var without, with agenttest.State
		nulls := ""
		for _, name := range names {
			nulls += fmt.Sprintf(",%q:null", name)
		}
		apply(t, &without, event(t, fact{kind, "{" + required + "}"}, 1))
		apply(t, &with, event(t, fact{kind, "{" + required + nulls + "}"}, 1))
		if diff := cmp.Diff(without.Lines(), with.Lines()); diff != "" {
			t.Errorf("%s (-absent +null):\n%s", kind, diff)
		}
		if len(with.Lines()) == 0 {
			t.Errorf("%s changes nothing", kind)
		}
	}
}

func TestTrap60UnknownTypesAreNoErrors(t *testing.T) {
	for _, c := range [][2]string{
		{"agent", ""}, {"agent", "agent_dreamed"}, {"agent", "Registered"}, {"agent", "agent.registered"},
		{"agent", "command_rejected"},
		{"system", "registered"}, {"graph", "node_joined"}, {"", "registered"},
	} {
		e := event(t, fact{c[1], `{"agent_id":"a","node_id":"n"}`}, 1)
		e.Domain = c[0]
		change, err := agent.Decode(e)
		if change != nil || err != nil || agent.Known(c[0], c[1]) || agent.Owner(e) != "" {
			t.Errorf("%q: Decode = %v, %v, Owner = %q; want nothing at all", c, change, err, agent.Owner(e))
		}
		var s agenttest.State
		agent.Apply(&s, e, change)
		if len(s.Lines())+len(s.Anomalies) > 0 {
			t.Errorf("%q changed the state: %q, %v", c, s.Lines(), s.Anomalies)
		}
	}
}

// TestTrap60TypesOfOtherDomainsAreOthers: graphs have nodes, and workflows tasks.
func TestTrap60TypesOfOtherDomainsAreOthers(t *testing.T) {
	for _, c := range [][2]string{
		{"agent", "node_joined"}, {"system", "task_assigned"}, {"workflow", "task_completed"}, {"graph", "registered"},
		{"agent", "node_created"}, {"system", "node_created"},
	} {
		if agent.Known(c[0], c[1]) {
			t.Errorf("Known(%q, %q)", c[0], c[1])
		}
	}
}

func TestTrap61UnknownFieldsAreIgnored(t *testing.T) {
	runAll(t, []scenario{{
		name: "whatever they hold",
		when: []fact{{"registered", `{"agent_id":"a","task_id":[],"metric_name":{},"deadline":"never",
			"surplus":[{"agent_id":7}]}`}},
		then: []string{"agent a Known=true Status=registered StatusSince=1 RegisteredAt=1 UpdatedAt=1"},
	}})
}

func TestTrap63ThePayloadWinsOverTheEnvelope(t *testing.T) {
	for _, f := range everyEvent {
		var s agenttest.State
		e := event(t, f, 1)
		e.AggregateID = "another"
		apply(t, &s, e)
		owner := agent.Owner(e)
		var got []agenttest.Record
		for _, a := range s.Anomalies {
			if a.Code == agent.AggregateMismatch {
				got = append(got, a)
			}
		}
		want := record(agent.AggregateMismatch, "another")
		if f.kind == "performance_threshold_exceeded" {
			want = nil
		}
		if diff := cmp.Diff(want, got); diff != "" || owner == "another" {
			t.Errorf("%s belongs to %q (-want +got):\n%s", f.kind, owner, diff)
		}
	}
}

// TestTrap63TheEnvelopeWhereThePayloadIsSilent: events of agents often name none.
func TestTrap63TheEnvelopeWhereThePayloadIsSilent(t *testing.T) {
	var s agenttest.State
	for i, f := range []fact{
		{"registered", `{"person_id":"p","name":"A"}`},
		{"message_sent", `{"message_id":"m","content":"hello"}`},
		{"task_assigned", `{"agent_id":null,"task_id":"t"}`},
	} {
		e := event(t, f, eventlog.Time(i+1))
		e.AggregateID = "a"
		apply(t, &s, e)
	}
	a, ok := s.Agent("a")
	if !ok || a.Activity.MessagesSent != 1 || a.ActiveTasks != 1 || len(s.Anomalies) > 0 {
		t.Errorf("%q, anomalies %v", s.Lines(), s.Anomalies)
	}
}

// TestTrap87NothingFailsAfterDecommission applies every event to an agent that is gone.
func TestTrap87NothingFailsAfterDecommission(t *testing.T) {
	for _, f := range everyEvent {
		t.Run(f.kind, func(t *testing.T) {
			var s agenttest.State
			apply(t, &s, event(t, agentA, 1))
			apply(t, &s, event(t, goneA, 2))
			s.Anomalies = nil
			apply(t, &s, event(t, f, 3))
			if err := s.Check(); err != nil {
				t.Fatal(err)
			}
			a, _ := s.Agent("a")
			want := agent.Deregistered
			if f.kind == "registered" {
				want = agent.Registered
			}
			if a.Status != want {
				t.Errorf("the agent is %s", a.Status)
			}
			system := f.kind == "node_joined" || f.kind == "performance_threshold_exceeded"
			if !system && len(s.Anomalies) == 0 {
				t.Error("no anomaly was recorded")
			}
		})
	}
	runAll(t, []scenario{{
		name: "all but the status is applied", given: []fact{agentA, goneA},
		when: []fact{
			{"agent_activated", `{"agent_id":"a"}`},
			{"agent_suspended", `{"agent_id":"a","reason":"r"}`},
			{"model_configured", `{"agent_id":"a","config":1}`},
			{"capability_updated", `{"agent_id":"a","added_capabilities":["x"]}`},
			taskT,
			{"message_sent", `{"agent_id":"a"}`},
		},
		then: []string{
			"agent a Known=true Capabilities=[x] Status=deregistered StatusSince=2 ModelConfig=1 ActiveTasks=1 " +
				"Activity={Conversations:0 MessagesSent:1 ChunksReceived:0 ResponsesCompleted:0 ResponsesFailed:0 Tokens:0 " +
				"LastAt:1970-01-01T00:00:00.000000008Z} RegisteredAt=1 UpdatedAt=7",
			"task a/t Status=assigned AssignedAt=7",
		},
		anomalies: record(agent.DeregisteredAgent, "a", "a", "a", "a", "a", "a"),
	}})
}

// TestTrap88OutOfOrder applies the whole history backwards: it is a history too.
func TestTrap88OutOfOrder(t *testing.T) {
	var s agenttest.State
	for i := range everyEvent {
		apply(t, &s, event(t, everyEvent[len(everyEvent)-1-i], eventlog.Time(i+1)))
		if err := s.Check(); err != nil {
			t.Fatalf("after %v: %v", everyEvent[len(everyEvent)-1-i], err)
		}
	}
	a, _ := s.Agent("a")
	if a.Status != agent.Registered || !a.Known || a.ActiveTasks != 1 || a.CompletedTasks != 1 {
		t.Errorf("the agent is %q", s.Lines())
	}
}

// TestForgetfulStore applies every event to a store that has failed and finds nothing any more.
func TestForgetfulStore(t *testing.T) {
	for _, f := range everyEvent {
		e := event(t, f, 1)
		c, err := agent.Decode(e)
		if err != nil {
			t.Fatal(err)
		}
		agent.Apply(forgetful{}, e, c)
	}
	agent.Apply(halfForgetful{}, event(t, doneT, 1), &agent.TaskCompletion{Agent: "a", Task: "t"})
}

type forgetful struct{}

func (forgetful) Agent(string) (*agent.Agent, bool)                 { return nil, false }
func (forgetful) PutAgent(*agent.Agent)                             {}
func (forgetful) Task(string, string) (*agent.Task, bool)           { return nil, false }
func (forgetful) PutTask(*agent.Task)                               {}
func (forgetful) Collaboration(string) (*agent.Collaboration, bool) { return nil, false }
func (forgetful) PutCollaboration(*agent.Collaboration)             {}
func (forgetful) Node(string) (*agent.Node, bool)                   { return nil, false }
func (forgetful) PutNode(*agent.Node)                               {}
func (forgetful) Metric(string) (*agent.Metric, bool)               { return nil, false }
func (forgetful) PutMetric(*agent.Metric)                           {}
func (forgetful) Metrics() uint64                                   { return math.MaxUint64 }
func (forgetful) Anomaly(agent.Anomaly, string)                     {}

// halfForgetful has lost the agent's row, and still has its task.
type halfForgetful struct{ forgetful }

func (halfForgetful) Task(a, id string) (*agent.Task, bool) {
	return &agent.Task{AgentID: a, ID: id, Status: agent.Assigned}, true
}

func (halfForgetful) PutAgent(a *agent.Agent) {
	if a.ActiveTasks != 0 {
		panic(fmt.Sprintf("%d active tasks", a.ActiveTasks))
	}
}
