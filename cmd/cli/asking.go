package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

// answerer is what a command does that asks a worker.
type answerer func(ctx context.Context, s *settings, timeout time.Duration, args []string) error

// asking gives a command what it needs to ask a worker: the flags of the connection, and how long the worker has to answer.
func (a *app) asking(cmd *cobra.Command, timeout time.Duration, more []setting, run answerer) *cobra.Command {
	wanted := join(clientSettings(), more)
	addSettings(cmd.Flags(), wanted)
	cmd.Flags().DurationVar(&timeout, "timeout", timeout, "the `TIME` that the worker has to answer")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := a.resolve(cmd.Flags(), join(wanted, listenSettings))
		if err != nil {
			return err
		}
		if timeout <= 0 {
			return wrongUsage("--timeout must be above zero")
		}
		return run(cmd.Context(), s, timeout, args)
	}
	return cmd
}

// request asks one question with parameters that are written as JSON, and reads the answer's data.
func request[T any](ctx context.Context, k *asker, subject string, params any) (out T, err error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return out, err
	}
	answer, err := k.ask(ctx, subject, raw)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(answer.Data, &out); err != nil {
		return out, fmt.Errorf("read the answer to %s: %w", subject, err)
	}
	return out, nil
}

// again waits before something is looked at again: briefly at first, then longer, up to a quarter of a second.
type again struct {
	pause time.Duration
}

const (
	firstPause   = 10 * time.Millisecond
	longestPause = 250 * time.Millisecond
)

// wait returns ctx's error where that ends first.
func (g *again) wait(ctx context.Context) error {
	g.pause = min(max(firstPause, g.pause*3/2), longestPause)
	t := time.NewTimer(g.pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
