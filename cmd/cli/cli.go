package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/projection"
)

// Options is what the commands are made of. The zero value is the projector as it is shipped.
type Options struct {
	// Projections are what a worker folds history into. nil = DefaultProjections.
	Projections []projection.Projection

	// Version is the build's. "" = what the Go tool recorded.
	Version string

	// The standard streams. nil = the process's own.
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// LookupEnv reads the environment. nil = os.LookupEnv.
	LookupEnv func(name string) (string, bool)
}

func (o Options) withDefaults() Options {
	if o.Projections == nil {
		o.Projections = DefaultProjections()
	}
	if o.Version == "" {
		o.Version = buildVersion()
	}
	if o.Stdin == nil {
		o.Stdin = os.Stdin
	}
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	if o.LookupEnv == nil {
		o.LookupEnv = os.LookupEnv
	}
	return o
}

// Main runs the command line of the process and exits with its status. The first interrupt or termination signal ends the command
// gracefully, the second at once.
func Main(o Options) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from then on a signal does what it does by default
	os.Exit(Execute(ctx, o, os.Args[1:]))
}

// Execute runs one command line and returns its exit status. The command ends early, and in good order, when ctx does.
func Execute(ctx context.Context, o Options, args []string) int {
	o = o.withDefaults()
	root := New(o)
	root.SetArgs(append([]string{}, args...)) // not nil, which means the process's own
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(o.Stderr, sentence(err))
	}
	return exitStatus(err)
}

// app is what all commands share.
type app struct {
	Options

	json bool
}

// New returns the tree of commands. Execute it with ExecuteContext; Execute does that, and turns the error into a sentence and a
// status.
func New(o Options) *cobra.Command {
	a := &app{Options: o.withDefaults()}
	root := &cobra.Command{
		Use:   "projector",
		Short: "Projects CIM's event stream into read models, and answers questions from them",
		Long: `Projector reads CIM's event stream from NATS JetStream in order, folds every event into read
models that it keeps on disk together with the sequence that they are true at, and answers
questions from them over NATS.`,
		Example: `  projector demo                 everything at once, on nothing
  projector run                  a worker with a NATS server of its own
  projector publish events.jsonl
  projector query graph.list`,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,

		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetFlagErrorFunc(wrongFlag)
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON: one document, or one a line")
	root.AddCommand(a.demoCommand(), a.runCommand(), a.publishCommand(), a.statusCommand(), a.queryCommand(), a.historyCommand(),
		a.snapshotCommand(), a.restoreCommand(), a.verifyCommand(), a.pauseCommand(), a.resumeCommand(), a.streamsCommand(), a.configCommand(), a.versionCommand())
	addCompletion(root)
	root.SetHelpCommand(helpCommand())
	return root
}

// helpCommand shows the help of another command, and refuses what is none.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show the help of a command",
		Example: "  projector help query",
		RunE: func(cmd *cobra.Command, args []string) error {
			wanted, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return noCommand(cmd.Root(), args)
			}
			wanted.InitDefaultHelpFlag()
			return wanted.Help()
		},
	}
}

// noCommand refuses what is not a command.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return wrongUsage("there is no command %q; did you mean %q?", args[0], near[0])
	}
	return wrongUsage("there is no command %q; see: %s --help", args[0], cmd.CommandPath())
}

// wrongFlag makes what the parser of flags says a wrong usage.
func wrongFlag(cmd *cobra.Command, err error) error {
	return wrongUsage("%w; see: %s --help", err, cmd.CommandPath())
}

// count checks the number of arguments; what names them in the sentence. most < 0 is no limit.
func count(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return wrongUsage("%s is missing; see: %s --help", what, cmd.CommandPath())
		case most == 0 && len(args) > 0:
			return wrongUsage("%s takes no argument, and %q is one; see: %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
		case most >= 0 && len(args) > most:
			return wrongUsage("%q is one argument too many; see: %s --help", args[most], cmd.CommandPath())
		}
		return nil
	}
}

// addCompletion adds the command that prints completion scripts, with an example for each shell.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		c.Example = "  source <(projector completion bash)"
		for _, shell := range c.Commands() {
			shell.Example = "  projector completion " + shell.Name()
		}
	}
}
