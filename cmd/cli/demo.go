package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded"
)

// demo is one run of the command.
type demo struct {
	app    *app
	dir    string
	stream string
	site   *site
	logger *slog.Logger
	worker *background
	report demoReport
	tell   *story
}

// demoReport is what demo --json prints.
type demoReport struct {
	URL         string          `json:"url"`
	Data        string          `json:"data"`
	Stream      string          `json:"stream"`
	Published   published       `json:"published"`
	ProjectedMS float64         `json:"projected_ms"`
	Status      engine.Status   `json:"status"`
	Questions   []demoQuestion  `json:"questions"`
	DeadLetters json.RawMessage `json:"dead_letters"`
	Anomalies   json.RawMessage `json:"anomalies"`
	Restart     demoRestart     `json:"restart"`
	Time        demoTime        `json:"time"`
}

// demoQuestion is a question with its answer.
type demoQuestion struct {
	Subject string          `json:"subject"`
	Params  json.RawMessage `json:"params"`
	Answer  json.RawMessage `json:"answer"`
}

// demoRestart compares one state by three ways: as it was stopped and found again, as it went on from there, and as another
// worker made it in one go.
type demoRestart struct {
	Stopped   engine.Verification `json:"stopped"`
	Started   engine.Verification `json:"started"`
	Published published           `json:"published"`
	Applied   uint64              `json:"applied"`
	Continued engine.Verification `json:"continued"`
	InOneGo   engine.Verification `json:"in_one_go"`
	Same      bool                `json:"same"`
}

func (a *app) demoCommand() *cobra.Command {
	var serve bool
	var data, listen string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show everything at once, on nothing",
		Long: `Demo starts a NATS server of its own, publishes a sample history, projects it, asks
questions, shows what could not be applied, restarts the worker and compares digests. It names a
snapshot on the way, asks about the past, shows what changed since, goes back and comes again.
It listens on a free port and stores in a directory that it removes, unless told otherwise; the
environment and configuration files are not looked at.`,
		Example: `  projector demo
  projector demo --serve      then, elsewhere: projector query graph.list`,
		Args: count(0, 0, ""),
	}
	cmd.Flags().BoolVar(&serve, "serve", false, "stay up afterwards, on 127.0.0.1:4222 unless --listen says otherwise")
	cmd.Flags().StringVar(&data, "data", "", "the `DIR` to store in, and to keep")
	cmd.Flags().StringVar(&listen, "listen", "", "the `ADDRESS` to listen on")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if serve && listen == "" {
			listen = "127.0.0.1:4222"
		}
		if listen != "" {
			if err := checkListen(listen); err != nil {
				return wrongUsage("listen (from --listen): %w", err)
			}
		}
		return a.demo(cmd.Context(), data, listen, serve)
	}
	return cmd
}

func (a *app) demo(ctx context.Context, data, listen string, serve bool) (err error) {
	d := &demo{app: a, dir: data, stream: "CIM_EVENTS", tell: newStory(a.Stdout, a.json)}
	d.logger = newScreen(a.Stderr).logger(slog.LevelWarn)
	if data == "" {
		if d.dir, err = os.MkdirTemp("", "projector-demo-"); err != nil {
			return fmt.Errorf("make a directory for the demo: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.start(ctx, listen, data != ""); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		d.publish, d.project, d.ask, d.showUnapplied, d.nameIt, d.restart, d.lookBack, d.goBack,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if a.json {
		err = printJSON(a.Stdout, d.report)
	} else {
		err = d.tell.end(serve, d.site.url)
	}
	if err == nil && serve {
		<-ctx.Done()
	}
	return err
}

// start starts the server.
func (d *demo) start(ctx context.Context, listen string, keep bool) (err error) {
	host, port := "", embedded.FreePort
	if listen != "" {
		if host, port, err = parseListen(listen); err != nil {
			return err
		}
	}
	d.site, err = ownSite(ctx, embedded.Config{
		Dir: filepath.Join(d.dir, "jetstream"), Host: host, Port: port, Logger: d.logger,
	}, d.stream)
	if err != nil {
		return err
	}
	d.report.URL, d.report.Data, d.report.Stream = d.site.url, d.dir, d.stream
	d.tell.server(&d.report, keep)
	return nil
}

func (d *demo) close() error {
	var errs []error
	if d.worker != nil {
		errs = append(errs, d.worker.stop())
	}
	if d.site != nil {
		errs = append(errs, d.site.close())
	}
	return errors.Join(errs...)
}

// publish publishes the history but its end, unless an earlier demo has stored it in the same directory.
func (d *demo) publish(ctx context.Context) error {
	held, err := d.last(ctx)
	if err != nil {
		return err
	}
	if held > 0 {
		d.report.Published.LastSequence = held
		d.tell.published(&d.report.Published)
		return nil
	}
	first, _ := splitSample(sample, arrivesLater)
	d.report.Published, err = d.publishLines(ctx, first)
	if err == nil {
		d.tell.published(&d.report.Published)
	}
	return err
}

// last returns the stream's last sequence.
func (d *demo) last(ctx context.Context) (eventlog.Seq, error) {
	log, err := d.site.openLog(ctx, "", nil, d.logger)
	if err != nil {
		return 0, err
	}
	bounds, err := log.Bounds(ctx)
	return bounds.Last, errors.Join(err, log.Close())
}

func (d *demo) config(name, dir string) engine.Config {
	return engine.Config{Name: name, Version: d.app.Version, Data: dir, Projections: d.app.Projections, Logger: d.logger}
}

// project starts the worker and waits until it holds everything.
func (d *demo) project(ctx context.Context) (err error) {
	if d.worker, err = startBackground(ctx, d.site, d.config("default", d.dir)); err != nil {
		return err
	}
	begun := time.Now()
	if err := d.worker.worker.Resume(ctx); err != nil { // an earlier demo may have been interrupted when it had gone back
		return err
	}
	if err := d.worker.waitFor(ctx, d.report.Published.LastSequence); err != nil {
		return err
	}
	d.report.ProjectedMS = float64(time.Since(begun).Microseconds()) / 1000
	if d.report.Status, err = d.worker.worker.Status(ctx); err != nil {
		return err
	}
	return d.tell.projected(&d.report)
}
