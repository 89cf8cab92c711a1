// Package workflowmodel is the read model of CIM's workflows: a projection named "workflow", and the queries that it answers.
//
// [New] returns the projection. It folds the events below event.workflow into tables, by the rules of package aggregate/workflow,
// which it lends its tables to as a state. Payloads are read in parallel; applying an event is looking up and putting rows. An event
// of which neither it nor the state tells whose it is becomes a dead letter, missing_field at payload.process_instance_id.
//
// # Tables
//
//	process       (process)                             workflow.Process
//	history       (process, sequence)                   workflow.Entry, one for each event of a process
//	definition    (workflow)                            workflow.Definition
//	step          (workflow, step)                      workflow.Step
//	state         (workflow, state)                     workflow.MachineState
//	link          (workflow, kind, from, to, label)     workflow.Link
//	active        (start, process)                      processes that have not ended; derived
//	by_workflow   (workflow, ended, start, process)     all processes whose workflow is known; derived
//	by_initiator  (initiator, ended, start, process)    all processes whose initiator is known; derived
//	by_step       (step, workflow, process)             where a step is active; derived
//	definer       (step, workflow)                      who defines a step; derived
//
// Keys are built by projection.MakeKey. start sorts as the time of the start; processes whose start is not known sort last.
//
// # Queries
//
// Parameters are members of one JSON object; unknown ones are ignored, null is absent. Identifiers are strings or objects that
// hold one under id or value. Lists are paged by offset and limit, with the total over all pages.
//
//	workflow.get_process_status     []Process in the order of the question. process_instance_ids, include_history (false),
//	                                include_metrics (false)
//	workflow.list_active_processes  []Process by start and then id. workflow_id (any), actor (any), started_after (any)
//	workflow.get_definition         Definition. workflow_id
//	workflow.get_step_history       []HistoryEntry in the order of the log. process_instance_id, step_id (all)
//
// A question for processes of which one on the page is not known is answered with not_found, which lists all of these: nothing is
// left out in silence. An id may stand in a question twice, and is then answered twice.
//
// Active are the processes that have not ended: running, paused, and those whose start is not known, which stand last, since
// there is no time to sort them by, and which no started_after finds. actor is the initiator. started_after is a time in any form
// that CIM writes, compared with started_at, which is the envelope's; a process that started at that moment did not start after
// it.
//
// The history of a process has all its events, that of steps those which are about a step or a decision; step_id finds decisions
// by their node. In an entry, step_id or decision_node is null.
//
// Metrics are counted from the history: how often each step was started, completed, failed and skipped, how many decisions were
// reached, the sums of the execution times that the events state (at most 2^64-1), and the time from start to end. They need not agree
// with steps_executed and total_execution_time_ms, which are what the process said of itself, and null where it did not.
//
// # Typed fields
//
// confidence is a float32, and printed as the shortest decimal that is that float32. Times of execution, steps_executed and
// estimated_duration_minutes are whole numbers of 64 bits. completion_status, input_data, context, final_output, error, step_type,
// decision_criteria, evaluation_data, output_data, details, version, tags, validation, conditions, and the values of metadata,
// variables and config are given back as received, compacted. Times are the producer's clock, RFC 3339 in UTC. What was never set
// is null; lists and objects are then empty.
//
// # Guarantees
//
// The same state gives the same answer, byte for byte. A question looks at its context every 256 rows that it reads. It holds one
// page, of at most 64 MiB and, in histories, metrics and definitions that are not paged, at most 10,000 entries, steps or parts.
// A question that needs more is refused as too_large.
//
// Check proves histories, statuses, keys, and every index in both directions, from the rows alone.
//
// # Caveats
//
// A page far down a list, a total, and a filter by both workflow and actor read every row before them, some microseconds each.
package workflowmodel
