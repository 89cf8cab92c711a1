package snapshotstore

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/s2"
)

// A pack is one file with many objects and an index; FORMAT.md has it to the byte. It is written once, named by the
// hash of its index, and never changed.
const (
	packMagic   = "cim-pack-2\n"
	packTrailer = 8 + 4 + sha256.Size + len(packMagic)
	packSuffix  = ".pack"

	// filterBits are spent on each key of a leaf in its filter, so that a key which is not there costs no reading.
	filterBits = 10
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// located is one line of a pack's index.
type located struct {
	hash   Hash
	offset uint64
	stored uint32 // bytes in the pack: compressed, or as they are where that is not smaller
	raw    uint32
	sum    uint32 // CRC-32C of the stored bytes: two stored forms can stand for the same object
	kind   Kind
	filter []byte // of a leaf's keys
}

// packWriter writes objects into a new pack. It is used from one goroutine.
type packWriter struct {
	dir   string
	file  *os.File
	out   *bufio.Writer
	at    uint64
	safe  uint64 // up to here it is synced
	index []located
	have  map[Hash]bool
	buf   []byte
}

func newPackWriter(dir string) (*packWriter, error) {
	f, err := os.CreateTemp(dir, "pack-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("create a pack: %w", err)
	}
	w := &packWriter{dir: dir, file: f, out: bufio.NewWriterSize(f, 1<<20), have: map[Hash]bool{}}
	if _, err := w.out.WriteString(packMagic); err != nil {
		return nil, errors.Join(err, w.abort())
	}
	w.at = uint64(len(packMagic))
	return w, nil
}

// put stores an object, once.
func (w *packWriter) put(hash Hash, o Object, filter []byte) error {
	if w.have[hash] {
		return nil
	}
	w.buf = s2.Encode(w.buf[:cap(w.buf)], o.Bytes)
	stored := w.buf
	if len(stored) >= len(o.Bytes) {
		stored = o.Bytes
	}
	return w.putStored(located{hash: hash, raw: uint32(len(o.Bytes)), kind: o.Kind, filter: filter}, stored)
}

// putStored stores an object whose stored form is known.
func (w *packWriter) putStored(l located, stored []byte) error {
	if w.have[l.hash] {
		return nil
	}
	if _, err := w.out.Write(stored); err != nil {
		return fmt.Errorf("write %s: %w", w.file.Name(), err)
	}
	l.offset, l.stored, l.sum = w.at, uint32(len(stored)), crc32.Checksum(stored, castagnoli)
	w.index = append(w.index, l)
	w.have[l.hash] = true
	w.at += uint64(len(stored))
	return w.step()
}

// syncStep is how much is written between two syncs: a large one at the end would hold up the small ones of others.
const syncStep = 8 << 20

// step syncs what was written when that is enough.
func (w *packWriter) step() error {
	if w.at-w.safe < syncStep {
		return nil
	}
	w.safe = w.at
	err := w.out.Flush()
	if err == nil {
		err = w.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", w.file.Name(), err)
	}
	return nil
}

// finish writes the index, makes the pack durable, and names it. An empty pack is not kept; its name is "".
func (w *packWriter) finish() (string, error) {
	if len(w.index) == 0 {
		return "", w.abort()
	}
	name, tail := packEnd(w.index, w.at)
	err := w.close(tail)
	if err == nil {
		err = os.Rename(w.file.Name(), filepath.Join(w.dir, name))
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("finish pack %s: %w", name, err), w.abort())
	}
	return name, syncDir(w.dir)
}

// packEnd returns what stands behind the objects of a pack, which end at this place, and the pack's name. It sorts the
// lines.
func packEnd(lines []located, at uint64) (name string, end []byte) {
	end = encodeIndex(lines)
	sum := sha256.Sum256(end)
	end = binary.BigEndian.AppendUint64(end, at)
	end = binary.BigEndian.AppendUint32(end, uint32(len(lines)))
	end = append(append(end, sum[:]...), packMagic...)
	return hex.EncodeToString(sum[:16]) + packSuffix, end
}

func (w *packWriter) close(tail []byte) error {
	if _, err := w.out.Write(tail); err != nil {
		return err
	}
	if err := w.out.Flush(); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	return w.file.Close()
}

// abort throws away what was written.
func (w *packWriter) abort() error {
	_ = w.file.Close() // it may be closed already
	if err := os.Remove(w.file.Name()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove an unfinished pack: %w", err)
	}
	return nil
}

// encodeIndex sorts the lines by hash and writes them.
func encodeIndex(lines []located) []byte {
	slices.SortFunc(lines, func(a, b located) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	var b []byte
	for _, l := range lines {
		b = append(b, l.hash[:]...)
		b = binary.BigEndian.AppendUint64(b, l.offset)
		b = binary.BigEndian.AppendUint32(b, l.stored)
		b = binary.BigEndian.AppendUint32(b, l.raw)
		b = binary.BigEndian.AppendUint32(b, l.sum)
		b = append(b, byte(l.kind))
		b = binary.BigEndian.AppendUint16(b, uint16(len(l.filter)))
		b = append(b, l.filter...)
	}
	return b
}

const indexLine = sha256.Size + 8 + 4 + 4 + 4 + 1 + 2

func decodeIndex(b []byte, n int) ([]located, error) {
	lines := make([]located, 0, n)
	for range n {
		if len(b) < indexLine {
			return nil, errors.New("its index is cut short")
		}
		var l located
		copy(l.hash[:], b)
		b = b[sha256.Size:]
		l.offset, l.stored, l.raw = binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])
		l.sum, l.kind = binary.BigEndian.Uint32(b[16:]), Kind(b[20])
		filter := int(binary.BigEndian.Uint16(b[21:]))
		b = b[23:]
		if len(b) < filter {
			return nil, errors.New("its index is cut short")
		}
		l.filter = b[:filter:filter]
		b = b[filter:]
		lines = append(lines, l)
	}
	if len(b) > 0 {
		return nil, errors.New("its index is longer than it says")
	}
	return lines, nil
}

