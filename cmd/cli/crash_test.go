package cli_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

// crashesVariable says how often the worker is killed.
const crashesVariable = "PROJECTOR_CRASHES"

func crashes(t *testing.T) int {
	t.Helper()
	text := os.Getenv(crashesVariable)
	if text == "" {
		return 5
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q is not a number of crashes", crashesVariable, text)
	}
	return n
}

// history makes lines to publish: a graph that grows, changes and loses nodes, with messages among them that nobody can read.
type history struct {
	random *rand.Rand
	n      int
}

func (h *history) lines(n int) []byte {
	var out bytes.Buffer
	for range n {
		h.n++
		node, other := h.random.IntN(500), h.random.IntN(500)
		graph := fmt.Sprintf("g%d", h.random.IntN(7))
		switch h.random.IntN(20) {
		case 0:
			body := base64.StdEncoding.EncodeToString([]byte(`{"event_id":"cut`))
			fmt.Fprintf(&out, `{"subject":"event.graph.node_created","headers":{"Nats-Msg-Id":"p%d"},"data":%q}`+"\n", h.n, body)
		case 1, 2:
			h.event(&out, graph, "node_deleted", `"node_id":"n%d","connected_edges":[]`, node)
		case 3, 4, 5, 6:
			h.event(&out, graph, "edge_created", `"edge_id":"e%d-%d","source_node":"n%d","target_node":"n%d","weight":0.5`, node, other, node, other)
		case 7, 8, 9:
			h.event(&out, graph, "node_moved", `"node_id":"n%d","new_position":{"x":%d,"y":1.5,"z":0}`, node, h.n)
		case 10:
			h.event(&out, graph, "node_exploded", `"node_id":"n%d"`, node)
		default:
			h.event(&out, graph, "node_created", `"node_id":"n%d","node_type":{"Concept":{}},"metadata":{"n":%d}`, node, h.n)
		}
	}
	return out.Bytes()
}

func (h *history) event(to io.Writer, graph, kind, payload string, args ...any) {
	fmt.Fprintf(to, `{"event_id":"v%d","event_type":%q,"aggregate_type":"Graph","aggregate_id":%q,"payload":{"graph_id":%q,%s}}`+"\n",
		h.n, kind, graph, graph, fmt.Sprintf(payload, args...))
}

// published is what publish --json says at its end.
type published struct {
	Messages, Stored, Duplicates int
	Last                         uint64 `json:"last_sequence"`
}

// TestStateAfterCrashes kills the worker again and again, at moments chosen by chance, while another process publishes. The
// state that it comes to must be that of a worker which was never disturbed.
func TestStateAfterCrashes(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	server := embeddedtest.Start(t)
	makeStream(t, server.URL(), jetstream.StreamConfig{AllowDirect: true})
	publisher := start(t, "publish", "--json", "--nats", server.URL(), "-")
	h := &history{random: random}
	dir := t.TempDir()
	moved := uint64(0)
	for i := range crashes(t) {
		worker, _ := startWorker(t, "--data", dir, "--nats", server.URL())
		if _, err := publisher.stdin.Write(h.lines(600)); err != nil {
			t.Fatalf("publish: %v; %s", err, publisher.stderr.String())
		}
		if i%2 == 0 { // behind some commit of this life, so that there is one
			at := strconv.FormatUint(moved+1+random.Uint64N(500), 10)
			line{}.ok(t, "query", "projection.types", "--nats", server.URL(), "--min-seq", at, "--timeout", "60s")
		}
		<-time.After(time.Duration(random.Int64N(int64(60 * time.Millisecond)))) // a moment chosen by chance, not one that is waited for
		worker.kill()
		at := sequenceOf(t, dir)
		if at < moved {
			t.Fatalf("crash %d took the position back from %d to %d", i, moved, at)
		}
		moved = at
	}
	if err := publisher.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	var out published
	publisher.read(&out)
	publisher.wait()
	if out.Stored != h.n || out.Last != uint64(h.n) {
		t.Fatalf("published %+v, want %d", out, h.n)
	}

	crashed := stateOf(t, server.URL(), dir, "default", h.n)
	sameState(t, stateOf(t, server.URL(), t.TempDir(), "undisturbed", h.n), crashed)
	sameState(t, crashed, decode[engine.Verification](t, line{}.ok(t, "verify", "--offline", "--json", "--data", dir)))
}

// sequenceOf opens the directory of a killed worker, checks everything in it, and returns the position.
func sequenceOf(t *testing.T, dir string) uint64 {
	t.Helper()
	v := decode[engine.Verification](t, line{}.ok(t, "verify", "--offline", "--json", "--data", dir))
	for _, p := range v.Projections {
		if !p.OK || p.Sequence != v.Projections[0].Sequence {
			t.Fatalf("after a crash: %+v", v)
		}
	}
	return v.Projections[0].Sequence
}

// stateOf lets a worker come to the end of the stream, and returns what it then holds.
func stateOf(t *testing.T, url, dir, name string, last int) engine.Verification {
	t.Helper()
	worker, _ := startWorker(t, "--data", dir, "--nats", url, "--name", name)
	l := line{}
	l.ok(t, "query", "projection.types", "--nats", url, "--name", name, "--min-seq", strconv.Itoa(last), "--timeout", "60s")
	l.ok(t, "query", "graph.list", "--nats", url, "--name", name, "--min-seq", strconv.Itoa(last), "--timeout", "60s")
	v := decode[engine.Verification](t, l.ok(t, "verify", "--json", "--nats", url, "--name", name))
	worker.interrupt()
	var stopped struct{ Event string }
	worker.read(&stopped)
	worker.wait()
	if stopped.Event != "stopped" {
		t.Errorf("an interrupted worker said %+v", stopped)
	}
	return v
}

// TestCrashWithTheServer kills a worker that has its server in it, while another process publishes to it: what was acknowledged
// is there again, and what was not is sent again.
func TestCrashWithTheServer(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	dir, address := t.TempDir(), freeAddress(t)
	worker, url := startWorker(t, "--data", dir, "--listen", address)
	publisher := start(t, "publish", "--json", "--nats", url, "-")
	h := &history{random: random}
	for range 2 {
		if _, err := publisher.stdin.Write(h.lines(2000)); err != nil {
			t.Fatalf("publish: %v; %s", err, publisher.stderr.String())
		}
		worker.kill()
		worker, url = startWorker(t, "--data", dir, "--listen", address)
	}
	if err := publisher.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	var out published
	publisher.read(&out)
	publisher.wait()
	if out.Messages != h.n || out.Last != uint64(h.n) {
		t.Errorf("published %+v, want %d, each stored once", out, h.n)
	}
	line{}.ok(t, "query", "graph.list", "--nats", url, "--min-seq", strconv.Itoa(h.n), "--timeout", "60s")
	crashed := decode[engine.Verification](t, line{}.ok(t, "verify", "--json", "--nats", url))
	sameState(t, stateOf(t, url, t.TempDir(), "undisturbed", h.n), crashed)
}

// freeAddress returns a loopback address that nobody listens on at the moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it gives the port free
	return l.Addr().String()
}
