package engine

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Config is what a worker is made of.
type Config struct {
	// Name addresses the worker. "" = "default".
	Name string

	// Version is the build's, for status. "" = "devel".
	Version string

	// Data is the data directory.
	Data string

	// Log is the history. The worker does not close it.
	Log eventlog.Log

	// Decoder makes events of records, by its mapping of subjects. nil = the standard one, which knows CIM's.
	Decoder *eventlog.Decoder

	// Projections are what the history is folded into.
	Projections []projection.Projection

	// MemoryBudget bounds what the worker holds of events and rows, in bytes: a quarter each for events between the log and
	// the tables, for uncommitted rows, for the pages of a commit, and for the cache of rows. 0 = 256 MiB. The server that
	// runs in the same process has a memory of its own.
	MemoryBudget int

	// Decoders is how many goroutines decode. 0 = one for each processor.
	Decoders int

	// CommitRecords is the most records that one commit takes in, atomic batches being kept whole. 0 = no limit but the
	// memory budget, which is the fastest.
	CommitRecords int

	// DeltaBytes is the size at which the file of recent changes is folded into the state below it. 0 = 256 MiB.
	DeltaBytes int64

	// Shelf is where copies of the snapshots are kept, so that they outlive the machine; it belongs to this worker alone. nil =
	// nowhere.
	Shelf snapshotstore.Shelf

	// Schedule says when snapshots are made without anybody asking.
	Schedule Schedule

	// Retention says which of the snapshots that a schedule makes are kept.
	Retention Retention

	// AcceptGap lets the worker go on over events that the log no longer holds and that were never applied. Without it the
	// worker refuses and names the range.
	AcceptGap bool

	// Strict stops the worker where the history that it stands on cannot be proved any more.
	Strict bool

	// Observer is told what happens.
	Observer Observer

	// Logger takes changes of state. nil = none.
	Logger *slog.Logger
}

const (
	defaultName   = "default"
	defaultBudget = 256 << 20
	leastBudget   = 16 << 20
)

// NamePattern is what names of workers and snapshots look like: they become subject tokens and file names.
var NamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`)

func (c Config) withDefaults() Config {
	if c.Name == "" {
		c.Name = defaultName
	}
	if c.Version == "" {
		c.Version = "devel"
	}
	if c.MemoryBudget == 0 {
		c.MemoryBudget = defaultBudget
	}
	if c.Decoders == 0 {
		c.Decoders = runtime.GOMAXPROCS(0)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate reports everything that is wrong at once.
func (c Config) Validate() error {
	var errs []error
	if !NamePattern.MatchString(c.Name) {
		errs = append(errs, fmt.Errorf("engine: worker name %q does not match %s", c.Name, NamePattern))
	}
	if c.Log == nil {
		errs = append(errs, errors.New("engine: no log is given"))
	}
	if c.MemoryBudget < leastBudget {
		errs = append(errs, fmt.Errorf("engine: a memory budget of %d bytes is too small; the least is %d", c.MemoryBudget, leastBudget))
	}
	if c.Decoders < 1 {
		errs = append(errs, fmt.Errorf("engine: %d decoders; at least 1 is needed", c.Decoders))
	}
	if c.CommitRecords < 0 {
		errs = append(errs, fmt.Errorf("engine: a limit of %d records a commit; give 0 for none", c.CommitRecords))
	}
	errs = append(errs, c.Schedule.Validate(), c.Retention.Validate())
	return errors.Join(errs...)
}

// The shares of the budget.
func (c Config) flightBytes() int { return c.MemoryBudget / 4 }
func (c Config) dirtyBytes() int  { return c.MemoryBudget / 8 } // twice: one batch is committed while the next is applied
func (c Config) commitBytes() int { return c.MemoryBudget / 4 }
func (c Config) cacheBytes() int  { return c.MemoryBudget / 4 }
