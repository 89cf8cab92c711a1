//go:build unix

package embeddedtest

import (
	"syscall"
	"testing"
)

// Pause freezes the process: connections stay open, and nothing answers. Resume lets it go on; Kill works as well.
func (p *Process) Pause(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatalf("embeddedtest: pause: %v", err)
	}
}

// Resume ends a Pause.
func (p *Process) Resume(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatalf("embeddedtest: resume: %v", err)
	}
}
