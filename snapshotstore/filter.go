package snapshotstore

import "math/bits"

// keyPoint spreads a key over 64 bits: FNV-1a, and MurmurHash3's finalizer. It knows nothing of the key's table, as the hash of a
// leaf does not: two tables that hold the same leaf share its filter.
func keyPoint(key []byte) uint64 {
	x := uint64(0xcbf29ce484222325)
	for _, b := range key {
		x = (x ^ uint64(b)) * 0x100000001b3
	}
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// makeFilter returns a Bloom filter of a leaf's keys, from their key points.
func makeFilter(points []uint64) []byte {
	filter := make([]byte, (len(points)*filterBits+7)/8)
	for _, x := range points {
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

// mayHold tells whether a key with this key point may be among those that the filter was made of.
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

// filterBit is the i-th of a key's bits.
func filterBit(x, i uint64, n int) uint64 {
	h := x*0x9e3779b97f4a7c15 + i*(bits.RotateLeft64(x, 29)|1)*0xbf58476d1ce4e5b9
	hi, _ := bits.Mul64(h, uint64(n)*8)
	return hi
}
