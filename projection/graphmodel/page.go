package graphmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// maxAnswerBytes is how many bytes of opaque parts an answer gathers: more than any connection takes, and little enough to be
// held for several questions at once.
const maxAnswerBytes = 64 << 20

// page gathers one page of a list whose items come by in order, and counts them all.
type page[T any] struct {
	offset, limit int
	total         int
	items         []T // never nil
	bytes         int
	err           error
}

func newPage[T any](r projection.Request) *page[T] {
	return &page[T]{offset: r.Offset, limit: r.Limit, items: []T{}}
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

func sizeOf(values map[string]eventlog.Value) int {
	n := 0
	for name, v := range values {
		n += len(name) + len(v)
	}
	return n
}

func nodeSize(n *graph.Node) int {
	size := len(n.NodeType) + len(n.ConceptualPoint) + sizeOf(n.Metadata)
	for _, v := range n.Components {
		size += len(v)
	}
	for _, v := range n.Modifications {
		size += len(v)
	}
	return size
}
