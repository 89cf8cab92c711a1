package cli

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

// layoutText explains the layout, for plan and for apply.
const layoutText = `

The layout is one stream with the events of CIM's five domains, in files and without limits. On
request it has further subjects, limits, streams with copies of one domain, and the document's
consumers. A stream that is there is added to: it keeps its other subjects, and what the layout does
not speak of.`

func (a *app) streamsPlanCommand() *cobra.Command {
	cmd := a.layoutCommand(a.planStreams)
	cmd.Use = "plan"
	cmd.Short = "Show what the layout would change"
	cmd.Long = `Plan compares the layout with what is on the server, field by field, and changes nothing. What
the server would refuse, or what would lose events, is shown with the reason and with what to do
instead; the status is then 4.` + layoutText
	cmd.Example = `  projector streams plan
  projector streams plan --domain-streams all --limits document --with-consumers
  projector streams plan --subjects 'orders.>,local.acme.>' --json`
	return cmd
}

func (a *app) streamsApplyCommand() *cobra.Command {
	cmd := a.layoutCommand(a.applyStreams)
	cmd.Use = "apply"
	cmd.Short = "Make it so"
	cmd.Long = `Apply does what plan shows with the same flags, and nothing more. While anything is refused it
does nothing. It stops at the first step that fails and says what was done; run it again to go on.` + layoutText
	cmd.Example = `  projector streams apply
  projector streams apply --domain-streams graph,system --replicas 3
  projector streams apply --domain-streams graph --graph-stream memory-queue`
	return cmd
}

// planner shows or carries out a plan. again is the command line that asks for the same with another verb.
type planner func(ctx context.Context, js jetstream.JetStream, p streams.Plan, again func(verb string) string) error

// layoutCommand is what plan and apply have in common.
func (a *app) layoutCommand(act planner) *cobra.Command {
	cmd := &cobra.Command{Args: count(0, 0, "")}
	wanted := streamsSettings()
	addSettings(cmd.Flags(), wanted)
	var asked layoutFlags
	asked.add(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := a.resolve(cmd.Flags(), join(wanted, listenSettings))
		if err != nil {
			return err
		}
		layout, err := asked.layout(s.text("stream"))
		if err != nil {
			return err
		}
		again := func(verb string) string { return asked.command(verb, cmd.Flags()) }
		return a.withPlan(cmd.Context(), s, layout, func(ctx context.Context, js jetstream.JetStream, p streams.Plan) error {
			return act(ctx, js, p, again)
		})
	}
	return cmd
}

// withPlan compares the layout with the server that the settings name.
func (a *app) withPlan(ctx context.Context, s *settings, l streams.Layout,
	run func(context.Context, jetstream.JetStream, streams.Plan) error,
) error {
	return s.withJetStream(ctx, func(ctx context.Context, conn *nats.Conn, js jetstream.JetStream) error {
		var known []streams.Need
		if l.Limits != nil {
			var err error
			if known, err = needs(ctx, conn, l.Stream); err != nil {
				return err
			}
		}
		p, err := streams.PlanFor(ctx, js, l, known...)
		if err != nil {
			return err
		}
		return run(ctx, js, p)
	})
}

func (a *app) planStreams(_ context.Context, _ jetstream.JetStream, p streams.Plan, again func(string) string) error {
	if err := a.showPlan(p); err != nil {
		return err
	}
	if !a.json && !p.Refused() && !p.Empty() {
		fmt.Fprintf(a.Stdout, "\nMake it so with: %s\n", again("apply"))
	}
	return refusedPlan(p)
}

// applied is what apply --json prints.
type applied struct {
	streams.Plan
	Done []string `json:"done"` // the items that were created or changed
}

func (a *app) applyStreams(ctx context.Context, js jetstream.JetStream, p streams.Plan, _ func(string) string) error {
	if p.Refused() {
		if err := a.showPlan(p); err != nil {
			return err
		}
		return refusedPlan(p)
	}
	done, err := streams.Apply(ctx, js, p)
	if a.json {
		out := applied{Plan: p, Done: []string{}}
		for _, i := range done {
			out.Done = append(out.Done, i.String())
		}
		if printed := printJSON(a.Stdout, out); printed != nil && err == nil {
			return printed
		}
		return err
	}
	for _, i := range done {
		fmt.Fprintf(a.Stdout, "%s  %s\n", done2past[i.Action], i)
	}
	if err == nil {
		fmt.Fprintln(a.Stdout, appliedText(p, len(done)))
	}
	return err
}

// done2past are actions that were done.
var done2past = map[streams.Action]string{streams.Create: "created", streams.Change: "changed"}

func appliedText(p streams.Plan, done int) string {
	switch {
	case done == 0:
		return "Nothing was to be done: everything is as the layout says."
	case done == len(p.Items):
		return "Everything is as the layout says."
	}
	return fmt.Sprintf("Everything is as the layout says; %d of %d were before.", len(p.Items)-done, len(p.Items))
}

// refusedPlan is the error of a plan that is refused.
func refusedPlan(p streams.Plan) error {
	switch n := p.Count(streams.Refuse); {
	case n == 0:
		return nil
	case len(p.Items) == 1:
		return refused("nothing is done: the stream is refused, as shown")
	default:
		return refused("nothing is done: %d of %d are refused, as shown", n, len(p.Items))
	}
}
