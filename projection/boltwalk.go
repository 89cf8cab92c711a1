package projection

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The flags of pages and elements in a bolt file.
const (
	boltBranch   = 0x01
	boltLeaf     = 0x02
	boltFreelist = 0x10

	boltElement      = 16 // bytes of one element, of a branch as of a leaf
	boltBucketHeader = 16 // root page and sequence
	boltIsBucket     = 0x01
	boltMaxKey       = 32 * 1024
	boltMaxDepth     = 32
)

// boltWalk reads every page that the last commit of a bolt file uses, each once. Pages come through ReadAt, so that a
// file that shrinks meanwhile is an error and not a fault.
//
// It is stricter than bbolt's own check: bbolt writes the elements of a page without gaps, so a count or length that
// was changed shows even where what is left looks like a page.
type boltWalk struct {
	file    io.ReaderAt
	meta    boltMeta
	seen    []byte               // one for each page: pageUnseen, pageFree or pageUsed
	buffers [boltMaxDepth][]byte // one for each level of the tree that is being walked
}

const (
	pageUnseen = iota
	pageFree
	pageUsed
)

// boltPage is one page with its overflow. Its bytes are valid until the next page of the same depth is read.
type boltPage struct {
	flags uint16
	count int
	bytes []byte
}

// keyRange is where the keys of a page must lie: from low on, below high; nil is no limit.
type keyRange struct{ low, high []byte }

func newBoltWalk(f io.ReaderAt, meta boltMeta) *boltWalk {
	return &boltWalk{file: f, meta: meta, seen: make([]byte, meta.pages)}
}

// all reads the list of free pages and all buckets, and accounts for every page.
func (w *boltWalk) all() error {
	if err := w.freelist(); err != nil {
		return err
	}
	if err := w.tree(w.meta.root, 0, keyRange{}, w.rootLeaf); err != nil {
		return err
	}
	for id := uint64(2); id < w.meta.pages; id++ {
		if w.seen[id] == pageUnseen {
			return fmt.Errorf("page %d is neither free nor used", id)
		}
	}
	return nil
}

// page reads a page and takes it and its overflow as used.
func (w *boltWalk) page(id uint64, depth int) (boltPage, error) {
	if id < 2 || id >= w.meta.pages {
		return boltPage{}, fmt.Errorf("something points to page %d of %d", id, w.meta.pages)
	}
	if depth >= boltMaxDepth {
		return boltPage{}, fmt.Errorf("page %d lies %d pages deep", id, depth)
	}
	size := int(w.meta.pageSize)
	b, err := w.read(depth, id, size)
	if err != nil {
		return boltPage{}, err
	}
	order := binary.NativeEndian
	overflow := uint64(order.Uint32(b[12:]))
	if own := order.Uint64(b); own != id || id+overflow >= w.meta.pages {
		return boltPage{}, fmt.Errorf("page %d says that it is page %d with %d more", id, own, overflow)
	}
	for i := id; i <= id+overflow; i++ {
		if w.seen[i] != pageUnseen {
			return boltPage{}, fmt.Errorf("page %d is used twice, or free and used", i)
		}
		w.seen[i] = pageUsed
	}
	if overflow > 0 {
		if b, err = w.read(depth, id, size*int(1+overflow)); err != nil {
			return boltPage{}, err
		}
	}
	return boltPage{flags: order.Uint16(b[8:]), count: int(order.Uint16(b[10:])), bytes: b}, nil
}

func (w *boltWalk) read(depth int, id uint64, n int) ([]byte, error) {
	if cap(w.buffers[depth]) < n {
		w.buffers[depth] = make([]byte, n)
	}
	b := w.buffers[depth][:n]
	if _, err := w.file.ReadAt(b, int64(id)*int64(w.meta.pageSize)); err != nil {
		return nil, fmt.Errorf("page %d cannot be read: %w", id, err)
	}
	return b, nil
}

// freelist takes the pages that the list of free pages names as free.
func (w *boltWalk) freelist() error {
	p, err := w.page(w.meta.freelist, 0)
	if err != nil {
		return err
	}
	if p.flags != boltFreelist {
		return fmt.Errorf("page %d should be the list of free pages and has flags %#x", w.meta.freelist, p.flags)
	}
	ids, n := p.bytes[boltPageHeader:], uint64(p.count)
	if n == 0xFFFF { // too many for the header: the first entry is their number
		n, ids = binary.NativeEndian.Uint64(ids), ids[8:]
	}
	if n > uint64(len(ids)/8) {
		return fmt.Errorf("the list of free pages has %d entries in %d bytes", n, len(ids))
	}
	for i := range n {
		id := binary.NativeEndian.Uint64(ids[8*i:])
		if id < 2 || id >= w.meta.pages || w.seen[id] != pageUnseen {
			return fmt.Errorf("page %d is listed as free and is not", id)
		}
		w.seen[id] = pageFree
	}
	return nil
}

