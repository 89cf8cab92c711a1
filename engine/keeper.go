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
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Schedule says when snapshots are made without anybody asking. Where nothing was applied since the last one, none is made.
type Schedule struct {
	Events   uint64        // at the first commit this many sequences after the last one; 0 = never
	Interval time.Duration // this long after the last one; 0 = never
	Drill    time.Duration // how often the newest snapshot is built beside the live state and compared; 0 = never
	Undo     time.Duration // how long what was live before a restore can be brought back; 0 = 24 hours
}

const defaultUndo = 24 * time.Hour

// Validate reports what is wrong.
func (s Schedule) Validate() error {
	if s.Interval < 0 || s.Drill < 0 || s.Undo < 0 {
		return fmt.Errorf("engine: a schedule with an interval of %s, drills every %s and undo for %s; none may be negative", s.Interval, s.Drill, s.Undo)
	}
	if s.Interval > 0 && s.Interval < time.Second || s.Drill > 0 && s.Drill < time.Second {
		return errors.New("engine: a schedule has an interval below a second")
	}
	return nil
}

// Drill is what became of the last trial of a snapshot.
type Drill struct {
	Snapshot string    `json:"snapshot"`
	At       time.Time `json:"at"`
	OK       bool      `json:"ok"`
	Problem  *string   `json:"problem"`
}

// keeper does what is due: snapshots by schedule, what a policy or a term removes, drills.
type keeper struct {
	worker  *Worker
	started time.Time
	group   sync.WaitGroup // of what it has begun

	last   eventlog.Seq // of the last generated snapshot
	made   time.Time    // when that was
	pruned time.Time    // when it last looked for what may go
	missed bool         // the snapshot that was due could not be made, and that was said

	mu       sync.Mutex // protects the fields below
	drill    *Drill
	drilling bool
}

// How often the keeper looks at the clock, and how often for snapshots that may go.
const (
	keepEvery  = time.Second
	pruneEvery = time.Minute
)

func newKeeper(w *Worker) *keeper { return &keeper{worker: w, started: time.Now().UTC()} }

// start keeps until ctx ends. It returns a func that waits for the end.
func (k *keeper) start(ctx context.Context) (wait func()) {
	k.recall()
	k.group.Go(func() { k.run(ctx) })
	return k.group.Wait
}

// recall finds the last generated snapshot.
func (k *keeper) recall() {
	k.made = k.started
	all, err := k.worker.store.Snapshots()
	if err != nil {
		k.worker.config.Logger.Error("a snapshot cannot be read", "err", err)
	}
	for _, m := range all {
		if m.Generated && eventlog.Seq(m.StreamSequence) >= k.last {
			k.last, k.made = eventlog.Seq(m.StreamSequence), m.CreatedAt
		}
	}
}

func (k *keeper) run(ctx context.Context) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	first := k.worker.names()[0]
	for {
		_, _, changed := k.worker.board.look(first)
		if k.worker.config.Schedule.Events == 0 {
			changed = nil // the clock is enough
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
			k.scheduled()
		case <-tick.C:
			k.scheduled()
			k.prune(time.Now())
			k.drop()
			k.drills(ctx)
			k.worker.pasts.age(time.Now())
		}
	}
}

// prune removes what may go, from time to time: terms pass by themselves, and a policy counts what is complete.
func (k *keeper) prune(now time.Time) {
	if now.Sub(k.pruned) < pruneEvery {
		return
	}
	k.pruned = now
	if _, err := k.worker.Prune(false); err != nil {
		k.worker.config.Logger.Error("old snapshots could not be removed", "err", err)
	}
}

// scheduled makes a snapshot when one is due.
func (k *keeper) scheduled() {
	at, together := k.worker.standing()
	if together && at < k.last { // the models were put back: what comes is new again
		k.last = at
	}
	if !together || at == 0 || at <= k.last || !k.due(at) {
		return
	}
	now := time.Now().UTC()
	name := "auto-" + now.Format("20060102-150405") + fmt.Sprintf("-%03d", now.Nanosecond()/int(time.Millisecond))
	err := k.worker.tryCut(SnapshotWish{Name: name, Description: "made by the schedule", Generated: true})
	if errors.Is(err, projection.ErrFrozen) {
		return // earlier changes are still being folded
	}
	if err != nil {
		if !k.missed {
			k.worker.config.Logger.Warn("a scheduled snapshot was not made, and is made when it can be", "err", err)
		}
		k.missed = true
		return
	}
	k.last, k.made, k.missed = at, now, false
	if m, err := k.worker.snapshotOrCut(name); err == nil { // more may have been committed since it was looked
		k.last = eventlog.Seq(m.StreamSequence)
	}
	k.pruned = time.Time{}
}

