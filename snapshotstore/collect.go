package snapshotstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// smallPack is the size below which packs are put together, and deadShare the part of a pack that may be dead before it
// is written anew without it.
const (
	smallPack = 1 << 20
	deadShare = 0.5
)

// Collected says what a collection did.
type Collected struct {
	Packs   int   // that were removed
	Written int64 // bytes of the pack that their living objects were moved to
	Freed   int64 // bytes of the removed packs
}

// Collect removes what cannot be reached from any of the commits: packs without a living object are removed, packs that
// are more than half dead, or small, are written anew into one. It runs beside readers and writers; what an open Writer
// wrote or counts on stays. A commit whose objects are not all there fails it before anything is removed.
func (s *Store) Collect(roots []Hash) (Collected, error) {
	live := map[Hash]bool{}
	for _, root := range roots {
		if err := s.mark(root, live); err != nil {
			return Collected{}, fmt.Errorf("mark what is reachable: %w", err)
		}
	}
	doomed := s.doomed(live)
	if len(doomed) == 0 {
		return Collected{}, nil
	}
	w, err := newPackWriter(s.dir)
	if err != nil {
		return Collected{}, err
	}
	if err := s.moveLiving(w, doomed, live); err != nil {
		return Collected{}, errors.Join(err, w.abort())
	}
	size := int64(w.at)
	name, err := w.finish()
	if err != nil {
		return Collected{}, err
	}
	if name == "" {
		size = 0
	} else if err := s.attach(name); err != nil {
		return Collected{}, err
	}
	return s.drop(doomed, name, live, size)
}

// mark takes everything that can be reached from an object into live.
func (s *Store) mark(hash Hash, live map[Hash]bool) error {
	if live[hash] || hash == emptyRoot {
		return nil
	}
	l := s.line(hash)
	if l == nil {
		return &MissingError{Object: hash}
	}
	live[hash] = true
	switch l.kind {
	case KindCommit:
		c, err := s.Commit(hash)
		if err != nil {
			return err
		}
		for _, t := range c.Tables {
			if err := s.mark(t.Root.Hash, live); err != nil {
				return err
			}
		}
	case KindNode:
		p, err := s.node(hash)
		if err != nil {
			return err
		}
		for _, m := range p.members {
			if err := s.mark(m.hash, live); err != nil {
				return err
			}
		}
	case KindBlobby:
		return s.markBlobs(hash, live)
	}
	return nil
}

func (s *Store) markBlobs(leaf Hash, live map[Hash]bool) error {
	p, err := s.node(leaf)
	if err != nil {
		return err
	}
	for i := range p.leaf {
		if r := &p.leaf[i]; r.value == nil && r.size > 0 {
			if err := s.mark(r.blob, live); err != nil {
				return err
			}
		}
	}
	return nil
}

// doomed returns the packs that are to go: those with too much that is dead, and the small ones where there are several.
func (s *Store) doomed(live map[Hash]bool) []*pack {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out, small []*pack
	for _, p := range s.packs {
		switch dead := p.dead(live); {
		case s.written(p.name):
		case float64(dead) > deadShare*float64(p.size):
			out = append(out, p)
		case p.size < smallPack:
			small = append(small, p)
		}
	}
	if len(small) > 1 {
		out = append(out, small...)
	}
	return out
}

// written tells whether a writer that is not closed wrote a pack. s.mu must be held.
func (s *Store) written(name string) bool {
	for w := range s.writers {
		if w.name == name {
			return true
		}
	}
	return false
}

// dead is the size of what is not alive, and of the lines that name it.
func (p *pack) dead(live map[Hash]bool) int64 {
	var n int64
	for i := range p.index {
		if l := &p.index[i]; !live[l.hash] {
			n += int64(l.stored) + indexLine + int64(len(l.filter))
		}
	}
	if n > 0 && len(p.index) > 0 && !slices.ContainsFunc(p.index, func(l located) bool { return live[l.hash] }) {
		return p.size // nothing in it lives
	}
	return n
}

// moveLiving copies the living objects of packs, as they are stored and after a look at their hash. One that is damaged is left
// behind where another pack holds it whole.
func (s *Store) moveLiving(w *packWriter, packs []*pack, live map[Hash]bool) error {
	for _, p := range packs {
		for i := range p.index {
			l := p.index[i]
			if !live[l.hash] {
				continue
			}
			if _, err := p.read(&l); err != nil {
				if _, elsewhere := s.Object(l.hash); elsewhere != nil {
					return err
				}
				continue
			}
			stored := make([]byte, l.stored)
			if _, err := p.file.ReadAt(stored, int64(l.offset)); err != nil {
				return fmt.Errorf("read %s: %w", p.name, err)
			}
			if err := w.putStored(l, stored); err != nil {
				return err
			}
		}
	}
	return nil
}

// drop takes packs off the store and removes them, but for those that hold something which a writer has begun to count
// on since.
func (s *Store) drop(doomed []*pack, kept string, live map[Hash]bool, size int64) (Collected, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Collected{Written: size}
	var errs []error
	for _, p := range doomed {
		if p.name == kept || s.written(p.name) || s.countedOn(p, live) {
			continue
		}
		s.packs = slices.DeleteFunc(s.packs, func(o *pack) bool { return o == p })
		errs = append(errs, p.file.Close(), os.Remove(filepath.Join(s.dir, p.name)))
		out.Packs++
		out.Freed += p.size
	}
	return out, errors.Join(append(errs, syncDir(s.dir))...)
}

// countedOn tells whether a writer counts on an object of the pack that was not moved. s.mu must be held.
func (s *Store) countedOn(p *pack, live map[Hash]bool) bool {
	for w := range s.writers {
		for hash := range w.borrowed {
			if !live[hash] && p.find(hash) != nil {
				return true
			}
		}
	}
	return false
}
