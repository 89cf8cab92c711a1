package workflowmodel

import "github.com/thecowboyai/cim-projector/projection"

// maxAnswerBytes is how many bytes of opaque parts an answer gathers: more than any connection takes, and little enough to be
// held for several questions at once.
const maxAnswerBytes = 64 << 20

// maxParts is how many entries of histories, or parts of a definition, an answer holds that is not paged by them.
const maxParts = 10_000

// weight is what an answer has gathered, and why it must not gather more.
type weight struct {
	parts, bytes int
	err          *projection.QueryError
}

// add counts bytes, and tells whether the answer may go on.
func (w *weight) add(size int) bool {
	if w.bytes += size; w.bytes > maxAnswerBytes {
		w.tooLarge("the answer has more than %d bytes; ask for fewer items at once", maxAnswerBytes)
	}
	return w.err == nil
}

// part counts a part of this size, and tells whether the answer may go on.
func (w *weight) part(size int) bool {
	if w.parts++; w.parts > maxParts {
		w.tooLarge("the answer has more than %d entries; ask for fewer processes, or by pages with workflow.get_step_history", maxParts)
	}
	return w.add(size)
}

func (w *weight) tooLarge(format string, args ...any) {
	if w.err == nil {
		w.err = projection.Fail(projection.TooLarge, format, args...)
	}
}

// page gathers one page of a list whose items come by in order, and counts them all.
type page[T any] struct {
	weight

	offset, limit int
	total         int
	items         []T // never nil
}

func newPage[T any](r projection.Request) *page[T] {
	return &page[T]{offset: r.Offset, limit: r.Limit, items: []T{}}
}

// turn counts the next item and tells whether it belongs to the page.
func (p *page[T]) turn() bool {
	p.total++
	return p.total > p.offset && len(p.items) < p.limit
}

// take adds the item that turn announced, with about this many bytes in it, and tells whether the answer may go on.
func (p *page[T]) take(item T, size int) bool {
	p.items = append(p.items, item)
	return p.add(size)
}

// answer returns the page, unless it or the walk that filled it ended early.
func (p *page[T]) answer(ended error) (projection.Answer, error) {
	switch {
	case p.err != nil:
		return projection.Answer{}, p.err
	case ended != nil:
		return projection.Answer{}, ended
	}
	return projection.Answer{Data: p.items, Total: p.total, List: true}, nil
}
