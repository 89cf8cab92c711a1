package eventlog

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math/bits"
	"slices"
	"sync"
)

// Hash is a SHA-256 value: of one record, or of a chain of them.
type Hash [sha256.Size]byte

// IsZero tells whether nothing was hashed.
func (h Hash) IsZero() bool { return h == Hash{} }

// String prints 64 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// lineageHeaders are the headers that take part in a record's hash: those that decoding reads. Others may be
// added by a server on the way (a source, a mirror, a trace) without making it another event. The order is
// part of the definition: names are appended, never moved.
var lineageHeaders = [...]string{
	"Nats-Msg-Id",
	"Nats-Batch-Id", "Nats-Batch-Sequence", "Nats-Batch-Commit",
	"Cim-Event-Id", "Cim-Aggregate-Id", "Cim-Event-Type", "Cim-Graph-Type", "Cim-Correlation-Id", "Cim-Causation-Id",
	"X-Message-ID", "X-Correlation-ID", "X-Causation-ID", "X-Event-Type", "X-Workflow-ID", "X-Sequence", "X-Timestamp", "X-Actor",
	"Correlation-Id", "Causation-Id", "Aggregate-Id",
}

var hashers = sync.Pool{New: func() any { return &hasher{sum: sha256.New()} }}

type hasher struct {
	sum     hash.Hash
	scratch []byte
}

// HashRecord returns h(n), the fingerprint of one record:
//
//	SHA-256("cim-record-1" | seq | time | subject | headers | body)
//
// Numbers are 8 bytes big-endian; subject, header values and body are each preceded by their length as such a
// number. Headers are the number of values, and then for each listed header in order and each of its values: its index in
// the list, then the value. Without the number a body could be made that reads as a header.
func HashRecord(r *Record) Hash {
	h := hashers.Get().(*hasher)
	defer hashers.Put(h)
	b := append(h.scratch[:0], "cim-record-1"...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time))
	b = appendText(b, r.Subject)
	b = appendHeaders(b, r.Header)
	b = binary.BigEndian.AppendUint64(b, uint64(len(r.Body)))
	h.scratch = b
	h.sum.Reset()
	h.sum.Write(b)
	h.sum.Write(r.Body)
	var out Hash
	h.sum.Sum(out[:0])
	return out
}

func appendHeaders(b []byte, h Header) []byte {
	at, count := len(b), uint64(0)
	b = binary.BigEndian.AppendUint64(b, 0)
	if len(h) == 0 {
		return b
	}
	for i, name := range lineageHeaders {
		for _, v := range h[name] {
			b = binary.BigEndian.AppendUint64(b, uint64(i))
			b = appendText(b, v)
			count++
		}
	}
	binary.BigEndian.PutUint64(b[at:], count)
	return b
}

func appendText(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
	return append(b, s...)
}

// Chain is the running hash of every record applied since Start:
//
//	chain(n) = SHA-256("cim-chain-1" | chain(n-1) | h(n)), chain before the first = zero
//
// Two chains say something about each other only when they ran over the same set of sequences: a record that was
// deleted in between gives an honest later reader another chain.
type Chain struct {
	Start Seq // the sequence of the first record in it; 0 while it is empty
	Hash  Hash
}

// Append returns the chain after one more record.
func (c Chain) Append(seq Seq, h Hash) Chain {
	var b [11 + 2*sha256.Size]byte
	n := copy(b[:], "cim-chain-1")
	n += copy(b[n:], c.Hash[:])
	copy(b[n:], h[:])
	if c.Start == 0 {
		c.Start = seq
	}
	c.Hash = sha256.Sum256(b[:])
	return c
}

// Mark is the fingerprint of one applied record, kept to recognise its history later.
type Mark struct {
	Seq  Seq
	Time Time // broker time
	Hash Hash
}

// ringDepth is how many marks each level of the ring keeps.
const ringDepth = 4

// Ring is a sparse set of marks of applied records. A record goes to the level given by the trailing zero bits of
// its sequence, and each level keeps its newest few: so marks are dense near the head and thin out with the
// logarithm of the distance, about 4·log2(n) of them after n events (64 or more from 131,072 on). Which marks it
// holds is a function of the applied sequences alone.
type Ring struct {
	levels [64][]Mark
}

// Push adds the mark of the next applied record. Sequences must rise.
func (r *Ring) Push(m Mark) {
	level := bits.TrailingZeros64(uint64(m.Seq)) & 63
	marks := r.levels[level]
	if len(marks) == ringDepth {
		copy(marks, marks[1:])
		marks[ringDepth-1] = m
		return
	}
	r.levels[level] = append(marks, m)
}

// Marks returns all marks, by falling sequence.
func (r *Ring) Marks() []Mark {
	var out []Mark
	for _, marks := range r.levels {
		out = append(out, marks...)
	}
	sortMarks(out)
	return out
}

// Prune drops the marks below first: the log holds nothing there that they could be compared with.
func (r *Ring) Prune(first Seq) {
	for level, marks := range r.levels {
		keep := marks[:0]
		for _, m := range marks {
			if m.Seq >= first {
				keep = append(keep, m)
			}
		}
		r.levels[level] = keep
	}
}

// Clone returns an independent copy.
func (r *Ring) Clone() Ring {
	var out Ring
	for level, marks := range r.levels {
		if len(marks) > 0 {
			out.levels[level] = append(make([]Mark, 0, ringDepth), marks...)
		}
	}
	return out
}

func sortMarks(marks []Mark) {
	slices.SortFunc(marks, func(a, b Mark) int { return cmp.Compare(b.Seq, a.Seq) })
}
