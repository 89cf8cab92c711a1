// Package agent holds what each of CIM's agent and system events does to the state of agents, their tasks and
// collaborations, and the nodes and thresholds of the system.
//
// [Decode] reads an event's payload into a [Change], [Apply] changes a [State] by it. The state is rows behind a
// small interface: whoever implements it decides where rows live. Both functions are pure. Decoding needs no state,
// so events can be decoded in parallel; applying needs nothing but the change and the rows that it asks for.
//
// # Events
//
// Events are told apart by domain and canonical type: graphs have nodes, and workflows tasks, too. A type that is not
// among these gives a nil change (see [Known]).
//
//	agent registered                overwrites what it states, keeps the rest. A placeholder is filled. The status becomes
//	                                registered from unknown and deregistered, and stays otherwise. RegisteredAt is of the
//	                                first registration, or the first since a deregistration.
//	                                Anomalies: DuplicateAgent, RevivedAgent
//	agent deregistered              status deregistered; all else stays
//	agent capability_updated        the union with what was added, then the difference to what was removed; the last
//	                                performance_metrics. Anomaly: UnknownCapability
//	agent model_configured, model_configuration_assigned
//	                                the model; status configured from unknown and registered, else it stays
//	agent system_prompt_configured  the prompt
//	agent agent_activated, agent_suspended
//	                                status active or suspended, with the reason
//	agent conversation_started, message_sent, response_chunk_received, response_completed, response_failed
//	                                one counter of Activity, and its time; nothing else of the agent
//	agent task_assigned             the task's row. On an existing task: overwrites it, but for AssignedAt. A completed one
//	                                stays completed. Anomalies: DuplicateTask, CompletedTask
//	agent task_completed            the task is completed, also where it was never assigned. Anomalies: UnknownTask,
//	                                CompletedTask
//	agent collaboration_initiated   the collaboration's row. On an existing one: overwrites it, but for InitiatedAt; without
//	                                participating_agents the participants stay. Anomalies: DuplicateCollaboration,
//	                                UnknownAgent and DeregisteredAgent for each participant
//	system node_joined              the node's row. On an existing node: overwrites it, but for FirstJoinedAt.
//	                                Anomaly: DuplicateNode
//	system performance_threshold_exceeded
//	                                the metric's row: one more, and this one as the last. Anomaly: ValueNotFinite
//
// Every event but the last can also be an AggregateMismatch; every agent event but a registration and a
// collaboration, of its own agent, UnknownAgent and DeregisteredAgent. An agent event stamps its agent's UpdatedAt
// where it changes the row, the counters of Activity apart.
//
// # Fields
//
// The agent is agent_id, the collaboration collaboration_id, the node node_id, or the envelope's aggregate; the
// payload wins over the envelope. Every identifier is a string, or an object that holds one. Required are these,
// task_id, config, configuration_id, system_prompt and metric_name, each of its event. All else may be absent or
// null. What is there must have its type: name, description and network_address are strings, person_id, assigner and
// the participating_agents identifiers, task_parameters, shared_context and token_usage objects, capabilities,
// added_capabilities, removed_capabilities, communication_patterns, affected_components and recommended_actions
// arrays, current_value and threshold_value numbers (they are float64), token_usage.total_tokens a whole number. One
// wrong part refuses the whole event.
//
// Moments are deadline, and the time of what happened: registration_timestamp, deployed_at or registered_at;
// decommissioned_at, deregistered_at or terminated_at; configured_at or assigned_at; activated_at; suspended_at;
// started_at; sent_at; received_at; completed_at; failed_at; joined_at. The first that is there counts; where none
// is, or it is 0, the envelope's time does.
//
// An event that its producer named capability_added may state what was added under capabilities, or one under
// capability; it must state something.
//
// Everything else stays as received, compacted: agent_type, task_type, collaboration_type, node_type,
// resource_requirements, performance_metrics, config, system_prompt, reason, priority, severity and the like. Kind is
// the tag of a type: the string itself, or the only member's name of an object; "" for anything else. Contents and
// identifiers of messages, update_reason and the rest inform, and are not stored.
//
// # Decisions
//
// Where CIM's sources are silent or contradict each other:
//
//   - No transition is illegal. What an event says is so, whatever the agent was before; but a deregistered agent
//     stays deregistered until it is registered again. Events about it are applied in all other respects, with an
//     anomaly each, because a history must never fail to replay.
//   - An agent that is registered after it was deregistered lives again, with what it had: agents that register when
//     they start and deregister when they stop are the same agents.
//   - A system prompt alone does not make an agent configured: activation needs a model.
//   - Capabilities are compared as [Capability] says. No source defines them; "embed" and {"embed":1} are two.
//   - A task belongs to one agent. The same task_id at two agents is two tasks: nothing says that the first one is
//     relieved.
//   - Tasks of a deregistered agent stay as they are: nobody completed them.
//   - A collaboration does not make placeholders of its participants. Its row is its own, and so is its owner.
//   - A node that joins again was restarted: there is no event of leaving.
//   - A value of a threshold that is null or absent was NaN or infinite. It is stored as nil, never as 0.
//   - All threshold events have one owner, [ThresholdOwner], because how many metrics have a row is decided over all
//     of them.
//
// # Guarantees
//
// Every change has a result in every state: nothing is refused while applying. The same event applied twice leaves
// the same rows as once, but for counters of Activity and Metric: that each event is applied once is for the log's
// position to see to. Counts of tasks are the number of rows. At most [MaxMetrics] metrics have a row, and one row
// counts all others; which have one is a function of the history. A change holds nothing of the event's body. Rows
// are never changed once they are put.
//
// # Caveats
//
// An agent's row grows with its capabilities, and agents, tasks and collaborations are never forgotten.
package agent
