package agentmodel_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// TestMain draws half as many histories as usual, unless the command line says how many: each of them opens two stores, and
// waits for the disk some dozens of times.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "50"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}
