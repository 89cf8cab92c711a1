package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
)

// restoration is what cmd.snapshot.restore is told.
type restoration struct {
	Name       string `json:"name,omitempty"`
	ToSequence uint64 `json:"to_sequence,omitempty"`
	ToTime     string `json:"to_time,omitempty"`
	ToCurrent  bool   `json:"to_current,omitempty"`
	Undo       bool   `json:"undo,omitempty"`
	Verify     bool   `json:"verify,omitempty"`
	Dry        bool   `json:"dry_run,omitempty"`
	Detach     bool   `json:"detach,omitempty"`
}

func (a *app) restoreCommand() *cobra.Command {
	var r restoration
	var moment string
	cmd := &cobra.Command{
		Use:   "restore [NAME]",
		Short: "Put the live models back to a snapshot, an event or a moment",
		Long: `Restore makes the state of a snapshot live, or that of any event or moment, from the best snapshot
at or before it and the events since. It is made beside what is live, which answers until it is
replaced in one step. The models then stay there, paused, until projector resume; with
--replay-to-current they go on at once. What was live before is kept for a day, unless run
--undo-term says otherwise, and --undo brings it back.

The command waits and shows progress; interrupting it leaves the work running, and --detach does
not wait.`,
		Example: `  projector restore before-import
  projector restore before-import --replay-to-current
  projector restore --to-time "2026-11-01 10:30" --dry-run
  projector restore --to-seq 1204
  projector restore --undo`,
		Args: namedArgs(count(0, 1, "the name of the snapshot")),
	}
	flags := cmd.Flags()
	flags.Uint64Var(&r.ToSequence, "to-seq", 0, "as of the event with this `SEQUENCE`")
	flags.StringVar(&moment, "to-time", "", "as of this `TIME`, such as 2026-11-01T10:30:00Z, 2026-11-01 or -2h")
	flags.BoolVar(&r.ToCurrent, "replay-to-current", false, "go on to the end of the stream, and stay live")
	flags.BoolVar(&r.Undo, "undo", false, "bring back what was live before the last restore")
	flags.BoolVar(&r.Verify, "verify", false, "read all of it and compare digests before it goes live")
	flags.BoolVar(&r.Dry, "dry-run", false, "only say what it would take")
	flags.BoolVar(&r.Detach, "detach", false, "do not wait until it is done")
	return a.asking(cmd, time.Minute, nil, func(ctx context.Context, s *settings, timeout time.Duration, args []string) error {
		r.Name = append(args, "")[0]
		if err := r.check(flags.Changed("to-seq"), moment); err != nil {
			return err
		}
		k, err := s.asker(timeout)
		if err != nil {
			return err
		}
		defer k.close()
		if r.Dry {
			return a.planRestore(ctx, k, &r)
		}
		return a.restore(ctx, k, &r)
	})
}

// check reads the moment, and refuses what contradicts itself.
func (r *restoration) check(sequenceGiven bool, moment string) error {
	var ends []string
	for _, end := range []struct {
		flag  string
		given bool
	}{{"--to-seq", sequenceGiven}, {"--to-time", moment != ""}, {"--replay-to-current", r.ToCurrent}, {"--undo", r.Undo}} {
		if end.given {
			ends = append(ends, end.flag)
		}
	}
	switch {
	case len(ends) > 1:
		return wrongUsage("%s exclude each other: give one of them", strings.Join(ends, " and "))
	case r.Undo && r.Name != "":
		return wrongUsage("--undo goes back to what was live before, and takes no snapshot")
	case r.Undo && r.Verify:
		return wrongUsage("--undo brings back what was live, and does not --verify it; see: projector verify")
	case sequenceGiven && r.ToSequence == 0:
		return wrongUsage("--to-seq must be above zero: the first event is 1")
	case len(ends) == 0 && r.Name == "":
		return wrongUsage("the name of a snapshot is missing, or --to-seq, --to-time, --replay-to-current or --undo; see: projector restore --help")
	}
	if moment != "" {
		t, err := parseMoment(moment, time.Now())
		if err != nil {
			return wrongUsage("--to-time: %w", err)
		}
		r.ToTime = t.Format(time.RFC3339Nano)
	}
	return nil
}

