package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
)

func (a *app) historyCommand() *cobra.Command {
	var offset, limit int
	cmd := &cobra.Command{
		Use:   "history KEY",
		Short: "Show the events that touched one thing, and what each changed",
		Long: `History applies the stream from its first event beside what is live, and shows every event that
changed one thing, with the values before and after. The key is the name of a projection and
what snapshot diff prints: PROJECTION/TABLE/NAME..., or PROJECTION/NAME/TABLE/NAME; a / within a
name is written %2F. With --json it prints a line for each event.`,
		Example: `  projector history graph/node/ml/attention
  projector history graph/ml/node/attention --limit 10
  projector history workflow/process/review-1 --json | jq .event_type`,
		Args: count(1, 1, "the key of the thing"),
	}
	cmd.Flags().IntVar(&limit, "limit", 50, "show `N` events at most")
	cmd.Flags().IntVar(&offset, "offset", 0, "leave the first `N` out")
	return a.asking(cmd, 4*time.Minute, nil, func(ctx context.Context, s *settings, timeout time.Duration, args []string) error {
		if limit <= 0 || offset < 0 {
			return wrongUsage("--limit must be above zero, and --offset not below")
		}
		params, err := json.Marshal(map[string]any{"key": args[0], "pagination": map[string]int{"offset": offset, "limit": limit}})
		if err != nil {
			return err
		}
		answer, err := s.askOnce(ctx, timeout, "query.projection.history", params)
		if err != nil {
			return err
		}
		return a.showHistory(args[0], answer)
	})
}

func (a *app) showHistory(key string, answer engine.Reply) error {
	var touches []engine.TouchView
	var foot footing
	if err := json.Unmarshal(answer.Data, &touches); err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	if err := json.Unmarshal(answer.Raw, &foot); err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	for i := range touches {
		var err error
		if a.json {
			err = printJSON(a.Stdout, &touches[i])
		} else {
			err = printTouch(a.Stdout, &touches[i])
		}
		if err != nil {
			return err
		}
	}
	if p := foot.Pagination; !a.json && p != nil {
		return a.sayHistoryEnd(key, p.Total, p.Next)
	}
	return nil
}

func printTouch(w io.Writer, t *engine.TouchView) error {
	by := ""
	if t.Actor != nil {
		by = " by " + oneRow(*t.Actor)
	}
	fmt.Fprintf(w, "event %s, %s: %s%s\n", grouped(t.Sequence), clock(t.Time), oneRow(t.EventType), by)
	return printRowDiffs(w, "   ", t.Changes)
}

func (a *app) sayHistoryEnd(key string, total int, next *int) error {
	if total == 0 {
		_, err := fmt.Fprintf(a.Stdout, "No event has touched %s.\n", key)
		return err
	}
	more := "."
	if next != nil {
		more = fmt.Sprintf("; the next are shown with --offset %d.", *next)
	}
	_, err := fmt.Fprintf(a.Stdout, "\n%s in all%s\n", plural(total, "event"), more)
	return err
}
