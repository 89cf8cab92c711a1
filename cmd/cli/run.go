package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded"
)

func (a *app) runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run a worker",
		Long: `Run projects the stream of events into the read models of a data directory, and answers
questions from them over NATS, until it is interrupted. It then commits what was applied,
within 5 seconds, and says up to which event.

Without a connection flag it starts a NATS server with JetStream of its own, which stores in
the data directory, and makes the stream there. On a NATS of yours it never makes a stream.

With --shelf copies of the snapshots are kept in a directory or in an object store of the NATS
server, which belong to this worker alone, by its name. With --from-snapshot a worker whose data
directory is empty begins from one of them, or from an exported file, and catches up from there.
Where the directory is not empty, latest is passed over, and so is the snapshot that the directory
was begun from, so that the same command line can be started again; another one is refused: use
restore. Where there is no snapshot yet, latest begins with the first event.`,
		Example: `  projector run
  projector run --shelf /mnt/backup/projector --from-snapshot latest --snapshot-interval 1h
  projector run --nats nats://nats.example.com:4222 --creds worker.creds --data /var/lib/projector`,
		Args: count(0, 0, ""),
	}
	wanted := allSettings()
	addSettings(cmd.Flags(), wanted)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := a.resolve(cmd.Flags(), wanted)
		if err != nil {
			return err
		}
		return a.run(cmd.Context(), s)
	}
	return cmd
}

func (a *app) run(ctx context.Context, s *settings) error {
	screen := newScreen(a.Stderr)
	logger := screen.logger(s.logLevel())
	at, err := a.site(ctx, s, logger)
	if err != nil {
		return err
	}
	err = a.runOn(ctx, s, at, screen, logger)
	return errors.Join(err, at.close())
}

// site starts a server, or connects to the one that the settings name.
func (a *app) site(ctx context.Context, s *settings, logger *slog.Logger) (*site, error) {
	if s.external() {
		return foreignSite(s, logger)
	}
	host, port, err := parseListen(s.text("listen"))
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip == nil && host != "localhost" || ip != nil && !ip.IsLoopback() {
		logger.Warn("the server has no users and no TLS: whoever reaches its address can do anything", "listen", s.text("listen"))
	}
	return ownSite(ctx, embedded.Config{
		Dir: filepath.Join(s.text("data"), "jetstream"), Host: host, Port: port, Logger: logger,
	}, s.text("stream"))
}

func (a *app) runOn(ctx context.Context, s *settings, at *site, screen *screen, logger *slog.Logger) error {
	decoder, err := readSubjects(s.text("mapping"))
	if err != nil {
		return err
	}
	shown := &progress{}
	c := engine.Config{
		Name: s.text("name"), Version: a.Version, Data: s.text("data"), Projections: a.Projections,
		MemoryBudget: s.size("memory"), Decoder: decoder,
		AcceptGap: s.on("accept-gap"), Strict: s.on("strict"), Logger: logger,
	}
	c.Schedule, c.Retention = s.schedule()
	shown.observe(&c.Observer)
	shelf, shelfEnd, err := openShelf(s, at, logger)
	if err != nil {
		return err
	}
	c.Shelf = shelf
	n, err := openNode(ctx, at, c, a.beginning(s, logger))
	if err != nil {
		return errors.Join(err, shelfEnd.Close())
	}
	err = a.follow(ctx, n, shown, screen, func() error { return a.sayReady(s, at) })
	if err == nil {
		err = a.sayStopped(s, n)
	}
	return errors.Join(err, n.close(), shelfEnd.Close())
}

// follow projects until ctx ends, and shows how catching up goes.
func (a *app) follow(ctx context.Context, n *node, shown *progress, screen *screen, ready func() error) error {
	bounds, err := n.log.Bounds(ctx)
	if err != nil {
		return err
	}
	from, err := n.committed()
	if err != nil {
		return err
	}
	shown.begin(screen, from, bounds.Last)
	if err := ready(); err != nil {
		return err
	}
	var showing sync.WaitGroup
	defer showing.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	showing.Go(func() { shown.run(ctx) })
	return n.worker.Run(ctx)
}

// readyEvent is what run --json says first.
type readyEvent struct {
	Event       string   `json:"event"`
	Worker      string   `json:"worker"`
	PID         int      `json:"pid"`
	URL         string   `json:"url"`
	Embedded    bool     `json:"embedded"`
	Stream      string   `json:"stream"`
	Data        string   `json:"data"`
	Projections []string `json:"projections"`
}

func (a *app) sayReady(s *settings, at *site) error {
	if a.json {
		return printJSON(a.Stdout, readyEvent{
			Event: "ready", Worker: s.text("name"), PID: os.Getpid(), URL: at.url, Embedded: at.server != nil,
			Stream: s.text("stream"), Data: s.text("data"), Projections: a.projectionNames(),
		})
	}
	server := "the NATS server at " + at.url
	if at.server != nil {
		server = "its own NATS server at " + at.url
	}
	_, err := fmt.Fprintf(a.Stdout, "Worker %s projects stream %s on %s into %s. Ctrl-C stops it.\n",
		s.text("name"), s.text("stream"), server, s.text("data"))
	return err
}

// stoppedEvent is what run --json says last.
type stoppedEvent struct {
	Event       string            `json:"event"`
	Worker      string            `json:"worker"`
	Projections []stoppedPosition `json:"projections"`
}

type stoppedPosition struct {
	Name            string       `json:"name"`
	AppliedSequence eventlog.Seq `json:"applied_sequence"`
}

func (a *app) sayStopped(s *settings, n *node) error {
	at, err := n.committed()
	if err != nil {
		return err
	}
	out := stoppedEvent{Event: "stopped", Worker: s.text("name")}
	low, same := at[n.names[0]], true
	for _, name := range n.names {
		out.Projections = append(out.Projections, stoppedPosition{name, at[name]})
		same = same && at[name] == low
		low = min(low, at[name])
	}
	if a.json {
		return printJSON(a.Stdout, out)
	}
	fmt.Fprintf(a.Stdout, "Stopped. Everything up to event %s is committed.\n", grouped(uint64(low)))
	if same {
		return nil
	}
	t := newTable(a.Stdout, "PROJECTION", "COMMITTED")
	for _, p := range out.Projections {
		t.row(p.Name, grouped(uint64(p.AppliedSequence)))
	}
	return t.flush()
}
