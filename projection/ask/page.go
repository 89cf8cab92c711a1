package ask

import (
	"context"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// Page gathers one page of a list whose items come by in order, and counts them all.
type Page[T any] struct {
	Weight

	Items []T // never nil
	Total int // of the items that came by; a question that knows better may set it

	offset, limit int
}

// NewPage returns the page that a request asks for, gathered on a walk of its own.
func NewPage[T any](ctx context.Context, r projection.Request) *Page[T] {
	return &Page[T]{
		Weight: NewWeight(NewWalk(ctx), "ask for fewer items at once"),
		Items:  []T{}, offset: r.Offset, limit: r.Limit,
	}
}

// Turn counts the next item and tells whether it belongs to the page.
func (p *Page[T]) Turn() bool {
	p.Total++
	return p.Total > p.offset && !p.Full()
}

// Full tells whether no later item belongs to the page.
func (p *Page[T]) Full() bool { return len(p.Items) >= p.limit }

// Take adds the item that Turn announced, with about this many bytes in it.
func (p *Page[T]) Take(item T, size int) {
	p.Items = append(p.Items, item)
	p.Add(size)
}

// Answer returns the page, or why the walk that filled it had to end.
func (p *Page[T]) Answer() (projection.Answer, error) {
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	return projection.Answer{Data: p.Items, Total: p.Total, List: true}, nil
}

// List gathers all items of a list that may not have more than a few.
type List[T any] struct {
	Weight

	Items []T // never nil

	most int
}

// NewList returns an empty list, for at most so many items, that is gathered on this walk. The advice says what to do
// where there are more.
func NewList[T any](w *Walk, most int, advice string) *List[T] {
	return &List[T]{Weight: NewWeight(w, advice), Items: []T{}, most: most}
}

// Take adds an item with about this many bytes in it, and tells whether the walk may go on. There being one more than
// there may be ends it.
func (l *List[T]) Take(item T, size int) bool {
	if len(l.Items) == l.most {
		l.TooLarge("the answer has more than %d items of one kind; %s", l.most, l.advice)
	}
	if l.Add(size) {
		l.Items = append(l.Items, item)
	}
	return l.err == nil
}

// SizeOf is about how many bytes the values hold, with their names.
func SizeOf(values map[string]eventlog.Value) int {
	n := 0
	for name, v := range values {
		n += len(name) + len(v)
	}
	return n
}
