package workflowmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// How many bytes of opaque parts and lists a row brings into an answer, about.

func processSize(p *workflow.Process) int {
	return len(p.CompletionStatus) + len(p.InputData) + len(p.Context) + len(p.FinalOutput) + len(p.Error) + sizeOfIDs(p.ActiveSteps)
}

func entrySize(e *workflow.Entry) int {
	return len(e.StepType) + len(e.Criteria) + len(e.Evaluation) + len(e.Output) + len(e.Error) + len(e.Details) +
		sizeOfIDs(e.NextSteps)
}

func definitionSize(d *workflow.Definition) int {
	return len(d.Version) + len(d.Tags) + len(d.Validation) + sizeOf(d.Metadata) + sizeOf(d.Variables)
}

func stepSize(s *workflow.Step) int {
	return len(s.StepType) + sizeOf(s.Config) + sizeOfIDs(s.Dependencies)
}

func sizeOf(values map[string]eventlog.Value) int {
	n := 0
	for name, v := range values {
		n += len(name) + len(v)
	}
	return n
}

func sizeOfIDs(ids []string) int {
	n := 0
	for _, id := range ids {
		n += len(id)
	}
	return n
}
