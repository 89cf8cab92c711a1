package engine_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// origin is what others begin from: a log of 900 records, a shelf with snapshots at 300 and 600, the latter also as a file, and the
// states there and at the end.
type origin struct {
	log         *memlog.Log
	shelf       snapshotstore.Shelf
	file        []byte
	late, whole outcome
}

func newOrigin(t *testing.T) *origin {
	t.Helper()
	o := &origin{log: memlog.New(memlog.Config{}), shelf: dirShelf(t, t.TempDir())}
	c := config(t, o.log, newTally("tally"), newTally("other"))
	c.Shelf = o.shelf
	w := start(t, c)
	upTo(t, w, o.log, 300, "early")
	upTo(t, w, o.log, 300, "late")
	o.late = w.outcome("tally")
	var file bytes.Buffer
	if err := w.Export(t.Context(), "late", &file, nil); err != nil {
		t.Fatal(err)
	}
	o.file = file.Bytes()
	fill(t, o.log, 300)
	w.waitFor(900, "tally", "other")
	o.whole = w.outcome("tally")
	w.shelf("two snapshots", pushed(2))
	w.stop()
	return o
}

// empty is the configuration of a worker on an empty data directory.
func (o *origin) empty(t *testing.T) engine.Config {
	t.Helper()
	c := config(t, o.log, newTally("tally"), newTally("other"))
	c.Shelf = o.shelf
	return c
}

