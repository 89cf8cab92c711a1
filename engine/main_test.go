package engine_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

func TestMain(m *testing.M) {
	embeddedtest.ServeIfAsked()
	liveIfAsked()
	goleak.VerifyTestMain(m,
		// The embedded server's own, which it leaves behind for the life of the process.
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.(*ipQueue[...]).push.func1"),
	)
}
