package projection_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

// TestLaws is law 3: the state is a function of the events, whatever batches, restarts, caches and groups lay between.
func TestLaws(t *testing.T) {
	projectiontest.Laws(t, newLedger(), histories(120))
}
