package workflowmodel

import (
	"context"
	"fmt"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/projection"
)

// Queries implements projection.Querier.
func (m *model) Queries() []projection.Query {
	return []projection.Query{
		{Subject: "workflow.get_process_status", Answer: m.getProcessStatus},
		{Subject: "workflow.list_active_processes", Answer: m.listActive},
		{Subject: "workflow.get_definition", Answer: m.getDefinition},
		{Subject: "workflow.get_step_history", Answer: m.getStepHistory},
	}
}

// patience is after how many rows a walk looks at its context.
const patience = 256

// walk counts the rows that a question has read, and says when it has to end.
type walk struct {
	ctx  context.Context
	rows int
	err  error
}

// on tells whether the walk may go on.
func (w *walk) on() bool {
	if w.rows%patience == 0 && w.err == nil && w.ctx.Err() != nil {
		w.err = fmt.Errorf("workflowmodel: the question was ended after %d rows: %w", w.rows, context.Cause(w.ctx))
	}
	w.rows++
	return w.err == nil
}

// notFound names the parameter by which nothing was found.
func notFound(field string, value any, format string, args ...any) error {
	err := projection.Fail(projection.NotFound, format, args...)
	err.Details = map[string]any{field: value}
	return err
}

// getProcessStatus answers for each of the processes that are named, in the order of the question.
func (m *model) getProcessStatus(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	q := readParams(r)
	ids := q.ids("process_instance_ids")
	withHistory, withMetrics := q.flag("include_history", false), q.flag("include_metrics", false)
	if err := q.failure(); err != nil {
		return projection.Answer{}, err
	}
	w := &walk{ctx: ctx}
	p := newPage[Process](r)
	var unknown []string
	for _, id := range ids {
		if !w.on() || p.err != nil {
			break
		}
		if !p.turn() {
			continue
		}
		row, ok := m.processes.Get(v, projection.MakeKey(id))
		if !ok {
			unknown = append(unknown, id)
			row = &workflow.Process{} // takes the place of the one that is not there, so that the page ends where it would
		}
		view := processView(row)
		if ok && (withHistory || withMetrics) {
			m.addHistory(w, v, row, &view, &p.weight, withHistory, withMetrics)
		}
		p.take(view, processSize(row))
	}
	if unknown != nil && w.err == nil && v.Err() == nil {
		return projection.Answer{}, notFound("process_instance_ids", unknown,
			"no process is known at this position by %d of the ids; ask without them", len(unknown))
	}
	return p.answer(w.err)
}

// addHistory reads the history of a process once, for as much as is asked of it.
func (m *model) addHistory(
	w *walk, v *projection.View, row *workflow.Process, view *Process, weight *weight, withHistory, withMetrics bool,
) {
	var count *counting
	if withHistory {
		view.History = []HistoryEntry{}
	}
	if withMetrics {
		count = newCounting(row)
	}
	m.history.Scan(v, projection.MakeKey(row.InstanceID), "", func(_ projection.Key, e *workflow.Entry) bool {
		if withHistory {
			weight.part(entrySize(e))
			view.History = append(view.History, historyEntry(e))
		}
		if withMetrics {
			count.add(e, weight)
		}
		return weight.err == nil && w.on()
	})
	if withMetrics {
		view.Metrics = count.metrics()
	}
}

// getStepHistory answers with the events of steps and decisions of one process, in the order of the log.
func (m *model) getStepHistory(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	q := readParams(r)
	id, step := q.id("process_instance_id"), q.optionalID("step_id")
	if err := q.failure(); err != nil {
		return projection.Answer{}, err
	}
	key := projection.MakeKey(id)
	if _, ok := m.processes.Get(v, key); !ok {
		return projection.Answer{}, notFound("process_instance_id", id, "no process %q is known at this position", id)
	}
	w := &walk{ctx: ctx}
	p := newPage[HistoryEntry](r)
	m.history.Scan(v, key, "", func(_ projection.Key, e *workflow.Entry) bool {
		if e.StepID != "" && (step == "" || step == e.StepID) && p.turn() {
			p.take(historyEntry(e), entrySize(e))
		}
		return p.err == nil && w.on()
	})
	return p.answer(w.err)
}

// getDefinition answers with a workflow and all its parts.
func (m *model) getDefinition(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	q := readParams(r)
	id := q.id("workflow_id")
	if err := q.failure(); err != nil {
		return projection.Answer{}, err
	}
	key := projection.MakeKey(id)
	row, ok := m.definitions.Get(v, key)
	if !ok {
		return projection.Answer{}, notFound("workflow_id", id, "no definition of workflow %q is known at this position", id)
	}
	out, w := definitionView(row), &walk{ctx: ctx}
	weight := &weight{bytes: definitionSize(row)}
	m.steps.Scan(v, key, "", func(_ projection.Key, s *workflow.Step) bool {
		out.Steps = append(out.Steps, stepView(s))
		return weight.part(stepSize(s)) && w.on()
	})
	m.states.Scan(v, key, "", func(_ projection.Key, s *workflow.MachineState) bool {
		out.States = append(out.States, StateView{StateID: s.ID, StateType: s.StateType, CreatedAt: moment(s.CreatedAt)})
		return weight.part(0) && w.on()
	})
	m.links.Scan(v, key, "", func(_ projection.Key, l *workflow.Link) bool {
		if l.Kind == workflow.Transition {
			out.Transitions = append(out.Transitions, linkView(l))
		} else {
			out.Connections = append(out.Connections, linkView(l))
		}
		return weight.part(len(l.Condition)) && w.on()
	})
	switch {
	case weight.err != nil:
		return projection.Answer{}, weight.err
	case w.err != nil:
		return projection.Answer{}, w.err
	}
	return projection.Answer{Data: out}, nil
}
