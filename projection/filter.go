package projection

import (
	"hash/maphash"
	"math/bits"
)

// keyFilter answers "surely not there" for most keys that a delta does not hold, so that a miss touches no page. It is
// a chain of Bloom filters, each twice as large as the one before: it is rebuilt when a file is opened and grows with
// it. False positives are about 1 %, and cost a look-up.
//
// It belongs to the goroutine that applies.
type keyFilter struct {
	seed  maphash.Seed
	parts []*bloom
}

// bloom is one filter with room for a fixed number of keys.
type bloom struct {
	words []uint64
	room  int
}

const (
	bloomFirst  = 16 * 1024 // keys in the first part
	bloomBits   = 12        // a key
	bloomHashes = 7
)

func newKeyFilter() *keyFilter { return &keyFilter{seed: maphash.MakeSeed()} }

func (f *keyFilter) hash(bucket []byte, key []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(f.seed)
	h.Write(bucket)
	h.WriteByte(0)
	h.Write(key)
	return h.Sum64()
}

// add takes a key in, unless it seems to be in already.
func (f *keyFilter) add(bucket, key []byte) {
	h := f.hash(bucket, key)
	if f.has(h) {
		return
	}
	if len(f.parts) == 0 || f.parts[len(f.parts)-1].room == 0 {
		f.grow()
	}
	last := f.parts[len(f.parts)-1]
	last.room--
	last.set(h)
}

func (f *keyFilter) grow() {
	room := bloomFirst << len(f.parts)
	f.parts = append(f.parts, &bloom{words: make([]uint64, room*bloomBits/64), room: room})
}

func (f *keyFilter) mayHave(bucket, key []byte) bool { return f.has(f.hash(bucket, key)) }

func (f *keyFilter) has(h uint64) bool {
	for i := len(f.parts) - 1; i >= 0; i-- {
		if f.parts[i].has(h) {
			return true
		}
	}
	return false
}

// bytes is the memory that the filter holds.
func (f *keyFilter) bytes() int {
	n := 0
	for _, p := range f.parts {
		n += 8 * len(p.words)
	}
	return n
}

func (b *bloom) set(h uint64) {
	for i := range uint64(bloomHashes) {
		at := b.at(h, i)
		b.words[at/64] |= 1 << (at % 64)
	}
}

func (b *bloom) has(h uint64) bool {
	for i := range uint64(bloomHashes) {
		at := b.at(h, i)
		if b.words[at/64]&(1<<(at%64)) == 0 {
			return false
		}
	}
	return true
}

// at is the i-th of a key's bits, by double hashing (Kirsch and Mitzenmacher 2006).
func (b *bloom) at(h, i uint64) uint64 {
	x := h + i*(bits.RotateLeft64(h, 32)|1)
	hi, _ := bits.Mul64(x, uint64(len(b.words)*64))
	return hi
}
