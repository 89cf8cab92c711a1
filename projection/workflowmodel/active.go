package workflowmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
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
	q := ask.Read(r)
	s := activeSearch{workflow: q.OptionalID("workflow_id"), actor: q.OptionalID("actor"), after: q.Moment("started_after")}
	if err := q.Err(); err != nil {
		return projection.Answer{}, err
	}
	p := ask.NewPage[Process](ctx, r)
	simple := s.after == nil && (s.actor == "" || s.workflow == "") // every row of the index is wanted
	index, prefix := s.index(m)
	index.Scan(v, prefix, s.from(prefix), func(_ projection.Key, at *placed) bool {
		if simple {
			if p.Turn() {
				m.takeActive(v, p, at.InstanceID)
			}
			return p.On()
		}
		if row, ok := m.processes.Get(v, projection.MakeKey(at.InstanceID)); ok && s.wants(row) && p.Turn() {
			p.Take(processView(row), processSize(row))
		}
		return p.On()
	})
	return p.Answer()
}

func (m *model) takeActive(v *projection.View, p *ask.Page[Process], instance string) {
	if row, ok := m.processes.Get(v, projection.MakeKey(instance)); ok {
		p.Take(processView(row), processSize(row))
	}
}
