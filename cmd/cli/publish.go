package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

func (a *app) publishCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "publish [FILE...|-]",
		Short: "Publish events from JSON Lines",
		Long: `Publish stores events in the stream that takes their subjects, and waits until all of them
are acknowledged. Events of one aggregate keep their order, and what the stream has already
is dropped by its event id.

A line is a message, {"subject":..., "headers":{...}, "message":{...}}, or a bare envelope,
whose subject is made of its aggregate_type and event_type. Files are published one after
the other; - or no file is standard input.`,
		Example: `  projector publish history.jsonl
  zcat 2025-*.jsonl.gz | projector publish -
  projector publish history.jsonl --skip-through 1200   # go on after an interruption
  projector publish changes.jsonl --atomic-batch 100 --expect-last 4711`,
		Args: count(0, -1, ""),
	}
	wanted := join(connectionSettings, streamSettings)
	addSettings(cmd.Flags(), wanted)
	var how publishing
	how.addFlags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := a.resolve(cmd.Flags(), join(wanted, listenSettings))
		if err != nil {
			return err
		}
		if len(args) == 0 {
			if isTerminal(a.Stdin) {
				return wrongUsage("name a file, or - for standard input; see: %s --help", cmd.CommandPath())
			}
			args = []string{"-"}
		}
		c, err := how.config(cmd.Flags(), args)
		if err != nil {
			return err
		}
		return a.publish(cmd.Context(), s, c, args)
	}
	return cmd
}

// publishing is what the flags of publish say about how.
type publishing struct {
	atomicBatch int
	skipThrough int
	expectLast  uint64
}

func (h *publishing) addFlags(flags *pflag.FlagSet) {
	flags.IntVar(&h.atomicBatch, "atomic-batch", 0,
		fmt.Sprintf("store up to `N` events as one batch, all or none of it; %d at most", publish.MaxAtomicBatch))
	flags.IntVar(&h.skipThrough, "skip-through", 0, "go on behind this `LINE`, up to which an earlier run has stored everything")
	flags.Uint64Var(&h.expectLast, "expect-last", 0, "publish only if `SEQ` is the stream's last sequence; 0 is that of an empty one")
}

// config makes the publisher's settings, or says which of them make no sense.
func (h *publishing) config(flags *pflag.FlagSet, files []string) (publish.Config, error) {
	c := publish.Config{AtomicBatch: h.atomicBatch, SkipThrough: h.skipThrough}
	switch {
	case h.atomicBatch < 0 || h.atomicBatch > publish.MaxAtomicBatch:
		return c, wrongUsage("--atomic-batch is a number from 0 to %d", publish.MaxAtomicBatch)
	case h.skipThrough < 0:
		return c, wrongUsage("--skip-through is the number of a line")
	case len(files) > 1 && (flags.Changed("skip-through") || flags.Changed("expect-last")):
		return c, wrongUsage("--skip-through and --expect-last are for one file")
	}
	if flags.Changed("expect-last") {
		last := eventlog.Seq(h.expectLast)
		c.ExpectLast = &last
	}
	return c, nil
}

// published is what became of the messages of one file, or of all.
type published struct {
	File         string       `json:"file,omitempty"`
	Messages     uint64       `json:"messages"`
	Stored       uint64       `json:"stored"`
	Duplicates   uint64       `json:"duplicates"`
	Skipped      uint64       `json:"skipped"`   // lines that an earlier run had stored
	Batches      uint64       `json:"batches"`   // atomic ones
	Fallbacks    uint64       `json:"fallbacks"` // atomic batches whose events were sent one by one, because some were there already
	Stream       string       `json:"stream"`
	LastSequence eventlog.Seq `json:"last_sequence"`
	Through      int          `json:"stored_through"` // the line up to which everything is stored
}

