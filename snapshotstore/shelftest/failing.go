package shelftest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing/iotest"
)

var errContent = errors.New("shelftest: the content fails here")

// failingContent lets contents fail at once, in the middle and behind the last byte.
func failingContent(b *bench) {
	whole := content(1_500_000, 10)
	for _, n := range []int{0, 1, 700_000, len(whole)} {
		r := io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(errContent))
		if err := b.Shelf.Put(b.ctx, "a", r); !errors.Is(err, errContent) {
			b.Fatalf("Put of a content that fails after %d bytes: %v, want its error", n, err)
		}
		b.lacks("a")
		b.lists("")
	}
	b.put("a", whole)
	r := io.MultiReader(bytes.NewReader(whole[:5]), iotest.ErrReader(errContent))
	if err := b.Shelf.Put(b.ctx, "a", r); !errors.Is(err, errContent) {
		b.Fatalf("Put of a failing content over a file: %v, want its error", err)
	}
	b.holds("a", whole)
}

// endless gives zeros, and calls when it has given so many.
type endless struct {
	left int
	then func()
}

func (e *endless) Read(p []byte) (int, error) {
	clear(p)
	if e.left -= len(p); e.left < 0 && e.then != nil {
		e.then()
		e.then = nil
	}
	return len(p), nil
}

// brokenOff ends the context in the middle of a content that would never end.
func brokenOff(b *bench) {
	for _, n := range []int{0, 100_000, 2_000_000} {
		ctx, cancel := context.WithCancel(b.ctx)
		err := b.Shelf.Put(ctx, "a", &endless{left: n, then: cancel})
		cancel()
		if !errors.Is(err, context.Canceled) {
			b.Fatalf("Put broken off after %d bytes: %v, want context.Canceled", n, err)
		}
		b.lacks("a")
		b.lists("")
	}
	b.put("a", []byte("whole"))
	b.holds("a", []byte("whole"))
}

// unseen looks at the shelf when all but the end of a file was taken.
func unseen(b *bench) {
	whole := content(2_000_000, 11)
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- b.Shelf.Put(b.ctx, "a/b", r) }()
	if _, err := w.Write(whole[:1_900_000]); err != nil {
		b.Fatal(err)
	}
	b.lacks("a/b")
	b.lists("")
	if _, err := w.Write(whole[1_900_000:]); err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(w.Close(), <-done); err != nil {
		b.Fatal(err)
	}
	b.holds("a/b", whole)
}

func contextEnded(b *bench) {
	b.put("a", []byte("content"))
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	r, openErr := b.Shelf.Open(ctx, "a")
	if openErr == nil {
		_, openErr = io.ReadAll(r)
		_ = r.Close()
	}
	_, listErr := b.Shelf.List(ctx, "")
	for what, err := range map[string]error{
		"Put":    b.Shelf.Put(ctx, "b", bytes.NewReader(nil)),
		"Open":   openErr,
		"List":   listErr,
		"Remove": b.Shelf.Remove(ctx, "a"),
	} {
		if !errors.Is(err, context.Canceled) {
			b.Errorf("%s with an ended context: %v, want context.Canceled", what, err)
		}
	}
	b.lists("", "a:7")
}

func contextInReading(b *bench) {
	b.put("a", content(4_000_000, 12))
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	r, err := b.Shelf.Open(ctx, "a")
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
		b.Fatal(err)
	}
	cancel()
	if n, err := io.Copy(io.Discard, r); !errors.Is(err, context.Canceled) {
		b.Fatalf("reading on after the context ended: %d bytes, %v; want context.Canceled", n, err)
	}
}
