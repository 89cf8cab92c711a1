package engine

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// target is where a run ends: behind a sequence, and before the first record that is younger than a moment. It must not be in the
// middle of an atomic batch: then the run ends before the batch. The zero target is never reached.
type target struct {
	seq  eventlog.Seq  // 0 = none
	time eventlog.Time // 0 = none
}

// String names it for people.
func (t target) String() string {
	if t.time != 0 {
		return t.time.String()
	}
	return fmt.Sprintf("event %s", t.seq)
}

// passed tells whether a state needs nothing more.
func (t target) passed(at *projection.Checkpoint) bool { return t.seq > 0 && at.Seq >= t.seq }

// holds tells whether a state is one to begin from: it has nothing in it that lies behind the target. Broker times are not
// monotonic, so a moment is held against the highest one that was applied.
func (t target) holds(at *projection.Checkpoint) bool {
	return (t.seq == 0 || at.Seq <= t.seq) && (t.time == 0 || at.MaxTime <= t.time)
}

// cut drops the records behind the target, and tells whether the batch comes up to it.
func (t target) cut(b *eventlog.Batch) bool {
	if t.time != 0 {
		for i := range b.Records {
			if b.Records[i].Time > t.time {
				b.Through = b.Records[i].Seq - 1
				b.Pending = 0
				b.Records = b.Records[:i:i]
				return true
			}
		}
	}
	return t.seq > 0 && b.Through >= t.seq
}
