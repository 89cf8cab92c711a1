package snapshotstore

// Writer adds objects to a store, in one new pack. It is used from one goroutine, and closed when what it wrote is
// named by something that the collector knows: until then the collector keeps all that it wrote, and all that it found
// to be there already.
type Writer struct {
	store    *Store
	pack     *packWriter
	name     string        // of the finished pack
	borrowed map[Hash]bool // objects that it would have written, had they not been there
}

// NewWriter begins a pack.
func (s *Store) NewWriter() (*Writer, error) {
	p, err := newPackWriter(s.dir)
	if err != nil {
		return nil, err
	}
	w := &Writer{store: s, pack: p, borrowed: map[Hash]bool{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writers[w] = true
	return w, nil
}

// put stores an object, unless the store has it.
func (w *Writer) put(hash Hash, o Object, filter []byte) error {
	if w.borrow(hash) {
		return nil
	}
	return w.pack.put(hash, o, filter)
}

// borrow tells whether the store has an object, and keeps the collector from it if so. One that is damaged everywhere counts as not
// there: what is written now takes its place.
func (w *Writer) borrow(hash Hash) bool {
	if !w.store.Has(hash) {
		return false
	}
	if _, err := w.store.Object(hash); err != nil {
		return false
	}
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	if _, l := w.store.locate(hash); l == nil { // it was collected between the locks
		return false
	}
	w.borrowed[hash] = true
	return true
}

// Commit makes everything that was written durable and readable. It returns the bytes that the pack takes, 0 where
// nothing was new.
func (w *Writer) Commit() (int64, error) {
	size := int64(w.pack.at)
	name, err := w.pack.finish()
	if err != nil || name == "" {
		return 0, err
	}
	w.name = name
	return size, w.store.attach(name)
}

// Close lets the collector have what nothing names, and throws away what was not committed. It is idempotent.
func (w *Writer) Close() error {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	if !w.store.writers[w] {
		return nil
	}
	delete(w.store.writers, w)
	if w.name != "" {
		return nil
	}
	return w.pack.abort()
}
