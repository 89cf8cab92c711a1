// Package workflow holds what each of CIM's workflow events does to processes and to the definitions that they follow.
//
// [Decode] reads an event's payload into a [Change], [Apply] changes a [State] by it. The state is rows behind a small interface:
// a [Process] for each instance of a workflow, with its history, an [Entry] for each event; and a [Definition] for each workflow,
// with its [Step], [MachineState] and [Link] rows. Whoever implements the interface decides where rows live. Both functions are
// pure. Decoding needs no state, so events can be decoded in parallel; applying needs nothing but the change and the rows that it
// asks for.
//
// # Events of processes
//
// Each adds an entry to the history of its process. A process that is first heard of by another event than its start is made, in
// the status unknown_start. Anomalies of all: UnknownInstance, EventAfterEnd, WorkflowMismatch, AggregateMismatch.
//
//	process_started     running, active {start_node}. On a process that was only heard of: fills it in; what came before it in the
//	                    log stands: an end, a pause, and active steps (the start node becomes active only where no step and no
//	                    decision was seen). On a started process: adds what it had not stated. Anomaly: DuplicateStart
//	step_started        active + step_id
//	step_completed      active - step_id + next_steps. The same step may complete any number of times: loops are legitimate
//	step_failed, step_skipped
//	                    active - step_id
//	decision_reached    active - decision_node + chosen_path
//	step_approval_requested, step_approval_granted, step_approval_rejected
//	                    nothing is active or not by them. The step's definition, where there is one, keeps the last
//	task_assigned, task_reassigned
//	                    the step's definition, where there is one, has a new assignee. They make no process
//	process_paused      paused. Anomaly: IllegalTransition
//	process_resumed     running; unknown_start where the start is not known. Anomaly: IllegalTransition
//	state_transitioned, transition_triggered
//	                    the current state is to_state. Anomalies: StateMismatch, UndefinedTransition
//	state_entered       the current state is state_id
//	state_exited        nothing: where the machine went, another event says
//	process_completed   completed, failed or cancelled, as [Outcome] reads completion_status. Anomaly: ActiveAtEnd
//	process_failed      failed
//	process_cancelled   cancelled
//
// An end is an end: whatever follows is in the history and counted as EventAfterEnd, and changes nothing else, but for a start that
// comes late. Nothing is active in a process that has ended. steps_executed and total_execution_time_ms are kept as the end states
// them, whatever was counted.
//
// # Events of definitions
//
// A part that comes before its workflow's creation gives the workflow a placeholder. Anomalies of all: UnknownWorkflow,
// AggregateMismatch.
//
//	workflow_created                     the workflow's row. On a known workflow: overwrites its attributes; variables, parts and
//	                                     CreatedAt stay. Anomaly: DuplicateWorkflow
//	workflow_validated                   the result, by whom and when
//	workflow_metadata_added, _removed    one key of metadata. Anomaly: AbsentKey
//	workflow_context_variable_set, _removed
//	                                     one key of variables. Anomaly: AbsentKey
//	step_added                           the step's row; on a known step overwrites it, but its approval. Anomaly: DuplicateStep
//	step_removed                         removes it; links stay. Anomaly: UnknownStep
//	step_assignment_changed              the step's assignee. Anomaly: UnknownStep
//	step_dependency_added, _removed      one dependency. Anomalies: UnknownStep, AbsentKey
//	step_configuration_added, _removed   one key of config. Anomalies: UnknownStep, AbsentKey
//	steps_connected                      a link between steps
//	state_added                          a state of a state machine. Anomaly: DuplicateState
//	transition_added                     a link between states
//
// # Whose an event is
//
// An event of a process belongs to the process that it names. Where it names none, it belongs to
//
//  1. the envelope's aggregate, where that is a known process;
//  2. the process of its workflow, or else of the envelope's aggregate: the workflow itself, where it is a process; the only
//     process that has not ended; the only one of these in which the event's step is active; the only one that has ended; the
//     workflow itself, where no process of it is known. A start is always the workflow's own;
//  3. the only process in which its step is active, or that of the only workflow which defines the step.
//
// The events of tasks, which their producer sends with an invented workflow, begin at 3, and their workflow counts only where it is
// known. An event of a definition belongs to the workflow that it names, or the envelope's aggregate, or the only workflow that
// defines its step. What remains is nobody's: Apply refuses it with the code missing_field at payload.process_instance_id (or
// payload.workflow_id), and changes nothing, so that it is kept as a dead letter.
//
// [Owner] answers for the event alone: the process that it names, else the workflow, else the envelope's aggregate, and of a
// definition the workflow, else the envelope's aggregate. It is "" where only the state knows: a task without a process, a step
// without anything.
//
// # Fields
//
// Every identifier is a string, or an object that holds one. Where a payload has several names for one field, the first that is
// not null counts:
//
//	the process       process_instance_id, instance_id, execution_id; workflow_id where there is a definition_id
//	the workflow      definition_id, workflow_id
//	start_node        start_node, start_step
//	initiator, actor  initiator, started_by, completed_by and the like; else the envelope's actor
//	input             input_data, initial_inputs
//	output of a step  output_data, output, outputs, completion_data
//	next steps        next_steps, next_step
//	decision_node     decision_node, step_id
//	final output      final_output, final_context, result
//	times             execution_time_ms or total_execution_time_ms, duration_seconds, total_duration (serde's Duration)
//	state             initial_state, current_state, final_state
//	reason            reason, message
//	details           error_details, failure_context, pause_context, resume_context, cancellation_context, input,
//	                  trigger
//	assignee          assigned_to, to_assignee, new_assignee, approver
//	a step (added)    its members, or those of the member step
//
// Required are what an event is about: step_id, decision_node, to_state, assigned_to, key, dependency_step_id, state_id, both ends of
// a link, and something that tells whose it is. All else may be absent or null. What is there must have its type; one wrong part
// refuses the whole event.
//
// Typed as float32: confidence. Typed as 64-bit whole numbers: times, steps_executed, estimated_duration_minutes. Everything else
// stays as received, compacted: input, context, output, completion_status, step_type, criteria, evaluation, errors, details,
// version, tags, conditions, and the values of metadata, variables and config.
//
// # Decisions
//
// Where CIM's sources are silent or contradict each other:
//
//   - completion_status is an undefined enum. Only the words of the sources' own state machines count as ends of another kind: see
//     [Outcome]. Null, as of producers that report the end whatever the outcome was, is completed, with the status unknown.
//   - A time is the envelope's, which started_after is compared with, not a member of the payload.
//   - A first start stands. What a second one states besides is added, so that a start that is published twice changes nothing.
//   - Order is the log's, for active steps as well: they are a set, since the branches of a fork enter the step that joins them
//     once each, and a step that completes before the event that activates it stays active until the end.
//   - A state of type "final" is no end: only an event is.
//   - Approvals and assignments are of the definition's step, where there is one, and in the history of the process.
//   - Context variables are the workflow's. The context that a start states is the process's, and not interpreted.
//
// # Guarantees
//
// But for events that are nobody's, every change has a result in every state. An event that names its process, and one of a
// definition, leaves the same rows applied twice as once. A change holds nothing of the event's body. Rows are never changed once
// they are put.
//
// # Caveats
//
// A process of which nobody says that it ended is active for ever. Events that name their workflow alone are told apart only
// while one process of it has not ended, or by the step.
package workflow
