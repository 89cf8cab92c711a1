package cli

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/thecowboyai/cim-projector/engine"
)

// await waits until a job has ended, shows how far it has come, and fails as it did. Where the wait is interrupted the job goes on.
func (a *app) await(ctx context.Context, k *asker, job engine.Job, what, unit string) (engine.Job, error) {
	var applied, of atomic.Int64
	stop := a.showing(ctx, what, unit, func() (int64, int64) { return applied.Load(), of.Load() })
	defer stop()
	var pause again
	for job.Ended == nil {
		err := pause.wait(ctx)
		now := job
		if err == nil {
			now, err = request[engine.Job](ctx, k, "query.projection.job", map[string]string{"id": job.ID})
		}
		if errors.Is(err, context.Canceled) {
			return job, failed("interrupted; the %s goes on in the worker, see: %s", job.Kind, jobHint(job.ID))
		}
		if err != nil {
			return job, fmt.Errorf("%w; whether the %s was done is shown by: projector status", err, job.Kind)
		}
		job = now
		applied.Store(int64(job.Applied))
		of.Store(int64(job.Of))
	}
	if job.Error != nil {
		return job, job.Error
	}
	return job, nil
}

// jobHint is the command that shows a job.
func jobHint(id string) string {
	return fmt.Sprintf(`projector query projection.job '{"id":"%s"}'`, id)
}
