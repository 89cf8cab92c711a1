package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
)

func (a *app) snapshotRemoveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "rm NAME...",
		Aliases: []string{"remove", "delete"},
		Short:   "Remove snapshots",
		Long: `Rm removes snapshots, and from the disk what only they held. One that is on hold is refused, and
nothing is removed then. The events stay: as of the same moment the models can be made again
for as long as the stream holds its events.`,
		Example: `  projector snapshot rm before-import
  projector snapshot rm try-1 try-2`,
		Args: namedArgs(count(1, -1, "the name of a snapshot")),
	}
	return a.asking(cmd, time.Minute, nil, func(ctx context.Context, s *settings, timeout time.Duration, args []string) error {
		return a.remove(ctx, s, timeout, "cmd.snapshot.delete", map[string]any{"names": args})
	})
}

func (a *app) snapshotPruneCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove what retention no longer keeps",
		Long: `Prune removes the snapshots whose term has passed (create --keep), and those made by the schedule
that its retention does not keep (run --snapshot-keep-last, -daily, -weekly). What is on hold
stays.`,
		Example: `  projector snapshot prune --dry-run
  projector snapshot prune`,
		Args: count(0, 0, ""),
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say which they are")
	return a.asking(cmd, time.Minute, nil, func(ctx context.Context, s *settings, timeout time.Duration, _ []string) error {
		return a.remove(ctx, s, timeout, "cmd.snapshot.prune", map[string]any{"dry_run": dry})
	})
}

func (a *app) remove(ctx context.Context, s *settings, timeout time.Duration, subject string, params any) error {
	k, err := s.asker(timeout)
	if err != nil {
		return err
	}
	defer k.close()
	out, err := request[engine.Removed](ctx, k, subject, params)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(a.Stdout, out)
	}
	_, err = fmt.Fprintln(a.Stdout, removedText(&out))
	return err
}

func removedText(r *engine.Removed) string {
	n, names := plural(len(r.Names), "snapshot"), strings.Join(r.Names, ", ")
	switch {
	case len(r.Names) == 0:
		return "There is nothing to remove."
	case r.Dry:
		return fmt.Sprintf("%s would be removed: %s.", n, names)
	case r.Freed > 0:
		return fmt.Sprintf("Removed %s: %s. %s of disk are free again.", n, names, bytesText(uint64(r.Freed)))
	}
	return fmt.Sprintf("Removed %s: %s.", n, names)
}
