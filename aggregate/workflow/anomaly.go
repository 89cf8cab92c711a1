package workflow

// Anomaly is a stable word for how an event and the state disagreed. Anomalies are stored, so a word keeps its meaning
// for ever. The event was applied as far as it means anything: facts are applied, not judged.
type Anomaly string

// Anomalies, and what the subject of each is.
const (
	// AggregateMismatch says that the envelope's aggregate is neither the process nor the workflow that the payload belongs to.
	// The payload won. Subject: the envelope's aggregate id.
	AggregateMismatch Anomaly = "aggregate_mismatch"

	// WorkflowMismatch says that an event names another workflow than its process has. The process kept its own. Producers
	// that invent a workflow for the events of tasks cause it routinely. Subject: the workflow that the event names.
	WorkflowMismatch Anomaly = "workflow_mismatch"

	// UnknownInstance says that a process was first heard of by something else than its start, which is lost or still to
	// come. Subject: the process.
	UnknownInstance Anomaly = "unknown_instance"

	// DuplicateStart says that a process was started that had been started. What the first start stated was kept.
	// Subject: the process.
	DuplicateStart Anomaly = "duplicate_start"

	// EventAfterEnd says that something was said of a process that had ended. It is in the history, and changed nothing else.
	// Subject: the process.
	EventAfterEnd Anomaly = "event_after_end"

	// IllegalTransition says that a process was paused that was paused, or resumed that was running. Subject: the process.
	IllegalTransition Anomaly = "illegal_transition"

	// ActiveAtEnd says that a process completed while steps of it were active. None is any longer. Subject: the process.
	ActiveAtEnd Anomaly = "active_at_end"

	// StateMismatch says that a transition left a state that the process was not in. Subject: the process.
	StateMismatch Anomaly = "state_mismatch"

	// UndefinedTransition says that the workflow defines transitions, and not this one. It was made all the same.
	// Subject: the process.
	UndefinedTransition Anomaly = "undefined_transition"

	// UnknownWorkflow says that a part came before, or without, its workflow's creation, so that the workflow got a
	// placeholder. Subject: the workflow.
	UnknownWorkflow Anomaly = "unknown_workflow"

	// DuplicateWorkflow says that a workflow was created that exists. Its attributes were overwritten, its parts kept.
	// Subject: the workflow.
	DuplicateWorkflow Anomaly = "duplicate_workflow"

	// DuplicateStep says that a step was added that exists. It was overwritten. Subject: the step.
	DuplicateStep Anomaly = "duplicate_step"

	// DuplicateState says that a state was added that exists. It was overwritten. Subject: the state.
	DuplicateState Anomaly = "duplicate_state"

	// UnknownStep says that a step was changed or removed that its workflow does not define. Nothing changed in the
	// definition. Subject: the step.
	UnknownStep Anomaly = "unknown_step"

	// AbsentKey says that something was removed that is not there: metadata, a variable, a configuration, a dependency.
	// Subject: its key.
	AbsentKey Anomaly = "absent_key"
)
