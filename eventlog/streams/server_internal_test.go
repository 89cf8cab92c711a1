package streams

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

// connect returns JetStream of an embedded server of the test's own.
func connect(t *testing.T) jetstream.JetStream {
	t.Helper()
	return jetStream(t, embeddedtest.Connect(t, embeddedtest.Start(t).URL()))
}

func jetStream(t *testing.T, nc *nats.Conn) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// connectTo returns JetStream of a server with a configuration that the embedded one does not offer.
func connectTo(t *testing.T, conf string) jetstream.JetStream {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "server.conf")
	if err := os.WriteFile(path, []byte("listen: 127.0.0.1:-1\n"+conf), 0o600); err != nil {
		t.Fatal(err)
	}
	options, err := server.ProcessConfigFile(path)
	if err != nil {
		t.Fatal(err)
	}
	options.StoreDir, options.NoSigs, options.NoLog = filepath.Join(dir, "store"), true, true
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return jetStream(t, embeddedtest.Connect(t, s.ClientURL()))
}

// awaitFeeds waits until copies are connected to their origin. A server that changes a stream while it makes a consumer
// on it is not free of races (nats-server 2.15.2), and connecting a copy makes one.
func awaitFeeds(t *testing.T, js jetstream.JetStream, l Layout) {
	t.Helper()
	for _, d := range l.Domains {
		for deadline := time.Now().Add(10 * time.Second); ; {
			s, err := js.Stream(t.Context(), d.Name)
			if err != nil {
				t.Fatal(err)
			}
			if sources := s.CachedInfo().Sources; len(sources) == 1 && sources[0].Active >= 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s is not fed", d.Name)
			}
		}
	}
}

// create makes a stream by hand.
func create(t *testing.T, js jetstream.JetStream, cfg jetstream.StreamConfig) {
	t.Helper()
	if _, err := js.CreateStream(t.Context(), cfg); err != nil {
		t.Fatalf("create %s: %v", cfg.Name, err)
	}
}

// fill publishes events, and returns the last sequence.
func fill(t *testing.T, js jetstream.JetStream, subjects ...string) uint64 {
	t.Helper()
	var last uint64
	for _, s := range subjects {
		ack, err := js.Publish(t.Context(), s, []byte("{}"))
		if err != nil {
			t.Fatalf("publish %s: %v", s, err)
		}
		last = ack.Sequence
	}
	return last
}

// times repeats a subject.
func times(n int, subject string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = subject
	}
	return out
}

// planFor plans, and fails the test where that fails.
func planFor(t *testing.T, js jetstream.JetStream, l Layout, needs ...Need) Plan {
	t.Helper()
	p, err := PlanFor(t.Context(), js, l, needs...)
	if err != nil {
		t.Fatalf("PlanFor: %v", err)
	}
	return p
}

// shown is a plan or an item with all that it holds.
func shown(v any) string {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// item returns one item of a plan.
func (p Plan) item(t *testing.T, name string) Item {
	t.Helper()
	for _, i := range p.Items {
		if i.Name == name {
			return i
		}
	}
	t.Fatalf("no item %s in %+v", name, p)
	return Item{}
}
