package shelftest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// content returns n bytes that are the same for the same seed.
func content(n int, seed uint64) []byte {
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	out := make([]byte, n)
	_, _ = rand.NewChaCha8(key).Read(out) // never fails
	return out
}

func (b *bench) put(name string, content []byte) {
	b.Helper()
	if err := b.Shelf.Put(b.ctx, name, bytes.NewReader(content)); err != nil {
		b.Fatalf("Put %s of %d bytes: %v", name, len(content), err)
	}
}

// read returns a file's content as one of two sees it.
func (b *bench) read(shelf snapshotstore.Shelf, name string) ([]byte, error) {
	r, err := shelf.Open(b.ctx, name)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(r)
	return got, errors.Join(err, r.Close())
}

// holds fails the case where a file is not there as it should be, for both who use the shelf.
func (b *bench) holds(name string, want []byte) {
	b.Helper()
	for who, shelf := range map[string]snapshotstore.Shelf{"the shelf": b.Shelf, "the other": b.Other} {
		got, err := b.read(shelf, name)
		if err != nil {
			b.Fatalf("%s: read %s: %v", who, name, err)
		}
		if !bytes.Equal(got, want) {
			b.Fatalf("%s: %s has %d bytes %.20x, want %d bytes %.20x", who, name, len(got), got, len(want), want)
		}
	}
}

// lacks fails the case where a file is there.
func (b *bench) lacks(name string) {
	b.Helper()
	for who, shelf := range map[string]snapshotstore.Shelf{"the shelf": b.Shelf, "the other": b.Other} {
		if got, err := b.read(shelf, name); !errors.Is(err, snapshotstore.ErrNotOnShelf) {
			b.Fatalf("%s: open %s: %d bytes, %v; want ErrNotOnShelf", who, name, len(got), err)
		}
	}
}

// lists fails the case where the files under a prefix are not these ("name:bytes").
func (b *bench) lists(prefix string, want ...string) {
	b.Helper()
	for who, shelf := range map[string]snapshotstore.Shelf{"the shelf": b.Shelf, "the other": b.Other} {
		items, err := shelf.List(b.ctx, prefix)
		if err != nil {
			b.Fatalf("%s: List %q: %v", who, prefix, err)
		}
		got := make([]string, 0, len(items))
		for _, i := range items {
			got = append(got, fmt.Sprintf("%s:%d", i.Name, i.Bytes))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			b.Fatalf("%s: List %q: %v, want %v", who, prefix, got, want)
		}
	}
}