func open(t *testing.T, c engine.Config) *engine.Worker {
	t.Helper()
	w, err := engine.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func isFresh(t *testing.T, w *engine.Worker, want bool) {
	t.Helper()
	if fresh, err := w.Fresh(); err != nil || fresh != want {
		t.Errorf("Fresh is %t, %v, want %t", fresh, err, want)
	}
}

func viewed(t *testing.T, w *engine.Worker, name string) outcome {
	t.Helper()
	v, err := w.View(name)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	return outcomeOf(t, v)
}

func TestBegin(t *testing.T) {
	o := newOrigin(t)
	for name, from := range map[string]engine.BeginFrom{
		"by name":   {Snapshot: "late"},
		"latest":    {Snapshot: engine.Latest},
		"from file": {File: bytes.NewReader(o.file), Wish: "late.snapshot"},
	} {
		t.Run(name, func(t *testing.T) {
			c := o.empty(t)
			c.Log = o.log
			if from.File != nil {
				c.Shelf = nil
			}
			w := open(t, c)
			var told int64
			m, err := w.Begin(t.Context(), from, func(done, _ int64) { told = done })
			if err != nil {
				t.Fatal(err)
			}
			if m.Name != "late" || m.StreamSequence != 600 || told == 0 {
				t.Errorf("began from %+v, told of %d bytes", m, told)
			}
			if got := viewed(t, w, "tally"); got != o.late {
				t.Errorf("it begins at\ngot  %+v\nwant %+v", got, o.late)
			}
			if _, err := w.Begin(t.Context(), from, nil); !errors.Is(err, engine.ErrNotEmpty) {
				t.Errorf("a second time: %v", err)
			}
			if wish, err := w.Origin(); err != nil || wish != from.Wish && wish != from.Snapshot {
				t.Errorf("the origin is %q, %v", wish, err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			again := start(t, c)
			again.waitFor(900, "tally", "other")
			if got := again.outcome("other"); got != o.whole {
				t.Errorf("caught up\ngot  %+v\nwant %+v", got, o.whole)
			}
			if got := again.snapshots(); !slices.Equal(got, []string{"late"}) {
				t.Errorf("snapshots %v", got)
			}
			if _, err := again.Restore(t.Context(), engine.RestoreWish{Undo: true}, nil); !errors.Is(err, projection.ErrNoUndo) {
				t.Errorf("undo to nothing: %v", err)
			}
		})
	}
}

// What the stream no longer holds is in the snapshot.
func TestBeginWhereTheHistoryIsCut(t *testing.T) {
	o := newOrigin(t)
	o.log.DropBefore(500)
	c := o.empty(t)
	w := open(t, c)
	if _, err := w.Begin(t.Context(), engine.BeginFrom{Snapshot: engine.Latest}, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, c)
	again.waitFor(900, "tally", "other")
	if got := again.outcome("tally"); got != o.whole {
		t.Errorf("caught up\ngot  %+v\nwant %+v", got, o.whole)
	}
}

// What cannot be begun from leaves the directory as empty as it was, so that it can begin from something else.
func TestBeginningsThatAreRefused(t *testing.T) {
	o := newOrigin(t)
	another := memlog.New(memlog.Config{})
	fill(t, another, 1)
	for i := range 900 { // of other events
		if _, err := another.Append(t.Context(), "event.test.thing", nil, event(i, "plain", "z")); err != nil {
			t.Fatal(err)
		}
	}
	short := memlog.New(memlog.Config{})
	fill(t, short, 100)
	newer := newTally("tally")
	newer.version = 2
	flipped := bytes.Clone(o.file)
	flipped[len(flipped)/2] ^= 1
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	diverged := func(err error) bool { return asType[*engine.DivergedError](err) != nil }
	damaged := func(err error) bool {
		return asType[*snapshotstore.DamageError](err) != nil || errors.Is(err, snapshotstore.ErrForeign)
	}
	for name, c := range map[string]struct {
		from engine.BeginFrom
		edit func(*engine.Config)
		want func(error) bool
	}{
		"another version": {engine.BeginFrom{Snapshot: "late"}, func(c *engine.Config) { c.Projections[0] = newer }, is(projection.ErrOtherVersion)},
		"another projection": {engine.BeginFrom{Snapshot: "late"}, func(c *engine.Config) {
			c.Projections = append(c.Projections, newTally("third"))
		}, is(projection.ErrOtherVersion)},
		"another stream":     {engine.BeginFrom{Snapshot: "late"}, func(c *engine.Config) { c.Log = another }, diverged},
		"its latest":         {engine.BeginFrom{Snapshot: engine.Latest}, func(c *engine.Config) { c.Log = another }, diverged},
		"a stream too short": {engine.BeginFrom{Snapshot: "early"}, func(c *engine.Config) { c.Log = short }, diverged},
		"no such snapshot":   {engine.BeginFrom{Snapshot: "none"}, nil, is(snapshotstore.ErrNoName)},
		"no such name":       {engine.BeginFrom{Snapshot: "../late"}, nil, is(snapshotstore.ErrBadName)},
		"no shelf":           {engine.BeginFrom{Snapshot: "late"}, func(c *engine.Config) { c.Shelf = nil }, is(snapshotstore.ErrNoName)},
		"latest of no shelf": {engine.BeginFrom{Snapshot: engine.Latest}, func(c *engine.Config) { c.Shelf = nil }, is(snapshotstore.ErrNoName)},
		"an empty shelf": {engine.BeginFrom{Snapshot: engine.Latest}, func(c *engine.Config) {
			c.Shelf = dirShelf(t, t.TempDir())
		}, is(snapshotstore.ErrNoName)},
		"a shelf that is away": {engine.BeginFrom{Snapshot: engine.Latest}, func(c *engine.Config) {
			c.Shelf = &faulty{Shelf: o.shelf, fail: away}
		}, is(errAway)},
		"a damaged file":      {engine.BeginFrom{File: bytes.NewReader(flipped)}, nil, damaged},
		"a file cut short":    {engine.BeginFrom{File: bytes.NewReader(o.file[:len(o.file)-600])}, nil, damaged},
		"text":                {engine.BeginFrom{File: strings.NewReader("hello")}, nil, damaged},
		"a file without data": {engine.BeginFrom{File: strings.NewReader("")}, nil, damaged},
	} {
		t.Run(name, func(t *testing.T) {
			conf := o.empty(t)
			if c.edit != nil {
				c.edit(&conf)
			}
			w := open(t, conf)
			if _, err := w.Begin(t.Context(), c.from, nil); err == nil || !c.want(err) {
				t.Errorf("got %v", err)
			}
			isFresh(t, w, true)
			left, err := w.Snapshots()
			if packs, globErr := filepath.Glob(filepath.Join(conf.Data, "chunks", "*")); len(left)+len(packs) > 0 || err != nil || globErr != nil {
				t.Errorf("it left %v and %v, %v, %v", left, packs, err, globErr)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if conf.Projections[0] == newer {
				return // that directory is for the other version
			}
			again := open(t, o.emptyIn(conf.Data))
			if _, err := again.Begin(t.Context(), engine.BeginFrom{Snapshot: "late"}, nil); err != nil {
				t.Errorf("from another afterwards: %v", err)
			}
		})
	}
}

func (o *origin) emptyIn(data string) engine.Config {
	return engine.Config{
		Data: data, Log: o.log, Shelf: o.shelf,
		Projections: []projection.Projection{newTally("tally"), newTally("other")},
	}
}

// Where the log cannot be asked at the start, the proof comes before the next commit.
func TestBeginWhereTheLogIsAway(t *testing.T) {
	o := newOrigin(t)
	another := memlog.New(memlog.Config{})
	for i := range 1000 {
		if _, err := another.Append(t.Context(), "event.test.thing", nil, event(i, "plain", "z")); err != nil {
			t.Fatal(err)
		}
	}
	another.SetUnavailable(errAway)
	c := o.empty(t)
	c.Log = another
	w := open(t, c)
	if _, err := w.Begin(t.Context(), engine.BeginFrom{Snapshot: "late"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	another.SetUnavailable(nil)
	again := start(t, c)
	if p := again.state("tally", engine.Diverged); p.AppliedSequence != 600 {
		t.Errorf("applied %d", p.AppliedSequence)
	}
	if got := again.outcome("tally"); got != o.late {
		t.Error("something of another stream was applied")
	}
}

// Latest is of the worker's own history, where the shelf has one: others may have gone further.
func TestLatestIsOfThisHistory(t *testing.T) {
	o := newOrigin(t)
	log := memlog.New(memlog.Config{Created: 77})
	c := config(t, log, newTally("tally"), newTally("other"))
	c.Shelf = o.shelf
	w := start(t, c)
	upTo(t, w, log, 100, "young")
	w.shelf("a third one", pushed(1))
	w.stop()
	c.Data = t.TempDir()
	if m, err := open(t, c).Begin(t.Context(), engine.BeginFrom{Snapshot: engine.Latest}, nil); err != nil || m.Name != "young" {
		t.Errorf("began from %+v, %v", m, err)
	}
}

// A beginning that is broken off anywhere can be made again: with what it had, or without the shelf once the snapshot was there.
func TestBeginningThatIsBrokenOff(t *testing.T) {
	o := newOrigin(t)
	for after := range 6 {
		c := o.empty(t)
		shelf := &faulty{Shelf: o.shelf}
		left := after
		ctx, cancel := context.WithCancel(t.Context())
		shelf.failWith(func(string, string) error {
			if left--; left < 0 {
				cancel()
			}
			return ctx.Err()
		})
		c.Shelf = shelf
		w := open(t, c)
		_, err := w.Begin(ctx, engine.BeginFrom{Snapshot: engine.Latest}, nil)
		isFresh(t, w, err != nil)
		cancel()
		if packs, globErr := filepath.Glob(filepath.Join(c.Data, "chunks", "*")); err != nil && (globErr != nil || len(packs) > 0) {
			t.Errorf("broken off after %d steps: %v, %v", after, packs, globErr)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err == nil {
			continue
		}
		again := open(t, o.emptyIn(c.Data))
		if m, err := again.Begin(t.Context(), engine.BeginFrom{Snapshot: engine.Latest}, nil); err != nil || m.Name != "late" {
			t.Errorf("after it was broken off: %+v, %v", m, err)
		}
	}
	c := o.empty(t)
	c.Shelf = nil
	w := open(t, c)
	if _, err := w.Import(t.Context(), bytes.NewReader(o.file), "", nil); err != nil { // as far as a beginning comes before the switch
		t.Fatal(err)
	}
	isFresh(t, w, true)
	if m, err := w.Begin(t.Context(), engine.BeginFrom{Snapshot: engine.Latest}, nil); err != nil || m.Name != "late" {
		t.Errorf("from what was imported: %+v, %v", m, err)
	}
	if got := viewed(t, w, "other"); got != o.late {
		t.Errorf("got %+v, want %+v", got, o.late)
	}
}
