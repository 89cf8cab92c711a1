package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/projection"
)

// comparison is what query.snapshot.diff is told.
type comparison struct {
	Before     string            `json:"before"`
	After      string            `json:"after,omitempty"` // "" = what is live
	Projection string            `json:"projection,omitempty"`
	CountsOnly bool              `json:"counts_only,omitempty"`
	From       *engine.DiffPlace `json:"from,omitempty"`
	Pagination struct {
		Limit int `json:"limit"`
	} `json:"pagination"`
}

func (a *app) snapshotDiffCommand() *cobra.Command {
	var c comparison
	var limit int
	cmd := &cobra.Command{
		Use:   "diff A [B]",
		Short: "Show what changed from one snapshot to another, or to now",
		Long: `Diff compares two snapshots, or one and what the models hold now: first how many rows of each
table were added, removed and changed, then each of them with the values that differ. What both
share is not read, so that a small difference of large states is found at once. With --json
the first line holds the counts, and each further one a row before and after.`,
		Example: `  projector snapshot diff before-import
  projector snapshot diff monday tuesday --counts
  projector snapshot diff before-import --projection graph --limit 20
  projector snapshot diff before-import --json | jq -r 'select(.before == null) | .key'`,
		Args: namedArgs(count(1, 2, "the name of a snapshot")),
	}
	cmd.Flags().StringVar(&c.Projection, "projection", "", "the `NAME` of the only projection to compare")
	cmd.Flags().BoolVar(&c.CountsOnly, "counts", false, "only count")
	cmd.Flags().IntVar(&limit, "limit", 0, "show `N` rows at most; all without")
	return a.asking(cmd, time.Minute, nil, func(ctx context.Context, s *settings, timeout time.Duration, args []string) error {
		if limit < 0 {
			return wrongUsage("--limit must not be below zero")
		}
		k, err := s.asker(timeout)
		if err != nil {
			return err
		}
		defer k.close()
		c.Before, c.After = args[0], append(args, "")[1]
		return a.compare(ctx, k, &c, limit)
	})
}

// diffPage is how many rows are asked for at once.
const diffPage = 200

// compare asks for page after page. limit 0 is no limit.
func (a *app) compare(ctx context.Context, k *asker, c *comparison, limit int) error {
	shown := 0
	c.Pagination.Limit = diffPage
	first, err := diffPageOf(ctx, k, c)
	if err == nil {
		err = a.sayDiff(&first, c.CountsOnly)
	}
	if err != nil {
		return err
	}
	for page := first; ; {
		rows := slices.DeleteFunc(page.Rows, func(r engine.RowDiff) bool { return a.hides(r.Table) })
		full := limit > 0 && shown+len(rows) >= limit
		if full {
			rows = rows[:limit-shown]
		}
		if err := a.sayRows(rows); err != nil {
			return err
		}
		shown += len(rows)
		if full || !page.HasMore {
			return a.sayLeftOut(&first, shown, full)
		}
		c.From = page.Next
		if page, err = diffPageOf(ctx, k, c); err != nil {
			return err
		}
		if page.After.Sequence != first.After.Sequence {
			return failed("what is live went on from event %s to %s after %s; compare two snapshots, or pause the projections first",
				grouped(first.After.Sequence), grouped(page.After.Sequence), plural(shown, "row"))
		}
	}
}

// countsTable counts events. It differs wherever events lie in between, which says nothing to people.
const countsTable = "_counts"

func (a *app) hides(table string) bool { return !a.json && table == countsTable }

// diffPageOf asks for one page, and for smaller ones where an answer is too large for a message.
func diffPageOf(ctx context.Context, k *asker, c *comparison) (engine.SnapshotDiff, error) {
	for {
		out, err := request[engine.SnapshotDiff](ctx, k, "query.snapshot.diff", c)
		q, is := errors.AsType[*projection.QueryError](err)
		if !is || q.Code != projection.TooLarge || c.Pagination.Limit == 1 {
			return out, err
		}
		c.Pagination.Limit = max(1, c.Pagination.Limit/4)
	}
}

// diffHead is what diff --json prints first.
type diffHead struct {
	Before engine.DiffSide    `json:"before"`
	After  engine.DiffSide    `json:"after"`
	Tables []engine.TableDiff `json:"tables"`
}

func (a *app) sayDiff(d *engine.SnapshotDiff, countsOnly bool) error {
	if a.json {
		return printJSON(a.Stdout, diffHead{d.Before, d.After, d.Tables})
	}
	tables := slices.DeleteFunc(slices.Clone(d.Tables), func(t engine.TableDiff) bool { return a.hides(t.Table) })
	if len(tables) == 0 {
		_, err := fmt.Fprintf(a.Stdout, "Nothing differs from %s to %s.\n", sideText(d.Before), sideText(d.After))
		return err
	}
	fmt.Fprintf(a.Stdout, "From %s to %s:\n\n", sideText(d.Before), sideText(d.After))
	t := newTable(a.Stdout, "PROJECTION", "TABLE", "ADDED", "REMOVED", "CHANGED")
	for _, one := range tables {
		t.row(one.Projection, one.Table, grouped(one.Added), grouped(one.Removed), grouped(one.Changed))
	}
	if err := t.flush(); err != nil || countsOnly {
		return err
	}
	_, err := fmt.Fprintln(a.Stdout)
	return err
}

func sideText(s engine.DiffSide) string {
	if s.Snapshot == nil {
		return "now (event " + grouped(s.Sequence) + ")"
	}
	return "snapshot " + *s.Snapshot + " (event " + grouped(s.Sequence) + ")"
}

func (a *app) sayRows(rows []engine.RowDiff) error {
	if !a.json {
		return printRowDiffs(a.Stdout, "", rows)
	}
	for _, r := range rows {
		if err := printJSON(a.Stdout, r); err != nil {
			return err
		}
	}
	return nil
}

// sayLeftOut says how many rows were left out.
func (a *app) sayLeftOut(d *engine.SnapshotDiff, shown int, full bool) error {
	var all uint64
	for _, t := range d.Tables {
		if !a.hides(t.Table) {
			all += t.Added + t.Removed + t.Changed
		}
	}
	if a.json || !full || uint64(shown) == all {
		return nil
	}
	_, err := fmt.Fprintf(a.Stdout, "\n%s of %s are shown; --limit takes more.\n", grouped(shown), plural(all, "row"))
	return err
}