func (k *keeper) due(at eventlog.Seq) bool {
	s := k.worker.config.Schedule
	return s.Events > 0 && uint64(at-k.last) >= s.Events || s.Interval > 0 && time.Since(k.made) >= s.Interval
}

// standing returns the position of all projections, and whether they share one and move.
func (w *Worker) standing() (at eventlog.Seq, together bool) {
	for i, name := range w.names() {
		e, _, _ := w.board.look(name)
		if e.state.stopped() || i > 0 && e.committed != at {
			return 0, false
		}
		at = e.committed
	}
	return at, true
}

// drop gives up what can be undone when its term has passed.
func (k *keeper) drop() {
	term := k.worker.config.Schedule.Undo
	if term == 0 {
		term = defaultUndo
	}
	before, err := k.worker.store.Undoable()
	if err != nil || time.Since(before.Since) < term {
		return
	}
	err = k.worker.store.DropUndo()
	if err == nil {
		_, err = k.worker.store.Collect()
	}
	if err != nil {
		k.worker.config.Logger.Warn("what can be undone could not be given up", "err", err)
	}
}

// drills tries the newest snapshot when that is due.
func (k *keeper) drills(ctx context.Context) {
	every := k.worker.config.Schedule.Drill
	last := k.lastDrill()
	if k.underTrial() || every == 0 || last == nil && time.Since(k.started) < every || last != nil && time.Since(last.At) < every {
		return
	}
	all, _ := k.worker.store.Snapshots() // one that cannot be read is reported by whoever wants it
	if len(all) == 0 {
		return
	}
	newest := slices.MaxFunc(all, func(a, b *snapshotstore.Manifest) int { return a.CreatedAt.Compare(b.CreatedAt) })
	k.setDrill(last, true)
	k.group.Go(func() { k.try(ctx, newest.Name) }) // it takes its time, and schedules do not wait for it
}

// try proves a snapshot, and keeps what came out.
func (k *keeper) try(ctx context.Context, name string) {
	d := Drill{Snapshot: name, At: time.Now().UTC(), OK: true}
	err := k.worker.ProveSnapshot(ctx, name)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		d.OK, d.Problem = false, text(err.Error())
		k.worker.config.Logger.Error("a snapshot did not stand its trial", "snapshot", name, "err", err)
	}
	k.setDrill(&d, false)
}

func (k *keeper) setDrill(d *Drill, drilling bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.drill, k.drilling = d, drilling
}

func (k *keeper) underTrial() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.drilling
}

func (k *keeper) lastDrill() *Drill {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.drill
}

// ProveSnapshot builds a snapshot beside the live state, from its own commits alone, reads every row of it, and compares what it
// finds with what the manifest says. Nothing that is live is touched.
func (w *Worker) ProveSnapshot(ctx context.Context, name string) error {
	m, err := w.store.Snapshot(name)
	if err != nil {
		return err
	}
	if problems := w.VerifySnapshot(ctx, m); len(problems) > 0 {
		return errors.New(problems[0])
	}
	return context.Cause(ctx)
}

// VerifySnapshot is ProveSnapshot with a sentence for everything that it finds.
func (w *Worker) VerifySnapshot(ctx context.Context, m *snapshotstore.Manifest) []string {
	return VerifySnapshot(ctx, w.store, w.config.Projections, m)
}

// VerifySnapshot reads every row of a snapshot through a branch of the store, and returns a sentence for everything that does not
// agree with the manifest or with itself.
func VerifySnapshot(ctx context.Context, store *projection.Store, projections []projection.Projection, m *snapshotstore.Manifest) []string {
	var problems []string
	for _, part := range m.Projections {
		if err := context.Cause(ctx); err != nil {
			return append(problems, err.Error())
		}
		p := named(projections, part.Name)
		if p == nil {
			problems = append(problems, fmt.Sprintf("%s is in snapshot %s and is not configured, so that its rows cannot be read", part.Name, m.Name))
			continue
		}
		problems = append(problems, verifyPart(store, p, &part)...)
	}
	return problems
}

func named(projections []projection.Projection, name string) projection.Projection {
	for _, p := range projections {
		if p.Name() == name {
			return p
		}
	}
	return nil
}

func verifyPart(store *projection.Store, p projection.Projection, part *snapshotstore.ManifestProjection) []string {
	branch, err := store.Branch([]projection.Start{{Projection: part.Name, Commit: part.Commit}})
	if err != nil {
		return []string{fmt.Sprintf("%s: %s", part.Name, err)}
	}
	found, err := verifyOne(branch, p)
	problems := found.Problems
	if err = errors.Join(err, branch.Close()); err != nil {
		problems = append(problems, fmt.Sprintf("%s: %s", part.Name, err))
	}
	if len(problems) == 0 && found.Digest != part.Digest {
		problems = append(problems, fmt.Sprintf("%s has digest %s, its manifest says %s", part.Name, found.Digest, part.Digest))
	}
	return problems
}
