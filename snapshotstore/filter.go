package snapshotstore

import "math/bits"

// makeFilter returns a Bloom filter of a leaf's keys, from their cut points.
func makeFilter(cuts []uint64) []byte {
	filter := make([]byte, (len(cuts)*filterBits+7)/8)
	for _, x := range cuts {
		for i := range uint64(filterHashes) {
			at := filterBit(x, i, len(filter))
			filter[at/8] |= 1 << (at % 8)
		}
	}
	return filter
}

// filterHashes is the number of bits that stand for a key: 10 bits a key and 6 hashes deny 99 of 100 keys that are not
// there.
const filterHashes = 6

// mayHold tells whether a key with this cut point may be among those that the filter was made of.
func mayHold(filter []byte, x uint64) bool {
	if len(filter) == 0 {
		return true
	}
	for i := range uint64(filterHashes) {
		at := filterBit(x, i, len(filter))
		if filter[at/8]&(1<<(at%8)) == 0 {
			return false
		}
	}
	return true
}

// filterBit is the i-th of a key's bits. The cut point alone would not do: the keys of one leaf share its highest bits
// in part.
func filterBit(x, i uint64, n int) uint64 {
	h := x*0x9e3779b97f4a7c15 + i*(bits.RotateLeft64(x, 29)|1)*0xbf58476d1ce4e5b9
	hi, _ := bits.Mul64(h, uint64(n)*8)
	return hi
}
