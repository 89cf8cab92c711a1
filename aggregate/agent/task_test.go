package agent_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
)

func TestTasks(t *testing.T) {
	full := fact{"task_assigned", `{"agent_id":"a","task_id":"t","task_type":{"Review": {}},
		"task_parameters":{"k": 1,"j":null},"priority": 3,
		"deadline":{"secs_since_epoch":1,"nanos_since_epoch":2},"assigner":{"value":"u"},"assigned_at":9}`}
	const attributes = `Type={"Review":{}} Kind=Review Parameters=[j:null,k:1] Priority=3 Deadline=1000000002 Assigner=u`
	registered := "agent a Known=true Status=registered StatusSince=1 "
	runAll(t, []scenario{
		{
			name: "an assignment keeps all that it states", given: []fact{agentA}, when: []fact{full},
			then: []string{
				registered + "ActiveTasks=1 RegisteredAt=1 UpdatedAt=2",
				"task a/t " + attributes + " Status=assigned AssignedAt=9000000",
			},
		},
		{
			name: "a completion keeps them", given: []fact{agentA, full},
			when: []fact{{"task_completed", `{"agent_id":"a","task_id":"t","completed_at":"1970-01-01T00:00:00.000000005Z"}`}},
			then: []string{
				registered + "CompletedTasks=1 RegisteredAt=1 UpdatedAt=3",
				"task a/t " + attributes + " Status=completed AssignedAt=9000000 CompletedAt=5",
			},
		},
		{
			name: "a second assignment overwrites, and counts nothing", given: []fact{agentA, full}, when: []fact{taskT},
			then: []string{
				registered + "ActiveTasks=1 RegisteredAt=1 UpdatedAt=3", "task a/t Status=assigned AssignedAt=9000000",
			},
			anomalies: record(agent.DuplicateTask, "t"),
		},
		{
			name: "what is completed stays completed", given: []fact{agentA, taskT, doneT}, when: []fact{taskT, doneT},
			then: []string{
				registered + "CompletedTasks=1 RegisteredAt=1 UpdatedAt=4", "task a/t Status=completed AssignedAt=2 CompletedAt=3",
			},
			anomalies: record(agent.CompletedTask, "t", "t"),
		},
		{
			name: "a completion before its assignment", given: []fact{agentA}, when: []fact{doneT, taskT},
			then: []string{
				registered + "CompletedTasks=1 RegisteredAt=1 UpdatedAt=3", "task a/t Status=completed AssignedAt=3 CompletedAt=2",
			},
			anomalies: append(record(agent.UnknownTask, "t"), record(agent.CompletedTask, "t")...),
		},
		{
			name: "a completion alone", given: []fact{agentA}, when: []fact{doneT},
			then: []string{
				registered + "CompletedTasks=1 RegisteredAt=1 UpdatedAt=2", "task a/t Status=completed CompletedAt=2",
			},
			anomalies: record(agent.UnknownTask, "t"),
		},
		{
			name: "the same id at two agents is two tasks", given: []fact{agentA, {"registered", `{"agent_id":"b"}`}},
			when: []fact{taskT, {"task_assigned", `{"agent_id":"b","task_id":"t"}`}, doneT},
			then: []string{
				registered + "CompletedTasks=1 RegisteredAt=1 UpdatedAt=5",
				"agent b Known=true Status=registered StatusSince=2 ActiveTasks=1 RegisteredAt=2 UpdatedAt=4",
				"task a/t Status=completed AssignedAt=3 CompletedAt=5", "task b/t Status=assigned AssignedAt=4",
			},
		},
		{
			name: "of an unknown agent", when: []fact{taskT, doneT},
			then: []string{
				"agent a Status=unknown CompletedTasks=1 UpdatedAt=2", "task a/t Status=completed AssignedAt=1 CompletedAt=2",
			},
			anomalies: record(agent.UnknownAgent, "a"),
		},
	})
}

func TestCollaborations(t *testing.T) {
	both := []fact{agentA, {"registered", `{"agent_id":"b"}`}}
	rows := []string{
		"agent a Known=true Status=registered StatusSince=1 RegisteredAt=1 UpdatedAt=1",
		"agent b Known=true Status=registered StatusSince=2 RegisteredAt=2 UpdatedAt=2",
	}
	full := fact{"collaboration_initiated", `{"collaboration_id":"c","participating_agents":["b",{"id":"a"},"b"],
		"collaboration_type":"PeerReview","shared_context":{"k": 1},"coordination_pattern":{"Leader": "a"}}`}
	runAll(t, []scenario{
		{
			name: "participants are sorted, each once, and untouched", given: both, when: []fact{full},
			then: append(rows[:2:2], `collaboration c Type="PeerReview" Kind=PeerReview Participants=[a b] SharedContext=[k:1] `+
				`CoordinationPattern={"Leader":"a"} InitiatedAt=3 UpdatedAt=3`),
		},
		{
			name: "a second initiation overwrites", given: append(both[:2:2], full),
			when: []fact{{"collaboration_initiated", `{"collaboration_id":"c","participating_agents":["a"]}`}},
			then: append(rows[:2:2], "collaboration c Participants=[a] InitiatedAt=3 UpdatedAt=4"),

			anomalies: record(agent.DuplicateCollaboration, "c"),
		},
		{
			name: "and clears no participants that it does not state", given: append(both[:2:2], full),
			when: []fact{{"collaboration_initiated", `{"collaboration_id":"c","participating_agents":null}`}},
			then: append(rows[:2:2], "collaboration c Participants=[a b] InitiatedAt=3 UpdatedAt=4"),

			anomalies: record(agent.DuplicateCollaboration, "c"),
		},
		{
			name: "but those that it states as none", given: append(both[:2:2], full),
			when: []fact{{"collaboration_initiated", `{"collaboration_id":"c","participating_agents":[]}`}},
			then: append(rows[:2:2], "collaboration c InitiatedAt=3 UpdatedAt=4"),

			anomalies: record(agent.DuplicateCollaboration, "c"),
		},
		{
			name:  "participants that are unknown or gone are named, and get no row",
			given: []fact{agentA, goneA}, when: []fact{full},
			then: []string{
				"agent a Known=true Status=deregistered StatusSince=2 RegisteredAt=1 UpdatedAt=2",
				`collaboration c Type="PeerReview" Kind=PeerReview Participants=[a b] SharedContext=[k:1] ` +
					`CoordinationPattern={"Leader":"a"} InitiatedAt=3 UpdatedAt=3`,
			},
			anomalies: append(record(agent.DeregisteredAgent, "a"), record(agent.UnknownAgent, "b")...),
		},
	})
}
