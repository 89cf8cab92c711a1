package conceptmodel_test

import (
	"sync"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual/conceptualtest"
	"github.com/thecowboyai/cim-projector/projection/conceptmodel"
)

// TestState runs the tables through what every state promises, inside the application of one event.
func TestState(t *testing.T) {
	conceptualtest.TestState(t, func(t *testing.T) conceptualtest.Reading {
		lend := &conceptmodel.Lend{
			Projection: conceptmodel.New(), States: make(chan conceptmodel.Lent), Returned: make(chan struct{}),
		}
		m := openWith(t, t.TempDir(), lend)
		in := m.ready.Prepare(event(1, "space_created", `{"space_id":"s"}`), false)
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
