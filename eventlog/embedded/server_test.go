package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog/embedded"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

func TestMain(m *testing.M) {
	embeddedtest.ServeIfAsked()
	os.Exit(m.Run())
}

func TestStoresAcrossRestarts(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		s, err := embedded.Start(t.Context(), embedded.Config{Dir: dir, Port: embedded.FreePort})
		if err != nil {
			t.Fatalf("Start: %v", err)
		}
		if got := publish(t, s.URL()); got != uint64(round+1) {
			t.Errorf("round %d: stored as %d, want %d", round, got, round+1)
		}
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Errorf("Close twice: %v", err)
		}
	}
}

func TestInProcess(t *testing.T) {
	s := embeddedtest.Start(t)
	if got := publish(t, s.URL()); got != 1 {
		t.Errorf("over TCP: stored as %d, want 1", got)
	}
	if got := publish(t, "", s.InProcess()); got != 2 {
		t.Errorf("in process: stored as %d, want 2", got)
	}
}

func TestRefusesWhatIsInUse(t *testing.T) {
	dir := t.TempDir()
	first, err := embedded.Start(t.Context(), embedded.Config{Dir: dir, Port: embedded.FreePort})
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	defer first.Close()
	_, err = embedded.Start(t.Context(), embedded.Config{Dir: dir, Port: embedded.FreePort})
	if !errors.Is(err, embedded.ErrDirectoryInUse) {
		t.Errorf("the same directory: %v, want ErrDirectoryInUse", err)
	}
	other := t.TempDir()
	_, err = embedded.Start(t.Context(), embedded.Config{Dir: other, Port: first.Port()})
	if !errors.Is(err, embedded.ErrAddressInUse) {
		t.Errorf("the same port: %v, want ErrAddressInUse", err)
	}
	again, err := embedded.Start(t.Context(), embedded.Config{Dir: other, Port: embedded.FreePort})
	if err != nil {
		t.Fatalf("the directory of a start that failed: %v, want it free", err)
	}
	if err := again.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestRefusesBadStore(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := embedded.Start(t.Context(), embedded.Config{Dir: file, Port: embedded.FreePort}); err == nil {
		t.Error("a file as directory: no error")
	}
}

func TestStartEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := embedded.Start(ctx, embedded.Config{Dir: t.TempDir(), Port: embedded.FreePort})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Start with an ended context: %v, want context.Canceled", err)
	}
}

func TestValidateReportsEverything(t *testing.T) {
	err := embedded.Config{Port: 70000, SyncInterval: -1}.Validate()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 3 {
		t.Errorf("Validate = %v, want three problems", err)
	}
}

func TestLogsToLogger(t *testing.T) {
	var out syncBuffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Port: embedded.FreePort, Logger: log})
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if !bytes.Contains(out.bytes(), []byte("component=nats-server")) {
		t.Errorf("the logger got %q, want what the server says", out.bytes())
	}
}

func TestProcessKeepsWhatItAcknowledged(t *testing.T) {
	p := embeddedtest.StartProcess(t)
	publish(t, p.URL())
	url := p.URL()
	p.Kill()
	p.Restart(t)
	if p.URL() != url {
		t.Errorf("URL after the restart is %s, want %s", p.URL(), url)
	}
	if got := publish(t, p.URL()); got != 2 {
		t.Errorf("stored as %d after a kill and a restart, want 2", got)
	}
}

// publish makes the stream S where it is missing, stores one message in it, and returns its sequence.
func publish(t *testing.T, url string, opts ...nats.Option) uint64 {
	t.Helper()
	js, err := jetstream.New(embeddedtest.Connect(t, url, opts...))
	if err != nil {
		t.Fatal(err)
	}
	cfg := jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}}
	if _, err := js.CreateOrUpdateStream(t.Context(), cfg); err != nil {
		t.Fatalf("create the stream: %v", err)
	}
	ack, err := js.Publish(t.Context(), "s.x", []byte("x"))
	if err != nil {
		t.Fatalf("publish: %v", err)
	}
	return ack.Sequence
}

// syncBuffer is a buffer that the server's goroutines may write to.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}
