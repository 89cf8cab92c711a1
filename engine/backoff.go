package engine

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff is how long to wait between tries: doubling from least to most, each shortened by chance up to a half so that workers
// which failed together do not come back together.
type backoff struct {
	least, most time.Duration
	tries       int
}

// next returns the wait before the next try.
func (b *backoff) next() time.Duration {
	wait := b.most
	if shift := min(b.tries, 30); b.least<<shift < b.most {
		wait = b.least << shift
	}
	b.tries++
	return wait - time.Duration(rand.Int64N(int64(wait/2)+1))
}

// reset forgets the failures.
func (b *backoff) reset() { b.tries = 0 }

// pause waits, or ends with the context.
func pause(ctx context.Context, wait time.Duration) error {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
