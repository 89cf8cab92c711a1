package cli

import (
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"golang.org/x/term"
)

// screen is standard error: what is written to it goes above a bar that is being shown.
type screen struct {
	to       io.Writer
	terminal bool

	mu  sync.Mutex // protects the field below
	bar *mpb.Progress
}

func newScreen(to io.Writer) *screen {
	return &screen{to: to, terminal: isTerminal(to)}
}

// isTerminal tells whether something reads from or writes to a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Write writes whole lines.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar != nil {
		if n, err := s.bar.Write(p); err == nil {
			return n, nil // else the bar has just ended
		}
	}
	return s.to.Write(p)
}

// show lets a bar have the last line, until it is called with nil.
func (s *screen) show(bar *mpb.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bar = bar
}

// logger returns one that writes lines to the screen.
func (s *screen) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(s, &slog.HandlerOptions{Level: level}))
}
