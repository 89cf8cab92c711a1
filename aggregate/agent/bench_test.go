package agent_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
)

// BenchmarkDecodeTaskAssigned reads the payload of the commonest event with much in it.
func BenchmarkDecodeTaskAssigned(b *testing.B) {
	e := event(b, everyEvent[11], 1)
	b.ReportAllocs()
	b.SetBytes(int64(len(e.Payload)))
	for b.Loop() {
		if c, err := agent.Decode(e); c == nil || err != nil {
			b.Fatal(c, err)
		}
	}
}

// BenchmarkApplyChunk counts a chunk of a response, of which there are more than of anything else.
func BenchmarkApplyChunk(b *testing.B) {
	s := &oneAgent{}
	apply(b, &s.State, event(b, everyEvent[0], 1))
	s.agent, _ = s.State.Agent("a")
	e := event(b, everyEvent[8], 2)
	c, err := agent.Decode(e)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := uint64(0)
	for b.Loop() {
		agent.Apply(s, e, c)
		n++
	}
	if s.agent.Activity.ChunksReceived != n {
		b.Fatalf("%d chunks were counted", s.agent.Activity.ChunksReceived)
	}
}

// oneAgent is a state that costs nothing, so that only the rules are measured: one agent, whatever is asked.
type oneAgent struct {
	agenttest.State

	agent *agent.Agent
}

func (s *oneAgent) Agent(string) (*agent.Agent, bool) { return s.agent, true }
func (s *oneAgent) PutAgent(a *agent.Agent)           { s.agent = a }
