// Package agentmodel is the read model of CIM's agents and of its system: a projection named "agents", and the
// queries that it answers.
//
// [New] returns the projection. It folds the events below event.agent and event.system into tables, by the rules of
// package aggregate/agent, which it lends its tables to as a state. Payloads are read in parallel; applying an event
// is looking up and putting rows.
//
// # Tables
//
//	agent         (agent)                 agent.Agent: attributes, status, counts of tasks, counters of messages
//	task          (agent, task)           agent.Task
//	collaboration (collaboration)         agent.Collaboration
//	system_node   (node)                  agent.Node
//	threshold     (metric)                agent.Metric; "" is the row of all that have none of their own
//	totals        ("totals")              how many metrics have a row
//	capability    (name, agent)           that the agent has a capability of this name; derived
//	active_task   (agent, task)           that the task is assigned and not completed; derived
//	collaborator  (agent, collaboration)  that the agent takes part, also one without a row; derived
//
// Keys are built by projection.MakeKey from identifiers, so the tasks of an agent stand one behind the other, as do its
// collaborations and the agents of a capability.
//
// # Queries
//
// Parameters are members of one JSON object; unknown ones are ignored, null is absent. Identifiers are strings or
// objects that hold one under id or value. Lists are paged by offset and limit, with the total over all pages.
//
//	agent.get_status           AgentStatus. agent_id, include_tasks (false), include_collaborations (true)
//	agent.list                 []AgentView by id. status, capability
//	agent.find_capable         []AgentView by id. capabilities, status
//	agent.list_active_tasks    []TaskView by agent and id. agent_id (all)
//	agent.list_collaborations  []CollaborationView by id. agent_id (all)
//	system.list_nodes          []SystemNode by id
//	system.list_thresholds     []Threshold by metric, the folded one first
//
// find_capable answers the agents that have all of the capabilities, of which at least one must be asked for;
// deregistered agents are left out, unless status asks for them. A capability that is asked for as a name stands for
// all of its name, whatever their content; one with content, or another value, for just that.
//
// status is one of unknown, registered, configured, active, suspended and deregistered. Agents that are known by
// other events than their registration are there, as unknown or what these events made them, with registered_at null;
// those that are known as participants only are not.
//
// # Typed fields
//
// current_value and threshold_value are float64, and printed as the shortest decimal that is that float64; there are
// no float32 fields. agent_type, task_type, priority, system_prompt and the like are given back as received,
// compacted, and so are the contents of capabilities. kind is the tag of a type. Times are the producer's clock, RFC
// 3339 in UTC. What was never set is null; lists and objects are then empty.
//
// # Guarantees
//
// The same state gives the same answer, byte for byte. A question looks at its context every 256 rows that it reads.
// It holds one page, of at most 64 MiB, and beside an agent at most 10,000 tasks and 10,000 collaborations. A
// question that needs more is refused as too_large: nothing is left out in silence.
//
// Check proves keys, counts, sets, and the derived tables in both directions, from the rows alone.
//
// # Caveats
//
// A page far down a list, or of a list by status, reads every row before it: some microseconds each. encoding/json
// writes <, > and & in what is given back as received as escapes, unless its encoder is told not to.
package agentmodel
