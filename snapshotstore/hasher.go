package snapshotstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Hash names a leaf, a node, a blob or a root by SHA-256 of its bytes.
type Hash [sha256.Size]byte

// String prints 64 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Root is what a table's rows come to.
type Root struct {
	Hash  Hash
	Rows  uint64
	Bytes uint64 // of keys and values, uncompressed
}

// entry is a child as its parent sees it: its first key, the rows below it, its hash.
type entry struct {
	key  []byte
	rows uint64
	hash Hash
}

// Hasher computes the root of one table from its rows in the order of their keys, and hands out the objects of its tree
// where somebody keeps them. It belongs to one goroutine. The zero value is not ready: see NewHasher.
type Hasher struct {
	table string
	keep  func(Hash, Object, []byte) error // takes each object, with the filter of a leaf; nil = nobody does
	err   error                            // the first of keep
	leaf  []byte                           // the open leaf's bytes
	keys  []uint64                         // its key points, where objects are kept
	blobs bool                             // it holds some
	first []byte                           // its first key
	rows  uint64                           // in the open leaf
	last  []byte
	some  bool
	total Root
	open  []level // open nodes, from the one above the leaves upward
}

// level is an open node: its bytes so far, from the place of its level on, its first key, its children and the rows
// below it.
type level struct {
	bytes    []byte
	first    []byte
	children int
	rows     uint64
	only     Hash // the hash of the first child
}

// NewHasher starts the root of the table with this name.
func NewHasher(table string) *Hasher { return &Hasher{table: table} }

// Add takes the next row. Neither slice is kept. It panics when key does not rise.
func (h *Hasher) Add(key, value []byte) {
	if h.some && bytes.Compare(key, h.last) <= 0 {
		panic(fmt.Sprintf("snapshotstore: rows of table %s do not rise: %x after %x", h.table, key, h.last))
	}
	if h.some {
		h.cut(Boundaries(h.table, key))
	}
	h.some = true
	if h.keep != nil {
		h.keys = append(h.keys, keyPoint(key))
		if len(value) > BlobBytes {
			h.blobs = true
			h.give(Object{Kind: KindBlob, Bytes: value}, nil)
		}
	}
	h.last = append(h.last[:0], key...)
	if h.rows == 0 {
		h.first = append([]byte(nil), key...)
	}
	h.leaf = appendRow(h.leaf, key, value)
	h.rows++
	h.total.Rows++
	h.total.Bytes += uint64(len(key) + len(value))
}

// addLeaf takes a leaf of an older tree as it is: its rows follow the last one added, and its first key begins a leaf.
func (h *Hasher) addLeaf(e entry, last []byte) {
	if h.some {
		h.cut(max(1, Boundaries(h.table, e.key)))
	}
	h.some = true
	h.last = append(h.last[:0], last...)
	h.total.Rows += e.rows
	h.push(0, e)
}

// give hands an object to whoever keeps them, and returns its hash.
func (h *Hasher) give(o Object, filter []byte) Hash {
	hash := o.Hash()
	if h.keep != nil && h.err == nil {
		h.err = h.keep(hash, o, filter)
	}
	return hash
}

// Sum returns the root of all rows added. The Hasher is spent.
func (h *Hasher) Sum() Root {
	if h.total.Rows == 0 {
		h.total.Hash = sha256.Sum256(leafPrefix)
		return h.total
	}
	h.closeLeaf()
	for i := 0; ; i++ {
		top := i == len(h.open)-1
		if top && h.open[i].children == 1 {
			h.total.Hash = h.open[i].only
			return h.total
		}
		h.closeNode(i)
	}
}

// cut closes the open leaf, and nodes above it, where a boundary of this many levels or a full node asks for it.
func (h *Hasher) cut(levels int) {
	if levels == 0 && h.rows < LeafRows*forced {
		return
	}
	h.closeLeaf()
	for i := 0; i < len(h.open); i++ { // closing a node may open one above it, which this key may close as well
		if levels < i+2 && h.open[i].children < Fanout*forced {
			return
		}
		h.closeNode(i)
	}
}

var (
	leafPrefix = []byte("cim-leaf-1")
	nodePrefix = []byte("cim-node-1")
)

func (h *Hasher) closeLeaf() {
	if h.rows == 0 {
		return // the last leaf was taken as it is
	}
	var filter []byte
	if h.keep != nil {
		filter = makeFilter(h.keys)
		h.keys = h.keys[:0]
	}
	o := Object{Kind: KindLeaf, Bytes: h.leaf}
	if h.blobs {
		o.Kind = KindBlobby
	}
	e := entry{key: h.first, rows: h.rows, hash: h.give(o, filter)}
	h.leaf, h.rows, h.blobs = h.leaf[:0], 0, false
	h.push(0, e)
}

func (h *Hasher) closeNode(i int) {
	n := &h.open[i]
	if n.children == 0 {
		return
	}
	n.bytes[0] = byte(i + 1)
	e := entry{key: n.first, rows: n.rows, hash: h.give(Object{Kind: KindNode, Bytes: n.bytes}, nil)}
	*n = level{bytes: n.bytes[:0]}
	h.push(i+1, e)
}

func (h *Hasher) push(i int, e entry) {
	if i == len(h.open) {
		h.open = append(h.open, level{})
	}
	n := &h.open[i]
	if n.children == 0 {
		n.first, n.only = e.key, e.hash
		n.bytes = append(n.bytes[:0], 0) // the level's place
	}
	n.bytes = appendBytes(n.bytes, e.key)
	n.bytes = binary.BigEndian.AppendUint64(n.bytes, e.rows)
	n.bytes = append(n.bytes, e.hash[:]...)
	n.children++
	n.rows += e.rows
}

// appendRow writes a row as its leaf holds it: key, then 0 and the value, or 1, length and hash of a value over
// BlobBytes.
func appendRow(b, key, value []byte) []byte {
	b = appendBytes(b, key)
	if len(value) <= BlobBytes {
		b = append(b, 0)
		return appendBytes(b, value)
	}
	sum := sha256.Sum256(value)
	b = append(b, 1)
	b = binary.BigEndian.AppendUint64(b, uint64(len(value)))
	return append(b, sum[:]...)
}

func appendBytes(b, v []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
	return append(b, v...)
}
