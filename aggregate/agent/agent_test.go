package agent_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
)

func TestRegistered(t *testing.T) {
	runAll(t, []scenario{
		{
			name: "all attributes are kept, opaque ones compacted, capabilities sorted",
			when: everyEvent[:1],
			then: []string{`agent a Known=true Type={"Custom":"x"} Kind=Custom Name=A Description=d PersonID=p ` +
				`Capabilities=[embed,rank:{"k":1}] CommunicationPatterns=["RequestReply"] ResourceRequirements={"cpu":1} ` +
				`Status=registered StatusSince=1000000005 RegisteredAt=1000000005 UpdatedAt=1`},
		},
		{
			name: "an id alone is enough, and null is absent",
			when: []fact{{"registered", `{"agent_id":"a","agent_type":null,"capabilities":null,"communication_patterns":null,
				"resource_requirements":null,"registration_timestamp":null,"name":null,"description":null,"person_id":null}`}},
			then: []string{"agent a Known=true Status=registered StatusSince=1 RegisteredAt=1 UpdatedAt=1"},
		},
		{
			name: "as it is deployed",
			when: []fact{{"registered", `{"agent_id":{"id":"a"},"person_id":"p","name":"A",
				"deployed_at":"1970-01-01T00:00:00.000000042Z"}`}},
			then: []string{
				"agent a Known=true Name=A PersonID=p Status=registered StatusSince=42 RegisteredAt=42 UpdatedAt=1",
			},
		},
		{
			name: "a placeholder is filled, and keeps what happened to it",
			given: []fact{
				{"capability_updated", `{"agent_id":"a","added_capabilities":["x"]}`}, {"agent_activated", `{"agent_id":"a"}`}, taskT,
			},
			when: []fact{{"registered", `{"agent_id":"a","name":"A"}`}},
			then: []string{
				"agent a Known=true Name=A Capabilities=[x] Status=active StatusSince=2 ActiveTasks=1 RegisteredAt=4 UpdatedAt=4",
				"task a/t Status=assigned AssignedAt=3",
			},
		},
		{
			name:  "a second registration overwrites what it states, and only that",
			given: []fact{{"registered", `{"agent_id":"a","name":"A","agent_type":"T","capabilities":["x"]}`}, taskT},
			when: []fact{{"registered", `{"agent_id":"a","name":"B","capabilities":[],
				"registration_timestamp":"2025-01-01T00:00:00Z"}`}},
			then: []string{
				`agent a Known=true Type="T" Kind=T Name=B Status=registered StatusSince=1 ActiveTasks=1 RegisteredAt=1 UpdatedAt=3`,
				"task a/t Status=assigned AssignedAt=2",
			},
			anomalies: record(agent.DuplicateAgent, "a"),
		},
		{
			name:  "after a deregistration it lives again",
			given: []fact{agentA, {"deregistered", `{"agent_id":"a","reason":"r"}`}},
			when:  []fact{agentA},
			then:  []string{"agent a Known=true Status=registered StatusSince=3 RegisteredAt=3 UpdatedAt=3"},

			anomalies: record(agent.RevivedAgent, "a"),
		},
		{
			name:  "a registration behind its deregistration stands",
			given: []fact{goneA},
			when:  []fact{agentA, agentA},
			then:  []string{"agent a Known=true Status=registered StatusSince=2 RegisteredAt=2 UpdatedAt=3"},

			anomalies: append(record(agent.RevivedAgent, "a"), record(agent.DuplicateAgent, "a")...),
		},
	})
}

func TestDeregistered(t *testing.T) {
	runAll(t, []scenario{
		{
			name:  "the agent, its capabilities and its tasks stay",
			given: []fact{{"registered", `{"agent_id":"a","capabilities":["x"]}`}, taskT},
			when:  []fact{{"deregistered", `{"agent_id":"a","reason":"r","decommissioned_at":"1970-01-01T00:00:00.000000009Z"}`}},
			then: []string{
				`agent a Known=true Capabilities=[x] Status=deregistered StatusSince=9 StatusReason="r" ActiveTasks=1 ` +
					`RegisteredAt=1 UpdatedAt=3`,
				"task a/t Status=assigned AssignedAt=2",
			},
		},
		{
			name:  "twice is once",
			given: []fact{agentA, goneA},
			when:  []fact{{"deregistered", `{"agent_id":"a","reason":"again"}`}},
			then:  []string{"agent a Known=true Status=deregistered StatusSince=2 RegisteredAt=1 UpdatedAt=2"},

			anomalies: record(agent.DeregisteredAgent, "a"),
		},
		{
			name: "of an unknown agent",
			when: []fact{goneA},
			then: []string{"agent a Status=deregistered StatusSince=1 UpdatedAt=1"},

			anomalies: record(agent.UnknownAgent, "a"),
		},
	})
}

