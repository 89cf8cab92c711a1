package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/projection"
)

// Job is long work that goes on when nobody waits for it, as it is shown.
type Job struct {
	ID      string                 `json:"id"`
	Kind    string                 `json:"kind"`
	State   string                 `json:"state"` // running, done or failed
	Started time.Time              `json:"started_at"`
	Ended   *time.Time             `json:"ended_at"`
	Applied uint64                 `json:"applied"` // events of a replay
	Of      uint64                 `json:"of"`      // how many those are about; 0 = not known
	Result  any                    `json:"result"`
	Error   *projection.QueryError `json:"error"`
}

// The states of a job.
const (
	jobRunning = "running"
	jobDone    = "done"
	jobFailed  = "failed"
)

// jobs is the long work of a service.
type jobs struct {
	publish func(Job) // told of progress
	refine  func(error) *projection.QueryError

	mu    sync.Mutex // protects the fields below
	known []*running // the oldest first
	group sync.WaitGroup
}

// running is one job.
type running struct {
	job  Job           // protected by the mu of jobs
	told time.Time     // when progress was published last; protected by the mu of jobs
	done chan struct{} // closed at the end
}

const (
	mostJobs   = 100                    // that are remembered
	tellEvery  = 200 * time.Millisecond // progress is published no more often
	jobIDRunes = 12
)

// start runs work in the background until it ends or ctx does.
func (j *jobs) start(ctx context.Context, kind string, work func(ctx context.Context, progress func(applied, of uint64)) (any, error)) *running {
	r := &running{done: make(chan struct{})}
	r.job = Job{ID: strings.ToLower(rand.Text()[:jobIDRunes]), Kind: kind, State: jobRunning, Started: time.Now().UTC()}
	j.mu.Lock()
	j.known = append(j.known, r)
	j.forget()
	j.mu.Unlock()
	j.group.Go(func() {
		result, err := work(ctx, func(applied, of uint64) { j.progress(r, applied, of) })
		j.end(r, result, err)
	})
	return r
}

// forget drops the oldest jobs that have ended. j.mu must be held.
func (j *jobs) forget() {
	for len(j.known) > mostJobs {
		i := slices.IndexFunc(j.known, func(r *running) bool { return r.job.State != jobRunning })
		if i < 0 {
			return
		}
		j.known = slices.Delete(j.known, i, i+1)
	}
}

func (j *jobs) progress(r *running, applied, of uint64) {
	j.mu.Lock()
	r.job.Applied, r.job.Of = applied, of
	tell := time.Since(r.told) >= tellEvery
	if tell {
		r.told = time.Now()
	}
	shown := r.job
	j.mu.Unlock()
	if tell {
		j.publish(shown)
	}
}

func (j *jobs) end(r *running, result any, err error) {
	now := time.Now().UTC()
	j.mu.Lock()
	r.job.State, r.job.Ended, r.job.Result = jobDone, &now, result
	if err != nil {
		r.job.State, r.job.Result, r.job.Error = jobFailed, nil, j.refine(err)
	}
	shown := r.job
	j.mu.Unlock()
	close(r.done)
	j.publish(shown)
}

// look returns a job as it is now.
func (j *jobs) look(id string) (Job, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range j.known {
		if r.job.ID == id {
			return r.job, nil
		}
	}
	return Job{}, projection.Fail(projection.NotFound, "there is no job %q; the last %d are remembered, until the worker stops", id, mostJobs)
}

// wait returns the job when it has ended, or as it is when ctx does.
func (j *jobs) wait(ctx context.Context, r *running) (Job, error) {
	select {
	case <-r.done:
	case <-ctx.Done():
		if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			return Job{}, context.Cause(ctx)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if r.job.Error != nil {
		return r.job, r.job.Error
	}
	return r.job, nil
}
