package cli

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"
)

// retention is what cmd.snapshot.retain is told; what is nil stays as it is.
type retention struct {
	Name string  `json:"name"`
	Keep *string `json:"keep,omitempty"`
	Hold *bool   `json:"hold,omitempty"`
}

func (a *app) snapshotRetainCommand() *cobra.Command {
	var keep string
	var hold, release bool
	cmd := &cobra.Command{
		Use:   "retain NAME",
		Short: "Change how long a snapshot is kept",
		Long: `Retain gives a snapshot another term, counted from when it was made, puts it on hold, or releases it.
What the snapshot holds is not changed.`,
		Example: `  projector snapshot retain q3 --keep 365d
  projector snapshot retain q3 --keep ""
  projector snapshot retain audit-2026 --release`,
		Args:              namedArgs(count(1, 1, "the name of the snapshot")),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&keep, "keep", "", `the `+"`TIME`"+` after which it may be removed, such as 180d or 12h; "" is for ever`)
	cmd.Flags().BoolVar(&hold, "hold", false, "it cannot be removed from now on")
	cmd.Flags().BoolVar(&release, "release", false, "it can be removed again")
	return a.asking(cmd, time.Minute, nil, func(ctx context.Context, s *settings, timeout time.Duration, args []string) error {
		r := retention{Name: args[0]}
		if cmd.Flags().Changed("keep") {
			r.Keep = &keep
		}
		switch {
		case hold && release:
			return wrongUsage("--hold and --release contradict each other")
		case r.Keep == nil && !hold && !release:
			return wrongUsage("nothing is to be changed; use --keep, --hold or --release")
		}
		if hold || release {
			r.Hold = &hold
		}
		k, err := s.asker(timeout)
		if err != nil {
			return err
		}
		defer k.close()
		raw, err := request[json.RawMessage](ctx, k, "cmd.snapshot.retain", r)
		if err != nil {
			return err
		}
		one, err := onWire(raw)
		if err != nil {
			return err
		}
		return a.showSnapshot(one)
	})
}
