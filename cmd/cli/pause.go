package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
)

func (a *app) pauseCommand() *cobra.Command {
	var reason string
	cmd := a.switchCommand("cmd.projection.pause", &reason)
	cmd.Use = "pause [PROJECTION...]"
	cmd.Short = "Stop applying events to projections"
	cmd.Long = `Pause stops projections where they stand, until they are resumed; a restart of the worker
changes nothing about that. They go on answering questions from what they hold. No name
means all.`
	cmd.Example = `  projector pause
  projector pause graph --reason "waiting for the import"`
	cmd.Flags().StringVar(&reason, "reason", "", "the `TEXT` that status shows")
	return cmd
}

func (a *app) resumeCommand() *cobra.Command {
	cmd := a.switchCommand("cmd.projection.resume", new(string))
	cmd.Use = "resume [PROJECTION...]"
	cmd.Short = "Go on applying events to projections"
	cmd.Long = `Resume lets projections go on that were paused, or that a fault has stopped, from where they
stand. No name means all.`
	cmd.Example = `  projector resume
  projector resume graph`
	return cmd
}

// switchCommand is what pause and resume have in common.
func (a *app) switchCommand(subject string, reason *string) *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Args:      count(0, -1, ""),
		ValidArgs: a.projectionNames(),
	}
	wanted := clientSettings()
	addSettings(cmd.Flags(), wanted)
	cmd.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "the `TIME` that the worker has to answer")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := a.resolve(cmd.Flags(), join(wanted, listenSettings))
		if err != nil {
			return err
		}
		if timeout <= 0 {
			return wrongUsage("--timeout must be above zero")
		}
		params, err := json.Marshal(map[string]any{"projections": args, "reason": *reason})
		if err != nil {
			return err
		}
		return a.change(cmd.Context(), s, timeout, subject, params)
	}
	return cmd
}

func (a *app) change(ctx context.Context, s *settings, timeout time.Duration, subject string, params []byte) error {
	answer, err := s.askOnce(ctx, timeout, subject, params)
	if err != nil {
		return err
	}
	if a.json {
		return printRaw(a.Stdout, answer.Data)
	}
	var now engine.Status
	if err := json.Unmarshal(answer.Data, &now); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	t := newTable(a.Stdout, "PROJECTION", "STATE", "APPLIED", "REASON")
	for _, p := range now.Projections {
		t.row(p.Name, p.State, grouped(p.AppliedSequence), orDash(p.Reason))
	}
	return t.flush()
}
