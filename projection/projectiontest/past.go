package projectiontest

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// cut asks for a snapshot of what a lane has committed, between two commits of it.
func (c *course) cut(l *lane) {
	c.t.Helper()
	c.cuts++
	err := c.store.Cut(projection.Cut{Name: "s" + strconv.Itoa(c.cuts), Projections: l.group.Names()})
	if err != nil && !errors.Is(err, projection.ErrFrozen) && !errors.Is(err, projection.ErrNothing) {
		c.t.Fatalf("cut: %v", err)
	}
}

// snapshots returns what has been cut and is complete.
func (c *course) snapshots() []*snapshotstore.Manifest {
	c.t.Helper()
	have, err := c.store.Snapshots()
	if err != nil {
		c.t.Fatalf("snapshots: %v", err)
	}
	return have
}

// startsOf is where the projections of a snapshot begin; the others begin at the beginning. So do all where there is none.
func (c *course) startsOf(m *snapshotstore.Manifest) []projection.Start {
	var out []projection.Start
	for _, p := range c.config.Projections {
		one := projection.Start{Projection: p.Name()}
		if m != nil {
			for _, of := range m.Projections {
				if of.Name == p.Name() {
					one.Commit = of.Commit
				}
			}
		}
		out = append(out, one)
	}
	return out
}

// restore puts a snapshot in the place of what is live, or the beginning: the history is applied again from there.
func (c *course) restore(which int) {
	c.t.Helper()
	have := append(c.snapshots(), nil)
	starts := c.startsOf(have[which%len(have)])
	c.replace(func() error { return c.store.Switch(starts, "a test") })
}

// undo brings back what was live before.
func (c *course) undo() {
	c.t.Helper()
	c.replace(func() error {
		if err := c.store.Undo(); !errors.Is(err, projection.ErrNoUndo) {
			return err
		}
		return nil
	})
}

// replace puts another state in place, beside a fold that may be under way. What was not committed is lost.
func (c *course) replace(put func() error) {
	c.t.Helper()
	c.letGo()
	err := put()
	if errors.Is(err, projection.ErrCutting) {
		c.drain()
		err = put()
	}
	if err != nil {
		c.t.Fatalf("put another state in place: %v", err)
	}
	c.start()
}

// forget gives up a snapshot, also one that is being made, or what can be undone, and collects what nothing reaches.
func (c *course) forget(which int) {
	c.t.Helper()
	var names []string
	for _, m := range c.snapshots() {
		names = append(names, m.Name)
	}
	for _, m := range c.store.Cuts() {
		names = append(names, m.Name)
	}
	var err error
	if which %= len(names) + 1; which < len(names) {
		err = c.store.RemoveSnapshot(names[which])
	} else {
		err = c.store.DropUndo()
	}
	tooEarly := errors.Is(err, projection.ErrCutting) || errors.Is(err, snapshotstore.ErrNoName) // it can become complete in between
	if err != nil && !tooEarly {
		c.t.Fatalf("forget: %v", err)
	}
	c.collect()
}

func (c *course) collect() {
	c.t.Helper()
	if _, err := c.store.Collect(); err != nil {
		c.t.Fatalf("collect: %v", err)
	}
}

// asOf makes the state after n records beside the live one, from the newest trees that hold none of the later ones, and compares it
// with the one that is made in one batch. Where it is to be kept, it is put in the place of the live one.
func (c *course) asOf(n int, keep bool) {
	c.t.Helper()
	n = min(n, len(c.history))
	var starts []projection.Start
	for _, p := range c.config.Projections {
		starts = append(starts, projection.Start{Projection: p.Name(), Commit: c.treeBefore(p.Name(), n)})
	}
	made := c.branch(starts)
	defer c.done(made)
	for _, g := range made.Groups() {
		Commit(c.t, g, c.between(g, n)...)
	}
	c.compare(made, n, "as of another moment")
	if !keep {
		return
	}
	flat, err := made.Flatten(context.Background())
	if err != nil {
		c.t.Fatalf("flatten: %v", err)
	}
	c.compare(made, n, "flat, as of another moment")
	c.replace(func() error { return c.store.Switch(flat, "a test") })
}

