package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Cost is what it took to make a state.
type Cost struct {
	Base     uint64        // the lowest sequence that it began from; 0 = the beginning
	Replayed uint64        // events
	Time     time.Duration // of making it
}

// built is a state as of a target, beside the live one.
type built struct {
	store  *projection.Store
	starts []projection.Start // of a flat one, where each projection can begin again
	cost   Cost
}

// builder makes states as of a target: from the best tree at hand, and the events from there on.
type builder struct {
	worker   *Worker
	to       target
	names    []string
	prefer   map[string]string        // of projections, the commits to begin from where they fit
	useless  map[string]bool          // commits that turned out to be damaged, or of another history
	progress func(applied, of uint64) // nil = nobody looks

	fromStart bool                          // nothing but the history itself is begun from
	watch     func(*projection.Fold) error  // is given each fold before it begins; nil = none
	flat      bool                          // the state is folded when it is made
	verify    func(*projection.Store) error // is given the state when it is made and folded; nil = nobody looks
}

// run makes the state. It changes nothing that is live. The caller closes what it returns.
func (b *builder) run(ctx context.Context) (*built, error) {
	b.useless = map[string]bool{}
	for {
		begun := time.Now()
		trees, err := b.trees()
		if err != nil {
			return nil, err
		}
		out, err := b.attempt(ctx, trees)
		if err == nil {
			out.cost.Time = time.Since(begun)
			return out, nil
		}
		if !b.discard(err, trees) {
			return nil, b.unreachable(err)
		}
		b.worker.config.Logger.Warn("a state could not be made from what is at hand; an earlier one is tried", "err", err)
	}
}

// unreachable says what is missing where history does not reach back far enough.
func (b *builder) unreachable(err error) error {
	var gap *GapError
	if !errors.As(err, &gap) {
		return err
	}
	fail := projection.Fail(projection.Refused, "the state as of %s cannot be made: no snapshot at or before it is at hand, and stream %s "+
		"no longer holds the events %s to %s", b.to, gap.Stream.Name, gap.From, gap.To)
	fail.Details = map[string]any{"first_missing": uint64(gap.From), "last_missing": uint64(gap.To)}
	return fail
}

// discard strikes off what an attempt began from, where that is what made it fail. It returns false where trying again is no use.
func (b *builder) discard(err error, trees []projection.Tree) bool {
	var diverged *DivergedError
	var damage *snapshotstore.DamageError
	var missing *snapshotstore.MissingError
	var unsound *UnsoundError
	if !errors.As(err, &diverged) && !errors.As(err, &damage) && !errors.As(err, &missing) && !errors.As(err, &unsound) {
		return false
	}
	some := false
	for _, t := range trees {
		if t.Commit != "" {
			b.useless[t.Commit] = true
			some = true
		}
	}
	return some
}

// trees chooses what each projection begins from: the newest tree that holds nothing behind the target, else the beginning.
func (b *builder) trees() ([]projection.Tree, error) {
	var out []projection.Tree
	for _, name := range b.names {
		have, err := b.worker.store.Trees(name)
		if err != nil {
			b.worker.config.Logger.Warn("a snapshot cannot be read", "err", err)
		}
		best := projection.Tree{Projection: name}
		for _, t := range have { // the newest first
			if b.fromStart || b.useless[t.Commit] || !b.to.holds(&t.At) {
				continue
			}
			if t.Commit == b.prefer[name] {
				best = t
				break
			}
			if best.Commit == "" {
				best = t
			}
		}
		out = append(out, best)
	}
	return out, nil
}

