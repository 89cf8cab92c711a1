package snapshotstore

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
)

// Commit is what a projection's state was at one position: the roots of its tables, and what the projection itself must
// know to go on from there (its lineage, its counters), which this package does not look into.
type Commit struct {
	Tables []Named
	State  []byte
}

// encode writes the number of tables, for each its name, hash, rows and bytes, and the state behind them.
func (c *Commit) encode() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(c.Tables)))
	for _, t := range c.Tables {
		b = appendBytes(b, []byte(t.Table))
		b = append(b, t.Root.Hash[:]...)
		b = binary.BigEndian.AppendUint64(b, t.Root.Rows)
		b = binary.BigEndian.AppendUint64(b, t.Root.Bytes)
	}
	return append(b, c.State...)
}

var errCommit = errors.New("snapshotstore: a commit is cut short")

func decodeCommit(b []byte) (Commit, error) {
	if len(b) < 4 {
		return Commit{}, errCommit
	}
	n := binary.BigEndian.Uint32(b)
	b = b[4:]
	var c Commit
	for range n {
		name, rest, ok := cutBytes(b)
		if !ok || len(rest) < sha256.Size+16 {
			return Commit{}, errCommit
		}
		t := Named{Table: string(name)}
		copy(t.Root.Hash[:], rest)
		t.Root.Rows = binary.BigEndian.Uint64(rest[sha256.Size:])
		t.Root.Bytes = binary.BigEndian.Uint64(rest[sha256.Size+8:])
		c.Tables = append(c.Tables, t)
		b = rest[sha256.Size+16:]
	}
	c.State = b
	return c, nil
}

// Root returns a table's root; the empty one where the commit does not name the table.
func (c *Commit) Root(table string) Root {
	for _, t := range c.Tables {
		if t.Table == table {
			return t.Root
		}
	}
	return Root{Hash: emptyRoot}
}

// PutCommit writes a commit and returns its hash, by which everything in it can be found again.
func (w *Writer) PutCommit(c *Commit) (Hash, error) {
	o := Object{Kind: KindCommit, Bytes: c.encode()}
	hash := o.Hash()
	return hash, w.put(hash, o, nil)
}

// Commit reads a commit.
func (s *Store) Commit(hash Hash) (Commit, error) {
	o, err := s.Object(hash)
	if err != nil {
		return Commit{}, err
	}
	if o.Kind != KindCommit {
		return Commit{}, fmt.Errorf("snapshotstore: object %s is of kind %c, where a commit belongs", hash, o.Kind)
	}
	return decodeCommit(o.Bytes)
}

// ParseHash reads 64 hexadecimal digits.
func ParseHash(text string) (Hash, error) {
	var h Hash
	if len(text) == 2*sha256.Size {
		if _, err := hex.Decode(h[:], []byte(text)); err == nil {
			return h, nil
		}
	}
	return Hash{}, fmt.Errorf("snapshotstore: %q is not a hash of 64 hexadecimal digits", text)
}
