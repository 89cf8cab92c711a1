package workflowmodel_test

import (
	"sync"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
	"github.com/thecowboyai/cim-projector/projection/workflowmodel"
)

// TestState runs the tables through what every state promises, inside the application of one event.
func TestState(t *testing.T) {
	workflowtest.TestState(t, func(t *testing.T) workflow.State {
		lend := &workflowmodel.Lend{
			Projection: workflowmodel.New(), States: make(chan workflow.State), Returned: make(chan struct{}),
		}
		m := openWith(t, t.TempDir(), lend)
		in := m.ready.Prepare(event(1, "process_paused", `{"process_instance_id":"lent"}`), false)
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
