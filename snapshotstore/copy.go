package snapshotstore

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Progress is told how far a copy has come: bytes done, of so many; total is 0 where it is not known beforehand. It is
// called often, from the goroutine that called for the copy, and must not wait. nil = nobody is told.
type Progress func(done, total int64)

// meter counts for a Progress.
type meter struct {
	report      Progress
	done, total int64
}

func (m *meter) add(n int) {
	m.done += int64(n)
	if m.report != nil {
		m.report(m.done, m.total)
	}
}

// metered counts what is read.
type metered struct {
	r     io.Reader
	meter *meter
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.meter.add(n)
	return n, err
}

// hold keeps packs of a store from the collector. It is used from one goroutine, and released once.
type hold struct {
	store *Store
	packs map[string]*Writer // by name; such a writer stands for nothing but its pack
}

func newHold(s *Store) *hold { return &hold{store: s, packs: map[string]*Writer{}} }

// keep keeps the pack of this name, also one that comes later. h.store.mu must be held for writing.
func (h *hold) keep(name string) {
	if h.packs[name] == nil {
		h.packs[name] = &Writer{store: h.store, name: name}
		h.store.writers[h.packs[name]] = true
	}
}

// object returns where an object stands, in a pack that is then kept, or nil.
func (h *hold) object(hash Hash) (*pack, *located) {
	h.store.mu.RLock()
	p, l := h.store.locate(hash)
	h.store.mu.RUnlock()
	if l == nil || h.packs[p.name] != nil {
		return p, l
	}
	h.store.mu.Lock() // the pack may have gone between the locks
	defer h.store.mu.Unlock()
	if p, l = h.store.locate(hash); l != nil {
		h.keep(p.name)
	}
	return p, l
}

// pack keeps the pack of a name, and tells whether the store has it.
func (h *hold) pack(name string) bool {
	h.store.mu.Lock()
	defer h.store.mu.Unlock()
	h.keep(name)
	for _, p := range h.store.packs {
		if p.name == name {
			return true
		}
	}
	return false
}

// release lets the collector have what nothing names.
func (h *hold) release() {
	h.store.mu.Lock()
	defer h.store.mu.Unlock()
	for _, w := range h.packs {
		delete(h.store.writers, w)
	}
}

// Pulled is a snapshot that was brought into a store. The collector keeps it until Close: by then its manifest must be
// named where the collector's caller looks, or the snapshot is given up.
type Pulled struct {
	Manifest *Manifest
	hold     *hold
}

// Close lets the collector have what nothing names. It is idempotent.
func (p *Pulled) Close() {
	if p.hold != nil {
		p.hold.release()
		p.hold = nil
	}
}

// tempPack makes a file for a pack that is not whole: OpenStore removes it where nobody else does.
func (s *Store) tempPack() (*os.File, error) {
	f, err := os.CreateTemp(s.dir, "pull-*"+unfinishedSuffix)
	if err != nil {
		return nil, fmt.Errorf("create a pack: %w", err)
	}
	return f, nil
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }
