package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// chance makes what a property is tried on. Its seed is printed with every failure.
type chance struct {
	*rand.Rand
	t *testing.T
}

func newChance(t *testing.T) chance {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return chance{rand.New(rand.NewPCG(seed, 1)), t}
}

func (c chance) between(low, high int) int { return low + c.IntN(high-low+1) }

// history makes a log with everything in it that makes a place in the past hard to find: atomic batches whole and broken, one that is
// open at the end, holes, poison, and a clock that goes back and forth.
func (c chance) history() *memlog.Log {
	now := eventlog.Time(1_000_000)
	log := memlog.New(memlog.Config{Batch: c.between(1, 60), Created: 7, Clock: func() eventlog.Time {
		now += eventlog.Time(c.between(-300, 400))
		return now
	}})
	n := c.between(60, 250)
	for i := 0; i < n; i++ {
		body := event(i, kinds[c.IntN(len(kinds))], fmt.Sprintf("a%d", c.IntN(12)))
		switch c.IntN(12) {
		case 0:
			body = []byte("not json")
		case 1:
			size, whole := c.between(1, 12), c.IntN(3) > 0
			for k := range size {
				member(c.t, log, fmt.Sprintf("b%d", i), k+1, whole && k == size-1)
			}
			i += size
			if c.IntN(2) == 0 {
				continue // another batch may come at once, or the end
			}
		}
		if _, err := log.Append(c.t.Context(), "event.test.thing", nil, body); err != nil {
			c.t.Fatal(err)
		}
	}
	last := lastOf(c.t, log)
	for range c.IntN(20) {
		_ = log.Delete(eventlog.Seq(c.between(2, int(last)))) // where there is nothing any more, nothing is to be deleted
	}
	if c.IntN(3) == 0 {
		log.DropBefore(eventlog.Seq(c.between(2, 20)))
	}
	return log
}

func lastOf(t *testing.T, log eventlog.Log) eventlog.Seq {
	t.Helper()
	b, err := log.Bounds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b.Last
}

// outcomeOf is everything about a state that the way to it must not decide.
func outcomeOf(t *testing.T, v *projection.View) outcome {
	t.Helper()
	d, err := v.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if problems := v.Check(); len(problems) > 0 {
		t.Errorf("at %s: %s", v.At().Seq, problems[0])
	}
	return outcome{d.State.String(), d.Records.String(), d.Rows, v.At().Chain, v.Counts()}
}

func (r *running) outcome(name string) outcome {
	r.t.Helper()
	v, err := r.View(name)
	if err != nil {
		r.t.Fatal(err)
	}
	defer v.Close()
	return outcomeOf(r.t, v)
}

// truth is every state that a history has: by the sequence of the last record in it.
type truth struct {
	records []eventlog.Record
	states  map[eventlog.Seq]outcome
}

// truthOf runs straight through a history, one group at a time, and looks at the state after each.
func truthOf(t *testing.T, log *memlog.Log) truth {
	t.Helper()
	out := truth{records: recordsOf(t, log), states: map[eventlog.Seq]outcome{}}
	end := eventlog.Seq(0)
	var groups eventlog.Assembler
	for _, r := range out.records {
		_ = groups.Add(r, func(g eventlog.Group) error { end = g.Last(); return nil })
	}
	committed, looked := make(chan bool), make(chan bool)
	c := config(t, log, newTally("tally"))
	c.CommitRecords, c.AcceptGap = 1, true
	c.Observer.Committed = func(engine.Commit) {
		committed <- true
		<-looked
	}
	w := start(t, c)
	out.states[0] = w.outcome("tally")
	for at := eventlog.Seq(0); at < end; {
		<-committed
		v, err := w.View("tally")
		if err != nil {
			t.Fatal(err)
		}
		at = v.At().Anchor.Seq
		out.states[at] = outcomeOf(t, v)
		v.Close()
		looked <- true
	}
	go func() { // nothing but the position moves any more
		for range committed {
			looked <- true
		}
	}()
	w.stop()
	close(committed)
	return out
}

func recordsOf(t *testing.T, log *memlog.Log) (out []eventlog.Record) {
	t.Helper()
	for seq := eventlog.Seq(1); ; {
		r, err := log.Seek(t.Context(), seq)
		if err != nil {
			return out
		}
		out = append(out, r)
		seq = r.Seq + 1
	}
}

// at returns the state as of a sequence: the last one whose records are all at or below it.
func (tr truth) at(seq eventlog.Seq) outcome {
	best := eventlog.Seq(0)
	for have := range tr.states {
		if have <= seq && have > best {
			best = have
		}
	}
	return tr.states[best]
}

// before returns the last sequence before the first record that is younger than a moment.
func (tr truth) before(moment eventlog.Time) eventlog.Seq {
	for _, r := range tr.records {
		if r.Time > moment {
			return r.Seq - 1
		}
	}
	return tr.records[len(tr.records)-1].Seq
}

var lawNames = []string{"tally", "other"}

// lived is a worker that went through a history with snapshots, folds and restarts on the way.
type lived struct {
	*running
	config    engine.Config
	last      eventlog.Seq
	snapshots []string
}

