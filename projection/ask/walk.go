package ask

import (
	"context"
	"fmt"

	"github.com/thecowboyai/cim-projector/projection"
)

// patience is after how many rows a walk looks at its context.
const patience = 256

// MaxBytes is how many bytes of opaque parts an answer gathers: more than any connection takes, and little enough to be
// held for several questions at once.
const MaxBytes = 64 << 20

// Walk is a question on its way over rows. It counts those that were read, and keeps the first reason to end.
type Walk struct {
	ctx  context.Context
	rows int
	err  error
}

// NewWalk returns a walk that ends with ctx.
func NewWalk(ctx context.Context) *Walk { return &Walk{ctx: ctx} }

// On counts a row that was read and tells whether the walk may go on.
func (w *Walk) On() bool {
	if w.rows%patience == 0 && w.err == nil && w.ctx.Err() != nil {
		w.err = fmt.Errorf("ask: the question was ended after %d rows: %w", w.rows, context.Cause(w.ctx))
	}
	w.rows++
	return w.err == nil
}

// TooLarge ends the walk because its answer would be; the text says what to ask instead.
func (w *Walk) TooLarge(format string, args ...any) {
	if w.err == nil {
		w.err = projection.Fail(projection.TooLarge, format, args...)
	}
}

// Err returns why the walk has to end, or nil.
func (w *Walk) Err() error { return w.err }

// Weight is a walk that counts the bytes which it gathers.
type Weight struct {
	*Walk

	bytes  int
	advice string
}

// NewWeight returns a weight of nothing yet. The advice says what to do where it becomes more than MaxBytes.
func NewWeight(w *Walk, advice string) Weight { return Weight{Walk: w, advice: advice} }

// Add counts bytes, and tells whether the walk may go on.
func (w *Weight) Add(size int) bool {
	if w.bytes += size; w.bytes > MaxBytes {
		w.TooLarge("the answer has more than %d bytes; %s", MaxBytes, w.advice)
	}
	return w.err == nil
}
