package engine

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// runner keeps one group moving: it starts an incarnation of its pipeline, and another when that one ends, until it is stopped or
// meets something that trying again cannot mend.
type runner struct {
	config *Config
	group  *projection.Group
	names  []string
	board  *board
	folder *folder

	missing eventlog.Seq  // up to here the log need not hold what was never applied
	grace   time.Duration // for the last commit

	watch func(*projection.Fold) error // is given each fold before it begins; nil = none

	dropped context.Context //nolint:containedctx // ends when what is in hand is not to be committed
	drop    context.CancelFunc
	cancel  context.CancelFunc
	done    chan struct{}
	err     error // why it ended; nil when it was stopped. Valid once done is closed.
}

// grace is how long the last commit may take after a stop was asked for.
const grace = 4 * time.Second

// diskTries is how often in a row a commit may fail, for another reason than a full disk, before the runner gives up.
const diskTries = 3

func newRunner(c *Config, g *projection.Group, b *board, f *folder) *runner {
	return &runner{config: c, group: g, names: g.Names(), board: b, folder: f, grace: grace}
}

// start runs in the background until stop is called or it gives up; ended is called then.
func (r *runner) start(ctx context.Context, ended func(*runner)) {
	ctx, r.cancel = context.WithCancel(ctx)
	r.dropped, r.drop = context.WithCancel(context.WithoutCancel(ctx))
	r.done = make(chan struct{})
	go func() {
		r.err = r.run(ctx, target{})
		r.drop()
		close(r.done)
		ended(r)
	}()
}

// stop ends it and waits: what was applied is committed first, within the grace.
func (r *runner) stop() {
	r.cancel()
	<-r.done
}

// abandon makes it end without committing what it has in hand. stop waits for that.
func (r *runner) abandon() { r.drop() }

func (r *runner) abandoned() bool { return r.dropped != nil && r.dropped.Err() != nil }

// run follows the log, or runs up to a target. It returns nil when ctx ends or the target is reached.
func (r *runner) run(ctx context.Context, to target) error {
	wait := backoff{least: 50 * time.Millisecond, most: 5 * time.Second}
	disk := 0
	for ctx.Err() == nil {
		in := &incarnation{
			config: r.config, group: r.group, to: to, missing: r.missing, board: r.board, folder: r.folder, grace: r.grace, dropped: r.dropped, watch: r.watch,
			started: func() { r.board.set(r.names, CatchingUp, "", nil) },
		}
		before := r.position()
		err := in.run(ctx)
		if err == nil && (to.none() || in.reached) || ctx.Err() != nil || r.abandoned() {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("the log ended at %s, before %s: %w", r.position(), to.seq, eventlog.ErrUnavailable)
		}
		if r.watch != nil {
			return err // who watches would see events twice
		}
		if r.position() > before {
			wait.reset()
			disk = 0
		}
		if fatal(err) {
			return err
		}
		if err := r.recover(err, &disk); err != nil {
			return err
		}
		d := wait.next()
		r.config.Observer.retried(r.names, err, d)
		if pause(ctx, d) != nil {
			return nil
		}
	}
	return nil
}

func (r *runner) position() eventlog.Seq {
	e, _, _ := r.board.look(r.names[0])
	return e.committed
}

// fatal tells whether trying again cannot help.
func fatal(err error) bool {
	var diverged *DivergedError
	var gap *GapError
	var unprovable *UnprovableError
	var fault *projection.FaultError
	var damage *projection.DamageError
	var chunk *snapshotstore.DamageError
	var missing *snapshotstore.MissingError
	var large *eventlog.ErrBatchTooLarge
	return errors.As(err, &diverged) || errors.As(err, &gap) || errors.As(err, &unprovable) || errors.As(err, &fault) ||
		errors.As(err, &damage) || errors.As(err, &chunk) || errors.As(err, &missing) || errors.As(err, &large)
}

// recover states what is being waited for, and makes the store usable again after a failed commit.
func (r *runner) recover(err error, disk *int) error {
	var commit *CommitError
	switch {
	case errors.As(err, &commit):
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			r.board.set(r.names, WaitingDisk, "the disk is full; make room in the data directory", err)
		} else if *disk++; *disk >= diskTries {
			return err
		}
		if err := r.group.Reopen(); err != nil {
			return fmt.Errorf("open the store again after a failed commit: %w", err)
		}
	case errors.Is(err, eventlog.ErrCursorLost):
		r.board.set(r.names, Starting, "reading was interrupted and begins again at the checkpoint", err)
	default:
		r.board.set(r.names, WaitingNATS, "the stream cannot be read: "+err.Error(), err)
	}
	return nil
}
