package snapshotstore

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Store is a folder of packs, read in place: objects are found through the packs' indexes, verified by their hash when
// they are read, and kept in a cache within a budget. It is safe for concurrent use.
//
// Packs are not mapped into memory: a file that was cut short would end the process, and a page that was thrown out
// would come back unverified.
type Store struct {
	dir    string
	logger *slog.Logger
	cache  *objectCache

	mu      sync.RWMutex     // protects the fields below; held for reading while an object is read
	packs   []*pack          // the newest first
	writers map[*Writer]bool // not yet closed
}

// OpenStore opens a folder of packs, and makes it where it is missing. Unfinished packs are removed: nothing names what
// is in them. cacheBytes bounds the verified objects that are kept in memory. Where packs are damaged it fails with a
// DamageError for each of them, and leaves them as they are: what is in them would be missed later, one by one.
func OpenStore(dir string, cacheBytes int, logger *slog.Logger) (*Store, error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of packs: %w", err)
	}
	s := &Store{dir: dir, logger: logger, cache: newObjectCache(cacheBytes), writers: map[*Writer]bool{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of packs: %w", err)
	}
	var errs []error
	for _, e := range entries {
		switch {
		case strings.HasSuffix(e.Name(), ".tmp"):
			errs = append(errs, os.Remove(filepath.Join(dir, e.Name())))
		case strings.HasSuffix(e.Name(), packSuffix):
			errs = append(errs, s.attach(e.Name()))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// attach opens a pack and makes its objects known.
func (s *Store) attach(name string) error {
	p, err := openPack(s.dir, name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.packs, func(o *pack) bool { return o.name == name }) {
		return p.file.Close() // the same content was packed again
	}
	s.packs = append([]*pack{p}, s.packs...)
	return nil
}

// Close releases the packs. Nothing may be reading.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, p := range s.packs {
		errs = append(errs, p.file.Close())
	}
	s.packs = nil
	return errors.Join(errs...)
}

// MissingError is an object that something refers to and that no pack holds.
type MissingError struct {
	Object Hash
}

// Error names the object.
func (e *MissingError) Error() string {
	return fmt.Sprintf("snapshotstore: object %s is in no pack", e.Object)
}

// line returns an object's line, or nil.
func (s *Store) line(hash Hash) *located {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, l := s.locate(hash)
	return l
}

// locate returns the pack and line of an object, or nil. s.mu must be held.
func (s *Store) locate(hash Hash) (*pack, *located) {
	for _, p := range s.packs {
		if l := p.find(hash); l != nil {
			return p, l
		}
	}
	return nil, nil
}

// Has tells whether an object is held.
func (s *Store) Has(hash Hash) bool { return s.line(hash) != nil }

// Object returns an object, verified. Its bytes must not be changed.
func (s *Store) Object(hash Hash) (Object, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.object(hash)
}

// object reads an object from the first pack that holds it undamaged. s.mu must be held.
func (s *Store) object(hash Hash) (Object, error) {
	var failed error
	for _, p := range s.packs {
		l := p.find(hash)
		if l == nil {
			continue
		}
		o, err := p.read(l)
		if err == nil {
			return o, nil
		}
		failed = errors.Join(failed, err)
	}
	if failed == nil {
		failed = &MissingError{Object: hash}
	}
	return Object{}, failed
}

// parsed is an object as it is looked at: the rows of a leaf, or the members of a node.
type parsed struct {
	leaf    []row
	members []entry
	level   int // 0 for a leaf
	bytes   int
}

// node returns a leaf or a node, from the cache or verified from its pack.
func (s *Store) node(hash Hash) (*parsed, error) {
	if p := s.cache.get(hash); p != nil {
		return p, nil
	}
	o, err := s.Object(hash)
	if err != nil {
		return nil, err
	}
	p := &parsed{bytes: len(o.Bytes)}
	switch o.Kind {
	case KindLeaf, KindBlobby:
		p.leaf, err = parseLeaf(o.Bytes)
	case KindNode:
		p.level, p.members, err = parseNode(o.Bytes)
	default:
		err = fmt.Errorf("snapshotstore: object %s is of kind %c, where a leaf or node belongs", hash, o.Kind)
	}
	if err != nil {
		return nil, err
	}
	s.cache.put(hash, p)
	return p, nil
}

// denied tells whether a leaf's filter says that a key with this key point is not in it.
func (s *Store) denied(leaf Hash, x uint64) bool {
	l := s.line(leaf)
	return l != nil && l.kind.leaf() && !mayHold(l.filter, x)
}

// value returns a row's value.
func (s *Store) value(r *row) ([]byte, error) {
	if r.value != nil || r.size == 0 {
		return r.value, nil
	}
	o, err := s.Object(r.blob)
	if err != nil {
		return nil, err
	}
	return o.Bytes, nil
}

// Verify reads every object of every pack and calls yield for each damage that it finds, until yield returns false.
func (s *Store) Verify(yield func(error) bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.packs {
		if !p.verify(yield) {
			return
		}
	}
}

// Bytes is what the packs take on disk.
func (s *Store) Bytes() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var n int64
	for _, p := range s.packs {
		n += p.size
	}
	return n
}

// Packs is how many packs there are.
func (s *Store) Packs() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.packs)
}
