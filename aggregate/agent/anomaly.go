package agent

// Anomaly is a stable word for how an event and the state disagreed. Anomalies are stored, so a word keeps its meaning
// for ever. The event was applied as far as it means anything: facts are applied, not judged.
type Anomaly string

// Anomalies, and what the subject of each is.
const (
	// AggregateMismatch says that the payload's agent, collaboration or node is not the envelope's aggregate. The payload
	// won. Subject: the envelope's aggregate id.
	AggregateMismatch Anomaly = "aggregate_mismatch"

	// UnknownAgent says that an event came before, or without, its agent's registration, so that the agent got a
	// placeholder; or that a collaboration names a participant of which nothing is known. Subject: the agent.
	UnknownAgent Anomaly = "unknown_agent"

	// DuplicateAgent says that an agent was registered that is. What the event states was overwritten, the rest kept.
	// Subject: the agent.
	DuplicateAgent Anomaly = "duplicate_agent"

	// RevivedAgent says that an agent was registered that was deregistered before. It is registered again. Subject: the
	// agent.
	RevivedAgent Anomaly = "revived_agent"

	// DeregisteredAgent says that an event is about an agent that was deregistered before. Everything but its status was
	// applied. Subject: the agent.
	DeregisteredAgent Anomaly = "deregistered_agent"

	// UnknownCapability says that a capability was removed that the agent does not have. Subject: the agent.
	UnknownCapability Anomaly = "unknown_capability"

	// DuplicateTask says that a task was assigned that the agent has. It was overwritten. Subject: the task.
	DuplicateTask Anomaly = "duplicate_task"

	// UnknownTask says that a task was completed that was not assigned to the agent. It is kept as completed. Subject: the
	// task.
	UnknownTask Anomaly = "unknown_task"

	// CompletedTask says that a task was assigned or completed that the agent has completed before. It stays completed, at
	// the time of the first completion. Subject: the task.
	CompletedTask Anomaly = "completed_task"

	// DuplicateCollaboration says that a collaboration was initiated that exists. It was overwritten. Subject: the
	// collaboration.
	DuplicateCollaboration Anomaly = "duplicate_collaboration"

	// DuplicateNode says that a node joined the system that had joined before: it was restarted, as no event says that one
	// leaves. It was overwritten. Subject: the node.
	DuplicateNode Anomaly = "duplicate_node"

	// ValueNotFinite says that a threshold event has a value that is null or absent. null is how serde writes NaN and
	// infinity. Subject: the metric.
	ValueNotFinite Anomaly = "value_not_finite"
)
