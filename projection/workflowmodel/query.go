package workflowmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
	"github.com/thecowboyai/cim-projector/projection/show"
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

// getProcessStatus answers for each of the processes that are named, in the order of the question.
func (m *model) getProcessStatus(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	q := ask.Read(r)
	ids := q.IDs("process_instance_ids")
	withHistory, withMetrics := q.Flag("include_history", false), q.Flag("include_metrics", false)
	if err := q.Err(); err != nil {
		return projection.Answer{}, err
	}
	p := ask.NewPage[Process](ctx, r)
	w := &weight{Weight: &p.Weight}
	var unknown []string
	for _, id := range ids {
		if !p.On() {
			break
		}
		if !p.Turn() {
			continue
		}
		row, ok := m.processes.Get(v, projection.MakeKey(id))
		if !ok {
			unknown = append(unknown, id)
			row = &workflow.Process{} // takes the place of the one that is not there, so that the page ends where it would
		}
		view := processView(row)
		if ok && (withHistory || withMetrics) {
			m.addHistory(w, v, row, &view, withHistory, withMetrics)
		}
		p.Take(view, processSize(row))
	}
	if unknown != nil && p.Err() == nil && v.Err() == nil {
		return projection.Answer{}, ask.NotFound("process_instance_ids", unknown,
			"no process is known at this position by %d of the ids; ask without them", len(unknown))
	}
	return p.Answer()
}

// addHistory reads the history of a process once, for as much as is asked of it.
func (m *model) addHistory(
	w *weight, v *projection.View, row *workflow.Process, view *Process, withHistory, withMetrics bool,
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
			w.part(entrySize(e))
			view.History = append(view.History, historyEntry(e))
		}
		if withMetrics {
			count.add(e, w)
		}
		return w.On()
	})
	if withMetrics {
		view.Metrics = count.metrics()
	}
}

// getStepHistory answers with the events of steps and decisions of one process, in the order of the log.
func (m *model) getStepHistory(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	q := ask.Read(r)
	id, step := q.ID("process_instance_id"), q.OptionalID("step_id")
	if err := q.Err(); err != nil {
		return projection.Answer{}, err
	}
	key := projection.MakeKey(id)
	if _, ok := m.processes.Get(v, key); !ok {
		return projection.Answer{}, ask.NotFound("process_instance_id", id, "no process %q is known at this position", id)
	}
	p := ask.NewPage[HistoryEntry](ctx, r)
	m.history.Scan(v, key, "", func(_ projection.Key, e *workflow.Entry) bool {
		if e.StepID != "" && (step == "" || step == e.StepID) && p.Turn() {
			p.Take(historyEntry(e), entrySize(e))
		}
		return p.On()
	})
	return p.Answer()
}

// getDefinition answers with a workflow and all its parts.
func (m *model) getDefinition(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	q := ask.Read(r)
	id := q.ID("workflow_id")
	if err := q.Err(); err != nil {
		return projection.Answer{}, err
	}
	key := projection.MakeKey(id)
	row, ok := m.definitions.Get(v, key)
	if !ok {
		return projection.Answer{}, ask.NotFound("workflow_id", id, "no definition of workflow %q is known at this position", id)
	}
	out := definitionView(row)
	bytes := ask.NewWeight(ask.NewWalk(ctx), "ask for fewer items at once")
	bytes.Add(definitionSize(row))
	w := &weight{Weight: &bytes}
	m.steps.Scan(v, key, "", func(_ projection.Key, s *workflow.Step) bool {
		out.Steps = append(out.Steps, stepView(s))
		return w.part(stepSize(s)) && w.On()
	})
	m.states.Scan(v, key, "", func(_ projection.Key, s *workflow.MachineState) bool {
		out.States = append(out.States, StateView{StateID: s.ID, StateType: s.StateType, CreatedAt: show.Moment(s.CreatedAt)})
		return w.part(0) && w.On()
	})
	m.links.Scan(v, key, "", func(_ projection.Key, l *workflow.Link) bool {
		if l.Kind == workflow.Transition {
			out.Transitions = append(out.Transitions, linkView(l))
		} else {
			out.Connections = append(out.Connections, linkView(l))
		}
		return w.part(len(l.Condition)) && w.On()
	})
	if err := w.Err(); err != nil {
		return projection.Answer{}, err
	}
	return projection.Answer{Data: out}, nil
}