// attempt makes the state from these trees.
func (b *builder) attempt(ctx context.Context, trees []projection.Tree) (*built, error) {
	if err := b.prove(ctx, trees); err != nil {
		return nil, err
	}
	var starts []projection.Start
	out := &built{}
	for i, t := range trees {
		starts = append(starts, projection.Start{Projection: t.Projection, Commit: t.Commit})
		if i == 0 || uint64(t.At.Seq) < out.cost.Base {
			out.cost.Base = uint64(t.At.Seq)
		}
	}
	store, err := b.worker.store.Branch(starts)
	if err != nil {
		return nil, err
	}
	out.store = store
	out.cost.Replayed, err = b.replay(ctx, store)
	if err == nil && b.flat {
		out.starts, err = store.Flatten(ctx)
	}
	if err == nil && b.verify != nil {
		err = b.verify(store)
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return out, nil
}

// prove asks the log whether it still is the history of the trees that nothing is replayed over: no incarnation will. What a snapshot
// says is true of its own history, also where the log cannot be asked.
func (b *builder) prove(ctx context.Context, trees []projection.Tree) error {
	if b.to.named != "" {
		return nil
	}
	for _, t := range trees {
		if t.Commit == "" || !b.to.passed(&t.At) {
			continue
		}
		if _, err := prove(ctx, b.worker.config.Log, &t.At); err != nil {
			return err
		}
	}
	return nil
}

// replay takes every group of a branch to the target, and returns how many events that were.
func (b *builder) replay(ctx context.Context, store *projection.Store) (uint64, error) {
	config := b.worker.config
	config.Observer = Observer{}
	config.AcceptGap = false // what the live state was made without is known: see missing
	config.MemoryBudget = max(leastBudget, config.MemoryBudget/4)
	board := newBoard(&config.Observer)
	folder := newFolder(&config, store)
	folding, stop := context.WithCancel(ctx)
	wait := folder.start(folding)
	defer wait()
	defer stop()
	var replayed uint64
	for _, g := range store.Groups() {
		n, err := b.replayGroup(ctx, &config, g, board, folder)
		if err != nil {
			return 0, err
		}
		replayed += n
	}
	return replayed, nil
}

func (b *builder) replayGroup(
	ctx context.Context, config *Config, g *projection.Group, board *board, folder *folder,
) (uint64, error) {
	before, err := g.Checkpoint()
	if err != nil {
		return 0, err
	}
	missing, err := b.missing(g.Names())
	if err != nil {
		return 0, err
	}
	for _, name := range g.Names() {
		board.add(name, before.Seq)
	}
	config.Observer.Committed = b.committed(before.Seq)
	r := newRunner(config, g, board, folder)
	r.missing, r.grace, r.watch = missing, 0, b.watch
	if err := r.run(ctx, b.to); err != nil {
		return 0, err
	}
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	after, err := g.Checkpoint()
	return after.Records - before.Records, err
}

func (b *builder) committed(from eventlog.Seq) func(Commit) {
	if b.progress == nil || b.to.seq == 0 {
		return nil
	}
	return func(c Commit) { b.progress(uint64(c.To-from), uint64(b.to.seq-from)) }
}

// missing is up to where the history need not be held for a replay of these projections from the beginning: what is live of each of
// them was made without it too.
func (b *builder) missing(names []string) (low eventlog.Seq, err error) {
	for i, name := range names {
		v, err := b.worker.store.View(name)
		if err != nil {
			return 0, err
		}
		start := max(v.At().Chain.Start, 1)
		v.Close()
		if i == 0 || start-1 < low {
			low = start - 1
		}
	}
	return low, nil
}

// position is the lowest place at which the state stands. All projections stand at one, unless the target is in the middle of
// an atomic batch for some that began behind its first member.
func (m *built) position() (eventlog.Seq, error) {
	var low eventlog.Seq
	for i, g := range m.store.Groups() {
		at, err := g.Checkpoint()
		if err != nil {
			return 0, err
		}
		if i == 0 || at.Seq < low {
			low = at.Seq
		}
	}
	return low, nil
}

// bounded completes a target with where the log ends now, and refuses one that lies behind that.
func (w *Worker) bounded(ctx context.Context, to target) (target, error) {
	bounds, err := w.config.Log.Bounds(ctx)
	if err != nil {
		return to, err
	}
	to.open = to.time != 0 && bounds.LastTime <= to.time
	switch {
	case bounds.Last == 0:
		return to, projection.Fail(projection.Refused, "stream %s has no event yet: there is no past", bounds.Stream.Name)
	case to.seq > bounds.Last:
		return to, projection.Fail(projection.Refused, "event %s has not come: stream %s ends at %s", to.seq, bounds.Stream.Name, bounds.Last)
	case to.time > eventlog.Time(time.Now().UnixNano()):
		return to, projection.Fail(projection.Refused, "the moment %s has not come", to.time)
	case to.seq == 0:
		to.seq = bounds.Last
	}
	return to, nil
}

// names returns the projections' names, in the order of the configuration.
func (w *Worker) names() []string {
	var out []string
	for _, p := range w.config.Projections {
		out = append(out, p.Name())
	}
	return out
}

// startsOf returns the commits of a snapshot, for the projections that it covers.
func startsOf(m *snapshotstore.Manifest) map[string]string {
	out := map[string]string{}
	for _, p := range m.Projections {
		out[p.Name] = p.Commit
	}
	return out
}

// fits tells whether a snapshot can be put in place as it is: it covers what is configured, in today's versions, and its commits
// are there.
func (w *Worker) fits(m *snapshotstore.Manifest) ([]projection.Start, bool) {
	commits := startsOf(m)
	var out []projection.Start
	for _, name := range w.names() {
		trees, _ := w.store.Trees(name) // what is wrong with another manifest does not matter here
		if !slices.ContainsFunc(trees, func(t projection.Tree) bool { return t.Commit == commits[name] }) {
			return nil, false
		}
		out = append(out, projection.Start{Projection: name, Commit: commits[name]})
	}
	return out, true
}
