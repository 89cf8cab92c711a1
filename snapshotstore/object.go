package snapshotstore

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Kind is what an object holds.
type Kind byte

// The kinds of objects.
const (
	KindLeaf   Kind = 'L' // rows
	KindBlobby Kind = 'M' // rows, of which some are blobs: a leaf like any other, told apart so that blobs are found without reading
	KindNode   Kind = 'N' // the level, then members
	KindBlob   Kind = 'B' // one value over BlobBytes
	KindCommit Kind = 'C' // a tree root: what a projection's state was at one position
)

func (k Kind) leaf() bool { return k == KindLeaf || k == KindBlobby }

// Object is one immutable piece, named by its hash.
type Object struct {
	Kind  Kind
	Bytes []byte // a node's begin with its level
}

// Hash returns the object's name: SHA-256 over a prefix that tells the kinds apart, and the bytes. A blob has no
// prefix: its hash stands in the leaf that holds it.
func (o Object) Hash() Hash {
	switch o.Kind {
	case KindLeaf, KindBlobby:
		return sum(leafPrefix, o.Bytes)
	case KindNode:
		return sum(nodePrefix, o.Bytes)
	case KindCommit:
		return sum(commitPrefix, o.Bytes)
	}
	return sha256.Sum256(o.Bytes)
}

var commitPrefix = []byte("cim-commit-1")

func sum(prefix, b []byte) Hash {
	h := sha256.New()
	h.Write(prefix)
	h.Write(b)
	var out Hash
	h.Sum(out[:0])
	return out
}

// DamageError is stored bytes that are not what their name says. They are left as they are.
type DamageError struct {
	File   string // the path of the pack or manifest, where one is known
	Object Hash   // zero where the damage is not inside of an object
	Detail string
}

// Error names the file, the object and what is wrong.
func (e *DamageError) Error() string {
	if e.Object == (Hash{}) {
		return fmt.Sprintf("snapshotstore: %s is damaged: %s", e.File, e.Detail)
	}
	return fmt.Sprintf("snapshotstore: object %s in %s is damaged: %s", e.Object, e.File, e.Detail)
}

// row is one row of a leaf.
type row struct {
	key   []byte
	value []byte // nil for a blob
	blob  Hash
	size  uint64 // of the value
}

// parseLeaf reads a leaf's rows. They point into raw.
func parseLeaf(raw []byte) ([]row, error) {
	rows := make([]row, 0, LeafRows+LeafRows/2)
	for len(raw) > 0 {
		var r row
		var ok bool
		if r.key, raw, ok = cutBytes(raw); !ok || len(raw) == 0 {
			return nil, errShort
		}
		kind := raw[0]
		raw = raw[1:]
		switch {
		case kind == 0:
			if r.value, raw, ok = cutBytes(raw); !ok {
				return nil, errShort
			}
			r.size = uint64(len(r.value))
		case kind == 1 && len(raw) >= 8+sha256.Size:
			r.size = binary.BigEndian.Uint64(raw)
			copy(r.blob[:], raw[8:])
			raw = raw[8+sha256.Size:]
		default:
			return nil, errShort
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// parseNode reads a node's level and members. They point into raw.
func parseNode(raw []byte) (int, []entry, error) {
	if len(raw) == 0 {
		return 0, nil, errShort
	}
	at := int(raw[0])
	raw = raw[1:]
	members := make([]entry, 0, Fanout+Fanout/2)
	for len(raw) > 0 {
		var e entry
		var ok bool
		if e.key, raw, ok = cutBytes(raw); !ok || len(raw) < 8+sha256.Size {
			return 0, nil, errShort
		}
		e.rows = binary.BigEndian.Uint64(raw)
		copy(e.hash[:], raw[8:])
		raw = raw[8+sha256.Size:]
		members = append(members, e)
	}
	return at, members, nil
}

var errShort = fmt.Errorf("snapshotstore: an object ends in the middle of a row")

// cutBytes takes a length of 4 bytes and as many bytes off b.
func cutBytes(b []byte) (v, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := uint64(binary.BigEndian.Uint32(b))
	if uint64(len(b)-4) < n {
		return nil, nil, false
	}
	return b[4 : 4+n : 4+n], b[4+n:], true
}
