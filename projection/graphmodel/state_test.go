package graphmodel_test

import (
	"sync"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/projection/graphmodel"
)

// TestState runs the tables through what every state promises, inside the application of one event.
func TestState(t *testing.T) {
	graphtest.TestState(t, func(t *testing.T) graph.State {
		lend := &graphmodel.Lend{
			Projection: graphmodel.New(), States: make(chan graph.State), Returned: make(chan struct{}),
		}
		m := openWith(t, t.TempDir(), lend)
		in := m.ready.Prepare(event(1, "node_created", "g", `{"graph_id":"g","node_id":"n"}`), false)
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
