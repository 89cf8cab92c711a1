package cli_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

// process is the program in a process of its own: the test's binary, which TestMain makes it.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr strings.Builder
	gone   bool
}

// start starts the program. It is killed at the end of the test if it is still there.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0], args...)}
	p.cmd.Env = []string{asProjector + "=1", "HOME=" + t.TempDir(), "TMPDIR=" + os.TempDir()}
	p.cmd.Stderr = &p.stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin, p.stdout = stdin, bufio.NewReader(stdout)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

// startWorker starts "projector run --json" and waits until it is ready.
func startWorker(t *testing.T, args ...string) (p *process, url string) {
	t.Helper()
	p = start(t, append([]string{"run", "--json", "--log-level", "error"}, args...)...)
	var ready struct{ Event, URL string }
	p.read(&ready)
	if ready.Event != "ready" {
		t.Fatalf("run said %+v first", ready)
	}
	return p, ready.URL
}

// read reads the next line of standard output as JSON.
func (p *process) read(into any) {
	p.t.Helper()
	text, err := p.stdout.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		p.kill()
		p.t.Fatalf("%v said %q: %v; stderr %s", p.cmd.Args[1:], text, err, p.stderr.String())
	}
}

// kill ends the process as a crash does, and waits until it is gone. It is idempotent.
func (p *process) kill() {
	if p.gone {
		return
	}
	p.gone = true
	// Both errors say only that it was killed, or had ended already.
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// interrupt asks the process to end.
func (p *process) interrupt() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits until the process has ended, which must be in good order. Standard output must have been read.
func (p *process) wait() {
	p.t.Helper()
	p.gone = true
	if err := p.cmd.Wait(); err != nil || p.cmd.ProcessState.ExitCode() != cli.StatusDone {
		p.t.Errorf("%v: %v; stderr %s", p.cmd.Args[1:], err, p.stderr.String())
	}
}
