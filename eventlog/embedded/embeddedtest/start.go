package embeddedtest

import (
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog/embedded"
)

// Start runs a server in this process until the test ends.
func Start(t testing.TB) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Port: embedded.FreePort})
	if err != nil {
		t.Fatalf("embeddedtest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("embeddedtest: %v", err)
		}
	})
	return s
}

// Connect returns a connection to a server's URL that is closed when the test ends.
func Connect(t testing.TB, url string, opts ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(url, opts...)
	if err != nil {
		t.Fatalf("embeddedtest: connect to %s: %v", url, err)
	}
	t.Cleanup(nc.Close)
	return nc
}
