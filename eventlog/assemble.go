package eventlog

import (
	"fmt"
	"strconv"
)

// Group is the smallest run of records that may be committed together: one plain record, or a whole atomic batch.
type Group struct {
	Records []Record
	Broken  bool // members of an atomic batch that is not whole; applied as plain events, and recorded as an anomaly
}

// Last returns the sequence of the group's last record.
func (g Group) Last() Seq { return g.Records[len(g.Records)-1].Seq }

// ErrBatchTooLarge is an atomic batch that the memory budget cannot hold.
type ErrBatchTooLarge struct {
	First Seq
	Bytes int
	Limit int
}

// Error names the batch and the setting that would admit it.
func (e *ErrBatchTooLarge) Error() string {
	return fmt.Sprintf("eventlog: the atomic batch that begins at %s holds more than %d bytes, which is all that the memory budget leaves for one; raise the budget",
		e.First, e.Limit)
}

// Assembler cuts a log's records into groups. A server stores the messages of an atomic batch one behind the other and
// marks the last; a reader can see any prefix of them, so they are held back here until the mark is read. A batch is
// broken when the next record is not its next member; nothing is ever decided by a clock.
//
// The zero value is ready, without a limit.
type Assembler struct {
	Limit int // bytes that one batch may hold; 0 = no limit

	id    string
	held  []Record
	bytes int
}

// Add takes the next record and calls emit for each group that it completes: none, one, or two (a batch that it breaks,
// and itself).
func (a *Assembler) Add(r Record, emit func(Group) error) error {
	id, n := batchMember(&r)
	if a.id != "" && (id != a.id || n != len(a.held)+1 || r.Seq != a.held[len(a.held)-1].Seq+1) {
		if err := a.flush(true, emit); err != nil {
			return err
		}
	}
	switch {
	case id == "":
		return emit(Group{Records: []Record{r}})
	case a.id == "" && n != 1:
		return emit(Group{Records: []Record{r}, Broken: true})
	}
	a.id = id
	a.held = append(a.held, r)
	a.bytes += r.Size()
	if r.Header.Get("Nats-Batch-Commit") != "" {
		return a.flush(false, emit)
	}
	if a.Limit > 0 && a.bytes > a.Limit {
		return &ErrBatchTooLarge{First: a.held[0].Seq, Bytes: a.bytes, Limit: a.Limit}
	}
	return nil
}

// Open returns the first sequence of a batch that is not complete, and whether there is one: no position may be stated
// at or above it.
func (a *Assembler) Open() (Seq, bool) {
	if len(a.held) == 0 {
		return 0, false
	}
	return a.held[0].Seq, true
}

// Reset forgets what is held: the cursor that it came from is lost.
func (a *Assembler) Reset() { a.id, a.held, a.bytes = "", nil, 0 }

func (a *Assembler) flush(broken bool, emit func(Group) error) error {
	g := Group{Records: a.held, Broken: broken}
	a.Reset()
	return emit(g)
}

// batchMember returns the atomic batch that a record belongs to and its place in it, from 1; "" for a plain record.
func batchMember(r *Record) (string, int) {
	if r.Header == nil {
		return "", 0
	}
	id := r.Header.Get("Nats-Batch-Id")
	if id == "" {
		return "", 0
	}
	n, err := strconv.Atoi(r.Header.Get("Nats-Batch-Sequence"))
	if err != nil || n < 1 {
		return "", 0
	}
	return id, n
}
