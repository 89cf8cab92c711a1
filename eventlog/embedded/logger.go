package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// logger hands what the server says to slog. The server's own would end the process on a fatal error; this one remembers
// it, so that Start can return it.
type logger struct {
	to    *slog.Logger
	fatal chan struct{} // closed by the first fatal error
	once  sync.Once
	text  string // of the first fatal error; valid once fatal is closed
}

func newLogger(to *slog.Logger) *logger {
	return &logger{to: to.With("component", "nats-server"), fatal: make(chan struct{})}
}

// cause returns the fatal error; fatal must be closed.
func (l *logger) cause() error { return errors.New(l.text) }

// Noticef logs what the server tells about its steps.
func (l *logger) Noticef(format string, v ...any) { l.to.Debug(fmt.Sprintf(format, v...)) }

// Warnf logs a warning.
func (l *logger) Warnf(format string, v ...any) { l.to.Warn(fmt.Sprintf(format, v...)) }

// Errorf logs an error.
func (l *logger) Errorf(format string, v ...any) { l.to.Error(fmt.Sprintf(format, v...)) }

// Fatalf logs an error that ends the server.
func (l *logger) Fatalf(format string, v ...any) {
	l.once.Do(func() {
		l.text = fmt.Sprintf(format, v...)
		close(l.fatal)
	})
	l.to.Error(fmt.Sprintf(format, v...))
}

// Debugf drops what only the server's developers want; it is never asked for.
func (l *logger) Debugf(string, ...any) {}

// Tracef drops the protocol trace; it is never asked for.
func (l *logger) Tracef(string, ...any) {}
