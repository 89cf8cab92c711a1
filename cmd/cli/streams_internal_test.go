package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

// TestNeeds asks two workers that run what they have applied, of a server where one stream has three events.
func TestNeeds(t *testing.T) {
	server := embeddedtest.Start(t)
	conn := embeddedtest.Connect(t, server.URL())
	if got, err := needs(t.Context(), conn, "CIM_EVENTS"); err != nil || len(got) != 0 {
		t.Errorf("without a worker: %v, %v", got, err)
	}
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := ensureStream(t.Context(), conn, "CIM_EVENTS"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := js.Publish(t.Context(), "event.graph.x", []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"one", "two"} {
		runInTest(t, "--nats", server.URL(), "--name", name)
		query := Options{Stdout: io.Discard, Stderr: io.Discard, LookupEnv: func(string) (string, bool) { return "", false }}
		args := []string{"query", "graph.list", "--nats", server.URL(), "--name", name, "--min-seq", "3"}
		if got := Execute(t.Context(), query, args); got != 0 {
			t.Fatalf("worker %s did not come to the third event: status %d", name, got)
		}
	}
	got, err := needs(t.Context(), conn, "CIM_EVENTS")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 2 && got[0].Worker > got[1].Worker {
		got[0], got[1] = got[1], got[0]
	}
	want := []streams.Need{{Worker: "one", Stream: "CIM_EVENTS", Applied: 3}, {Worker: "two", Stream: "CIM_EVENTS", Applied: 3}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// runInTest runs a worker until the test ends, and returns when it is ready.
func runInTest(t *testing.T, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan struct{})
	args = append([]string{"run", "--json", "--log-level", "error", "--data", t.TempDir()}, args...)
	o := Options{Stdout: write, Stderr: io.Discard, LookupEnv: func(string) (string, bool) { return "", false }}
	go func() {
		defer close(ended)
		Execute(ctx, o, args)
		_ = write.Close() // of a pipe: cannot fail
	}()
	out := bufio.NewReader(read)
	t.Cleanup(func() {
		cancel()
		_, _ = io.Copy(io.Discard, out) // what it says last
		<-ended
	})
	text, err := out.ReadBytes('\n')
	var ready struct{ Event string }
	if err != nil || json.Unmarshal(text, &ready) != nil || ready.Event != "ready" {
		t.Fatalf("run said %q first: %v", text, err)
	}
}
