package engine

import (
	"context"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// WaitFor returns when a projection holds everything up to seq. It fails at once with an Unavailable QueryError where the
// projection does not move, and with a Timeout one when ctx ends first.
func (w *Worker) WaitFor(ctx context.Context, name string, seq eventlog.Seq) error {
	for {
		e, ok, changed := w.board.look(name)
		switch {
		case !ok:
			return projection.Fail(projection.NotFound, "there is no projection %q", name)
		case e.committed >= seq:
			return nil
		case e.state.stopped():
			fail := projection.Fail(projection.Unavailable, "%s is %s at %s and does not come to %s", name, e.state, e.committed, seq)
			fail.Details = map[string]any{"sequence": uint64(e.committed), "state": e.state}
			return fail
		}
		select {
		case <-changed:
		case <-w.running:
			return projection.Fail(projection.Unavailable, "the worker is stopping at %s", e.committed)
		case <-ctx.Done():
			fail := projection.Fail(projection.Timeout, "%s is at %s and did not come to %s in time", name, e.committed, seq)
			fail.Details = map[string]any{"sequence": uint64(e.committed)}
			return fail
		}
	}
}
