package conceptmodel

import "github.com/thecowboyai/cim-projector/projection"

// maxAnswerBytes is how many bytes of opaque parts an answer gathers: more than any connection takes, and little
// enough to be held for several questions at once.
const maxAnswerBytes = 64 << 20

// maxBeside is how many things of one kind an answer holds beside what was asked for.
const maxBeside = projection.MaxLimit

// gathered is a list in the making, within the bounds of an answer.
type gathered[T any] struct {
	items  []T // never nil
	most   int
	advice string // what to do where there are more
	bytes  int
	err    *projection.QueryError
}

func gather[T any](most int, advice string) *gathered[T] {
	return &gathered[T]{items: []T{}, most: most, advice: advice}
}

// take adds an item with about this many bytes in it, and tells whether there is room for more.
func (g *gathered[T]) take(item T, size int) bool {
	switch {
	case g.err != nil:
	case len(g.items) == g.most:
		g.err = projection.Fail(projection.TooLarge, "the answer has more than %d items of one kind; %s", g.most, g.advice)
	case g.bytes+size > maxAnswerBytes:
		g.err = projection.Fail(projection.TooLarge, "the answer has more than %d bytes; %s", maxAnswerBytes, g.advice)
	default:
		g.bytes += size
		g.items = append(g.items, item)
	}
	return g.err == nil
}

// failure returns why the list is not whole: nil where it is.
func (g *gathered[T]) failure(w *walk) error {
	switch {
	case g.err != nil:
		return g.err
	case w.err != nil:
		return w.err
	}
	return nil
}
