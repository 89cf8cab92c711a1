package workflowmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// activeSearch is a list_active_processes question.
type activeSearch struct {
	workflow, actor string         // "" = any
	after           *eventlog.Time // nil = any time
}

// index returns the narrowest index that has all processes which are looked for, and the prefix of their rows.
func (s *activeSearch) index(m *model) (projection.Table[placed], projection.Key) {
	switch {
	case s.workflow != "":
		return m.byWorkflow, projection.MakeKey(s.workflow).Uint(isOpen)
	case s.actor != "":
		return m.byInitiator, projection.MakeKey(s.actor).Uint(isOpen)
	}
	return m.active, ""
}

// from returns where in an index the first process stands that can be looked for.
func (s *activeSearch) from(prefix projection.Key) projection.Key {
	if s.after == nil {
		return prefix
	}
	return prefix.Uint(startKey(true, *s.after))
}

// wants tells whether a process is looked for. One whose start is not known started after no moment that could be named.
func (s *activeSearch) wants(p *workflow.Process) bool {
	return (s.actor == "" || textOf(p.Initiator) == s.actor) && (s.after == nil || p.Started && p.StartedAt > *s.after)
}

// listActive answers with the processes that have not ended, by the time when they started and by id, those whose start is not known
// behind all others.
func (m *model) listActive(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	q := readParams(r)
	s := activeSearch{workflow: q.optionalID("workflow_id"), actor: q.optionalID("actor"), after: q.moment("started_after")}
	if err := q.failure(); err != nil {
		return projection.Answer{}, err
	}
	w := &walk{ctx: ctx}
	p := newPage[Process](r)
	simple := s.after == nil && (s.actor == "" || s.workflow == "") // every row of the index is wanted
	index, prefix := s.index(m)
	index.Scan(v, prefix, s.from(prefix), func(_ projection.Key, at *placed) bool {
		if simple {
			if p.turn() {
				m.takeActive(v, p, at.InstanceID)
			}
			return p.err == nil && w.on()
		}
		if row, ok := m.processes.Get(v, projection.MakeKey(at.InstanceID)); ok && s.wants(row) && p.turn() {
			p.take(processView(row), processSize(row))
		}
		return p.err == nil && w.on()
	})
	return p.answer(w.err)
}

func (m *model) takeActive(v *projection.View, p *page[Process], instance string) {
	if row, ok := m.processes.Get(v, projection.MakeKey(instance)); ok {
		p.take(processView(row), processSize(row))
	}
}
