package projection

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// View is one projection as it was committed at one position: every read through it sees the same state. It is used
// from one goroutine, kept short (it pins pages of the store), and closed.
type View struct {
	projection Projection
	tables     []*bound
	stack      *stack
	at         Checkpoint
	err        error
}

// At returns the checkpoint that everything in the view is true at.
func (v *View) At() *Checkpoint { return &v.at }

// Projection returns the projection that the view shows.
func (v *View) Projection() Projection { return v.projection }

// Err returns the first error that reading met.
func (v *View) Err() error { return v.err }

// Close ends the view. It is idempotent.
func (v *View) Close() { v.stack.close() }

// Counts returns what became of the records up to the position.
func (v *View) Counts() Counts {
	counts, ok := v.projection.Schema().counts.Get(v, countsKey)
	if !ok {
		return Counts{}
	}
	return *counts
}

// Letters calls yield for the dead letters from a sequence on, by rising sequence, until it returns false.
func (v *View) Letters(from Key, yield func(*Letter) bool) {
	v.projection.Schema().letters.Scan(v, "", from, func(_ Key, l *Letter) bool { return yield(l) })
}

// Anomalies calls yield for the recorded anomalies from a sequence on, by rising sequence, until it returns false.
func (v *View) Anomalies(from Key, yield func(*AnomalyRow) bool) {
	v.projection.Schema().anomalies.Scan(v, "", from, func(_ Key, a *AnomalyRow) bool { return yield(a) })
}

func (v *View) fail(err error) {
	if v.err == nil {
		v.err = err
	}
}

// readable tells whether rows of a table can be looked up.
func (v *View) readable(t *spec) bool {
	if !owns(v.tables, t) {
		v.fail(errForeign(t, v.projection.Name()))
	}
	return v.err == nil
}

func (v *View) get(t *spec, key Key) (any, bool) {
	if !v.readable(t) {
		return nil, false
	}
	raw, err := v.stack.get(v.tables[t.index], key)
	if err != nil {
		v.fail(err)
		return nil, false
	}
	if raw == nil {
		return nil, false
	}
	row, err := t.decode(raw)
	if err != nil {
		v.fail(v.unreadable(t, key, err))
		return nil, false
	}
	return row, true
}

func (v *View) scan(t *spec, prefix, from Key, yield func(Key, any) bool) {
	if !v.readable(t) {
		return
	}
	sources, err := v.stack.sources(v.tables[t.index], prefix, from)
	if err == nil {
		err = scanRows(t, sources, yield, func(key Key, err error) error { return v.unreadable(t, key, err) })
	}
	if err != nil {
		v.fail(err)
	}
}

func (v *View) unreadable(t *spec, key Key, err error) error {
	return fmt.Errorf("projection: row %q of %s/%s is not readable: %w", key, v.projection.Name(), t.name, err)
}

// Digests are the digests of one projection's state.
type Digests struct {
	State   snapshotstore.Hash // over the primary tables: equal states have equal digests, whatever path led there
	Records snapshotstore.Hash // over dead letters and anomalies
	Rows    uint64             // in the primary tables
	Bytes   uint64
}

// Digest reads every row and returns the digests.
func (v *View) Digest() (Digests, error) {
	return digestsOf(v.tables, v.root)
}

func (v *View) root(t *bound) (snapshotstore.Root, error) {
	h := snapshotstore.NewHasher(t.name)
	sources, err := v.stack.sources(t, "", "")
	if err != nil {
		return snapshotstore.Root{}, err
	}
	err = merge(sources, func(key Key, _ any, raw []byte) bool {
		h.Add([]byte(key), raw)
		return true
	})
	if err != nil {
		return snapshotstore.Root{}, err
	}
	return h.Sum(), nil
}

// Check proves the state as far as it can be proved from itself: every row is readable and is encoded as it would be
// today, counters agree with the checkpoint and with what is kept, and the projection's own Check finds nothing. It
// returns a sentence for each problem.
func (v *View) Check() []string {
	var problems []string
	for _, t := range v.tables {
		if problem := v.checkRows(t); problem != "" {
			problems = append(problems, problem)
		}
	}
	counts := v.Counts()
	if v.err != nil { // what follows from rows that could not be read means nothing
		return append([]string{v.err.Error()}, problems...)
	}
	if counts.Seen() != v.at.Records {
		problems = append(problems, fmt.Sprintf("%s counts %d records, its checkpoint %d", v.projection.Name(), counts.Seen(), v.at.Records))
	}
	problems = append(problems, v.checkRecords(counts)...)
	if checker, ok := v.projection.(Checker); ok && v.err == nil {
		problems = append(problems, checker.Check(v)...)
	}
	if v.err != nil {
		problems = append(problems, v.err.Error())
	}
	return problems
}

// checkRows reads a table's rows and makes their bytes again. It names the first row that does not come out as it went
// in.
func (v *View) checkRows(t *bound) (problem string) {
	sources, err := v.stack.sources(t, "", "")
	if err == nil {
		err = merge(sources, func(key Key, _ any, raw []byte) bool {
			if err := v.remake(t, raw); err != nil {
				problem = v.unreadable(t.spec, key, err).Error()
			}
			return problem == ""
		})
	}
	if err != nil {
		v.fail(err)
	}
	return problem
}

var errNotCanonical = errors.New("it would be written with other bytes today; the projection's version was not raised with its rows")

func (v *View) remake(t *bound, raw []byte) error {
	row, err := t.decode(raw)
	if err != nil {
		return err
	}
	again, err := t.encode(row)
	if err == nil && !bytes.Equal(again, raw) {
		err = errNotCanonical
	}
	return err
}

func (v *View) checkRecords(counts Counts) (problems []string) {
	var letters, anomalies uint64
	v.Letters("", func(*Letter) bool { letters++; return true })
	v.Anomalies("", func(*AnomalyRow) bool { anomalies++; return true })
	if letters != counts.DeadLetters {
		problems = append(problems, fmt.Sprintf("%s keeps %d dead letters and counts %d", v.projection.Name(), letters, counts.DeadLetters))
	}
	if anomalies != counts.Anomalies {
		problems = append(problems, fmt.Sprintf("%s keeps %d anomalies and counts %d", v.projection.Name(), anomalies, counts.Anomalies))
	}
	return problems
}
