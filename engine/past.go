package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// AsOf is a place in the past that a question is about: exactly one of the fields is set.
type AsOf struct {
	Sequence eventlog.Seq
	Time     eventlog.Time
	Snapshot string
}

// pastKey is one state of the past: of one projection, as of a sequence, a moment or a snapshot.
type pastKey struct {
	projection string
	seq        eventlog.Seq
	time       eventlog.Time
	snapshot   string
}

func (t target) key(projection string) pastKey {
	if t.time != 0 && !t.open { // where the log ended when it was asked for does not matter
		return pastKey{projection: projection, time: t.time}
	}
	return pastKey{projection: projection, seq: t.seq, time: t.time, snapshot: t.named}
}

// past is a state of the past that is being made, or is there to be read.
type past struct {
	key    pastKey
	ready  chan struct{} // closed when what follows is there
	built  *built
	err    error
	cancel context.CancelFunc // ends the making

	users int       // protected by the mu of pasts
	used  time.Time // protected by the mu of pasts
}

// pasts makes states of the past when they are asked for, and keeps some of them.
type pasts struct {
	worker *Worker
	slots  chan struct{} // one for each that is being made

	mu     sync.Mutex // protects the fields below
	kept   []*past
	closed bool
	making sync.WaitGroup
}

const (
	mostPasts   = 8                // states of the past are kept at most
	pastBytes   = 1 << 30          // of disk for all of them
	pastsAtOnce = 2                // are made at once
	pastIdle    = 10 * time.Minute // without a reader, and a state is given up
)

func newPasts(w *Worker) *pasts {
	return &pasts{worker: w, slots: make(chan struct{}, pastsAtOnce)}
}

// PastView is a view of a projection as it was, and what it cost.
type PastView struct {
	*projection.View
	Cost   Cost
	Cached bool // it was made before
	done   func()
}

// Close ends the view. It is idempotent.
func (v *PastView) Close() {
	v.View.Close()
	v.done()
}

// ViewAsOf opens a projection as it was at a place in the past. The first view of a place takes a replay of the events since the
// newest state that is at hand at or before it; later ones read what was made. The replay ends when nobody waits for it any more.
// Live state is not touched.
func (w *Worker) ViewAsOf(ctx context.Context, name string, at AsOf) (*PastView, error) {
	if _, err := w.known([]string{name}); err != nil {
		return nil, err
	}
	prefer := map[string]string{}
	to, err := w.place(ctx, at, prefer)
	if err != nil {
		return nil, err
	}
	p, cached, err := w.pasts.acquire(ctx, &builder{worker: w, to: to, names: []string{name}, prefer: prefer})
	if err != nil {
		return nil, err
	}
	v, err := p.built.store.View(name)
	if err != nil {
		w.pasts.release(p)
		return nil, err
	}
	out := &PastView{View: v, Cost: p.built.cost, Cached: cached, done: sync.OnceFunc(func() { w.pasts.release(p) })}
	if cached {
		out.Cost.Time, out.Cost.Replayed = 0, 0
	}
	return out, nil
}

// place turns what was asked for into a target, and says which commits belong to it.
func (w *Worker) place(ctx context.Context, at AsOf, prefer map[string]string) (target, error) {
	switch {
	case at.Snapshot != "":
		m, err := w.store.Snapshot(at.Snapshot)
		if err != nil {
			return target{}, err
		}
		for name, commit := range startsOf(m) {
			prefer[name] = commit
		}
		if _, ok := w.fits(m); !ok { // then it is made from history
			if err := w.proveSnapshot(ctx, m); err != nil {
				return target{}, err
			}
		}
		return target{seq: eventlog.Seq(m.StreamSequence), named: m.Name + " " + m.Digest}, nil
	case at.Time != 0:
		return w.bounded(ctx, target{time: at.Time})
	}
	return w.bounded(ctx, target{seq: at.Sequence})
}

// acquire returns a state of the past that is ready, which the caller releases.
func (a *pasts) acquire(ctx context.Context, b *builder) (p *past, cached bool, err error) {
	p, cached, err = a.join(b)
	if err != nil {
		return nil, false, err
	}
	select {
	case <-p.ready:
	case <-ctx.Done():
		a.release(p)
		return nil, false, fmt.Errorf("make the state as of %s: %w", b.to, context.Cause(ctx))
	}
	if p.err != nil {
		a.release(p)
		return nil, false, p.err
	}
	return p, cached, nil
}