// tree walks the pages below id, whose keys must lie within a range, and hands the leaves' elements to leaf.
func (w *boltWalk) tree(id uint64, depth int, keys keyRange, leaf func(e boltElem, depth int) error) error {
	p, err := w.page(id, depth)
	if err != nil {
		return err
	}
	if p.count == 0 {
		return fmt.Errorf("page %d is empty", id)
	}
	switch p.flags {
	case boltLeaf:
		_, err = p.elements(keys, func(e boltElem) error { return leaf(e, depth+1) })
	case boltBranch:
		err = w.branch(p, depth, keys, leaf)
	default:
		err = fmt.Errorf("it has flags %#x", p.flags)
	}
	if err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	return nil
}

// branch walks the children of a page. Each holds the keys from its own on and below the next child's.
func (w *boltWalk) branch(p boltPage, depth int, keys keyRange, leaf func(boltElem, int) error) error {
	var held boltElem
	_, err := p.elements(keys, func(next boltElem) error {
		child := held
		held = next
		if child.key == nil {
			return nil
		}
		return w.tree(child.page, depth+1, keyRange{child.key, next.key}, leaf)
	})
	if err != nil {
		return err
	}
	return w.tree(held.page, depth+1, keyRange{held.key, keys.high}, leaf)
}

// boltElem is one element of a page; its slices are valid as long as the page's bytes are.
type boltElem struct {
	flags uint32 // of a leaf
	page  uint64 // of a branch
	key   []byte
	value []byte // of a leaf
}

var errGap = errors.New("its elements do not lie one behind the other")

// elements calls each for the elements of a leaf or branch, whose keys must rise within a range, and returns how many
// bytes the page uses.
func (p boltPage) elements(keys keyRange, each func(boltElem) error) (int, error) {
	order := binary.NativeEndian
	end := boltPageHeader + p.count*boltElement
	if end > len(p.bytes) {
		return 0, errGap
	}
	last := keys.low
	for i := range p.count {
		at := boltPageHeader + i*boltElement
		head := p.bytes[at : at+boltElement]
		var e boltElem
		var pos, ksize, vsize int
		if p.flags == boltBranch {
			pos, ksize, e.page = int(order.Uint32(head)), int(order.Uint32(head[4:])), order.Uint64(head[8:])
		} else {
			e.flags, pos = order.Uint32(head), int(order.Uint32(head[4:]))
			ksize, vsize = int(order.Uint32(head[8:])), int(order.Uint32(head[12:]))
		}
		if at+pos != end || ksize < 1 || ksize > boltMaxKey || vsize < 0 || vsize > len(p.bytes)-end-ksize {
			return 0, errGap
		}
		e.key, e.value = p.bytes[end:end+ksize:end+ksize], p.bytes[end+ksize:end+ksize+vsize]
		end += ksize + vsize
		order := bytes.Compare(e.key, last)
		if last != nil && (order < 0 || order == 0 && i > 0) || keys.high != nil && bytes.Compare(e.key, keys.high) >= 0 {
			return 0, fmt.Errorf("key %x is out of order", e.key)
		}
		last = e.key
		if err := each(e); err != nil {
			return 0, err
		}
	}
	return end, nil
}

// rootLeaf takes an element of the root: it must be a bucket. A small bucket stands in the element itself.
func (w *boltWalk) rootLeaf(e boltElem, depth int) error {
	if e.flags != boltIsBucket || len(e.value) < boltBucketHeader {
		return fmt.Errorf("%q is not a bucket", e.key)
	}
	name := newBucket(string(e.key))
	cell := func(e boltElem, _ int) error { return checkCell(name, e) }
	if root := binary.NativeEndian.Uint64(e.value); root != 0 {
		return w.tree(root, depth, keyRange{}, cell)
	}
	b := e.value[boltBucketHeader:]
	if len(b) < boltPageHeader {
		return fmt.Errorf("bucket %q is cut short", e.key)
	}
	p := boltPage{flags: binary.NativeEndian.Uint16(b[8:]), count: int(binary.NativeEndian.Uint16(b[10:])), bytes: b}
	if p.flags != boltLeaf {
		return fmt.Errorf("bucket %q has flags %#x", e.key, p.flags)
	}
	used, err := p.elements(keyRange{}, func(e boltElem) error { return checkCell(name, e) })
	if err == nil && used != len(b) {
		err = errGap
	}
	if err != nil {
		return fmt.Errorf("bucket %q: %w", e.key, err)
	}
	return nil
}

func checkCell(b bucket, e boltElem) error {
	if e.flags != 0 {
		return fmt.Errorf("%q in %s has flags %#x", e.key, b.name, e.flags)
	}
	if _, _, err := b.open(e.key, e.value); err != nil {
		return fmt.Errorf("the value of %q in %s does not match its checksum", e.key, b.name)
	}
	return nil
}
