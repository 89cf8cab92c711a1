package workflowmodel

import "github.com/thecowboyai/cim-projector/projection/ask"

// maxParts is how many entries of histories, or parts of a definition, an answer holds that is not paged by them.
const maxParts = 10_000

// weight is what an answer has gathered, parts of it among them.
type weight struct {
	*ask.Weight

	parts int
}

// part counts a part of this size, and tells whether the answer may go on.
func (w *weight) part(size int) bool {
	if w.parts++; w.parts > maxParts {
		w.TooLarge("the answer has more than %d entries; ask for fewer processes, or by pages with "+
			"workflow.get_step_history", maxParts)
	}
	return w.Add(size)
}
