package agent_test

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func Example() {
	var state agenttest.State
	for _, e := range []eventlog.Event{
		{Type: "task_assigned", Occurred: 1, Payload: eventlog.Value(`{"task_id":"t","priority":"High"}`)},
		{Type: "registered", Occurred: 2, Payload: eventlog.Value(`{"capabilities":["rank","embed"]}`)},
		{Type: "capability_updated", Occurred: 3, Payload: eventlog.Value(`{"removed_capabilities":["rank"]}`)},
	} {
		e.Domain, e.AggregateID = "agent", "a"
		change, err := agent.Decode(&e)
		if err != nil {
			fmt.Println(err)
			continue
		}
		agent.Apply(&state, &e, change)
	}
	for _, row := range state.Lines() {
		fmt.Println(row)
	}
	for _, a := range state.Anomalies {
		fmt.Println(a.Code, a.Subject)
	}
	// Output:
	// agent a Known=true Capabilities=[embed] Status=registered StatusSince=2 ActiveTasks=1 RegisteredAt=2 UpdatedAt=3
	// task a/t Priority="High" Status=assigned AssignedAt=1
	// unknown_agent a
}
