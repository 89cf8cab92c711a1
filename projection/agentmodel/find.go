package agentmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// search is a question for agents.
type search struct {
	capabilities []agent.Capability // that they have, all of them
	status       agent.Status       // that they are in; "" for any
	living       bool               // without a status: that they are not deregistered
}

func (s *search) matches(a *agent.Agent) bool {
	if s.status != "" && a.Status != s.status || s.status == "" && s.living && a.Status == agent.Deregistered {
		return false
	}
	for _, c := range s.capabilities {
		if !agent.HasCapability(a.Capabilities, c) {
			return false
		}
	}
	return true
}

func (m *model) list(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	s := search{capabilities: p.capability("capability"), status: p.status("status")}
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	return m.find(ctx, v, s, r)
}

func (m *model) findCapable(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	s := search{capabilities: p.capabilities("capabilities"), status: p.status("status"), living: true}
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	return m.find(ctx, v, s, r)
}

// find answers by id. It looks at the agents that have a capability of the first name, or at all where none is asked
// for.
func (m *model) find(ctx context.Context, v *projection.View, s search, r projection.Request) (projection.Answer, error) {
	p := ask.NewPage[AgentView](ctx, r)
	look := func(a *agent.Agent) bool {
		if s.matches(a) && p.Turn() {
			p.Take(agentView(a), agentSize(a))
		}
		return p.On()
	}
	if len(s.capabilities) == 0 {
		m.agents.Scan(v, "", "", func(_ projection.Key, a *agent.Agent) bool { return look(a) })
		return p.Answer()
	}
	m.entries(v, m.capabilities, s.capabilities[0].Name, func(id string) bool {
		a, ok := m.agents.Get(v, projection.MakeKey(id))
		if !ok {
			return p.On() // the view keeps the error, or Check finds it
		}
		return look(a)
	})
	return p.Answer()
}
