package embeddedtest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog/embedded"
)

// serveVariable holds the configuration of the server that a child is to be.
const serveVariable = "EVENTLOG_EMBEDDEDTEST_SERVE"

// restartPatience is how long Restart tries to get its port back.
const restartPatience = 10 * time.Second

// serving is what a child is told.
type serving struct {
	Dir  string
	Port int
}

// ServeIfAsked makes this process a server where StartProcess started it, and then does not return. Anywhere else it does
// nothing.
func ServeIfAsked() {
	text, asked := os.LookupEnv(serveVariable)
	if !asked {
		return
	}
	if err := serve(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve runs a server until standard input ends.
func serve(text string) error {
	var told serving
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		return fmt.Errorf("embeddedtest: %s=%q: %w", serveVariable, text, err)
	}
	s, err := embedded.Start(context.Background(), embedded.Config{Dir: told.Dir, Port: told.Port})
	if err != nil {
		return err
	}
	fmt.Println(s.URL(), s.Port())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return fmt.Errorf("embeddedtest: wait for the end of standard input: %w", err)
	}
	return s.Close()
}

// Process is a server in a process of its own.
type Process struct {
	told   serving
	url    string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stderr strings.Builder
}

// StartProcess runs a server in a process of its own until the test ends. The package's TestMain must call ServeIfAsked.
func StartProcess(t testing.TB) *Process {
	t.Helper()
	p := &Process{told: serving{Dir: t.TempDir(), Port: embedded.FreePort}}
	t.Cleanup(p.Kill)
	if err := p.start(); err != nil {
		t.Fatalf("embeddedtest: %v", err)
	}
	return p
}

// URL returns the address for clients. It stays the same over Restart.
func (p *Process) URL() string { return p.url }

// Kill ends the process at once, as a crash does, and waits until it is gone. It is idempotent.
func (p *Process) Kill() {
	if p.cmd == nil {
		return
	}
	// Both errors say only that it was killed, or had ended already.
	_ = p.cmd.Process.Kill()
	_ = p.stdin.Close()
	_ = p.cmd.Wait()
	p.cmd = nil
}

// Dir returns the directory that the server stores in.
func (p *Process) Dir() string { return p.told.Dir }

// Restart runs the server again, on the same port and store. It must have been killed.
func (p *Process) Restart(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(restartPatience)
	for {
		err := p.start()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("embeddedtest: restart: %v", err)
		}
	}
}

// start runs the child and waits until it says where it listens.
func (p *Process) start() error {
	text, err := json.Marshal(p.told)
	if err != nil {
		return err
	}
	p.stderr.Reset()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveVariable+"="+string(text))
	cmd.Stderr = &p.stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd = cmd
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err == nil {
		_, err = fmt.Sscan(line, &p.url, &p.told.Port)
	}
	if err != nil {
		p.Kill()
		return fmt.Errorf("the server's process did not start: %w: %s; does TestMain call ServeIfAsked?", err, p.stderr.String())
	}
	return nil
}
