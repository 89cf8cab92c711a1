package projectiontest

import (
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// Laws folds random histories into a projection, each once in one batch and once in a random way, and fails when
// states, dead letters, anomalies or chains differ, or when Check finds something. The random way commits at random
// places, while more is being applied or not, with or without a cache, restarts, takes the projection into a group of
// its own and back, folds, cuts snapshots and forgets them, goes back to them and undoes that. States as of other moments,
// and what snapshots name, are held against the same records in one batch.
//
// gen draws a history; histories of up to some hundred records that meet on few keys find most. The projection is used
// by one store at a time, but by many one after the other: it must keep nothing outside of its tables.
func Laws(t *testing.T, p projection.Projection, gen *rapid.Generator[[]eventlog.Record]) {
	t.Helper()
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		history := gen.Draw(t, "history")
		want := straight(t, root, p, history)
		if got := winding(t, root, p, history); got != want {
			t.Fatalf("the state depends on the way to it:\n%+v\n%+v (in one batch)", got, want)
		}
	})
}

func config(t T, root string, cache int, projections ...projection.Projection) projection.Config {
	t.Helper()
	dir, err := os.MkdirTemp(root, "store")
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // below the test's own directory, which goes in the end anyway
	return projection.Config{Dir: dir, Worker: "laws", Projections: projections, CacheBytes: cache}
}

// straight folds a history in one batch.
func straight(t T, root string, p projection.Projection, history []eventlog.Record) end {
	t.Helper()
	c := newCourse(t, config(t, root, 0, p), history)
	c.finish()
	defer c.stop()
	return endOf(t, c.store, p.Name())
}

// steps are what a random way is made of, each as often as it stands here.
var steps = []string{
	"apply", "apply", "apply", "apply", "apply", "seal", "seal", "seal", "commit", "commit", "reopen", "regroup", "rotate", "fold", "compact",
	"compact", "cut", "cut", "restore", "undo", "forget", "as of",
}

// winding folds a history beside another projection, in a random way.
func winding(t *rapid.T, root string, p projection.Projection, history []eventlog.Record) end {
	t.Helper()
	cache := rapid.SampledFrom([]int{1, 2000, 1 << 20}).Draw(t, "cache")
	c := newCourse(t, config(t, root, cache, p, newWitness()), history)
	defer c.stop()
	for range rapid.SampledFrom([]int{2, 8, 25, 50}).Draw(t, "steps") {
		c.step(t, c.lanes[rapid.SampledFrom([]int{0, 1}).Draw(t, "group")%len(c.lanes)])
	}
	c.finish()
	c.checkSnapshots()
	return endOf(t, c.store, p.Name())
}

// step does one thing. What there is to choose from depends on folds that run beside, so one that is there is chosen by a number.
func (c *course) step(t *rapid.T, l *lane) {
	t.Helper()
	which := func() int { return rapid.SampledFrom([]int{0, 1, 2, 3}).Draw(t, "which") }
	switch rapid.SampledFrom(steps).Draw(t, "step") {
	case "apply":
		c.apply(l, rapid.SampledFrom([]int{1, 2, 5, 12}).Draw(t, "records"))
	case "seal":
		c.seal(l)
	case "commit":
		c.commit(l)
	case "reopen":
		c.reopen()
	case "regroup":
		c.regroup(l)
	case "rotate":
		c.rotate(l)
	case "fold":
		c.foldOne()
	case "compact":
		c.compact()
	case "cut":
		c.cut(l)
	case "restore":
		c.restore(which())
	case "undo":
		c.undo()
	case "forget":
		c.forget(which())
	case "as of":
		c.asOf(rapid.SampledFrom([]int{0, 1, 3, 10, 30, 100}).Draw(t, "records"), which() == 0)
	}
}

// witness is a projection that counts records by subject, to share groups with the one that is tested.
type witness struct {
	schema *projection.Schema
	counts projection.Table[witnessRow]
}

type witnessRow struct{ N uint64 }

func newWitness() *witness {
	s := projection.NewSchema()
	return &witness{schema: s, counts: projection.Primary[witnessRow](s, "counts")}
}

func (w *witness) Name() string               { return "projectiontest_witness" }
func (w *witness) Version() int               { return 1 }
func (w *witness) Subjects() []string         { return []string{">"} }
func (w *witness) Schema() *projection.Schema { return w.schema }

func (w *witness) Apply(tx *projection.Tx, e *projection.Event) error {
	key := projection.MakeKey(e.Subject)
	next := witnessRow{N: 1}
	if before, ok := w.counts.Get(tx, key); ok {
		next.N += before.N
	}
	w.counts.Put(tx, key, &next)
	return nil
}
