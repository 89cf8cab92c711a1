package snapshotstore

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

// DigestVersion names the rule by which digests are made: the shape of trees, the bytes of leaves and nodes, and the
// digest over them.
const DigestVersion = 1

// Named is a table's root with the table's name.
type Named struct {
	Table string
	Root  Root
}

// Digest is the digest of a set of tables:
//
//	SHA-256("cim-digest-1" | for each table by rising name: length | name | rows | root)
//
// with lengths of 4 and rows of 8 bytes, big-endian. The order of the argument does not matter; names must differ.
func Digest(tables []Named) Hash {
	sorted := slices.SortedFunc(slices.Values(tables), func(a, b Named) int { return strings.Compare(a.Table, b.Table) })
	b := []byte("cim-digest-1")
	for _, t := range sorted {
		b = appendBytes(b, []byte(t.Table))
		b = binary.BigEndian.AppendUint64(b, t.Root.Rows)
		b = append(b, t.Root.Hash[:]...)
	}
	return sha256.Sum256(b)
}
