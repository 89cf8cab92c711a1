package agentmodel_test

import (
	"sync"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/projection/agentmodel"
)

// TestState runs the tables through what every state promises, inside the application of one event.
func TestState(t *testing.T) {
	agenttest.TestState(t, func(t *testing.T) agent.State {
		lend := &agentmodel.Lend{
			Projection: agentmodel.New(), States: make(chan agent.State), Returned: make(chan struct{}),
		}
		m := openWith(t, t.TempDir(), lend)
		in := m.ready.Prepare(event(1, fact{"agent.registered", "a", `{"agent_id":"a"}`}), false)
		var applying sync.WaitGroup
		applying.Go(func() {
			if err := m.fold.Apply(&in); err != nil {
				t.Error(err)
			}
		})
		t.Cleanup(func() {
			close(lend.Returned)
			applying.Wait()
		})
		return <-lend.States
	})
}
