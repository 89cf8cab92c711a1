package engine

import (
	"context"
	"time"
)

// A fold writes beside commits, which wait for the same disk. At the head of the stream, where each commit is somebody's latency, it
// gives way when commits take longer than they do without it; while history is being caught up with it does not.

const (
	paceWait   = 2 * time.Millisecond // after a thousand rows, which take a fold less than one
	paceFactor = 2                    // a commit beside a fold may take this many times the calm one
	paceShare  = 8                    // of the running means: each commit counts for one in so many
)

// begin notes that a fold begins or has ended.
func (f *folder) begin(folding bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.folding, f.busy = folding, 0
}

// committed takes in how long a commit took at the head of the stream.
func (f *folder) committed(took time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	mean := &f.calm
	if f.folding {
		mean = &f.busy
	}
	if *mean == 0 {
		*mean = took
		return
	}
	*mean += (took - *mean) / paceShare
}

// pace waits a little where commits suffer.
func (f *folder) pace(ctx context.Context) {
	f.mu.Lock()
	suffers := f.calm > 0 && f.busy > paceFactor*f.calm
	f.mu.Unlock()
	if suffers {
		_ = pause(ctx, paceWait) // the fold sees itself that ctx has ended
	}
}