func (a *app) planRestore(ctx context.Context, k *asker, r *restoration) error {
	raw, err := request[json.RawMessage](ctx, k, "cmd.snapshot.restore", r)
	if err != nil {
		return err
	}
	if a.json {
		return printRaw(a.Stdout, raw)
	}
	var p engine.RestorePlan
	if err := json.Unmarshal(raw, &p); err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	at := "event " + grouped(p.Sequence)
	if r.ToTime != "" {
		at = "the last event stored by " + r.ToTime + ", " + grouped(p.Sequence) + " at most"
	}
	fmt.Fprintf(a.Stdout, "The models would stand at %s.\n", at)
	if p.Replays {
		fmt.Fprintf(a.Stdout, "That takes a replay of %s at most: %s, and about %s of disk.\n",
			plural(p.Replay, "event"), estimate(p.Seconds), bytesText(p.DiskBytes))
	} else {
		fmt.Fprintln(a.Stdout, "Nothing has to be replayed.")
	}
	if p.UndoDropped {
		fmt.Fprintln(a.Stdout, "What --undo would bring back now could not be brought back any more.")
	}
	if len(p.Bases) == 0 {
		return nil
	}
	fmt.Fprintln(a.Stdout)
	t := newTable(a.Stdout, "PROJECTION", "BEGINS AT")
	for _, b := range p.Bases {
		begins := "the first event"
		if b.Sequence > 0 {
			begins = "event " + grouped(b.Sequence)
		}
		t.row(b.Projection, begins)
	}
	return t.flush()
}

// estimate prints about how long something takes.
func estimate(seconds float64) string {
	if seconds < 1 {
		return "less than a second"
	}
	return "about " + secondsText(seconds)
}

// restore begins the work and waits for it, unless that is not wanted.
func (a *app) restore(ctx context.Context, k *asker, r *restoration) error {
	begun := *r
	begun.Detach = true // the wait is this command's, so that it can be ended
	job, err := request[engine.Job](ctx, k, "cmd.snapshot.restore", &begun)
	if err != nil {
		return err
	}
	if !r.Detach {
		if job, err = a.await(ctx, k, job, "restoring", "event"); err != nil {
			return err
		}
	}
	if a.json {
		return printJSON(a.Stdout, job)
	}
	if r.Detach {
		_, err := fmt.Fprintf(a.Stdout, "The restore goes on in the worker as job %s; see: %s\n", job.ID, jobHint(job.ID))
		return err
	}
	out, err := resultOf[engine.RestoreReport](job)
	if err != nil {
		return err
	}
	return a.sayRestored(&out, r)
}

func (a *app) sayRestored(out *engine.RestoreReport, r *restoration) error {
	took := microsText(out.TookUS)
	switch {
	case r.Undo:
		fmt.Fprintf(a.Stdout, "What was live before is back, in %s: the models stand at event %s, and go on from there.\n", took, grouped(out.Sequence))
	case out.Replayed > 0:
		from := "the first event"
		if out.Base > 0 {
			from = "event " + grouped(out.Base)
		}
		fmt.Fprintf(a.Stdout, "The models stand at event %s: from %s, with %s replayed, in %s.\n",
			grouped(out.Sequence), from, plural(out.Replayed, "event"), took)
	default:
		fmt.Fprintf(a.Stdout, "The models stand at event %s, in %s.\n", grouped(out.Sequence), took)
	}
	switch {
	case out.Paused:
		fmt.Fprintln(a.Stdout, "They are paused there; go on with: projector resume")
	case r.ToCurrent:
		fmt.Fprintln(a.Stdout, "They are live.")
	}
	if r.Undo { // what it replaced can be brought back too, but goes on from there at once
		return nil
	}
	_, err := fmt.Fprintln(a.Stdout, "What was live before can be brought back with: projector restore --undo")
	return err
}
