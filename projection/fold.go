package projection

import (
	"errors"
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Fold is the one way in which events become state: live, catching up, replaying and rebuilding all go through Apply.
// It holds the open batch in memory over what is stored, and hands it out sealed to be committed, while the next one is
// being applied.
//
// A fold belongs to one goroutine. It is used up by an error: drop it, and open another from what is stored.
type Fold struct {
	members []*member
	at      Checkpoint
	after   place // what the next batch continues
	file    int   // bytes of the delta when the last batch was committed
	batch   tally
	sealed  *Batch
}

// tally is what the open batch has taken in.
type tally struct {
	records int
	bytes   int
	first   eventlog.Mark
}

// Position returns the place up to which records were applied, committed or not.
func (f *Fold) Position() eventlog.Seq { return f.at.Seq }

// Dirty returns about how many bytes of memory the open batch holds; 0 when there is nothing to be committed.
func (f *Fold) Dirty() int { return f.batch.bytes }

// CommitBytes returns about how many bytes of memory the commit of the open batch will need at most, beyond what the
// batch holds. It is right where the changed rows are scattered over many others, and too high where they are
// neighbours.
func (f *Fold) CommitBytes() int {
	cells := 0
	for _, m := range f.members {
		cells += m.cells
	}
	return min(cells*commitBytes, 2*f.file)
}

// commitBytes is about what a commit holds for each row whose page no other row of the batch shares: bolt copies the
// page and decodes all of it. 10,000 rows that were scattered over 900,000 took 7 KB each with the garbage, 100,000
// took 6 KB. It is never much more than twice the file.
const commitBytes = 4 << 10

// Records returns how many records the open batch holds.
func (f *Fold) Records() int { return f.batch.records }

// Projections returns the projections in the order in which inputs must be prepared for them.
func (f *Fold) Projections() []Projection {
	out := make([]Projection, len(f.members))
	for i, m := range f.members {
		out[i] = m.projection
	}
	return out
}

// Apply folds one record into every projection. Records must rise; one at or below the position was delivered twice and
// is refused, since the caller's sequencing is broken.
func (f *Fold) Apply(in *Input) error {
	r := &in.Record
	if r.Seq <= f.at.Seq {
		return fmt.Errorf("projection: event %s was delivered again at position %s; the sequence of the cursor is broken", r.Seq, f.at.Seq)
	}
	if len(in.parts) != len(f.members) {
		return fmt.Errorf("projection: event %s was prepared for %d projections, the fold has %d; prepare for Fold.Projections",
			r.Seq, len(in.parts), len(f.members))
	}
	for i, m := range f.members {
		if err := m.apply(in, &in.parts[i]); err != nil {
			return err
		}
	}
	f.at.Advance(r.Seq, r.Time, in.Hash)
	if f.batch.records == 0 {
		f.batch.first = f.at.Anchor
	}
	f.batch.records++
	f.batch.bytes += r.Size() + applyOverhead*len(f.members)
	return nil
}

// applyOverhead is about what an applied record adds to a projection's open batch beyond its own size: cells, keys,
// counters.
const applyOverhead = 300

// Skip moves the position over sequences that the log does not hold.
func (f *Fold) Skip(through eventlog.Seq) {
	if through > f.at.Seq {
		f.at.Seq = through
		f.batch.bytes++
	}
}

// Pin states the stream that the records come from, before the first of them.
func (f *Fold) Pin(s eventlog.Stream) { f.at.Stream = s }

// Checkpoint returns the checkpoint as of the last applied record.
func (f *Fold) Checkpoint() Checkpoint { return f.at.Clone() }

// Prune drops marks below the first sequence that the log still holds.
func (f *Fold) Prune(first eventlog.Seq) { f.at.Ring.Prune(first) }

// apply folds one record into one projection and counts what became of it.
func (m *member) apply(in *Input, p *part) error {
	m.journal = m.journal[:0]
	m.tx = Tx{member: m, seq: in.Record.Seq}
	tx := &m.tx
	before := m.counts
	var fault error
	switch {
	case !p.wanted:
		m.counts.OtherSubject++
	case in.err != nil:
		fault = m.undecodable(tx, in)
	default:
		fault = m.event(tx, in, p, before)
	}
	if m.err != nil { // what the projection made of rows that could not be read means nothing
		return m.err
	}
	if fault = errors.Join(fault, m.misuse); fault != nil {
		return &FaultError{Projection: m.projection.Name(), Seq: in.Record.Seq, Type: in.event.Type, Err: fault}
	}
	if m.watch != nil {
		m.watch.look(m, in)
	}
	return nil
}

func (m *member) undecodable(tx *Tx, in *Input) error {
	keeper, ok := m.projection.(Undecodable)
	if !ok {
		m.counts.Undecodable++
		return nil
	}
	m.counts.DeadLetters++
	tx.letter(in.letter(in.err.Field))
	return caught(func() error {
		keeper.Undecodable(tx, &in.Record, in.err)
		return nil
	})
}

func (m *member) event(tx *Tx, in *Input, p *part, before Counts) error {
	err := p.err
	if err == nil {
		m.handed = Event{Event: &in.event, Decoded: p.decoded}
		err = caught(func() error { return m.projection.Apply(tx, &m.handed) })
	}
	why, unknown, fault := refusal(err)
	switch {
	case fault != nil:
		return fault
	case err == nil:
		m.counts.Applied++
		return nil
	}
	m.rollback()
	m.counts = before
	if unknown {
		m.counts.UnknownType++
		return nil
	}
	m.counts.DeadLetters++
	tx.letter(in.letter(why))
	return nil
}

// caught runs a projection's code and turns a panic into an error.
func caught(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return fn()
}

var errSealed = errors.New("projection: a batch is being committed; wait for it before the next is sealed")

// Seal closes the open batch and returns it to be committed, or nil when there is nothing in it. The next batch begins at
// once; it can be sealed after Committed was called for this one.
func (f *Fold) Seal() (*Batch, error) {
	if f.batch == (tally{}) {
		return nil, nil
	}
	if f.sealed != nil {
		return nil, errSealed
	}
	b := &Batch{At: f.at.Clone(), Records: f.batch.records, First: f.batch.first, after: f.after}
	f.after = b.At.place()
	for _, m := range f.members {
		b.parts = append(b.parts, m.seal())
	}
	f.batch = tally{}
	f.sealed = b
	return b, nil
}

func (m *member) seal() *batchPart {
	if m.counts != m.storedCounts {
		row := m.counts
		m.set(m.schema.counts.spec, countsKey, &row)
		m.storedCounts = m.counts
	}
	m.journal, m.cells = nil, 0
	m.closeStack()
	m.sealed = m.open
	m.reopen()
	return &batchPart{projection: m.projection.Name(), tables: m.tables, overlays: m.sealed}
}

// Committed tells the fold that the sealed batch is stored.
func (f *Fold) Committed(b *Batch) {
	for i, m := range f.members {
		m.committed(b.parts[i])
	}
	f.sealed = nil
	f.file = f.members[0].size()
}

// committed moves the sealed rows into the cache. What was read before the commit is read again from now on.
func (m *member) committed(p *batchPart) {
	m.closeStack()
	m.cache.removeCovered(m.sealed)
	for _, w := range p.written {
		for _, filter := range m.filters { // the group may have been rotated since: one of them, or one to come, is the right one
			filter.add(m.tables[w.table].rows.name, []byte(w.key))
		}
		if w.row == nil {
			m.cache.remove(w.table, w.key)
		} else {
			m.cache.put(w.table, w.key, w.row, w.size)
		}
	}
	m.sealed = nil
}

// Close releases what the fold reads through. The open batch is dropped.
func (f *Fold) Close() {
	for _, m := range f.members {
		m.closeStack()
	}
}
