package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thecowboyai/cim-projector/projection"
)

// Worker projects one history into the tables of a data directory. It is safe for concurrent use.
type Worker struct {
	config  Config
	store   *projection.Store
	board   *board
	folder  *folder
	pasts   *pasts
	keeper  *keeper
	shelver *shelver
	started time.Time

	restoring sync.Mutex // held by the one restore that is under way

	requests chan request
	exits    chan *runner
	heads    chan struct{}
	running  chan struct{} // closed when Run has ended
	once     sync.Once
	groups   atomic.Int64 // that run

	// What follows belongs to the goroutine of Run.
	runners []*runner
	stopped map[string]stop // projections that do not run because of a fault
	unlike  map[pair]bool   // groups that were made from different records, and cannot be joined
	base    context.Context //nolint:containedctx // the one that runners are started with
}

// stop is why a projection does not run: a fault, or what a person said.
type stop struct {
	state State
	err   error
	said  string
}

type request struct {
	do   func() error
	done chan error
}

// Open opens the data directory. Nothing moves until Run is called.
func Open(config Config) (*Worker, error) {
	config = config.withDefaults()
	if err := config.Validate(); err != nil {
		return nil, err
	}
	w := &Worker{
		config: config, started: time.Now().UTC(),
		requests: make(chan request), exits: make(chan *runner), heads: make(chan struct{}, 1), running: make(chan struct{}),
		stopped: map[string]stop{}, unlike: map[pair]bool{},
	}
	w.watchHeads()
	w.board = newBoard(&w.config.Observer)
	w.folder = newFolder(&w.config, nil)
	store, err := projection.Open(projection.Config{
		Dir: config.Data, Worker: config.Name, Projections: config.Projections, CacheBytes: config.cacheBytes(),
		DeltaBytes: config.DeltaBytes, Decoder: config.Decoder, Pace: w.folder.pace, Logger: config.Logger,
	})
	if err != nil {
		return nil, err
	}
	w.store, w.folder.store = store, store
	w.pasts = newPasts(w)
	w.keeper = newKeeper(w)
	w.shelver = newShelver(&w.config, store)
	w.folder.completed = w.shelver.wake
	return w, w.load()
}

// load puts what is committed on the board.
func (w *Worker) load() error {
	for _, g := range w.store.Groups() {
		at, err := g.Checkpoint()
		if err != nil {
			return errors.Join(err, w.store.Close())
		}
		for _, name := range g.Names() {
			w.board.add(name, at.Seq)
		}
	}
	return nil
}

// Run projects until ctx ends; it then commits what was applied, within a few seconds, and returns nil. A projection that fails
// does not end it: its state and the others' say so. Run is called once.
func (w *Worker) Run(ctx context.Context) error {
	started := false
	w.once.Do(func() { started = true })
	if !started {
		return errors.New("engine: Run was called twice")
	}
	defer close(w.running)
	w.base = ctx
	defer w.folder.start(ctx)()
	defer w.keeper.start(ctx)()
	defer w.shelver.start(ctx)()
	if err := w.settle(); err != nil {
		w.stopAll()
		return err
	}
	for {
		select {
		case <-ctx.Done():
			w.stopAll()
			return nil
		case q := <-w.requests:
			q.done <- q.do()
		case r := <-w.exits:
			w.exited(r)
		case <-w.heads:
			w.join()
		}
	}
}

// Close closes the data directory. Run must have ended, and views of the past must be closed.
func (w *Worker) Close() error { return errors.Join(w.pasts.close(), w.store.Close()) }

// do runs something on the goroutine of Run.
func (w *Worker) do(ctx context.Context, f func() error) error {
	q := request{do: f, done: make(chan error, 1)}
	select {
	case w.requests <- q:
	case <-w.running:
		return errStopped
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-q.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("engine: the request was taken and goes on: %w", context.Cause(ctx))
	}
}