func TestCapabilityUpdated(t *testing.T) {
	given := []fact{{"registered", `{"agent_id":"a","capabilities":["b","d"]}`}}
	after := func(capabilities string) []string {
		return []string{"agent a Known=true" + capabilities + " Status=registered StatusSince=1 RegisteredAt=1 UpdatedAt=2"}
	}
	runAll(t, []scenario{
		{
			name: "the union with what is added, less what is removed", given: given,
			when: []fact{{"capability_updated", `{"agent_id":"a","added_capabilities":["c","b","a","c"],
				"removed_capabilities":["d","a"]}`}},
			then: after(" Capabilities=[b,c]"),
		},
		{
			name: "contents tell capabilities of one name apart", given: given,
			when: []fact{{"capability_updated", `{"agent_id":"a","added_capabilities":[{"b": 1},{"b":2},7,{"x":1,"y":2},{"b":null}],
				"removed_capabilities":[{"b":1},"d"]}`}},
			then: after(` Capabilities=[:7,:{"x":1,"y":2},b,b:2,b:null]`),
		},
		{
			name: "escapes do not", given: given,
			when: []fact{{"capability_updated", `{"agent_id":"a","removed_capabilities":["\u0062","d"]}`}},
			then: after(""),
		},
		{
			name: "what is not there cannot be removed", given: given,
			when: []fact{{"capability_updated", `{"agent_id":"a","removed_capabilities":["z","b"],
				"performance_metrics": {"x": 1.50}}`}},
			then: []string{`agent a Known=true Capabilities=[d] PerformanceMetrics={"x":1.50} Status=registered StatusSince=1 ` +
				`RegisteredAt=1 UpdatedAt=2`},
			anomalies: record(agent.UnknownCapability, "a"),
		},
		{
			name: "nothing but a reason", given: given,
			when: []fact{{"capability_updated", `{"agent_id":"a","update_reason":"Upgrade"}`}},
			then: after(" Capabilities=[b,d]"),
		},
		{
			name: "of an unknown agent",
			when: []fact{{"capability_updated", `{"agent_id":"a","added_capabilities":["x"]}`}},
			then: []string{"agent a Capabilities=[x] Status=unknown UpdatedAt=1"},

			anomalies: record(agent.UnknownAgent, "a"),
		},
	})
}

func TestConfiguration(t *testing.T) {
	runAll(t, []scenario{
		{
			name: "a model makes a registered agent configured, a prompt does not", given: []fact{agentA},
			when: []fact{{"system_prompt_configured", `{"agent_id":"a","system_prompt":"p"}`}},
			then: []string{`agent a Known=true Status=registered StatusSince=1 SystemPrompt="p" RegisteredAt=1 UpdatedAt=2`},
		},
		{
			name: "by value", given: []fact{agentA},
			when: []fact{{"model_configured", `{"agent_id":"a","config":{"m": 1},
				"configured_at":"1970-01-01T00:00:00.000000007Z"}`}},
			then: []string{`agent a Known=true Status=configured StatusSince=7 ModelConfig={"m":1} RegisteredAt=1 UpdatedAt=2`},
		},
		{
			name: "by name", given: []fact{agentA},
			when: []fact{{"model_configuration_assigned", `{"agent_id":"a","configuration_id":{"id":"mc"},
				"assigned_at":"1970-01-01T00:00:00.000000007Z"}`}},
			then: []string{`agent a Known=true Status=configured StatusSince=7 ModelConfigurationID=mc RegisteredAt=1 UpdatedAt=2`},
		},
		{
			name:  "an active agent stays active, and keeps the other parts",
			given: []fact{agentA, {"model_configured", `{"agent_id":"a","config":1}`}, {"agent_activated", `{"agent_id":"a"}`}},
			when: []fact{
				{"model_configuration_assigned", `{"agent_id":"a","configuration_id":"mc"}`},
				{"system_prompt_configured", `{"agent_id":"a","system_prompt":{"parts":[]}}`},
			},
			then: []string{`agent a Known=true Status=active StatusSince=3 ModelConfig=1 ModelConfigurationID=mc ` +
				`SystemPrompt={"parts":[]} RegisteredAt=1 UpdatedAt=5`},
		},
		{
			name: "of an unknown agent",
			when: []fact{
				{"model_configured", `{"agent_id":"a","config":1}`}, {"system_prompt_configured", `{"agent_id":"b","system_prompt":""}`},
			},
			then: []string{
				"agent a Status=configured StatusSince=1 ModelConfig=1 UpdatedAt=1",
				`agent b Status=unknown SystemPrompt="" UpdatedAt=2`,
			},
			anomalies: record(agent.UnknownAgent, "a", "b"),
		},
	})
}

