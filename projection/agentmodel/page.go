package agentmodel

import (
	"context"
	"fmt"

	"github.com/thecowboyai/cim-projector/projection"
)

const (
	// maxAnswerBytes is how many bytes of opaque parts an answer gathers: more than any connection takes, and little enough
	// to be held for several questions at once.
	maxAnswerBytes = 64 << 20

	// maxBeside is how many tasks, and how many collaborations, an answer holds beside an agent.
	maxBeside = projection.MaxLimit

	// patience is after how many rows a walk looks at its context.
	patience = 256
)

// page gathers one page of a list whose items come by in order, counts them all, and says when the walk has to end.
type page[T any] struct {
	ctx           context.Context
	offset, limit int
	total         int
	items         []T // never nil
	bytes         int
	rows          int // that were read
	err           error
}

func newPage[T any](ctx context.Context, r projection.Request) *page[T] {
	return &page[T]{ctx: ctx, offset: r.Offset, limit: r.Limit, items: []T{}}
}

// turn counts the next item and tells whether it belongs to the page.
func (p *page[T]) turn() bool {
	p.total++
	return p.total > p.offset && len(p.items) < p.limit
}

// full tells whether no later item belongs to the page.
func (p *page[T]) full() bool { return len(p.items) >= p.limit }

// take adds the item that turn announced, with about this many bytes in it.
func (p *page[T]) take(item T, size int) {
	p.items = append(p.items, item)
	if p.bytes += size; p.bytes > maxAnswerBytes {
		p.tooLarge("the answer has more than %d bytes; ask for fewer items at once", maxAnswerBytes)
	}
}

func (p *page[T]) tooLarge(format string, args ...any) {
	if p.err == nil {
		p.err = projection.Fail(projection.TooLarge, format, args...)
	}
}

// on counts a row that was read and tells whether the walk may go on.
func (p *page[T]) on() bool {
	if p.rows%patience == 0 && p.err == nil && p.ctx.Err() != nil {
		p.err = fmt.Errorf("agentmodel: the question was ended after %d rows: %w", p.rows, context.Cause(p.ctx))
	}
	p.rows++
	return p.err == nil
}

// answer returns the page, unless the walk that filled it ended early.
func (p *page[T]) answer() (projection.Answer, error) {
	if p.err != nil {
		return projection.Answer{}, p.err
	}
	return projection.Answer{Data: p.items, Total: p.total, List: true}, nil
}
