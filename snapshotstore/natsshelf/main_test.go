package natsshelf_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

func TestMain(m *testing.M) {
	embeddedtest.ServeIfAsked()
	goleak.VerifyTestMain(m)
}