// pack is an open pack. It is safe for concurrent use.
type pack struct {
	name  string
	file  *os.File
	size  int64
	index []located // by hash
}

// openPack reads a pack's index and holds it against its checksum and its name.
func openPack(dir, name string) (*pack, error) {
	path := filepath.Join(dir, name)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open pack: %w", err)
	}
	p := &pack{name: name, file: f}
	if err := p.load(); err != nil {
		return nil, errors.Join(&DamageError{File: path, Detail: err.Error()}, f.Close())
	}
	return p, nil
}

func (p *pack) load() error {
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	p.size = info.Size()
	if p.size < int64(len(packMagic)+packTrailer) {
		return errors.New("it is too short to be a pack")
	}
	var head [len(packMagic)]byte
	var tail [packTrailer]byte
	if _, err := p.file.ReadAt(head[:], 0); err != nil {
		return err
	}
	if _, err := p.file.ReadAt(tail[:], p.size-packTrailer64); err != nil {
		return err
	}
	if string(head[:]) != packMagic || string(tail[packTrailer-len(packMagic):]) != packMagic {
		return errors.New("it does not begin and end like a pack")
	}
	return p.loadIndex(int64(binary.BigEndian.Uint64(tail[:])), int(binary.BigEndian.Uint32(tail[8:])), tail[12:12+sha256.Size])
}

const packTrailer64 = int64(packTrailer)

func (p *pack) loadIndex(at int64, n int, want []byte) error {
	if at < int64(len(packMagic)) || at > p.size-packTrailer64 {
		return fmt.Errorf("its index is said to stand at %d of %d bytes", at, p.size)
	}
	raw := make([]byte, p.size-packTrailer64-at)
	if _, err := p.file.ReadAt(raw, at); err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	if !bytes.Equal(sum[:], want) {
		return errors.New("its index does not match its checksum")
	}
	if want := hex.EncodeToString(sum[:16]) + packSuffix; p.name != want {
		return fmt.Errorf("its name should be %s", want)
	}
	if n < 0 || n > len(raw)/indexLine {
		return errors.New("its index is cut short")
	}
	lines, err := decodeIndex(raw, n)
	if err != nil {
		return err
	}
	for i, l := range lines {
		if i > 0 && bytes.Compare(lines[i-1].hash[:], l.hash[:]) >= 0 {
			return fmt.Errorf("the lines of its index do not rise at object %s", l.hash)
		}
		if l.offset < uint64(len(packMagic)) || l.offset > uint64(at) || uint64(l.stored) > uint64(at)-l.offset {
			return fmt.Errorf("object %s is said to lie outside of it", l.hash)
		}
	}
	p.index = lines
	return nil
}

// find returns where an object stands, or nil.
func (p *pack) find(hash Hash) *located {
	i, ok := slices.BinarySearchFunc(p.index, hash, func(l located, h Hash) int { return bytes.Compare(l.hash[:], h[:]) })
	if !ok {
		return nil
	}
	return &p.index[i]
}

// read returns an object, verified by its hash.
func (p *pack) read(l *located) (Object, error) {
	stored := make([]byte, l.stored)
	if _, err := p.file.ReadAt(stored, int64(l.offset)); err != nil {
		return Object{}, p.damage(l, "it cannot be read: "+errText(err))
	}
	if crc32.Checksum(stored, castagnoli) != l.sum {
		return Object{}, p.damage(l, "its stored bytes do not match their checksum")
	}
	o := Object{Kind: l.kind, Bytes: stored}
	if l.stored != l.raw {
		n, err := s2.DecodedLen(stored)
		if err != nil || n != int(l.raw) {
			return Object{}, p.damage(l, "its length is not the one that the index states")
		}
		if o.Bytes, err = s2.Decode(nil, stored); err != nil {
			return Object{}, p.damage(l, "it cannot be decompressed")
		}
	}
	if o.Hash() != l.hash {
		return Object{}, p.damage(l, "its bytes do not match its hash")
	}
	return o, nil
}

func errText(err error) string {
	if errors.Is(err, io.EOF) {
		return "the file is cut short"
	}
	return err.Error()
}

func (p *pack) damage(l *located, detail string) error {
	return &DamageError{File: p.file.Name(), Object: l.hash, Detail: detail}
}

// verify reads every object, and tells whether yield wants to go on.
func (p *pack) verify(yield func(error) bool) bool {
	for _, l := range slices.SortedFunc(slices.Values(p.index), func(a, b located) int { return cmp.Compare(a.offset, b.offset) }) {
		if _, err := p.read(&l); err != nil && !yield(err) {
			return false
		}
	}
	return true
}

// syncDir makes a rename or removal in dir durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}
