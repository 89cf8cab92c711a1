package engine

import (
	"context"
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// folder folds frozen deltas in the background, one after the other.
type folder struct {
	config *Config
	store  *projection.Store
	work   chan struct{} // has a token when there may be something to fold

	completed func() // called when a snapshot is complete; nil = nobody wants to know

	mu        sync.Mutex                    // protects what follows
	folding   bool                          // a fold is under way
	calm      time.Duration                 // that a commit takes when none is, at the head of the stream; a running mean
	busy      time.Duration                 // that one takes beside this fold
	done      chan struct{}                 // closed and replaced after each fold
	announced func(*snapshotstore.Manifest) // told of complete snapshots; nil = nobody
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
		f.begin(true)
		done, err := f.store.Fold(ctx)
		f.begin(false)
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
			f.named(done.Snapshots)
			if f.completed != nil && len(done.Snapshots) > 0 {
				f.completed()
			}
		}
		f.tell()
	}
}

// announce names who is told of complete snapshots.
func (f *folder) announce(told func(*snapshotstore.Manifest)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.announced = told
}

func (f *folder) named(names []string) {
	f.mu.Lock()
	told := f.announced
	f.mu.Unlock()
	for _, name := range names {
		m, err := f.store.Snapshot(name)
		if err != nil {
			f.config.Logger.Error("a new snapshot cannot be read", "name", name, "err", err)
			continue
		}
		f.config.Logger.Info("a snapshot is complete", "name", name, "sequence", m.StreamSequence, "bytes", m.Bytes, "stored", m.StoredBytes)
		if told != nil {
			told(m)
		}
	}
}

func (f *folder) tell() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.done)
	f.done = make(chan struct{})
}
