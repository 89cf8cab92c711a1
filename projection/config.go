package projection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Config is what a store is opened with.
type Config struct {
	// Dir is the data directory. It is made when it is missing.
	Dir string

	// Worker is the name that the lock states.
	Worker string

	// Projections are kept here, in this order. Names must differ.
	Projections []Projection

	// Decoder makes the events that are folded: state that another one made is refused. nil = the standard one.
	Decoder *eventlog.Decoder

	// CacheBytes bounds the decoded rows that are kept in memory, over all projections. 0 = 64 MiB.
	CacheBytes int

	// DeltaBytes is the size of a delta at which Group.Large says that it should be rotated. 0 = 256 MiB.
	DeltaBytes int64

	// Pace is called after every thousand rows of a fold, which runs beside commits: it may wait a little. nil = folds do not wait.
	Pace func(context.Context)

	// Logger takes changes of state. nil = none.
	Logger *slog.Logger
}

const (
	defaultCacheBytes = 64 << 20
	defaultDeltaBytes = 256 << 20
)

func (c Config) withDefaults() Config {
	if c.Decoder == nil {
		c.Decoder = eventlog.StandardDecoder()
	}
	if c.CacheBytes == 0 {
		c.CacheBytes = defaultCacheBytes
	}
	if c.DeltaBytes == 0 {
		c.DeltaBytes = defaultDeltaBytes
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate reports everything that is wrong at once.
func (c Config) Validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("projection: no data directory is named"))
	}
	if len(c.Projections) == 0 {
		errs = append(errs, errors.New("projection: no projection is configured"))
	}
	seen := map[string]bool{}
	for _, p := range c.Projections {
		switch name := p.Name(); {
		case !tableName.MatchString(name):
			errs = append(errs, fmt.Errorf("projection: name %q does not match %s", name, tableName))
		case seen[name]:
			errs = append(errs, fmt.Errorf("projection: %s is configured twice", name))
		case p.Version() < 1:
			errs = append(errs, fmt.Errorf("projection: %s has version %d; versions start at 1", name, p.Version()))
		default:
			seen[name] = true
		}
	}
	return errors.Join(errs...)
}
