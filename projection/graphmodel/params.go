package graphmodel

import (
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// params reads what this model's questions ask for beside what all questions do.
type params struct{ *ask.Params }

func readParams(r projection.Request) params { return params{ask.Read(r)} }
