package workflowmodel

import (
	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/projection/ask"
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
	return len(d.Version) + len(d.Tags) + len(d.Validation) + ask.SizeOf(d.Metadata) + ask.SizeOf(d.Variables)
}

func stepSize(s *workflow.Step) int {
	return len(s.StepType) + ask.SizeOf(s.Config) + sizeOfIDs(s.Dependencies)
}

func sizeOfIDs(ids []string) int {
	n := 0
	for _, id := range ids {
		n += len(id)
	}
	return n
}
