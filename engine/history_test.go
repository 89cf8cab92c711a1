package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// boxes is a projection of things in boxes: "put" and "take" are of "<box>.<thing>", "burn" of a whole "<box>", "refuse" changes a
// thing and is refused then.
type boxes struct {
	schema *projection.Schema
	things projection.Table[countRow]
}

func newBoxes() *boxes {
	s := projection.NewSchema()
	return &boxes{schema: s, things: projection.Primary[countRow](s, "things")}
}

func (p *boxes) Name() string               { return "boxes" }
func (p *boxes) Version() int               { return 1 }
func (p *boxes) Subjects() []string         { return []string{"event.>"} }
func (p *boxes) Schema() *projection.Schema { return p.schema }

func (p *boxes) Apply(tx *projection.Tx, e *projection.Event) error {
	key := projection.MakeKey(e.AggregateID[:1], e.AggregateID[1:])
	switch e.Type {
	case "burn":
		p.things.DeleteRange(tx, projection.MakeKey(e.AggregateID[:1]))
	case "take":
		p.things.Delete(tx, key)
	default:
		next := countRow{ID: e.AggregateID, Last: e.Seq}
		if have, ok := p.things.Get(tx, key); ok {
			next = countRow{ID: have.ID, N: have.N + 1, Last: have.Last}
		}
		p.things.Put(tx, key, &next)
	}
	if e.Type == "refuse" {
		return eventlog.Refuse(eventlog.CodeWrongType, "payload")
	}
	return nil
}

// boxEvents is the history of the boxes a and b.
var boxEvents = []string{
	1: "put a1", 2: "put b1", 3: "put a1", 4: "refuse a1", 5: "take a2", 6: "put a2", 7: "burn a", 8: "burn a", 9: "put a1", 10: "take a1",
	11: "put b1", 12: "burn b", 13: "put a1",
}

func boxLog(t *testing.T) *memlog.Log {
	t.Helper()
	log := memlog.New(memlog.Config{Batch: 4})
	for i, text := range boxEvents[1:] {
		var kind, id string
		if _, err := fmt.Sscan(text, &kind, &id); err != nil {
			t.Fatal(err)
		}
		if _, err := log.Append(t.Context(), "event.test.thing", nil, event(i, kind, id)); err != nil {
			t.Fatal(err)
		}
	}
	return log
}

func TestHistoryOfAThing(t *testing.T) {
	c := config(t, boxLog(t), newBoxes())
	c.CommitRecords = 2 // what was committed is as good as what is in memory
	w := start(t, c)
	w.waitFor(13, "boxes")
	for key, want := range map[string][]string{
		"boxes/a/1":          {"1 +a1", "3 ~a1", "7 -a1", "9 +a1", "10 -a1", "13 +a1"},
		"boxes/things/a/1":   {"1 +a1", "3 ~a1", "7 -a1", "9 +a1", "10 -a1", "13 +a1"},
		"boxes/a/2":          {"6 +a2", "7 -a2"},
		"boxes/a":            {"1 +a1", "3 ~a1", "6 +a2", "7 -a1 -a2", "9 +a1", "10 -a1", "13 +a1"},
		"boxes/b/things/1":   {"2 +b1", "11 ~b1", "12 -b1"},
		"boxes/nobody":       nil,
		"boxes/a/1/too/long": nil,
	} {
		var got []string
		cost, err := w.History(t.Context(), key, func(touch projection.Touch) bool {
			got = append(got, fmt.Sprint(uint64(touch.Event.Seq))+changes(touch.Rows))
			return true
		})
		if err != nil || !slices.Equal(got, want) || cost.Replayed != 13 {
			t.Errorf("%s\ngot  %v, %v, %+v\nwant %v", key, got, err, cost, want)
		}
	}
	enough := 0
	if _, err := w.History(t.Context(), "boxes/a", func(projection.Touch) bool { enough++; return enough < 2 }); err != nil || enough != 2 {
		t.Errorf("after %d that were enough: %v", enough, err)
	}
	for _, key := range []string{"", "nobody/a", "boxes", "boxes/", "boxes/things", "boxes/a//1", "boxes/%zz"} {
		_, err := w.History(t.Context(), key, nil)
		refused(t, err, projection.BadRequest)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.History(ctx, "boxes/a", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled history: %v", err)
	}
	if scratch(t, c) != 0 {
		t.Error("a history leaves its folder behind")
	}
}

// changes writes what an event did to rows: + made, ~ changed, - removed.
func changes(rows []projection.RowChange) (out string) {
	for _, c := range rows {
		switch {
		case c.Before == nil:
			out += " +" + c.After.(*countRow).ID
		case c.After == nil:
			out += " -" + c.Before.(*countRow).ID
		default:
			out += " ~" + c.After.(*countRow).ID
		}
	}
	return out
}

// A history whose beginning is gone is not told without it.
func TestHistoryThatIsGone(t *testing.T) {
	log := boxLog(t)
	w := start(t, config(t, log, newBoxes()))
	w.waitFor(13, "boxes")
	w.snapshot("s") // a state to begin from is no history
	log.DropBefore(5)
	_, err := w.History(t.Context(), "boxes/a", func(projection.Touch) bool { return true })
	refused(t, err, projection.Refused, "events 1 to 4")
}

// A disturbance ends a history: beginning again would tell of events twice.
func TestHistoryIsNotToldTwice(t *testing.T) {
	log := memlog.New(memlog.Config{Batch: 10})
	fill(t, log, 4000)
	w := start(t, config(t, log, newTally("tally")))
	w.waitFor(4000, "tally")
	last := eventlog.Seq(0)
	_, err := w.History(t.Context(), "tally/a1", func(touch projection.Touch) bool {
		if touch.Event.Seq <= last {
			t.Errorf("event %s comes behind %s", touch.Event.Seq, last)
		}
		if last == 0 {
			log.Interrupt(errors.New("interrupted"))
		}
		last = touch.Event.Seq
		return true
	})
	if !errors.Is(err, eventlog.ErrCursorLost) {
		t.Errorf("a history that was interrupted behind %s: %v", last, err)
	}
}