func TestTransitions(t *testing.T) {
	active := fact{"agent_activated", `{"agent_id":"a","activated_at":"1970-01-01T00:00:00.000000008Z"}`}
	suspended := fact{"agent_suspended", `{"agent_id":"a","reason":{"Budget": 1},
		"suspended_at":"1970-01-01T00:00:00.000000009Z"}`}
	runAll(t, []scenario{
		{
			name: "to active, from any status", given: []fact{agentA}, when: []fact{active},
			then: []string{"agent a Known=true Status=active StatusSince=8 RegisteredAt=1 UpdatedAt=2"},
		},
		{
			name: "to suspended, with the reason", given: []fact{agentA, active}, when: []fact{suspended},
			then: []string{`agent a Known=true Status=suspended StatusSince=9 StatusReason={"Budget":1} RegisteredAt=1 UpdatedAt=3`},
		},
		{
			name: "and back, without", given: []fact{agentA, active, suspended}, when: []fact{active},
			then: []string{"agent a Known=true Status=active StatusSince=8 RegisteredAt=1 UpdatedAt=4"},
		},
		{
			name:  "the same again keeps since when, and takes the reason",
			given: []fact{agentA, suspended}, when: []fact{{"agent_suspended", `{"agent_id":"a","reason":"more"}`}},
			then: []string{`agent a Known=true Status=suspended StatusSince=9 StatusReason="more" RegisteredAt=1 UpdatedAt=3`},
		},
		{
			name: "of an unknown agent", when: []fact{active},
			then: []string{"agent a Status=active StatusSince=8 UpdatedAt=1"}, anomalies: record(agent.UnknownAgent, "a"),
		},
	})
}

func TestActivity(t *testing.T) {
	said := []fact{
		{"conversation_started", `{"agent_id":"a"}`},
		{"message_sent", `{"agent_id":"a","content":"hello"}`},
		{"message_sent", `{"agent_id":"a","content":"hello?"}`},
		{"response_chunk_received", `{"agent_id":"a"}`},
		{"response_chunk_received", `{"agent_id":"a"}`},
		{"response_chunk_received", `{"agent_id":"a"}`},
		{"response_completed", `{"agent_id":"a","token_usage":{"total_tokens":18446744073709551610}}`},
		{"response_completed", `{"agent_id":"a","token_usage":{"total_tokens":6}}`},
		{"response_completed", `{"agent_id":"a","token_usage":{"prompt_tokens":6}}`},
		{"response_failed", `{"agent_id":"a","failed_at":"1970-01-01T00:00:00.000000099Z"}`},
	}
	counted := `Activity={Conversations:1 MessagesSent:2 ChunksReceived:3 ResponsesCompleted:3 ResponsesFailed:1 ` +
		`Tokens:18446744073709551615 LastAt:1970-01-01T00:00:00.000000099Z}`
	runAll(t, []scenario{
		{
			name: "is counted, and is no update", given: []fact{agentA}, when: said,
			then: []string{"agent a Known=true Status=registered StatusSince=1 " + counted + " RegisteredAt=1 UpdatedAt=1"},
		},
		{
			name: "of an unknown agent", when: said,
			then: []string{"agent a Status=unknown " + counted}, anomalies: record(agent.UnknownAgent, "a"),
		},
	})
}
