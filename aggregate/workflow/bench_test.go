package workflow_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
)

func BenchmarkDecodeProcessStarted(b *testing.B) { benchmarkDecode(b, everyEvent[0]) }
func BenchmarkDecodeStepCompleted(b *testing.B)  { benchmarkDecode(b, everyEvent[1]) }

func benchmarkDecode(b *testing.B, f fact) {
	e := event(b, f, 1)
	b.ReportAllocs()
	b.SetBytes(int64(len(e.Payload)))
	for b.Loop() {
		if c, err := workflow.Decode(e); c == nil || err != nil {
			b.Fatal(c, err)
		}
	}
}

func BenchmarkApplyStepCompleted(b *testing.B) {
	s := &oneProcess{}
	apply(b, s, event(b, startI, 1))
	e := event(b, doneA, 2)
	c := decode(b, e)
	b.ReportAllocs()
	for b.Loop() {
		if err := workflow.Apply(s, e, c); err != nil {
			b.Fatal(err)
		}
	}
	if len(s.process.ActiveSteps) != 1 || s.process.ActiveSteps[0] != "b" {
		b.Fatalf("the active steps are %q", s.process.ActiveSteps)
	}
}

// oneProcess is a state that costs nothing, so that only the rules are measured: one process, whatever is asked.
type oneProcess struct {
	workflowtest.State

	process *workflow.Process
}

func (s *oneProcess) Process(string) (*workflow.Process, bool) { return s.process, s.process != nil }
func (s *oneProcess) PutProcess(p *workflow.Process)           { s.process = p }
func (s *oneProcess) PutEntry(*workflow.Entry)                 {}
