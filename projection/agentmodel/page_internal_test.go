package agentmodel

import (
	"errors"
	"testing"

	"github.com/thecowboyai/cim-projector/projection"
)

func TestPageIsBounded(t *testing.T) {
	p := newPage[int](t.Context(), projection.Request{Limit: 3})
	for i, size := range []int{maxAnswerBytes - 1, 1} {
		if p.turn() {
			p.take(i, size)
		}
	}
	if a, err := p.answer(); err != nil || a.Total != 2 {
		t.Fatalf("a page that is just full: %+v, %v", a, err)
	}
	if p.turn() {
		p.take(2, 1)
	}
	_, err := p.answer()
	var refused *projection.QueryError
	if !errors.As(err, &refused) || refused.Code != projection.TooLarge || p.on() {
		t.Errorf("one byte more: %v, want %s", err, projection.TooLarge)
	}
}