// add takes in what became of another file.
func (p *published) add(o published) {
	p.Messages += o.Messages
	p.Stored += o.Stored
	p.Duplicates += o.Duplicates
	p.Skipped += o.Skipped
	p.Batches += o.Batches
	p.Fallbacks += o.Fallbacks
	p.Through = o.Through
	if o.Stream != "" {
		p.Stream, p.LastSequence = o.Stream, max(p.LastSequence, o.LastSequence)
	}
}

func (a *app) publish(ctx context.Context, s *settings, c publish.Config, files []string) error {
	conn, err := s.connect("projector publish", nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait))
	if err != nil {
		return err
	}
	defer conn.Close()
	c.Conn = conn
	if v := s.find("stream"); v.level > byDefault {
		c.Stream = v.text
	}
	var all published
	var each []published
	for _, name := range files {
		one, err := a.publishFile(ctx, c, name)
		one.File = name
		all.add(one)
		each = append(each, one)
		if err != nil {
			return publishProblem(err, shownName(name), conn.ConnectedUrlRedacted(), one.Through)
		}
	}
	return a.sayPublished(all, each)
}

func (a *app) publishFile(ctx context.Context, c publish.Config, name string) (published, error) {
	in, size, err := a.input(ctx, name)
	if err != nil {
		return published{}, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	counted := &countingReader{in: in}
	stop := a.showing(ctx, "publishing", "byte", func() (int64, int64) { return counted.n.Load(), size })
	defer stop()
	return publishFrom(ctx, c, publish.NewReader(shownName(name), counted, 0))
}

// publishFrom stores what a source has.
func publishFrom(ctx context.Context, c publish.Config, source publish.Source) (published, error) {
	p, err := publish.New(c)
	if err != nil {
		return published{}, err
	}
	r, err := p.Publish(ctx, source)
	return published{
		Messages: r.Accepted + r.Duplicates, Stored: r.Accepted, Duplicates: r.Duplicates, Stream: r.Stream, LastSequence: r.Last,
		Skipped: r.Skipped, Batches: r.Batches, Fallbacks: r.Fallbacks, Through: r.Stored,
	}, err
}

// input opens a file, or standard input, and returns its size where that is known.
func (a *app) input(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return a.standardInput(ctx), 0, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, notFound("there is no file %s", name)
	}
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func shownName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// countingReader counts the bytes that were read.
type countingReader struct {
	in io.Reader
	n  atomic.Int64
}

// Read reads on.
func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	r.n.Add(int64(n))
	return n, err
}

// publishProblem says what stopped publishing, and how to go on.
func publishProblem(err error, name, where string, through int) error {
	if errors.Is(err, context.Canceled) {
		return failed("interrupted; %s is stored up to line %d: go on with --skip-through %d", name, through, through)
	}
	if conflict, ok := errors.AsType[*publish.ConflictError](err); ok {
		return refused("%s is not published: %w", name, conflict)
	}
	if one, ok := errors.AsType[*publish.Error](err); ok && errors.Is(err, publish.ErrNoStream) {
		return notFound("%s line %d: no stream on %s takes the subject %s; everything up to line %d is stored", name, one.Line, where,
			one.Subject, one.Stored)
	}
	if one, ok := errors.AsType[*publish.Error](err); ok {
		return failed("%s: %w", name, one)
	}
	if one, ok := errors.AsType[*publish.InputError](err); ok {
		return failed("%w; everything up to line %d is stored", one.Err, one.Stored)
	}
	return err
}

func (a *app) sayPublished(all published, each []published) error {
	if a.json {
		return printJSON(a.Stdout, struct {
			published

			Files []published `json:"files"`
		}{all, each})
	}
	if all.Messages == 0 {
		_, err := fmt.Fprintln(a.Stdout, "There was nothing to publish.")
		return err
	}
	_, err := fmt.Fprintf(a.Stdout, "%s stored in %s, %s there already; the last sequence is %s.\n", plural(all.Stored, "event"), all.Stream,
		grouped(all.Duplicates), grouped(uint64(all.LastSequence)))
	return err
}
