package conceptmodel

import "github.com/thecowboyai/cim-projector/projection"

// maxBeside is how many things of one kind an answer holds beside what was asked for.
const maxBeside = projection.MaxLimit
