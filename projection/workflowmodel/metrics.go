package workflowmodel

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/projection/show"
)

const decisionReached = "decision_reached"

// Metrics is what the history of a process adds up to. It is counted from the events that were seen, and need not agree with
// what the process said of itself when it ended.
type Metrics struct {
	Events          uint64        `json:"events"`
	StepsStarted    uint64        `json:"steps_started"`
	StepsCompleted  uint64        `json:"steps_completed"`
	StepsFailed     uint64        `json:"steps_failed"`
	StepsSkipped    uint64        `json:"steps_skipped"`
	Decisions       uint64        `json:"decisions"`
	ExecutionTimeMS uint64        `json:"execution_time_ms"` // the sum over all steps
	DurationMS      *int64        `json:"duration_ms"`       // from start to end, by the producer's clock; null where one is not known
	Steps           []StepMetrics `json:"steps"`             // by id
}

// StepMetrics is what the events of one step, or of one decision's node, add up to.
type StepMetrics struct {
	StepID          string     `json:"step_id"`
	Started         uint64     `json:"started"`
	Completed       uint64     `json:"completed"`
	Failed          uint64     `json:"failed"`
	Skipped         uint64     `json:"skipped"`
	Decisions       uint64     `json:"decisions"`
	ExecutionTimeMS uint64     `json:"execution_time_ms"` // the sum of what the events state
	FirstTime       *time.Time `json:"first_time"`        // of the first event, in the order of the log
	LastTime        *time.Time `json:"last_time"`
}

// counting adds up a history.
type counting struct {
	total Metrics
	steps map[string]*StepMetrics
}

func newCounting(p *workflow.Process) *counting {
	c := &counting{steps: map[string]*StepMetrics{}}
	if p.Started && p.Status.Ended() {
		ms := int64(p.CompletedAt-p.StartedAt) / int64(time.Millisecond)
		c.total.DurationMS = &ms
	}
	return c
}

func (c *counting) add(e *workflow.Entry, w *weight) {
	c.total.Events++
	if e.StepID == "" {
		return
	}
	s := c.steps[e.StepID]
	if s == nil {
		s = &StepMetrics{StepID: e.StepID, FirstTime: show.Moment(e.Time)}
		c.steps[e.StepID] = s
		w.part(len(e.StepID))
	}
	s.LastTime = show.Moment(e.Time)
	switch e.Type {
	case "step_started":
		s.Started++
	case "step_completed":
		s.Completed++
	case "step_failed":
		s.Failed++
	case "step_skipped":
		s.Skipped++
	case decisionReached:
		s.Decisions++
	}
	if e.ExecutionTimeMS != nil {
		s.ExecutionTimeMS = sum(s.ExecutionTimeMS, *e.ExecutionTimeMS)
	}
}

// metrics returns what was counted.
func (c *counting) metrics() *Metrics {
	out := c.total
	out.Steps = []StepMetrics{}
	for _, id := range slices.Sorted(maps.Keys(c.steps)) {
		s := *c.steps[id]
		out.Steps = append(out.Steps, s)
		out.StepsStarted += s.Started
		out.StepsCompleted += s.Completed
		out.StepsFailed += s.Failed
		out.StepsSkipped += s.Skipped
		out.Decisions += s.Decisions
		out.ExecutionTimeMS = sum(out.ExecutionTimeMS, s.ExecutionTimeMS)
	}
	return &out
}

// sum is a + b, or the largest number where that is larger.
func sum(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}
