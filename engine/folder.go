package engine

import (
	"context"
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/projection"
)

// folder folds frozen deltas in the background, one after the other.
type folder struct {
	config *Config
	store  *projection.Store
	work   chan struct{} // has a token when there may be something to fold

	mu   sync.Mutex    // protects what follows
	done chan struct{} // closed and replaced after each fold
}

func newFolder(c *Config, s *projection.Store) *folder {
	return &folder{config: c, store: s, work: make(chan struct{}, 1), done: make(chan struct{})}
}

// wake says that there may be something to fold.
func (f *folder) wake() {
	select {
	case f.work <- struct{}{}:
	default:
	}
}

// next returns a channel that is closed after the next fold.
func (f *folder) next() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.done
}

// start folds until ctx ends. It returns a func that waits for the end.
func (f *folder) start(ctx context.Context) (wait func()) {
	var running sync.WaitGroup
	f.wake() // something may be left from before
	running.Go(func() {
		retry := backoff{least: time.Second, most: 30 * time.Second}
		for {
			select {
			case <-f.work:
				f.all(ctx, &retry)
			case <-ctx.Done():
				return
			}
		}
	})
	return running.Wait
}

// all folds until nothing is frozen. A fold that fails is tried again: what it left behind is garbage, and nothing is lost.
func (f *folder) all(ctx context.Context, retry *backoff) {
	for ctx.Err() == nil {
		done, err := f.store.Fold(ctx)
		switch {
		case err != nil:
			if ctx.Err() != nil {
				return
			}
			f.config.Logger.Error("recent changes could not be folded", "err", err)
			if pause(ctx, retry.next()) != nil {
				return
			}
		case done == nil:
			return
		default:
			retry.reset()
			f.config.Logger.Info("recent changes were folded", "projections", done.Projections, "bytes", done.Delta,
				"written", done.Written, "took", done.Time)
			f.config.Observer.folded(*done)
		}
		f.tell()
	}
}

func (f *folder) tell() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.done)
	f.done = make(chan struct{})
}
