//go:build unix

package projection

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// childEnv makes the test binary do another thing than testing: what it names is run, and the process ends.
const childEnv = "PROJECTION_TEST_CHILD"

func TestMain(m *testing.M) {
	if what := os.Getenv(childEnv); what != "" {
		children[what]()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// children are what the test binary can be run for.
var children = map[string]func(){
	"crash": crashChild,
	"past":  pastChild,
	"hold":  holdChild,
	"full":  fullChild,
}
