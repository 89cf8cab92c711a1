package cli_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

// asProjector makes the test's binary the program itself: see process.
const asProjector = "PROJECTOR_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asProjector) != "" {
		cli.Main(cli.Options{})
	}
	embeddedtest.ServeIfAsked()
	goleak.VerifyTestMain(m,
		// The server pools timers of its queues, and lets them run out.
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.(*ipQueue[...]).push.func1"),
	)
}
