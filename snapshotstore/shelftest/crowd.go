package shelftest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

const crowd = 6

func (b *bench) oneOf(i int) snapshotstore.Shelf {
	if i%2 == 0 {
		return b.Shelf
	}
	return b.Other
}

func manySame(b *bench) {
	want := content(400_000, 20)
	var wg sync.WaitGroup
	for i := range crowd {
		wg.Go(func() {
			if err := b.oneOf(i).Put(b.ctx, "a", bytes.NewReader(want)); err != nil {
				b.Errorf("Put of the same by many: %v", err)
			}
		})
	}
	wg.Wait()
	b.holds("a", want)
	b.lists("", "a:400000")
}

// manyDifferent is for those who share one handle: a place need not be able to settle it between processes.
func manyDifferent(b *bench) {
	for round := range 5 {
		name := fmt.Sprint("r", round)
		var wg sync.WaitGroup
		got := make([]error, crowd)
		for i := range got {
			wg.Go(func() { got[i] = b.Shelf.Put(b.ctx, name, bytes.NewReader(content(1000, uint64(i)))) })
		}
		wg.Wait()
		winner := -1
		for i, err := range got {
			switch {
			case err == nil && winner < 0:
				winner = i
			case err == nil:
				b.Fatalf("%d and %d both put different contents under one name", winner, i)
			case !errors.Is(err, snapshotstore.ErrShelfConflict):
				b.Fatalf("Put of different contents by many: %v, want ErrShelfConflict", err)
			}
		}
		if winner < 0 {
			b.Fatal("nobody's content was taken")
		}
		b.holds(name, content(1000, uint64(winner)))
	}
}

func many(b *bench) {
	var wg sync.WaitGroup
	for i := range crowd {
		wg.Go(func() {
			for n := range 4 {
				if err := b.life(b.oneOf(i), fmt.Sprintf("w%d/f%d", i, n), content(100_000+i, uint64(i*10+n))); err != nil {
					b.Errorf("worker %d, file %d: %v", i, n, err)
				}
			}
		})
	}
	wg.Wait()
	b.lists("")
}

// life puts a file, finds it, and removes it.
func (b *bench) life(shelf snapshotstore.Shelf, name string, want []byte) error {
	if err := shelf.Put(b.ctx, name, bytes.NewReader(want)); err != nil {
		return err
	}
	got, err := b.read(shelf, name)
	if err != nil || !bytes.Equal(got, want) {
		return fmt.Errorf("read %d bytes, %w", len(got), err)
	}
	items, err := shelf.List(b.ctx, name)
	if err != nil || len(items) != 1 || items[0].Bytes != int64(len(want)) {
		return fmt.Errorf("listed as %v, %w", items, err)
	}
	return shelf.Remove(b.ctx, name)
}

// The big file, and the memory that may be in use beyond what was before.
const (
	bigBytes  = 96 << 20
	bigMemory = 32 << 20
)

// watched gives so many random bytes, hashes what it gives, and watches the memory meanwhile.
type watched struct {
	random *rand.ChaCha8
	left   int
	hash   hash.Hash
	peak   uint64
}

func (w *watched) Read(p []byte) (int, error) {
	if w.left == 0 {
		return 0, io.EOF
	}
	n, err := w.random.Read(p[:min(len(p), w.left)])
	w.left -= n
	w.hash.Write(p[:n])
	w.look(n)
	return n, err
}

func (w *watched) Write(p []byte) (int, error) {
	w.hash.Write(p)
	w.look(len(p))
	return len(p), nil
}

// look measures about every eight megabytes.
func (w *watched) look(n int) {
	if w.left/(8<<20) == (w.left+n)/(8<<20) {
		return
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	w.peak = max(w.peak, m.HeapAlloc)
}

func big(b *bench) {
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	in := &watched{random: rand.NewChaCha8([32]byte{1}), left: bigBytes, hash: sha256.New()}
	if err := b.Shelf.Put(b.ctx, "big", in); err != nil {
		b.Fatal(err)
	}
	r, err := b.Shelf.Open(b.ctx, "big")
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	out := &watched{left: bigBytes, hash: sha256.New()}
	n, err := io.Copy(countdown{out}, r)
	if err != nil || n != bigBytes || !bytes.Equal(in.hash.Sum(nil), out.hash.Sum(nil)) {
		b.Fatalf("%d of %d bytes came back, %v; or they are others", n, bigBytes, err)
	}
	for what, w := range map[string]*watched{"putting": in, "reading": out} {
		if w.peak > before.HeapAlloc+bigMemory {
			b.Errorf("%s %d MiB took %d MiB of memory, more than %d", what, bigBytes>>20, (w.peak-before.HeapAlloc)>>20, bigMemory>>20)
		}
	}
}

// countdown counts what is written.
type countdown struct{ *watched }

func (c countdown) Write(p []byte) (int, error) {
	c.left -= len(p)
	return c.watched.Write(p)
}
