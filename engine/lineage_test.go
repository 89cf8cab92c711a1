package engine_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
)

// state waits until a projection is in a state, and returns its status.
func (r *running) state(name string, want engine.State) engine.ProjectionStatus {
	r.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		s, err := r.Status(r.t.Context())
		if err != nil {
			r.t.Fatal(err)
		}
		for _, p := range s.Projections {
			if p.Name == name && p.State == want {
				return p
			}
		}
		select {
		case <-r.changes:
		case <-deadline:
			r.t.Fatalf("%s did not become %s: %+v", name, want, s.Projections)
		}
	}
}

// projected is a worker that has stopped at the end of a log of n records, and its configuration.
func projected(t *testing.T, n int) (*memlog.Log, engine.Config, engine.Digest) {
	t.Helper()
	log := memlog.New(memlog.Config{})
	fill(t, log, n)
	c := config(t, log, newTally("tally"))
	one := start(t, c)
	one.waitFor(eventlog.Seq(n), "tally")
	digest := one.digests()["tally"]
	one.stop()
	return log, c, digest
}

func TestTrap06RolledBackLogIsNotFollowed(t *testing.T) {
	for _, test := range []struct {
		name string
		grow int // records of the new history
	}{
		{"shorter", 0},
		{"shorter with other events", 50},
		{"as long", 200},
		{"longer", 500},
	} {
		t.Run(test.name, func(t *testing.T) {
			log, c, before := projected(t, 1000)
			log.Rollback(800)
			for i := range test.grow {
				if _, err := log.Append(t.Context(), "event.test.thing", nil, event(i, "plain", "other")); err != nil {
					t.Fatal(err)
				}
			}
			two := start(t, c)
			p := two.state("tally", engine.Diverged)
			if p.AppliedSequence != 1000 || p.Reason == nil {
				t.Errorf("diverged at %d with reason %v", p.AppliedSequence, p.Reason)
			}
			if after := two.digests()["tally"]; after.Digest != before.Digest {
				t.Errorf("something of the other history was applied\ngot  %+v\nwant %+v", after, before)
			}
			err := two.WaitFor(t.Context(), "tally", 1001)
			if err == nil {
				t.Error("waiting for what will not come succeeded")
			}
		})
	}
}

func TestDivergenceBracketsTheParting(t *testing.T) {
	log, c, _ := projected(t, 1000)
	log.Rollback(700)
	fill(t, log, 0)
	for i := range 400 {
		if _, err := log.Append(t.Context(), "event.test.thing", nil, event(i, "plain", "other")); err != nil {
			t.Fatal(err)
		}
	}
	two := start(t, c)
	p := two.state("tally", engine.Diverged)
	want := fmt.Sprintf("the same up to %d is proved", 640) // the newest mark at or below 700 that the ring still has
	if p.Reason == nil || !containsText(*p.Reason, want) {
		t.Errorf("reason\ngot  %v\nwant %q in it", deref(p.Reason), want)
	}
}

func TestTrap07RecreatedLog(t *testing.T) {
	t.Run("with the same content is pinned anew", func(t *testing.T) {
		log, c, before := projected(t, 300)
		copyInto(t, log, memlog.New(memlog.Config{Created: 99}), func(other *memlog.Log) {
			c.Log = other
			two := start(t, c)
			fill(t, other, 100)
			two.waitFor(400, "tally")
			if got := two.digests()["tally"]; got.Digest == before.Digest {
				t.Error("nothing was applied after the stream was recognised")
			}
		})
	})
	t.Run("with other content is not followed", func(t *testing.T) {
		log, c, _ := projected(t, 300)
		log.Recreate(0)
		for i := range 400 {
			if _, err := log.Append(t.Context(), "event.test.thing", nil, event(i, "plain", "x")); err != nil {
				t.Fatal(err)
			}
		}
		start(t, c).state("tally", engine.Diverged)
	})
	t.Run("while the worker runs", func(t *testing.T) {
		log, c, before := projected(t, 300)
		two := start(t, c)
		two.state("tally", engine.Live)
		log.Recreate(0)
		for i := range 400 {
			if _, err := log.Append(t.Context(), "event.test.thing", nil, event(i, "plain", "x")); err != nil {
				t.Fatal(err)
			}
		}
		two.state("tally", engine.Diverged)
		if got := two.digests()["tally"]; got.Digest != before.Digest {
			t.Error("something of the new stream was applied")
		}
	})
}

