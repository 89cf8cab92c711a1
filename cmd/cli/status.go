package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
)

func (a *app) statusCommand() *cobra.Command {
	var watch bool
	var every, timeout time.Duration
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what a worker is doing",
		Long: `Status shows the worker, the stream that it reads, and each projection: its state, up to
which event it holds everything, how far it is behind, and what it could not apply.`,
		Example: `  projector status
  projector status --watch
  projector status --json | jq '.projections[] | {name, state, lag_events}'`,
		Args: count(0, 0, ""),
	}
	wanted := clientSettings()
	addSettings(cmd.Flags(), wanted)
	cmd.Flags().BoolVarP(&watch, "watch", "w", false, "show it again and again, until interrupted")
	cmd.Flags().DurationVar(&every, "interval", 2*time.Second, "the `TIME` between two looks with --watch")
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Second, "the `TIME` that the worker has to answer")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := a.resolve(cmd.Flags(), join(wanted, listenSettings))
		if err != nil {
			return err
		}
		if every <= 0 || timeout <= 0 {
			return wrongUsage("--interval and --timeout must be above zero")
		}
		return a.status(cmd.Context(), s, timeout, watch, every)
	}
	return cmd
}

func (a *app) status(ctx context.Context, s *settings, timeout time.Duration, watch bool, every time.Duration) error {
	k, err := s.asker(timeout)
	if err != nil {
		return err
	}
	defer k.close()
	if !watch {
		return a.showStatus(ctx, k)
	}
	screen := newScreen(a.Stdout)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if screen.terminal && !a.json {
			fmt.Fprint(a.Stdout, "\033[H\033[2J")
		}
		if err := a.showStatus(ctx, k); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if !screen.terminal && !a.json {
			fmt.Fprintln(a.Stdout)
		}
	}
}

func (a *app) showStatus(ctx context.Context, k *asker) error {
	answer, err := k.ask(ctx, statusSubject, nil)
	if err != nil {
		return err
	}
	if a.json {
		return printRaw(a.Stdout, answer.Data)
	}
	var st engine.Status
	if err := json.Unmarshal(answer.Data, &st); err != nil {
		return fmt.Errorf("read the status: %w", err)
	}
	return printStatus(a.Stdout, &st)
}

func printStatus(w io.Writer, st *engine.Status) error {
	t := newTable(w)
	t.row("Worker", fmt.Sprintf("%s (%s), process %d since %s", st.Worker.Name, st.Worker.Version, st.Worker.PID, clock(st.Worker.StartedAt)))
	t.row("Data", st.Worker.Data)
	t.row("Stream", streamText(st.Stream))
	snapshotRows(t, &st.Snapshots)
	if err := t.flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return printProjections(w, st.Projections)
}

func streamText(m *engine.StreamStatus) string {
	switch {
	case m == nil:
		return "cannot be asked now"
	case m.Messages == 0:
		return fmt.Sprintf("%s, created %s, holds nothing; the last event was %s", m.Name, clock(m.Created), grouped(m.LastSequence))
	}
	return fmt.Sprintf("%s, created %s, holds %s in %s: %s to %s", m.Name, clock(m.Created), plural(m.Messages, "event"),
		bytesText(m.Bytes), grouped(m.FirstSequence), grouped(m.LastSequence))
}

func printProjections(w io.Writer, projections []engine.ProjectionStatus) error {
	t := newTable(w, "PROJECTION", "STATE", "APPLIED", "LAG", "BEHIND", "RATE", "DEAD LETTERS", "ANOMALIES", "UNKNOWN", "VERSION")
	for _, p := range projections {
		lag, behind := "-", "-"
		if p.LagEvents != nil {
			lag = grouped(*p.LagEvents)
		}
		if p.LagSeconds != nil {
			behind = secondsText(*p.LagSeconds)
		}
		t.row(p.Name, p.State, grouped(p.AppliedSequence), lag, behind, fmt.Sprintf("%.0f/s", p.Rate),
			grouped(p.DeadLetters), grouped(p.Anomalies), grouped(p.UnknownTypes), fmt.Sprintf("%d.%d", p.Version, p.Generation))
	}
	if err := t.flush(); err != nil {
		return err
	}
	printReasons(w, projections)
	return nil
}

// trouble is why projections do not go on, or what last went wrong with them.
type trouble struct {
	state engine.State // "" where they go on
	text  string
}

// printReasons says what troubles projections, once for those that share it.
func printReasons(w io.Writer, projections []engine.ProjectionStatus) {
	names := map[trouble][]string{}
	var order []trouble
	for _, p := range projections {
		var one trouble
		switch {
		case p.Reason != nil:
			one = trouble{p.State, cleaned(*p.Reason)}
		case p.LastError != nil:
			one = trouble{"", cleaned(*p.LastError)}
		default:
			continue
		}
		if names[one] == nil {
			order = append(order, one)
		}
		names[one] = append(names[one], p.Name)
	}
	for _, one := range order {
		fmt.Fprintf(w, "\n%s %s: %s\n", listing(names[one]), one.verb(len(names[one])), one.text)
	}
}

func (t trouble) verb(n int) string {
	switch {
	case t.state == "":
		return "had an error"
	case n == 1:
		return "is " + string(t.state)
	}
	return "are " + string(t.state)
}

// listing writes names as a sentence does.
func listing(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// clock prints a moment for people.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
