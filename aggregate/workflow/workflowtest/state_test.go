package workflowtest_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestState(t *testing.T) {
	workflowtest.TestState(t, func(*testing.T) workflow.State { return new(workflowtest.State) })
}

// TestCheckFinds proves that Check is not blind. Each damage is the only one.
func TestCheckFinds(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(s *workflowtest.State, d *workflow.Definition)
	}{
		{"a changed row", func(_ *workflowtest.State, d *workflow.Definition) { d.Metadata["k"][0] = '2' }},
		{"a changed row that was replaced", func(s *workflowtest.State, d *workflow.Definition) {
			d.Metadata["k"][0] = '2'
			s.PutDefinition(&workflow.Definition{ID: "w"})
		}},
		{"a wrong count", func(s *workflowtest.State, _ *workflow.Definition) {
			s.PutProcess(&workflow.Process{InstanceID: "i", Status: workflow.UnknownStart, Events: 2, LastSequence: 1})
		}},
		{"another last event", func(s *workflowtest.State, _ *workflow.Definition) {
			s.PutProcess(&workflow.Process{InstanceID: "i", Status: workflow.UnknownStart, Events: 1, LastSequence: 2})
		}},
		{"a history without a process", func(s *workflowtest.State, _ *workflow.Definition) {
			s.PutEntry(&workflow.Entry{InstanceID: "j", Sequence: 1})
		}},
		{"a step without a workflow", func(s *workflowtest.State, _ *workflow.Definition) {
			s.PutStep(&workflow.Step{WorkflowID: "v", ID: "s"})
		}},
		{"a link without a workflow", func(s *workflowtest.State, _ *workflow.Definition) {
			s.PutLink(&workflow.Link{WorkflowID: "v"})
		}},
		{"active steps of an ended process", func(s *workflowtest.State, _ *workflow.Definition) {
			s.PutProcess(&workflow.Process{
				InstanceID: "i", Status: workflow.Failed, ActiveSteps: []string{"a"}, Events: 1, LastSequence: 1,
			})
		}},
		{"active steps that are not sorted", func(s *workflowtest.State, _ *workflow.Definition) {
			s.PutProcess(&workflow.Process{
				InstanceID: "i", Status: workflow.UnknownStart, ActiveSteps: []string{"b", "a"}, Events: 1, LastSequence: 1,
			})
		}},
		{"running without a start", func(s *workflowtest.State, _ *workflow.Definition) {
			s.PutProcess(&workflow.Process{InstanceID: "i", Status: workflow.Running, Events: 1, LastSequence: 1})
		}},
		{"an empty list", func(s *workflowtest.State, _ *workflow.Definition) {
			s.PutStep(&workflow.Step{WorkflowID: "w", ID: "s", Dependencies: []string{}})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s workflowtest.State
			d := &workflow.Definition{ID: "w", Metadata: map[string]eventlog.Value{"k": eventlog.Value("1")}}
			s.PutDefinition(d)
			s.PutProcess(&workflow.Process{InstanceID: "i", Status: workflow.UnknownStart, Events: 1, LastSequence: 1})
			s.PutEntry(&workflow.Entry{InstanceID: "i", Sequence: 1})
			if err := s.Check(); err != nil {
				t.Fatalf("before the damage: %v", err)
			}
			c.damage(&s, d)
			if s.Check() == nil {
				t.Error("Check found nothing")
			}
		})
	}
}
