package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

// result is what a command line left.
type result struct {
	status         int
	stdout, stderr string
}

// line is a command line with what surrounds it. Nothing of the test's own environment reaches it.
type line struct {
	env   map[string]string
	stdin string
}

func (l line) options(stdout, stderr io.Writer) cli.Options {
	return cli.Options{
		Version: "v0.0.0-test", Stdin: strings.NewReader(l.stdin), Stdout: stdout, Stderr: stderr,
		LookupEnv: func(name string) (string, bool) {
			text, ok := l.env[name]
			return text, ok
		},
	}
}

// run runs a command line in this process.
func (l line) run(ctx context.Context, args ...string) result {
	var stdout, stderr bytes.Buffer
	status := cli.Execute(ctx, l.options(&stdout, &stderr), args)
	return result{status, stdout.String(), withoutProgress(stderr.String())}
}

// withoutProgress leaves out the lines that show progress: on a busy machine anything may take long enough for them.
func withoutProgress(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if !progressLine.MatchString(line) {
			out.WriteString(line)
		}
	}
	return out.String()
}

var progressLine = regexp.MustCompile(`^(publishing|catching up|restoring|exporting|fetching|sending|importing|writing snapshot [\w-]+): `)

// ok runs a command line that must succeed, and returns its standard output.
func (l line) ok(t *testing.T, args ...string) string {
	t.Helper()
	got := l.run(t.Context(), args...)
	if got.status != cli.StatusDone || got.stderr != "" {
		t.Fatalf("projector %s: status %d, stderr %q", strings.Join(args, " "), got.status, got.stderr)
	}
	return got.stdout
}

// refused runs a command line that must fail with this status and one sentence, and returns the sentence.
func (l line) refused(t *testing.T, status int, args ...string) string {
	t.Helper()
	got := l.run(t.Context(), args...)
	if got.status != status {
		t.Errorf("projector %s: status %d, want %d; stderr %q", strings.Join(args, " "), got.status, status, got.stderr)
	}
	sentence := strings.TrimSuffix(got.stderr, "\n")
	if got.stdout != "" || sentence == "" || strings.ContainsAny(sentence, "\n\t") {
		t.Errorf("projector %s: stdout %q, stderr %q; want one sentence on stderr", strings.Join(args, " "), got.stdout, got.stderr)
	}
	return sentence
}

// worker is a running "projector run" in this process.
type worker struct {
	t      *testing.T
	url    string
	data   string
	cancel context.CancelFunc
	ended  chan int
	out    *bufio.Reader
	stderr bytes.Buffer // valid once ended
}

// startRun starts "projector run --json" with these arguments and waits until it is ready.
func startRun(t *testing.T, data string, args ...string) *worker {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	w := &worker{t: t, data: data, cancel: cancel, ended: make(chan int, 1), out: bufio.NewReader(read)}
	args = append([]string{"run", "--json", "--data", data, "--log-level", "error"}, args...)
	go func() {
		status := cli.Execute(ctx, line{}.options(write, &w.stderr), args)
		_ = write.Close() // of a pipe: cannot fail
		w.ended <- status
	}()
	t.Cleanup(func() { w.stop() })
	var ready struct{ Event, URL string }
	if w.event(&ready); ready.Event != "ready" {
		t.Fatalf("run said %+v first; stderr %q", ready, w.stderr.String())
	}
	w.url = ready.URL
	return w
}

// startOwn starts a worker with a server of its own on a free port.
func startOwn(t *testing.T) *worker {
	t.Helper()
	return startRun(t, t.TempDir(), "--listen", "127.0.0.1:0")
}

// event reads the next line that run prints.
func (w *worker) event(into any) {
	w.t.Helper()
	text, err := w.out.ReadBytes('\n')
	if err != nil {
		w.cancel = nil // there is nothing to stop any more
		w.t.Fatalf("run ended with status %d: %s", <-w.ended, w.stderr.String())
	}
	if err := json.Unmarshal(text, into); err != nil {
		w.t.Fatalf("run said %q: %v", text, err)
	}
}

// stop interrupts the worker and returns what it says last. It is idempotent.
func (w *worker) stop() (last struct {
	Event       string
	Projections []struct {
		Name     string
		Sequence uint64 `json:"applied_sequence"`
	}
},
) {
	w.t.Helper()
	if w.cancel == nil {
		return last
	}
	w.cancel()
	w.cancel = nil
	begun := time.Now()
	w.event(&last)
	if status := <-w.ended; status != cli.StatusDone {
		w.t.Errorf("run ended with status %d: %s", status, w.stderr.String())
	}
	if took := time.Since(begun); took > 5*time.Second {
		w.t.Errorf("run took %s to stop", took)
	}
	return last
}

// decode reads a JSON document that is all of the text.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var out T
	d := json.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if d.More() {
		t.Fatalf("%q holds more than one document", text)
	}
	return out
}
