package engine

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// target is where a run ends: behind a sequence, and before the first record that is younger than a moment. It must not be in the
// middle of an atomic batch: then the run ends before the batch. The zero target is never reached.
type target struct {
	seq   eventlog.Seq  // 0 = none
	time  eventlog.Time // 0 = none
	open  bool          // records may still come that belong before the moment: the sequence is a part of what was asked for
	named string        // the snapshot that it is the place of; "" = none
}

// String names it for people.
func (t target) String() string {
	if t.time != 0 {
		return t.time.String()
	}
	return fmt.Sprintf("event %s", t.seq)
}

// none tells whether a run never ends by itself.
func (t target) none() bool { return t.seq == 0 && t.time == 0 }

// passed tells whether a state needs nothing more.
func (t target) passed(at *projection.Checkpoint) bool { return t.seq > 0 && at.Seq >= t.seq }

// within bounds a position by the sequence.
func (t target) within(seq eventlog.Seq) eventlog.Seq {
	if t.seq > 0 {
		return min(seq, t.seq)
	}
	return seq
}

// holds tells whether a state is one to begin from: it has nothing in it that lies behind the target. Broker times are not
// monotonic, so a moment is held against the highest one that was applied.
func (t target) holds(at *projection.Checkpoint) bool {
	return (t.seq == 0 || at.Seq <= t.seq) && (t.time == 0 || at.MaxTime <= t.time)
}

// cut drops the records behind the target, and tells whether the batch comes up to it. behind is the first of those that were
// dropped, nil for none.
func (t target) cut(b *eventlog.Batch) (behind *eventlog.Record, reached bool) {
	if t.time != 0 {
		for i := range b.Records {
			if b.Records[i].Time > t.time {
				behind = &b.Records[i]
				b.Through = behind.Seq - 1
				b.Pending = 0
				b.Records = b.Records[:i:i]
				return behind, true
			}
		}
	}
	return nil, t.seq > 0 && b.Through >= t.seq
}
