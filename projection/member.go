package projection

import (
	"errors"
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// member is one projection in a fold: its tables, what the open and the sealed batch have changed in them, and the
// caches over what is stored.
type member struct {
	projection Projection
	schema     *Schema
	tables     []*bound
	layers     func() (*stack, error) // begins to read what is stored now

	open    []*overlay // one for each table
	sealed  []*overlay // of the batch that is being committed, or nil
	cache   *rowCache
	filters map[*delta]*keyFilter // of the deltas that were read last
	newest  *delta                // of them, the one that was being written
	stack   *stack                // open while rows are being looked up, nil otherwise

	cells  int   // of the open batch
	tx     Tx    // of the event that is being applied
	handed Event // what the projection is given of it

	counts       Counts
	storedCounts Counts // as the last sealed batch has them
	journal      []undo // of the event that is being applied
	scanning     []int  // how many scans run in each table
	watch        *watch // nil for none
	err          error  // the first error of reading
	misuse       error  // the first thing that the projection did and must not
}

// undo restores one change of the event that is being applied.
type undo struct {
	table   int
	key     Key
	row     any
	existed bool

	cover  bool // the range that key is the prefix of was deleted
	taken  []takenCell
	ranges []Key
}

func newMember(p Projection, layers func() (*stack, error), cacheBytes int) (*member, error) {
	m := &member{
		projection: p, schema: p.Schema(), tables: bind(p.Name(), p.Schema()), layers: layers, cache: newRowCache(cacheBytes),
	}
	m.scanning = make([]int, len(m.tables))
	m.reopen()
	if _, ok := m.below(); !ok {
		return nil, m.err
	}
	if counts, ok := m.schema.counts.Get(&Tx{member: m}, countsKey); ok {
		m.counts, m.storedCounts = *counts, *counts
	}
	m.closeStack()
	return m, m.err
}

// countsKey is the key of the one row in the table of counters.
const countsKey = Key("counts")

func (m *member) reopen() {
	m.open = make([]*overlay, len(m.tables))
	for i := range m.open {
		m.open[i] = newOverlay()
	}
}

// size is the length of the delta that is written.
func (m *member) size() int { return int(m.newest.size()) }

// loadFilters gives each delta of the stack its filter: the one that it had, or one made of its keys. Deltas come when the group
// is rotated, and go when they are folded.
func (m *member) loadFilters() error {
	filters := map[*delta]*keyFilter{}
	m.stack.filters = nil
	for _, v := range m.stack.views {
		f := m.filters[v.delta]
		if f == nil {
			var err error
			if f, err = m.filterOf(v); err != nil {
				return err
			}
		}
		filters[v.delta] = f
		m.stack.filters = append(m.stack.filters, f)
	}
	m.filters, m.newest = filters, m.stack.views[0].delta
	return nil
}

// filterOf reads this projection's keys in a delta.
func (m *member) filterOf(v *deltaView) (*keyFilter, error) {
	filter := newKeyFilter()
	for _, t := range m.tables {
		rows, err := v.rows(t.rows, "", "")
		for ; err == nil && rows.valid(); err = rows.next() {
			filter.add(t.rows.name, []byte(rows.key))
		}
		if err != nil {
			return nil, err
		}
	}
	return filter, nil
}

func (m *member) fail(err error) {
	if m.err == nil {
		m.err = err
	}
}

func (m *member) closeStack() {
	if m.stack != nil {
		m.stack.close()
		m.stack = nil
	}
}

func (m *member) below() (*stack, bool) {
	if m.stack == nil {
		s, err := m.layers()
		if err == nil {
			m.stack = s
			err = m.loadFilters()
		}
		if err != nil {
			m.closeStack()
			m.fail(err)
			return nil, false
		}
	}
	return m.stack, true
}

// get looks a row up in all layers, the newest first.
func (m *member) get(t *spec, key Key) (any, bool) {
	if !m.readable(t) {
		return nil, false
	}
	if row, decided := m.open[t.index].get(key); decided {
		return row, row != nil
	}
	if m.sealed != nil {
		if row, decided := m.sealed[t.index].get(key); decided {
			return row, row != nil
		}
	}
	if row, ok := m.cache.get(t.index, key); ok {
		return row, true
	}
	return m.load(t, key)
}

func (m *member) load(t *spec, key Key) (any, bool) {
	s, ok := m.below()
	if !ok {
		return nil, false
	}
	raw, err := s.get(m.tables[t.index], key)
	if err != nil {
		m.fail(err)
		return nil, false
	}
	if raw == nil {
		return nil, false
	}
	row, err := t.decode(raw)
	if err != nil {
		m.fail(m.unreadable(t, key, err))
		return nil, false
	}
	m.cache.put(t.index, key, row, len(raw))
	return row, true
}

func (m *member) unreadable(t *spec, key Key, err error) error {
	return fmt.Errorf("projection: row %q of %s/%s is not readable: %w", key, m.projection.Name(), t.name, err)
}

func (m *member) scan(t *spec, prefix, from Key, yield func(Key, any) bool) {
	if !m.readable(t) {
		return
	}
	m.scanning[t.index]++
	defer func() { m.scanning[t.index]-- }()
	s, ok := m.below()
	if !ok {
		return
	}
	sources, err := s.sources(m.tables[t.index], prefix, from)
	if err != nil {
		m.fail(err)
		return
	}
	all := []source{newOverlaySource(m.open[t.index], prefix, from)}
	if m.sealed != nil {
		all = append(all, newOverlaySource(m.sealed[t.index], prefix, from))
	}
	err = scanRows(t, append(all, sources...), yield, func(key Key, err error) error { return m.unreadable(t, key, err) })
	if err != nil {
		m.fail(err)
	}
}

// scanRows merges sources and hands decoded rows to yield.
func scanRows(t *spec, sources []source, yield func(Key, any) bool, unreadable func(Key, error) error) error {
	var failed error
	err := merge(sources, func(key Key, value any, raw []byte) bool {
		if value == nil {
			if value, failed = t.decode(raw); failed != nil {
				failed = unreadable(key, failed)
				return false
			}
		}
		return yield(key, value)
	})
	return errors.Join(failed, err)
}

func (m *member) set(t *spec, key Key, row any) {
	if !m.writable(t, key) {
		return
	}
	old, existed := m.open[t.index].set(key, row)
	if !existed {
		m.cells++
	}
	m.journal = append(m.journal, undo{table: t.index, key: key, row: old, existed: existed})
}

func (m *member) cover(t *spec, prefix Key) {
	if !m.writable(t, prefix) {
		return
	}
	taken, ranges := m.open[t.index].cover(prefix)
	m.journal = append(m.journal, undo{table: t.index, key: prefix, cover: true, taken: taken, ranges: ranges})
}

// readable tells whether rows of a table can be looked up.
func (m *member) readable(t *spec) bool {
	if !owns(m.tables, t) {
		m.blame(errForeign(t, m.projection.Name()))
		return false
	}
	return m.err == nil
}

// blame keeps the first thing that the projection did and must not.
func (m *member) blame(err error) {
	if m.misuse == nil {
		m.misuse = err
	}
}

// writable tells whether something may be written under key now, and keeps the reason where not: a fault of the
// projection.
func (m *member) writable(t *spec, key Key) bool {
	var why string
	switch {
	case !owns(m.tables, t):
		m.blame(errForeign(t, m.projection.Name()))
		return false
	case len(key) == 0:
		why = "an empty key"
	case len(key) > MaxKeyBytes:
		why = fmt.Sprintf("a key of %d bytes, the most is %d", len(key), MaxKeyBytes)
	case m.scanning[t.index] > 0:
		why = "a write while the table is being scanned"
	default:
		return true
	}
	m.blame(fmt.Errorf("table %s does not take %s", t.name, why))
	return false
}

// rollback undoes what the event that is being applied has written.
func (m *member) rollback() {
	for i := len(m.journal) - 1; i >= 0; i-- {
		u := m.journal[i]
		o := m.open[u.table]
		switch {
		case u.cover:
			o.uncover(u.taken, u.ranges)
		case u.existed:
			o.set(u.key, u.row)
		default:
			o.unset(u.key)
			m.cells--
		}
	}
	m.journal = m.journal[:0]
}

// matchAny tells whether a subject matches one of the patterns.
func matchAny(patterns []string, subject string) bool {
	for _, pattern := range patterns {
		if pattern == ">" || eventlog.MatchSubject(pattern, subject) {
			return true
		}
	}
	return false
}
