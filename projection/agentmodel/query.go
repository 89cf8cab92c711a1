package agentmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// Queries implements projection.Querier.
func (m *model) Queries() []projection.Query {
	return []projection.Query{
		{Subject: "agent.get_status", Answer: m.getStatus},
		{Subject: "agent.list", Answer: m.list},
		{Subject: "agent.find_capable", Answer: m.findCapable},
		{Subject: "agent.list_active_tasks", Answer: m.listActiveTasks},
		{Subject: "agent.list_collaborations", Answer: m.listCollaborations},
		{Subject: "system.list_nodes", Answer: m.listNodes},
		{Subject: "system.list_thresholds", Answer: m.listThresholds},
	}
}

// agent returns an agent, or the error that names it.
func (m *model) agent(v *projection.View, id string) (*agent.Agent, error) {
	a, ok := m.agents.Get(v, projection.MakeKey(id))
	if !ok {
		err := projection.Fail(projection.NotFound, "no agent %q is known at this position", id)
		err.Details = map[string]any{"agent_id": id}
		return nil, err
	}
	return a, nil
}

func (m *model) getStatus(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	id := p.ID("agent_id")
	withTasks, withCollaborations := p.Flag("include_tasks", false), p.Flag("include_collaborations", true)
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	a, err := m.agent(v, id)
	if err != nil {
		return projection.Answer{}, err
	}
	out := AgentStatus{AgentView: agentView(a)}
	if withTasks {
		if out.Tasks, err = m.tasksOf(ctx, v, id); err != nil {
			return projection.Answer{}, err
		}
	}
	if withCollaborations {
		if out.Collaborations, err = m.collaborationsOf(ctx, v, id); err != nil {
			return projection.Answer{}, err
		}
	}
	return projection.Answer{Data: out}, nil
}

// tasksOf returns all tasks of an agent, by id.
func (m *model) tasksOf(ctx context.Context, v *projection.View, id string) ([]TaskView, error) {
	p := ask.NewPage[TaskView](ctx, projection.Request{Limit: maxBeside})
	m.tasks.Scan(v, projection.MakeKey(id), "", func(_ projection.Key, t *agent.Task) bool {
		if !p.Turn() {
			p.TooLarge("agent %q has more than %d tasks; ask for the active ones by pages", id, maxBeside)
			return false
		}
		p.Take(taskView(t), taskSize(t))
		return p.On()
	})
	return p.Items, p.Err()
}

// collaborationsOf returns the ids of the collaborations that an agent takes part in, sorted.
func (m *model) collaborationsOf(ctx context.Context, v *projection.View, id string) ([]string, error) {
	p := ask.NewPage[string](ctx, projection.Request{Limit: maxBeside})
	m.entries(v, m.collaborators, id, func(collaboration string) bool {
		if !p.Turn() {
			p.TooLarge("agent %q takes part in more than %d collaborations; list them by pages, and leave them out here with "+
				"include_collaborations false", id, maxBeside)
			return false
		}
		p.Take(collaboration, len(collaboration))
		return p.On()
	})
	return p.Items, p.Err()
}

// entries calls yield for what an index holds under a name, in order, until it returns false.
func (m *model) entries(r projection.Reader, t projection.Table[entry], name string, yield func(id string) bool) {
	prefix := projection.MakeKey(name)
	t.Scan(r, prefix, "", func(key projection.Key, _ *entry) bool {
		id, _, err := key[len(prefix):].CutText()
		return err != nil || yield(id) // a key without an id is for Check to find
	})
}

func (m *model) listActiveTasks(
	ctx context.Context, v *projection.View, r projection.Request,
) (projection.Answer, error) {
	params := readParams(r)
	id := params.OptionalID("agent_id")
	if err := params.Err(); err != nil {
		return projection.Answer{}, err
	}
	prefix, total := projection.Key(""), -1
	if id != "" {
		a, err := m.agent(v, id)
		if err != nil {
			return projection.Answer{}, err
		}
		prefix, total = projection.MakeKey(id), int(a.ActiveTasks) //nolint:gosec // counts rows that exist
	}
	p := ask.NewPage[TaskView](ctx, r)
	m.activeTasks.Scan(v, prefix, "", func(key projection.Key, _ *entry) bool {
		if p.Turn() {
			if t, ok := m.tasks.Get(v, key); ok { // the view keeps the error, or Check finds it
				p.Take(taskView(t), taskSize(t))
			}
		}
		return p.On() && (total < 0 || !p.Full())
	})
	if total >= 0 {
		p.Total = total
	}
	return p.Answer()
}

func (m *model) listCollaborations(
	ctx context.Context, v *projection.View, r projection.Request,
) (projection.Answer, error) {
	params := readParams(r)
	id := params.OptionalID("agent_id")
	if err := params.Err(); err != nil {
		return projection.Answer{}, err
	}
	p := ask.NewPage[CollaborationView](ctx, r)
	take := func(c *agent.Collaboration) { p.Take(collaborationView(c), collaborationSize(c)) }
	if id == "" {
		m.collaborations.Scan(v, "", "", func(_ projection.Key, c *agent.Collaboration) bool {
			if p.Turn() {
				take(c)
			}
			return p.On()
		})
		return p.Answer()
	}
	m.entries(v, m.collaborators, id, func(collaboration string) bool {
		if p.Turn() {
			if c, ok := m.collaborations.Get(v, projection.MakeKey(collaboration)); ok {
				take(c)
			}
		}
		return p.On()
	})
	return p.Answer()
}

func (m *model) listNodes(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := ask.NewPage[SystemNode](ctx, r)
	m.nodes.Scan(v, "", "", func(_ projection.Key, n *agent.Node) bool {
		if p.Turn() {
			p.Take(nodeView(n), len(n.Type)+len(n.Capacity)+capabilitySize(n.Capabilities))
		}
		return p.On()
	})
	return p.Answer()
}

func (m *model) listThresholds(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := ask.NewPage[Threshold](ctx, r)
	m.metrics.Scan(v, "", "", func(_ projection.Key, row *agent.Metric) bool {
		if p.Turn() {
			p.Take(thresholdView(row), len(row.Severity)+listSize(row.AffectedComponents)+listSize(row.RecommendedActions))
		}
		return p.On()
	})
	return p.Answer()
}
