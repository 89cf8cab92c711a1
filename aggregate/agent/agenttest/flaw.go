package agenttest

import (
	"errors"
	"fmt"
)

// What Check finds wrong with a row.
var (
	ErrChanged      = errors.New("was changed after it was put")
	ErrNotCanonical = errors.New("is not canonical")
	ErrKnown        = errors.New("is known and was never registered, or the other way round")
	ErrNoOwner      = errors.New("belongs to something that has no row")
	ErrCount        = errors.New("counts what is not there")
	ErrTooMany      = errors.New("are more than there may be")
)

// Flaw is one thing that is wrong with a state.
type Flaw struct {
	Row    string // "agent", "task", "collaboration", "node", "metric"; the Go type of a row that was changed
	ID     string // the row's; "" where all of them are meant, or where the row was changed
	Err    error  // one of those above
	Detail string // for people
}

// Error names the row, what is wrong with it, and how it stands.
func (f *Flaw) Error() string { return fmt.Sprintf("%s %q %v: %s", f.Row, f.ID, f.Err, f.Detail) }

// Unwrap returns what is wrong.
func (f *Flaw) Unwrap() error { return f.Err }

func notCanonical(row, id string, content any) *Flaw {
	return &Flaw{row, id, ErrNotCanonical, fmt.Sprintf("%+v", content)}
}