// copyInto stores every record of one log in another, as a restore from a backup does.
func copyInto(t *testing.T, from, to *memlog.Log, then func(*memlog.Log)) {
	t.Helper()
	b, err := from.Bounds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for seq := b.First; seq <= b.Last; {
		r, err := from.Seek(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if err := to.Store(r); err != nil {
			t.Fatal(err)
		}
		seq = r.Seq + 1
	}
	then(to)
}

func TestTrap08DroppedRecords(t *testing.T) {
	t.Run("applied ones do no harm", func(t *testing.T) {
		log, c, _ := projected(t, 1000)
		log.DropBefore(990)
		fill(t, log, 100)
		start(t, c).waitFor(1100, "tally")
	})
	t.Run("the checkpointed one is proved by the ring", func(t *testing.T) {
		log, c, _ := projected(t, 1000)
		if err := log.Delete(1000); err != nil {
			t.Fatal(err)
		}
		fill(t, log, 100)
		start(t, c).waitFor(1100, "tally")
	})
	t.Run("all of them leave the stream's identity", func(t *testing.T) {
		log, c, _ := projected(t, 1000)
		log.DropBefore(1001)
		fill(t, log, 100)
		unprovable := make(chan eventlog.Seq, 10)
		c.Observer.Unprovable = func(_ []string, since eventlog.Seq) { unprovable <- since }
		two := start(t, c)
		two.waitFor(1100, "tally")
		if got := <-unprovable; got != 1000 {
			t.Errorf("unprovable since %d, want 1000", got)
		}
	})
	t.Run("all of them stop a strict worker", func(t *testing.T) {
		log, c, _ := projected(t, 1000)
		log.DropBefore(1001)
		fill(t, log, 100)
		c.Strict = true
		p := start(t, c).state("tally", engine.Failed)
		if p.AppliedSequence != 1000 {
			t.Errorf("applied %d", p.AppliedSequence)
		}
	})
	t.Run("unapplied ones are refused by range", func(t *testing.T) {
		log, c, _ := projected(t, 1000)
		fill(t, log, 100)
		log.DropBefore(1050)
		two := start(t, c)
		p := two.state("tally", engine.Failed)
		if want := "events 1001 to 1049"; p.Reason == nil || !containsText(*p.Reason, want) {
			t.Errorf("reason\ngot  %v\nwant %q in it", deref(p.Reason), want)
		}
		two.stop()
		c.AcceptGap = true
		start(t, c).waitFor(1100, "tally")
	})
	t.Run("a new worker refuses a history without its beginning", func(t *testing.T) {
		log := memlog.New(memlog.Config{})
		fill(t, log, 100)
		log.DropBefore(10)
		start(t, config(t, log, newTally("tally"))).state("tally", engine.Failed)
	})
	t.Run("a deleted tail is a position", func(t *testing.T) {
		log, c, _ := projected(t, 1000)
		fill(t, log, 10)
		for seq := eventlog.Seq(1003); seq <= 1010; seq++ {
			if err := log.Delete(seq); err != nil {
				t.Fatal(err)
			}
		}
		start(t, c).waitFor(1010, "tally")
	})
}

func TestUnavailableLogIsWaitedFor(t *testing.T) {
	log, c, _ := projected(t, 100)
	log.SetUnavailable(errors.New("the cable is out"))
	two := start(t, c)
	if p := two.state("tally", engine.WaitingNATS); p.LagEvents != nil {
		t.Errorf("lag is %d and cannot be known", *p.LagEvents)
	}
	log.SetUnavailable(nil)
	fill(t, log, 100)
	two.waitFor(200, "tally")
}

func TestTrap16InterruptionsLoseAndRepeatNothing(t *testing.T) {
	log, c, _ := projected(t, 100)
	two := start(t, c)
	for range 20 {
		fill(t, log, 200)
		log.Interrupt(errors.New("interrupted"))
	}
	two.waitFor(4100, "tally")
	got := two.digests()["tally"]
	whole := start(t, config(t, log, newTally("tally")))
	whole.waitFor(4100, "tally")
	if want := whole.digests()["tally"]; got.Digest != want.Digest || got.RecordsDigest != want.RecordsDigest {
		t.Errorf("after interruptions\ngot  %+v\nwant %+v", got, want)
	}
}