func (c chance) live(log *memlog.Log, end eventlog.Seq) *lived {
	conf := config(c.t, log, newTally("tally"), newTally("other"))
	conf.CommitRecords, conf.AcceptGap = c.between(1, 30), true
	conf.Schedule.Events = uint64(c.IntN(60))
	if c.IntN(2) == 0 {
		conf.DeltaBytes = 1
	}
	if c.IntN(3) == 0 { // one comes later, with states of its own
		conf.Projections = conf.Projections[:1]
	}
	l := &lived{config: conf, last: end}
	for i := range c.between(1, 3) {
		at := eventlog.Seq(c.between(1, int(end)))
		if i > 0 && len(conf.Projections) == 1 {
			conf.Projections = append(conf.Projections, newTally("other"))
		}
		l.running = start(c.t, conf)
		l.waitFor(at, "tally")
		l.name(fmt.Sprintf("s%d", i))
		l.stop()
	}
	if len(conf.Projections) == 1 {
		conf.Projections = append(conf.Projections, newTally("other"))
	}
	l.config = conf
	l.running = start(c.t, conf)
	l.waitFor(end, lawNames...)
	return l
}

// name makes a snapshot where that can be done: not before the first record, nor while the projections stand apart.
func (l *lived) name(name string) {
	l.t.Helper()
	_, err := l.Snapshot(l.t.Context(), engine.SnapshotWish{Name: name})
	if asType[*projection.QueryError](err) != nil {
		_, err = l.Snapshot(l.t.Context(), engine.SnapshotWish{Name: name, Only: lawNames[:1]})
	}
	if err != nil {
		l.t.Errorf("snapshot %s: %v", name, err)
		return
	}
	l.snapshots = append(l.snapshots, name)
}

func (l *lived) asOf(at engine.AsOf, want outcome) {
	l.t.Helper()
	for _, name := range lawNames {
		v, err := l.ViewAsOf(l.t.Context(), name, at)
		if err != nil {
			l.t.Errorf("%s as of %+v: %v", name, at, err)
			continue
		}
		if got := outcomeOf(l.t, v.View); got != want {
			l.t.Errorf("%s as of %+v, at %s, from %d with %d events\ngot  %+v\nwant %+v",
				name, at, v.At().Seq, v.Cost.Base, v.Cost.Replayed, got, want)
		}
		v.Close()
	}
}

func (l *lived) restore(wish engine.RestoreWish, want outcome) {
	l.t.Helper()
	done, err := l.Restore(l.t.Context(), wish, nil)
	if err != nil {
		l.t.Fatalf("restore %+v: %v", wish, err)
	}
	if !done.Paused {
		l.waitFor(l.last, lawNames...)
	}
	for _, name := range lawNames {
		if got := l.outcome(name); got != want {
			l.t.Errorf("%s after restore %+v, which did %+v\ngot  %+v\nwant %+v", name, wish, done, got, want)
		}
	}
}

// A state of the past is the one that a straight run had there, however it is come to: from whichever snapshot, over restarts,
// folds and earlier restores, read beside the live state or put in its place.
func TestEveryWayToThePastEndsInOneState(t *testing.T) {
	for range 4 {
		c := newChance(t)
		log := c.history()
		tr := truthOf(t, log)
		end := eventlog.Seq(0)
		for at := range tr.states {
			end = max(end, at)
		}
		if end == 0 {
			continue // one open batch and nothing else
		}
		l := c.live(log, end)
		last, first := tr.records[len(tr.records)-1].Seq, tr.records[0].Seq
		for range 8 {
			seq := eventlog.Seq(c.between(1, int(last)))
			l.asOf(engine.AsOf{Sequence: seq}, tr.at(seq))
			moment := tr.records[c.IntN(len(tr.records))].Time + eventlog.Time(c.between(-2, 2))
			l.asOf(engine.AsOf{Time: moment}, tr.at(tr.before(moment)))
		}
		l.asOf(engine.AsOf{Time: tr.records[0].Time - 10_000}, tr.at(0))
		for i := range 4 {
			seq := eventlog.Seq(c.between(int(first), int(last)))
			if i%2 == 0 {
				moment := tr.records[c.IntN(len(tr.records))].Time
				l.restore(engine.RestoreWish{ToTime: moment}, tr.at(tr.before(moment)))
			} else {
				l.restore(engine.RestoreWish{ToSequence: seq, Verify: c.IntN(2) == 0}, tr.at(seq))
			}
			if c.IntN(3) == 0 {
				l.stop()
				l.running = start(t, l.config)
			}
			switch name := l.snapshots[c.IntN(len(l.snapshots))]; i {
			case 1:
				l.restore(engine.RestoreWish{Undo: true}, tr.at(end))
			case 2:
				l.restore(engine.RestoreWish{Snapshot: name, ToCurrent: true}, tr.at(end))
			case 3:
				m, err := l.SnapshotNamed(name)
				if err != nil {
					t.Fatal(err)
				}
				l.asOf(engine.AsOf{Snapshot: name}, tr.at(eventlog.Seq(m.StreamSequence)))
				l.restore(engine.RestoreWish{Snapshot: name}, tr.at(eventlog.Seq(m.StreamSequence)))
				if err := l.Resume(t.Context()); err != nil {
					t.Fatal(err)
				}
				l.waitFor(end, lawNames...)
				if got, want := l.outcome("other"), tr.at(end); got != want {
					t.Errorf("after resume\ngot  %+v\nwant %+v", got, want)
				}
			}
		}
		l.stop()
		if t.Failed() {
			return
		}
	}
}