// doWhole is do, but waits for the end of what has begun.
func (w *Worker) doWhole(ctx context.Context, f func() error) error {
	q := request{do: f, done: make(chan error, 1)}
	select {
	case w.requests <- q:
		return <-q.done
	case <-w.running:
		return errStopped
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

var errStopped = errors.New("engine: the worker has stopped")

// settle makes what runs agree with what should: groups that hold a stopped projection beside running ones are split, groups that
// should run and do not are started.
func (w *Worker) settle() error {
	idle, err := w.halted()
	if err != nil {
		return err
	}
	for _, g := range w.store.Groups() {
		var out []string
		for _, name := range g.Names() {
			if _, ok := idle[name]; ok {
				out = append(out, name)
			}
		}
		if len(out) == 0 {
			continue
		}
		w.stopRunner(g)
		if err := g.Detach(out...); err != nil {
			return fmt.Errorf("set %v apart: %w", out, err)
		}
	}
	var start []*projection.Group
	for _, g := range w.store.Groups() {
		if _, ok := idle[g.Names()[0]]; !ok && w.runner(g) == nil {
			start = append(start, g)
		}
	}
	w.groups.Store(int64(len(w.runners) + len(start))) // before they run: one may have caught up at once, and is then to be joined
	for _, g := range start {
		w.startRunner(g)
	}
	for name, s := range idle {
		w.board.set([]string{name}, s.state, s.reason(), s.err)
	}
	return nil
}

func (s stop) reason() string {
	if s.err == nil {
		return s.said
	}
	return s.err.Error()
}

// halted returns the projections that should not run: those that failed, and those that are paused.
func (w *Worker) halted() (map[string]stop, error) {
	paused, err := w.store.Paused()
	if err != nil {
		return nil, err
	}
	out := map[string]stop{}
	for name, s := range w.stopped {
		out[name] = s
	}
	for name, p := range paused {
		if _, known, _ := w.board.look(name); known {
			out[name] = stop{state: Paused, said: p.Reason}
		}
	}
	return out, nil
}

func (w *Worker) runner(g *projection.Group) *runner {
	for _, r := range w.runners {
		if r.group == g {
			return r
		}
	}
	return nil
}

func (w *Worker) startRunner(g *projection.Group) {
	r := newRunner(&w.config, g, w.board, w.folder)
	w.runners = append(w.runners, r)
	w.board.set(r.names, Starting, "", nil)
	r.start(w.base, func(r *runner) {
		select {
		case w.exits <- r:
		case <-w.running:
		}
	})
}

// stopRunner stops the runner of a group, if there is one, and forgets it.
func (w *Worker) stopRunner(g *projection.Group) {
	r := w.runner(g)
	if r == nil {
		return
	}
	w.runners = slices.DeleteFunc(w.runners, func(o *runner) bool { return o == r })
	r.stop()
}

// abandonAll ends every runner without committing what it has in hand.
func (w *Worker) abandonAll() {
	for _, r := range w.runners {
		r.abandon()
	}
	w.stopAll()
}

func (w *Worker) stopAll() {
	for _, r := range w.runners {
		r.cancel()
	}
	for _, r := range w.runners {
		<-r.done
	}
	w.runners = nil
}

// exited takes in that a runner has ended by itself.
func (w *Worker) exited(r *runner) {
	if !slices.Contains(w.runners, r) || r.err == nil {
		return // it was stopped
	}
	w.runners = slices.DeleteFunc(w.runners, func(o *runner) bool { return o == r })
	for _, name := range blamed(r) {
		w.stopped[name] = stop{state: stateOf(r.err), err: r.err}
	}
	w.config.Logger.Error("projections stopped", "projections", blamed(r), "err", r.err)
	if err := w.settle(); err != nil {
		w.config.Logger.Error("projections could not be set apart", "err", err)
	}
}

// blamed returns the projections that an error stops: the one that failed, or all of the group.
func blamed(r *runner) []string {
	var fault *projection.FaultError
	if errors.As(r.err, &fault) {
		return []string{fault.Projection}
	}
	return r.names
}

func stateOf(err error) State {
	var diverged *DivergedError
	if errors.As(err, &diverged) {
		return Diverged
	}
	return Failed
}

// Pause stops projections until Resume, also over a restart. No name means all. Pausing a paused projection does nothing.
func (w *Worker) Pause(ctx context.Context, reason string, names ...string) error {
	names, err := w.known(names)
	if err != nil {
		return err
	}
	return w.do(ctx, func() error {
		p := projection.Pause{Since: time.Now().UTC(), Reason: reason}
		if err := w.store.SetPaused(names, &p); err != nil {
			return err
		}
		return w.settle()
	})
}

// Resume lets paused and failed projections go on from where they stand. No name means all.
func (w *Worker) Resume(ctx context.Context, names ...string) error {
	names, err := w.known(names)
	if err != nil {
		return err
	}
	return w.do(ctx, func() error {
		if err := w.store.SetPaused(names, nil); err != nil {
			return err
		}
		for _, name := range names {
			delete(w.stopped, name)
		}
		return w.settle()
	})
}

// ErrUnknownProjection is a name that no projection of the worker has.
var ErrUnknownProjection = errors.New("engine: no projection has that name")

// known returns the names, or all where there is none, and refuses unknown ones.
func (w *Worker) known(names []string) ([]string, error) {
	var all []string
	for _, p := range w.config.Projections {
		all = append(all, p.Name())
	}
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("%w: %q; there are %s", ErrUnknownProjection, name, strings.Join(all, ", "))
		}
	}
	return names, nil
}

// View opens a projection's committed state for reading.
func (w *Worker) View(name string) (*projection.View, error) { return w.store.View(name) }
