package snapshotstore

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
)

// The shape of a tree. It belongs to DigestVersion: another number gives other digests.
const (
	// LeafRows is the mean number of rows in a leaf. With four tables of 25 rows a graph, 20 rows a leaf store 2.5 %
	// again when 1 % of the rows change, 64 rows 5.8 %, 256 rows 18 %.
	LeafRows = 24

	// Fanout is the mean number of children of a node above the leaves.
	Fanout = 32

	// forced is how many times the mean a leaf or node may hold before it is cut without a boundary.
	forced = 8

	// BlobBytes is the size over which a value stands in its leaf as hash and length only.
	BlobBytes = 4096
)

// Boundaries returns on how many levels a table's tree is cut before this key: 0 for none, 1 before a leaf, 2 before a
// leaf and the node above it, and so on. It is a function of table and key alone:
//
//	x = first 8 bytes, big-endian, of SHA-256("cim-cut-1" | table | 0 | key)
//	cut on level i (from 0) when x < limit(i); limit(0) = (2^64-1) / LeafRows, limit(i+1) = limit(i) / Fanout, rounded down
func Boundaries(table string, key []byte) int { return levelsOf(cutPoint(table, key)) }

func cutPoint(table string, key []byte) uint64 {
	b := make([]byte, 0, 128)
	b = append(b, "cim-cut-1"...)
	b = append(b, table...)
	b = append(b, 0)
	b = append(b, key...)
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:8])
}

func levelsOf(x uint64) int {
	limit := uint64(math.MaxUint64 / LeafRows)
	levels := 0
	for x < limit {
		levels++
		limit /= Fanout
	}
	return levels
}
