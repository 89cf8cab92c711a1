package ask_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

func tooLarge(err error) bool {
	refused, ok := errors.AsType[*projection.QueryError](err)
	return ok && refused.Code == projection.TooLarge
}

func TestPage(t *testing.T) {
	for _, c := range []struct {
		offset, limit int
		want          []int
	}{
		{0, 3, []int{0, 1, 2}},
		{3, 3, []int{3, 4}},
		{5, 3, []int{}},
		{9, 1, []int{}},
	} {
		p := ask.NewPage[int](t.Context(), projection.Request{Offset: c.offset, Limit: c.limit})
		for i := range 5 {
			if p.Turn() {
				p.Take(i, 1)
			}
		}
		a, err := p.Answer()
		if got, ok := a.Data.([]int); err != nil || !ok || got == nil || !slices.Equal(got, c.want) || a.Total != 5 || !a.List {
			t.Errorf("from %d, %d: %+v, %v", c.offset, c.limit, a, err)
		}
		if p.Full() != (len(c.want) == c.limit) {
			t.Errorf("from %d, %d: Full = %v", c.offset, c.limit, p.Full())
		}
	}
}

func TestPageIsBounded(t *testing.T) {
	p := ask.NewPage[int](t.Context(), projection.Request{Limit: 3})
	for i, size := range []int{ask.MaxBytes - 1, 1} {
		if p.Turn() {
			p.Take(i, size)
		}
	}
	if a, err := p.Answer(); err != nil || a.Total != 2 || !p.On() {
		t.Fatalf("a page that is just full: %+v, %v", a, err)
	}
	if p.Turn() {
		p.Take(2, 1)
	}
	if _, err := p.Answer(); !tooLarge(err) || p.On() {
		t.Errorf("one byte more: %v, want %s", err, projection.TooLarge)
	}
}

func TestListIsBounded(t *testing.T) {
	l := ask.NewList[int](ask.NewWalk(t.Context()), 2, "ask otherwise")
	if !l.Take(1, ask.MaxBytes-1) || !l.Take(2, 1) || l.Err() != nil {
		t.Fatalf("a list that is just full: %v", l.Err())
	}
	if l.Take(3, 0) || !tooLarge(l.Err()) || len(l.Items) != 2 {
		t.Errorf("one item more: %v, %v", l.Items, l.Err())
	}
	l = ask.NewList[int](ask.NewWalk(t.Context()), 2, "ask otherwise")
	if l.Take(1, ask.MaxBytes+1) || !tooLarge(l.Err()) || l.Items == nil || len(l.Items) != 0 {
		t.Errorf("one byte more: %v, %v", l.Items, l.Err())
	}
}

// TestListsOfOneWalk holds that each has its own bounds, and that all end when one must.
func TestListsOfOneWalk(t *testing.T) {
	w := ask.NewWalk(t.Context())
	a, b := ask.NewList[int](w, 1, ""), ask.NewList[int](w, 1, "")
	if !a.Take(1, ask.MaxBytes) || !b.Take(1, ask.MaxBytes) {
		t.Fatalf("two lists that are just full: %v", w.Err())
	}
	if a.Take(2, 0) || b.On() || b.Take(2, 0) || !tooLarge(w.Err()) {
		t.Errorf("one of them is too large: %v", w.Err())
	}
}

func TestWalkEndsWithItsContext(t *testing.T) {
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	w := ask.NewWalk(ctx)
	for range 300 {
		if !w.On() {
			t.Fatal(w.Err())
		}
	}
	cancel(why)
	rows := 0
	for w.On() {
		rows++
	}
	if !errors.Is(w.Err(), why) || rows > 256 {
		t.Errorf("ended %d rows later with %v", rows, w.Err())
	}
	w.TooLarge("later")
	if tooLarge(w.Err()) {
		t.Error("the first reason was replaced")
	}
}

func TestSizeOf(t *testing.T) {
	if n := ask.SizeOf(map[string]eventlog.Value{"ab": eventlog.Value("123"), "c": nil}); n != 6 {
		t.Errorf("SizeOf = %d, want 6", n)
	}
}
