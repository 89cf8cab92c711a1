package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

// creation is what cmd.snapshot.create is told.
type creation struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Keep        string   `json:"keep,omitempty"`
	Hold        bool     `json:"hold,omitempty"`
	Only        []string `json:"only,omitempty"`
	MinSequence uint64   `json:"min_sequence,omitempty"`
	Detach      bool     `json:"detach"`
}

func (a *app) snapshotCreateCommand() *cobra.Command {
	var c creation
	var detach bool
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Name what the models hold now",
		Long: `Create makes a snapshot of all projections at the event that they stand at now. The models go on
meanwhile. A name is given once. The command waits until the snapshot is durable; --detach
returns when its event is fixed.`,
		Example: `  projector snapshot create before-import
  projector snapshot create q3 --description "end of the quarter" --keep 180d
  projector snapshot create audit-2026 --hold --min-seq 1204`,
		Args:              namedArgs(count(1, 1, "the name of the snapshot")),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.StringVar(&c.Description, "description", "", "the `TEXT` that says what it is")
	flags.StringVar(&c.Keep, "keep", "", "the `TIME` after which it may be removed, such as 180d or 12h; for ever without")
	flags.BoolVar(&c.Hold, "hold", false, "it cannot be removed")
	flags.StringSliceVar(&c.Only, "only", nil, "the `PROJECTIONS` that it covers, with commas between; all without")
	flags.Uint64Var(&c.MinSequence, "min-seq", 0, "wait until the models hold the event with this `SEQUENCE`")
	flags.BoolVar(&detach, "detach", false, "do not wait until it is written")
	return a.asking(cmd, time.Minute, nil, func(ctx context.Context, s *settings, timeout time.Duration, args []string) error {
		c.Name, c.Detach = args[0], true // the wait is this command's, so that it can be ended
		k, err := s.asker(timeout)
		if err != nil {
			return err
		}
		defer k.close()
		return a.create(ctx, k, &c, detach)
	})
}

func (a *app) create(ctx context.Context, k *asker, c *creation, detach bool) error {
	raw, err := request[json.RawMessage](ctx, k, "cmd.snapshot.create", c)
	if err != nil {
		return err
	}
	one, err := onWire(raw)
	if err == nil && !detach {
		one, err = a.complete(ctx, k, one)
	}
	if err != nil {
		return err
	}
	if detach && !a.json {
		_, err := fmt.Fprintf(a.Stdout, "Snapshot %s is taken at event %s, and is being written; see: projector snapshot show %s\n",
			one.Name, grouped(one.StreamSequence), one.Name)
		return err
	}
	return a.showSnapshot(one)
}

// complete waits until a snapshot is written.
func (a *app) complete(ctx context.Context, k *asker, one shownSnapshot) (shownSnapshot, error) {
	stop := a.showing(ctx, "writing snapshot "+one.Name, "", func() (int64, int64) { return 0, 0 })
	defer stop()
	var pause again
	for one.State == stateMaking {
		err := pause.wait(ctx)
		var raw json.RawMessage
		if err == nil {
			raw, err = request[json.RawMessage](ctx, k, "query.snapshot.get."+one.Name, struct{}{})
		}
		if errors.Is(err, context.Canceled) {
			return one, failed("interrupted; snapshot %s is taken at event %s and is still being written, see: projector snapshot show %s",
				one.Name, grouped(one.StreamSequence), one.Name)
		}
		if err != nil {
			return one, fmt.Errorf("%w; snapshot %s is taken at event %s, and is completed when the worker runs", err, one.Name,
				grouped(one.StreamSequence))
		}
		if one, err = onWire(raw); err != nil {
			return one, err
		}
	}
	return one, nil
}
