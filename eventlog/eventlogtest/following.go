package eventlogtest

import (
	"context"
	"errors"

	"github.com/thecowboyai/cim-projector/eventlog"
)

func followFromEnd(b *bench) {
	b.fill(3)
	r := b.read(4, 0)
	records := b.fill(2)
	RequireEqual(b.T, r.until(5), records)
}

func followAppends(b *bench) {
	r := b.read(1, 0)
	var want []eventlog.Record
	for range 5 {
		want = append(want, b.fill(4)...)
		RequireEqual(b.T, r.until(want[len(want)-1].Seq), want)
	}
}

func followMissingTail(b *bench) {
	records := b.fill(2)
	b.Gap(b.T, 3)
	r := b.read(1, 0)
	RequireEqual(b.T, r.until(5), records)
	records = append(records, b.fill(1)...) // 6
	RequireEqual(b.T, r.until(6), records)
	b.Gap(b.T, 2) // 7, 8: assigned and gone while the cursor watches
	// It may or may not have seen them before they went; it passes them in any case.
	got := r.until(8)
	RequireEqual(b.T, got[:3], records)
	last := b.fill(1)
	got = r.until(9)
	RequireEqual(b.T, got[len(got)-1:], last)
}

// followForward lets the log move on without a record while a cursor waits at its end.
func followForward(b *bench) {
	records := b.fill(5)
	r := b.read(1, 0)
	r.until(5)
	b.DropBefore(b.T, 50)
	RequireEqual(b.T, r.until(49), records)
	records = append(records, b.fill(1)...) // 50
	RequireEqual(b.T, r.until(50), records)
}

func pendingAtEnd(b *bench) {
	b.fill(30)
	r := b.read(1, 0)
	r.until(30)
	if r.pending != 0 {
		b.Fatalf("Pending is %d at the end of the log, want 0", r.pending)
	}
	bounded := b.read(1, 10)
	bounded.toEnd(10)
	b.fill(1)
	r.until(31)
	if r.pending != 0 {
		b.Fatalf("Pending is %d behind the newest record, want 0", r.pending)
	}
}

func contextInNext(b *bench) {
	records := b.fill(2)
	r := b.read(1, 0)
	r.until(2)
	ctx, cancel := context.WithCancel(b.ctx)
	ended := make(chan error)
	go func() {
		_, err := r.cursor.Next(ctx)
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		b.Fatalf("Next whose context was cancelled: %v, want context.Canceled", err)
	}
	records = append(records, b.fill(1)...)
	RequireEqual(b.T, r.until(3), records)
}

func contextEnded(b *bench) {
	b.fill(1)
	r := b.read(1, 0)
	r.until(1)
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	_, bounds := b.Log.Bounds(ctx)
	_, seek := b.Log.Seek(ctx, 1)
	_, read := b.Log.Read(ctx, 1, 0)
	_, next := r.cursor.Next(ctx)
	for name, err := range map[string]error{"Bounds": bounds, "Seek": seek, "Read": read, "Next": next} {
		if !errors.Is(err, context.Canceled) {
			b.Errorf("%s with an ended context: %v, want context.Canceled", name, err)
		}
	}
}

func interrupted(b *bench) {
	records := b.fill(5)
	r := b.read(1, 0)
	r.until(3)
	b.Interrupt(b.T)
	err := nextError(r)
	if !errors.Is(err, eventlog.ErrCursorLost) {
		b.Fatalf("Next of an interrupted cursor: %v, want ErrCursorLost", err)
	}
	if _, again := r.cursor.Next(b.ctx); !errors.Is(again, eventlog.ErrCursorLost) {
		b.Fatalf("Next after ErrCursorLost: %v, want it again", again)
	}
	RequireEqual(b.T, b.read(4, 0).until(5), records[3:])
}

func recreated(b *bench) {
	b.fill(5)
	before := b.bounds()
	r := b.read(1, 0)
	r.until(5)
	b.Recreate(b.T)
	records := b.fill(8)
	if err := nextError(r); !errors.Is(err, eventlog.ErrCursorLost) {
		b.Fatalf("Next of a cursor whose log was recreated: %v, want ErrCursorLost", err)
	}
	if _, err := b.Log.Read(b.ctx, 6, 0); !errors.Is(err, eventlog.ErrCursorLost) {
		b.Fatalf("Read(6, 0), which would go on in another history: %v, want ErrCursorLost until Bounds was asked", err)
	}
	after := b.bounds()
	if after.Stream == before.Stream || after.Stream.Name != before.Stream.Name {
		b.Fatalf("the recreated log is %v, and was %v: want another identity under one name", after.Stream, before.Stream)
	}
	RequireEqual(b.T, b.read(1, 8).toEnd(8), records)
}

// nextError reads until the cursor fails.
func nextError(r *reader) error {
	for {
		batch, err := r.cursor.Next(r.bench.ctx)
		if err != nil {
			return err
		}
		r.check(batch)
	}
}