// join takes a share in a state, and begins to make it where nobody has.
func (a *pasts) join(b *builder) (*past, bool, error) {
	key := b.to.key(b.names[0])
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, false, errStopped
	}
	for _, p := range a.kept {
		if p.key == key {
			p.users++
			return p, true, nil
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &past{key: key, ready: make(chan struct{}), cancel: cancel, users: 1}
	a.kept = append(a.kept, p)
	a.making.Go(func() {
		m, err := a.make(ctx, b)
		a.finish(ctx, p, m, err)
	})
	return p, false, nil
}

// finish hands over what was made, unless nobody waits for it any more.
func (a *pasts) finish(ctx context.Context, p *past, m *built, err error) {
	unwanted := a.settle(ctx, p, m, err)
	if unwanted == nil {
		return
	}
	if err := unwanted.store.Close(); err != nil {
		a.worker.config.Logger.Warn("a state of the past that nobody waits for could not be given up", "err", err)
	}
}

// settle puts what was made, or why it was not, into its place. It returns what was made for nobody.
func (a *pasts) settle(ctx context.Context, p *past, m *built, err error) (unwanted *built) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil && ctx.Err() != nil {
		unwanted, err = m, context.Cause(ctx)
	}
	if err == nil {
		p.built = m
	} else { // it is tried again when it is asked for again
		p.err = err
		a.kept = slices.DeleteFunc(a.kept, func(o *past) bool { return o == p })
	}
	close(p.ready)
	return unwanted
}

func (a *pasts) make(ctx context.Context, b *builder) (*built, error) {
	done, err := a.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return b.run(ctx)
}

// slot waits for room among the replays that are not for the live state.
func (a *pasts) slot(ctx context.Context) (done func(), err error) {
	select {
	case a.slots <- struct{}{}:
		return func() { <-a.slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// release gives a share back. What nobody waits for is not made; what is not read for a while, or is too much, is given up.
func (a *pasts) release(p *past) {
	a.mu.Lock()
	p.users--
	p.used = time.Now()
	if p.users == 0 && !p.done() {
		p.cancel()
		a.kept = slices.DeleteFunc(a.kept, func(o *past) bool { return o == p })
	}
	out := a.surplus()
	a.mu.Unlock()
	a.drop(out)
}

func (p *past) done() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

// surplus takes the states off the list that are to go: nobody reads them, and they are too many. a.mu must be held.
func (a *pasts) surplus() []*past {
	var out []*past
	for len(a.kept) > mostPasts || len(a.kept) > 1 && a.bytes() > pastBytes {
		var oldest *past
		for _, p := range a.kept {
			if p.users == 0 && p.done() && (oldest == nil || p.used.Before(oldest.used)) {
				oldest = p
			}
		}
		if oldest == nil {
			break
		}
		a.kept = slices.DeleteFunc(a.kept, func(o *past) bool { return o == oldest })
		out = append(out, oldest)
	}
	return out
}

// bytes is what the kept states take on disk. a.mu must be held.
func (a *pasts) bytes() (n int64) {
	for _, p := range a.kept {
		if p.done() && p.built != nil {
			n += p.built.store.DeltaBytes()
		}
	}
	return n
}

// age gives up what was not read for a while.
func (a *pasts) age(now time.Time) {
	a.mu.Lock()
	var out []*past
	a.kept = slices.DeleteFunc(a.kept, func(p *past) bool {
		old := p.users == 0 && p.done() && now.Sub(p.used) > pastIdle
		if old {
			out = append(out, p)
		}
		return old
	})
	a.mu.Unlock()
	a.drop(out)
}

func (a *pasts) drop(out []*past) {
	for _, p := range out {
		if err := p.close(); err != nil {
			a.worker.config.Logger.Warn("a state of the past could not be given up", "err", err)
		}
	}
}

func (p *past) close() error {
	p.cancel()
	if p.built == nil {
		return nil
	}
	return p.built.store.Close()
}

// close ends everything that is being made, and gives up what is kept. Nobody may be reading.
func (a *pasts) close() error {
	a.mu.Lock()
	a.closed = true
	kept := a.kept
	a.kept = nil
	a.mu.Unlock()
	for _, p := range kept {
		p.cancel()
	}
	a.making.Wait()
	var errs []error
	for _, p := range kept {
		errs = append(errs, p.close())
	}
	return errors.Join(errs...)
}
