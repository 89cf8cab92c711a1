package shelftest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing/iotest"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

func empty(b *bench) {
	b.lists("")
	b.lists("a/b")
	b.lacks("a")
	b.lacks("a/b")
	if err := b.Shelf.Remove(b.ctx, "a"); !errors.Is(err, snapshotstore.ErrNotOnShelf) {
		b.Fatalf("Remove of what is not there: %v, want ErrNotOnShelf", err)
	}
}

func contents(b *bench) {
	const kib = 1 << 10
	for i, n := range []int{0, 1, 511, 128*kib - 1, 128 * kib, 128*kib + 1, 512*kib - 1, 512 * kib, 512*kib + 1, 1024*kib - 1, 1024 * kib, 3*1024*kib + 7} {
		name := fmt.Sprintf("files/%d", n)
		b.put(name, content(n, uint64(i)))
		b.holds(name, content(n, uint64(i)))
	}
}

func readers(b *bench) {
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"byte":  iotest.OneByteReader,
		"half":  iotest.HalfReader,
		"early": iotest.DataErrReader, // gives io.EOF with the last bytes
	} {
		want := content(20_000, 1)
		if err := b.Shelf.Put(b.ctx, name, wrap(bytes.NewReader(want))); err != nil {
			b.Fatalf("%s: %v", name, err)
		}
		b.holds(name, want)
	}
}

func list(b *bench) {
	for i, name := range []string{"b/z", "a", "b/a.x", "c.d/e_f/G-1", "b-1", "B", strings.Repeat("l", 200)} {
		b.put(name, content(i*1000, 2))
	}
	long := strings.Repeat("l", 200) + ":6000"
	b.lists("", "B:5000", "a:1000", "b-1:4000", "b/a.x:2000", "b/z:0", "c.d/e_f/G-1:3000", long)
	b.lists("b", "b-1:4000", "b/a.x:2000", "b/z:0")
	b.lists("b/", "b/a.x:2000", "b/z:0")
	b.lists("b/a", "b/a.x:2000")
	b.lists("a", "a:1000")
	b.lists("b/z/")
	b.lists("../")
}

func again(b *bench) {
	want := content(600_000, 3)
	b.put("a/b", want)
	b.put("a/b", want)
	if err := b.Other.Put(b.ctx, "a/b", bytes.NewReader(want)); err != nil {
		b.Fatalf("the other puts the same: %v", err)
	}
	b.put("empty", nil)
	b.put("empty", nil)
	b.holds("a/b", want)
	b.lists("", "a/b:600000", "empty:0")
}

func conflict(b *bench) {
	first := content(300_000, 4)
	b.put("a", first)
	changed := bytes.Clone(first)
	changed[299_999] ^= 1
	for what, other := range map[string][]byte{
		"a changed byte": changed, "a byte more": append(bytes.Clone(first), 0), "a byte less": first[:299_999], "nothing": nil,
	} {
		for _, shelf := range []snapshotstore.Shelf{b.Shelf, b.Other} {
			if err := shelf.Put(b.ctx, "a", bytes.NewReader(other)); !errors.Is(err, snapshotstore.ErrShelfConflict) {
				b.Fatalf("Put with %s: %v, want ErrShelfConflict", what, err)
			}
		}
		b.holds("a", first)
	}
	b.lists("", "a:300000")
}

func names(b *bench) {
	for _, name := range []string{
		"", ".", "..", "/", "/a", "a/", "a//b", "../a", "a/../b", "a/.", ".a", "-a", "_a", "a b", "a\\b", "a:b", "ä", "a\x00", "a\n", "*", ">",
		strings.Repeat("a", 201), strings.Repeat("a/", 200) + "a",
	} {
		_, openErr := b.Shelf.Open(b.ctx, name)
		for what, err := range map[string]error{
			"Put": b.Shelf.Put(b.ctx, name, strings.NewReader("x")), "Open": openErr, "Remove": b.Shelf.Remove(b.ctx, name),
		} {
			if !errors.Is(err, snapshotstore.ErrShelfName) {
				b.Errorf("%s of %.50q: %v, want ErrShelfName", what, name, err)
			}
		}
	}
	b.lists("")
}

func removed(b *bench) {
	b.put("a/b", content(200_000, 5))
	b.put("a/c", content(10, 5))
	if err := b.Shelf.Remove(b.ctx, "a/b"); err != nil {
		b.Fatalf("Remove: %v", err)
	}
	b.lacks("a/b")
	b.lists("", "a/c:10")
	if err := b.Other.Remove(b.ctx, "a/b"); !errors.Is(err, snapshotstore.ErrNotOnShelf) {
		b.Fatalf("Remove for the second time: %v, want ErrNotOnShelf", err)
	}
	b.put("a/b", content(100, 6))
	b.holds("a/b", content(100, 6))
	if err := b.Other.Remove(b.ctx, "a/b"); err != nil {
		b.Fatalf("the other removes: %v", err)
	}
	b.lists("a/", "a/c:10")
}

func closedEarly(b *bench) {
	b.put("a", content(3_000_000, 7))
	for range 3 {
		r, err := b.Shelf.Open(b.ctx, "a")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
			b.Fatal(err)
		}
		if err := r.Close(); err != nil {
			b.Fatalf("Close in the middle: %v", err)
		}
		if _, err := r.Read(make([]byte, 10)); err == nil || errors.Is(err, io.EOF) {
			b.Fatalf("Read of a closed reader: %v, want an error", err)
		}
		_ = r.Close() // may say that it is closed, must not do harm
	}
	b.holds("a", content(3_000_000, 7))
}
