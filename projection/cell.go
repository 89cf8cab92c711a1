package projection

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A cell is a value as a delta holds it:
//
//	tag (1 byte: 'R' row, 'T' tombstone, 'P' range tombstone) | CRC-32C (4 bytes, big-endian) | row
//
// The checksum covers bucket name, a zero byte, key, tag and row, so that a value under another key is noticed too.
const (
	tagRow       = 'R'
	tagTombstone = 'T'
	tagRange     = 'P'

	cellHeader = 5
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errCell = errors.New("value does not match its checksum")

// bucket is a bolt bucket's name, with the part of every checksum that it makes.
type bucket struct {
	name []byte
	seed uint32
}

func newBucket(name string) bucket {
	sum := crc32.Update(0, castagnoli, []byte(name))
	return bucket{name: []byte(name), seed: crc32.Update(sum, castagnoli, []byte{0})}
}

func (b bucket) sum(key []byte, tag byte, row []byte) uint32 {
	sum := crc32.Update(b.seed, castagnoli, key)
	sum = crc32.Update(sum, castagnoli, []byte{tag})
	return crc32.Update(sum, castagnoli, row)
}

// seal returns the cell of a row or, with another tag, of a tombstone.
func (b bucket) seal(key []byte, tag byte, row []byte) []byte {
	out := make([]byte, cellHeader, cellHeader+len(row))
	out[0] = tag
	binary.BigEndian.PutUint32(out[1:], b.sum(key, tag, row))
	return append(out, row...)
}

// open checks a cell and returns its tag and row, which points into the cell.
func (b bucket) open(key, cell []byte) (tag byte, row []byte, err error) {
	if len(cell) < cellHeader {
		return 0, nil, errCell
	}
	tag, row = cell[0], cell[cellHeader:]
	if tag != tagRow && tag != tagTombstone && tag != tagRange {
		return 0, nil, errCell
	}
	if binary.BigEndian.Uint32(cell[1:]) != b.sum(key, tag, row) {
		return 0, nil, errCell
	}
	return tag, row, nil
}
