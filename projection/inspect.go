package projection

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// DamageError is a file that is not what it must be. The file is left as it is.
type DamageError struct {
	File   string
	Detail string
}

// Error names the file, what is wrong, and what can be done.
func (e *DamageError) Error() string {
	return fmt.Sprintf("projection: %s is damaged: %s; move the data directory away and project again from the first event", e.File, e.Detail)
}

// bbolt's file layout, from its page and meta structures (version 2 of the format).
const (
	boltMagic      = 0xED0CDAED
	boltVersion    = 2
	boltPageHeader = 16
	boltMetaBytes  = 64 // magic to checksum
)

// boltMeta is what a meta page says of the commit that wrote it.
type boltMeta struct {
	pageSize uint32
	root     uint64 // page of the root bucket
	freelist uint64 // first page of the list of free pages
	pages    uint64 // in use or free; the file may be longer
	txid     uint64
}

// inspectBolt reads a whole bolt file before bbolt maps it, without mapping it, and returns a DamageError for anything
// that is not as it was written: a missing or short file, a meta page, a page that nothing or two things point to, an
// order of keys, a value that does not match its checksum. bbolt itself opens an empty file as a new store, falls back
// in silence to the commit before when the newer meta page is damaged, and can take the process with it on a page that
// points outside of the file or back to itself, so nothing of a file reaches bbolt that was not read here.
func inspectBolt(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return &DamageError{File: path, Detail: "it is missing"}
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("stat %s: %w", path, err)
	}
	if err := walkBolt(f, info.Size()); err != nil {
		return &DamageError{File: path, Detail: err.Error()}
	}
	return nil
}

func walkBolt(f io.ReaderAt, size int64) error {
	meta, err := newestMeta(f, size)
	if err != nil {
		return err
	}
	return newBoltWalk(f, meta).all()
}

// newestMeta checks both meta pages and the length of the file, and returns the meta of the last commit.
func newestMeta(f io.ReaderAt, size int64) (boltMeta, error) {
	pageSize, err := boltPageSize(f)
	if err != nil {
		return boltMeta{}, err
	}
	var newest boltMeta
	for page := range int64(2) {
		m, err := readBoltMeta(f, page*pageSize)
		if err == nil && int64(m.pageSize) != pageSize {
			err = fmt.Errorf("its page size is %d", m.pageSize)
		}
		if err == nil && m.pages > uint64(size/pageSize) {
			err = fmt.Errorf("the file has %d bytes, a commit needs %d pages of %d", size, m.pages, pageSize)
		}
		if err != nil {
			return boltMeta{}, fmt.Errorf("meta page %d: %w", page, err)
		}
		if page == 0 || m.txid > newest.txid {
			newest = m
		}
	}
	return newest, nil
}

func boltPageSize(f io.ReaderAt) (int64, error) {
	var b [boltPageHeader + 12]byte
	if _, err := f.ReadAt(b[:], 0); err != nil {
		return 0, errors.New("it is too short to be a store")
	}
	size := int64(binary.NativeEndian.Uint32(b[boltPageHeader+8:]))
	if size < 1024 || size > 1<<16 || size&(size-1) != 0 {
		return 0, fmt.Errorf("its page size is %d", size)
	}
	return size, nil
}

// readBoltMeta reads and checks one meta page.
func readBoltMeta(f io.ReaderAt, at int64) (boltMeta, error) {
	var b [boltMetaBytes]byte
	if _, err := f.ReadAt(b[:], at+boltPageHeader); err != nil {
		return boltMeta{}, errors.New("it is cut short")
	}
	order := binary.NativeEndian
	if magic := order.Uint32(b[0:]); magic != boltMagic {
		return boltMeta{}, fmt.Errorf("its magic is %#x", magic)
	}
	if version := order.Uint32(b[4:]); version != boltVersion {
		return boltMeta{}, fmt.Errorf("its version is %d", version)
	}
	sum := fnv.New64a()
	sum.Write(b[:56])
	if order.Uint64(b[56:]) != sum.Sum64() {
		return boltMeta{}, errors.New("its checksum does not match")
	}
	return boltMeta{
		pageSize: order.Uint32(b[8:]), root: order.Uint64(b[16:]), freelist: order.Uint64(b[32:]),
		pages: order.Uint64(b[40:]), txid: order.Uint64(b[48:]),
	}, nil
}
