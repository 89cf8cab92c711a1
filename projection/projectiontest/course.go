package projectiontest

import (
	"context"
	"errors"
	"slices"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// course is one way through a history: a store, and the folds of its groups.
type course struct {
	t       T
	config  projection.Config
	history []eventlog.Record
	store   *projection.Store
	lanes   []*lane
	folding chan error // of a fold under way, or nil

	cuts     int                    // that were asked for
	straight map[int]map[string]end // what the first n records make in one batch, by projection
}

// lane is one group on its way, with the batch that was sealed and is not yet committed.
type lane struct {
	group  *projection.Group
	fold   *projection.Fold
	sealed *projection.Batch
}

func newCourse(t T, config projection.Config, history []eventlog.Record) *course {
	c := &course{t: t, config: config, history: history, straight: map[int]map[string]end{}}
	t.Cleanup(c.stop)
	c.open()
	return c
}

func (c *course) open() {
	c.t.Helper()
	s, err := projection.Open(c.config)
	if err != nil {
		c.t.Fatalf("open: %v", err)
	}
	c.store = s
	c.start()
}

// start opens a fold for every group.
func (c *course) start() {
	c.t.Helper()
	c.lanes = nil
	for _, g := range c.store.Groups() {
		c.lanes = append(c.lanes, &lane{group: g, fold: fold(c.t, g)})
	}
}

// halt closes all folds, and waits for the end of what foldOne began: what was not committed is lost.
func (c *course) halt() {
	c.letGo()
	c.folded()
}

// letGo closes the folds of the lanes.
func (c *course) letGo() {
	for _, l := range c.lanes {
		l.fold.Close()
	}
	c.lanes = nil
}

func (c *course) stop() {
	c.halt()
	if c.store != nil {
		if err := c.store.Close(); err != nil {
			c.t.Errorf("close: %v", err)
		}
	}
	c.store = nil
}

// reopen is a restart: what was not committed is lost.
func (c *course) reopen() {
	c.t.Helper()
	c.stop()
	c.open()
}

// ahead returns the records that a lane has not applied, n at most.
func (c *course) ahead(l *lane, n int) []eventlog.Record {
	left := after(c.history, l.fold.Position())
	return left[:min(len(left), n)]
}

// after returns the records behind a position.
func after(history []eventlog.Record, at eventlog.Seq) []eventlog.Record {
	i, _ := slices.BinarySearchFunc(history, at+1, func(r eventlog.Record, s eventlog.Seq) int { return int(r.Seq) - int(s) })
	return history[i:]
}

func (c *course) apply(l *lane, n int) {
	c.t.Helper()
	apply(c.t, l.fold, c.ahead(l, n)...)
}

// seal closes the open batch, after the one before it is committed.
func (c *course) seal(l *lane) {
	c.t.Helper()
	c.commit(l)
	b, err := l.fold.Seal()
	if err != nil {
		c.t.Fatalf("seal: %v", err)
	}
	l.sealed = b
}

func (c *course) commit(l *lane) {
	c.t.Helper()
	if l.sealed == nil {
		return
	}
	if err := l.group.Commit(l.sealed); err != nil {
		c.t.Fatalf("commit: %v", err)
	}
	l.fold.Committed(l.sealed)
	l.sealed = nil
}

// settle commits everything that was applied.
func (c *course) settle() {
	c.t.Helper()
	for _, l := range c.lanes {
		c.seal(l)
		c.commit(l)
	}
}

// rotate gives a lane's group a fresh delta, unless as many are frozen as may be.
func (c *course) rotate(l *lane) {
	c.t.Helper()
	if err := l.group.Rotate(); err != nil && !errors.Is(err, projection.ErrFrozen) {
		c.t.Fatalf("rotate: %v", err)
	}
}

// foldOne begins to fold the oldest frozen delta, if there is one, beside everything else: it may have to wait for the folds that
// are open to end their batches.
func (c *course) foldOne() {
	c.t.Helper()
	if c.folding != nil {
		select {
		case err := <-c.folding:
			c.foldEnded(err)
		default:
			return
		}
	}
	store, done := c.store, make(chan error, 1)
	c.folding = done
	go func() {
		_, err := store.Fold(context.Background())
		done <- err
	}()
}

// compact commits everything and folds it all into the bases.
func (c *course) compact() {
	c.t.Helper()
	c.settle()
	for _, l := range c.lanes {
		c.rotate(l)
	}
	c.drain()
}

// drain folds what is frozen.
func (c *course) drain() {
	c.t.Helper()
	for {
		f, err := c.store.Fold(context.Background())
		if err != nil {
			c.t.Fatalf("fold: %v", err)
		}
		if f == nil {
			return
		}
	}
}

// folded waits for the end of what foldOne began. No lane may be open.
func (c *course) folded() {
	c.t.Helper()
	if c.folding != nil {
		c.foldEnded(<-c.folding)
	}
}

func (c *course) foldEnded(err error) {
	c.t.Helper()
	c.folding = nil
	if err != nil {
		c.t.Errorf("fold: %v", err)
	}
}

// regroup splits a lane, or merges the other one into it.
func (c *course) regroup(l *lane) {
	c.t.Helper()
	if len(c.lanes) == 1 {
		c.detach(l)
		return
	}
	other := c.lanes[0]
	if other == l {
		other = c.lanes[1]
	}
	c.merge(l, other)
}

// detach splits the first projection of a lane off.
func (c *course) detach(l *lane) {
	c.t.Helper()
	c.settle()
	c.halt()
	if err := l.group.Detach(l.group.Names()[0]); err != nil {
		c.t.Fatalf("detach: %v", err)
	}
	c.start()
}

// merge brings two lanes to one position and merges them.
func (c *course) merge(into, from *lane) {
	c.t.Helper()
	for _, pair := range [][2]*lane{{into, from}, {from, into}} {
		for pair[0].fold.Position() < pair[1].fold.Position() {
			c.apply(pair[0], 1)
		}
	}
	c.settle()
	c.halt()
	err := into.group.Merge(from.group)
	if errors.Is(err, projection.ErrCutting) {
		c.drain()
		err = into.group.Merge(from.group)
	}
	if err != nil {
		c.t.Fatalf("merge: %v", err)
	}
	c.start()
}

// finish takes all lanes to the end of the history.
func (c *course) finish() {
	c.t.Helper()
	for _, l := range c.lanes {
		c.apply(l, len(c.history))
	}
	c.settle()
}

// end is what must not depend on the course.
type end struct {
	Digests projection.Digests
	Chain   eventlog.Chain
	Seq     eventlog.Seq
	Records uint64
}

func endOf(t T, s *projection.Store, name string) end {
	t.Helper()
	v, err := s.View(name)
	if err != nil {
		t.Fatalf("view: %v", err)
	}
	defer v.Close()
	for _, problem := range v.Check() {
		t.Errorf("check: %s", problem)
	}
	d, err := v.Digest()
	if err != nil {
		t.Fatalf("digest: %v", err)
	}
	at := v.At()
	return end{Digests: d, Chain: at.Chain, Seq: at.Seq, Records: at.Records}
}
