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

// inspectBolt checks what bbolt itself does not survive, before it maps the file: that there is one, that its length holds every
// page in use, and that both meta pages are whole. (bbolt opens an empty file as a new store, falls back in silence to the commit
// before when the newer meta page is damaged, and dies on a file that was cut short.)
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
	pageSize, err := boltPageSize(f)
	if err != nil {
		return &DamageError{File: path, Detail: err.Error()}
	}
	for page := range int64(2) {
		pages, err := readBoltMeta(f, page*pageSize)
		if err != nil {
			return &DamageError{File: path, Detail: fmt.Sprintf("meta page %d: %s", page, err)}
		}
		if need := int64(pages) * pageSize; info.Size() < need {
			return &DamageError{File: path, Detail: fmt.Sprintf("it has %d bytes, its last commit needs %d", info.Size(), need)}
		}
	}
	return nil
}

func boltPageSize(f io.ReaderAt) (int64, error) {
	var b [boltPageHeader + 12]byte
	if _, err := f.ReadAt(b[:], 0); err != nil {
		return 0, errors.New("it is too short to be a store")
	}
	size := int64(binary.NativeEndian.Uint32(b[boltPageHeader+8:]))
	if size < 512 || size > 1<<20 || size&(size-1) != 0 {
		return 0, fmt.Errorf("its page size is %d", size)
	}
	return size, nil
}

// readBoltMeta checks one meta page and returns how many pages its commit uses.
func readBoltMeta(f io.ReaderAt, at int64) (uint64, error) {
	var b [boltMetaBytes]byte
	if _, err := f.ReadAt(b[:], at+boltPageHeader); err != nil {
		return 0, errors.New("it is cut short")
	}
	order := binary.NativeEndian
	if magic := order.Uint32(b[0:]); magic != boltMagic {
		return 0, fmt.Errorf("its magic is %#x", magic)
	}
	if version := order.Uint32(b[4:]); version != boltVersion {
		return 0, fmt.Errorf("its version is %d", version)
	}
	sum := fnv.New64a()
	sum.Write(b[:56])
	if order.Uint64(b[56:]) != sum.Sum64() {
		return 0, errors.New("its checksum does not match")
	}
	return order.Uint64(b[40:]), nil
}