// treeBefore returns the newest tree of a projection that holds none of the records after the first n, or "".
func (c *course) treeBefore(name string, n int) string {
	c.t.Helper()
	have, err := c.store.Trees(name)
	if err != nil {
		c.t.Fatalf("trees: %v", err)
	}
	for _, tree := range have {
		if n == len(c.history) || tree.At.Seq < c.history[n].Seq {
			return tree.Commit
		}
	}
	return ""
}

// between returns the records, of the first n, that a group has not committed.
func (c *course) between(g *projection.Group, n int) []eventlog.Record {
	c.t.Helper()
	at, err := g.Checkpoint()
	if err != nil {
		c.t.Fatalf("checkpoint: %v", err)
	}
	return after(c.history[:n], at.Seq)
}

func (c *course) branch(starts []projection.Start) *projection.Store {
	c.t.Helper()
	made, err := c.store.Branch(starts)
	if err != nil {
		c.t.Fatalf("branch: %v", err)
	}
	return made
}

func (c *course) done(made *projection.Store) {
	c.t.Helper()
	if err := made.Close(); err != nil {
		c.t.Errorf("close a branch: %v", err)
	}
}

// compare holds every projection of a store against the first n records in one batch.
func (c *course) compare(s *projection.Store, n int, what string) {
	c.t.Helper()
	want := c.straightAt(n)
	for _, p := range c.config.Projections {
		if got := endOf(c.t, s, p.Name()); got != want[p.Name()] {
			c.t.Errorf("%s: %s after %d records:\n%+v\n%+v (in one batch)", what, p.Name(), n, got, want[p.Name()])
		}
	}
}

// straightAt is what the first n records make in one batch.
func (c *course) straightAt(n int) map[string]end {
	c.t.Helper()
	if have := c.straight[n]; have != nil {
		return have
	}
	made := c.branch(c.startsOf(nil))
	defer c.done(made)
	out := map[string]end{}
	Commit(c.t, made.Groups()[0], c.history[:n]...)
	for _, p := range c.config.Projections {
		out[p.Name()] = endOf(c.t, made, p.Name())
	}
	c.straight[n] = out
	return out
}

// checkSnapshots completes all snapshots, collects what nothing reaches, and reads what each manifest names.
func (c *course) checkSnapshots() {
	c.t.Helper()
	c.drain()
	if left := c.store.Cuts(); len(left) > 0 {
		c.t.Errorf("everything is folded, and snapshot %s is not complete", left[0].Name)
	}
	c.collect()
	for _, m := range c.snapshots() {
		c.checkSnapshot(m)
	}
}

func (c *course) checkSnapshot(m *snapshotstore.Manifest) {
	c.t.Helper()
	n := slices.IndexFunc(c.history, func(r eventlog.Record) bool { return uint64(r.Seq) == m.StreamSequence }) + 1
	if n == 0 || m.EventCount != uint64(n) || !m.StreamCreated.Equal(Stream.Created.Std()) {
		c.t.Errorf("snapshot %s is said to be of event %d, after %d of them", m.Name, m.StreamSequence, m.EventCount)
	}
	if m.Digest != snapshotstore.DigestOf(m.Projections) {
		c.t.Errorf("snapshot %s has another digest than its projections make", m.Name)
	}
	var starts []projection.Start
	for _, p := range m.Projections {
		starts = append(starts, projection.Start{Projection: p.Name, Commit: p.Commit})
	}
	made := c.branch(starts)
	defer c.done(made)
	want := c.straightAt(n)
	for _, p := range m.Projections {
		w := want[p.Name]
		if p.Digest != w.Digests.State.String() || p.Rows != w.Digests.Rows || p.Bytes != w.Digests.Bytes {
			c.t.Errorf("snapshot %s of %d events says %+v of %s, which is\n%+v (in one batch)", m.Name, n, p, p.Name, w)
		}
		if got := endOf(c.t, made, p.Name); got != w {
			c.t.Errorf("snapshot %s of %d events holds of %s\n%+v\n%+v (in one batch)", m.Name, n, p.Name, got, w)
		}
	}
}
