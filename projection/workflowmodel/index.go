package workflowmodel

import (
	"math"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// placed is the row of a process in an index. It follows from the row of the process.
type placed struct {
	InstanceID string
	Started    bool
}

// definer is the row of a workflow in the index of steps. It follows from the row of the step.
type definer struct {
	WorkflowID string
}

// Whether a process has ended, as indexes have it in their keys.
const (
	isOpen  uint64 = 0
	isEnded uint64 = 1
)

func endedKey(ended bool) uint64 {
	if ended {
		return isEnded
	}
	return isOpen
}

// startKey makes a number that sorts as the time when a process started; one whose start is not known sorts last.
func startKey(started bool, at eventlog.Time) uint64 {
	if !started {
		return math.MaxUint64
	}
	return uint64(at) ^ 1<<63 //nolint:gosec // two's complement with its sign turned sorts as the number
}

// places calls yield for the rows that a process has in the indexes of processes.
func (m *model) places(p *workflow.Process, yield func(t projection.Table[placed], key projection.Key)) {
	start := startKey(p.Started, p.StartedAt)
	ended := p.Status.Ended()
	if !ended {
		yield(m.active, projection.Key("").Uint(start).Text(p.InstanceID))
	}
	if p.WorkflowID != "" {
		yield(m.byWorkflow, projection.MakeKey(p.WorkflowID).Uint(endedKey(ended)).Uint(start).Text(p.InstanceID))
	}
	if p.Initiator != nil {
		yield(m.byInitiator, projection.MakeKey(*p.Initiator).Uint(endedKey(ended)).Uint(start).Text(p.InstanceID))
	}
}

// samePlaces tells whether two rows of a process have the same rows in the indexes of processes.
func samePlaces(a, b *workflow.Process) bool {
	return a.WorkflowID == b.WorkflowID && a.Status.Ended() == b.Status.Ended() && a.Started == b.Started &&
		a.StartedAt == b.StartedAt && textOf(a.Initiator) == textOf(b.Initiator)
}

func textOf(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// stepKey is the key of an active step.
func stepKey(p *workflow.Process, step string) projection.Key {
	return projection.MakeKey(step, p.WorkflowID, p.InstanceID)
}

// index brings the indexes from one row of a process to the next. The former is nil where there was none.
func (s *state) index(old, p *workflow.Process) {
	row := &placed{InstanceID: p.InstanceID, Started: p.Started}
	if old == nil || !samePlaces(old, p) {
		if old != nil {
			s.places(old, func(t projection.Table[placed], key projection.Key) { t.Delete(s.tx, key) })
		}
		s.places(p, func(t projection.Table[placed], key projection.Key) { t.Put(s.tx, key, row) })
	}
	kept := func(a, b *workflow.Process, step string) bool {
		if a == nil || b == nil || a.WorkflowID != b.WorkflowID || a.Started != b.Started {
			return false
		}
		_, ok := slices.BinarySearch(b.ActiveSteps, step)
		return ok
	}
	if old != nil {
		for _, step := range old.ActiveSteps {
			if !kept(old, p, step) {
				s.byStep.Delete(s.tx, stepKey(old, step))
			}
		}
	}
	for _, step := range p.ActiveSteps {
		if !kept(p, old, step) {
			s.byStep.Put(s.tx, stepKey(p, step), row)
		}
	}
}

// twoOf returns the ids of the first two processes below a prefix.
func twoOf(r projection.Reader, t projection.Table[placed], prefix projection.Key) []string {
	var out []string
	t.Scan(r, prefix, "", func(_ projection.Key, row *placed) bool {
		out = append(out, row.InstanceID)
		return len(out) < 2
	})
	return out
}

// has tells whether a table has a row below a prefix.
func has[V any](r projection.Reader, t projection.Table[V], prefix projection.Key) (found bool) {
	t.Scan(r, prefix, "", func(projection.Key, *V) bool {
		found = true
		return false
	})
	return found
}
