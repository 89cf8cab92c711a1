package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// The exit statuses.
const (
	StatusDone     = 0
	StatusFailed   = 1
	StatusUsage    = 2 // the command line, a setting, or a question is wrong
	StatusNotFound = 3
	StatusRefused  = 4 // it would lose or corrupt something; the sentence says what, and which flag overrides where one may
)

// statusError is an error whose exit status is known where it arises.
type statusError struct {
	status int
	err    error
}

// Error returns the text of the error that it holds.
func (e *statusError) Error() string { return e.err.Error() }

// Unwrap returns the error that it holds.
func (e *statusError) Unwrap() error { return e.err }

func failed(format string, args ...any) error {
	return &statusError{StatusFailed, fmt.Errorf(format, args...)}
}

func wrongUsage(format string, args ...any) error {
	return &statusError{StatusUsage, fmt.Errorf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &statusError{StatusNotFound, fmt.Errorf(format, args...)}
}

func refused(format string, args ...any) error {
	return &statusError{StatusRefused, fmt.Errorf(format, args...)}
}

// exitStatus returns what the process ends with.
func exitStatus(err error) int {
	if err == nil {
		return StatusDone
	}
	if known, ok := errors.AsType[*statusError](err); ok {
		return known.status
	}
	if q, ok := errors.AsType[*projection.QueryError](err); ok {
		return queryStatus(q.Code)
	}
	if errors.Is(err, snapshotstore.ErrNoName) {
		return StatusNotFound
	}
	if isRefusal(err) {
		return StatusRefused
	}
	return StatusFailed
}

func queryStatus(code projection.QueryCode) int {
	switch code {
	case projection.BadRequest:
		return StatusUsage
	case projection.NotFound:
		return StatusNotFound
	case projection.Refused:
		return StatusRefused
	}
	return StatusFailed
}

// isRefusal tells whether going on would lose or corrupt something.
func isRefusal(err error) bool {
	_, locked := errors.AsType[*projection.LockedError](err)
	_, taken := errors.AsType[*engine.NameTakenError](err)
	_, gap := errors.AsType[*engine.GapError](err)
	_, diverged := errors.AsType[*engine.DivergedError](err)
	_, unprovable := errors.AsType[*engine.UnprovableError](err)
	_, retention := errors.AsType[*natslog.RetentionError](err)
	return locked || taken || gap || diverged || unprovable || retention || errors.Is(err, embedded.ErrDirectoryInUse) ||
		errors.Is(err, snapshotstore.ErrNameUsed) || errors.Is(err, snapshotstore.ErrForeign) || errors.Is(err, projection.ErrMisstated) ||
		errors.Is(err, projection.ErrOtherVersion) || errors.Is(err, engine.ErrNotEmpty)
}

// origin is the name of a package at the beginning of an error: for programmers, not for those who run a command.
var origin = regexp.MustCompile(`\b(engine|projection|snapshotstore|eventlog|natslog|filelog|embedded|publish|streams|graphmodel|eventmodel): `)

// sentence is what is told about an error.
func sentence(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	if q, ok := errors.AsType[*projection.QueryError](err); ok {
		return cleaned(q.Message)
	}
	return cleaned(err.Error())
}

// cleaned is an error's text as it is told to people.
func cleaned(text string) string { return origin.ReplaceAllString(text, "") }
