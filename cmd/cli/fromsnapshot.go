package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// beginning puts an empty data directory to a snapshot, before its worker runs.
type beginning struct {
	app    *app
	wish   string // a name, engine.Latest or a file
	data   string
	logger *slog.Logger
}

// beginning returns what the settings say of an empty data directory, nil where that is nothing.
func (a *app) beginning(s *settings, logger *slog.Logger) func(context.Context, *engine.Worker) error {
	wish := s.text("from-snapshot")
	if wish == "" {
		return nil
	}
	return (&beginning{app: a, wish: wish, data: s.text("data"), logger: logger}).begin
}

// begin is called with the worker before it runs.
//
// A machine, a container or a service manager starts the same command line again and again. What it says of an empty directory is
// then passed over: latest always, because it says only what to do where nothing is yet; a snapshot by name or file where the
// directory was begun from that very one. Any other directory that is not empty is refused, since a person may think that it is put
// to the snapshot.
func (b *beginning) begin(ctx context.Context, w *engine.Worker) error {
	fresh, err := w.Fresh()
	if err != nil {
		return err
	}
	if !fresh {
		return b.passOver(w)
	}
	m, err := b.put(ctx, w)
	if b.wish == engine.Latest && errors.Is(err, snapshotstore.ErrNoName) {
		b.logger.Warn("there is no snapshot to begin from; the models are made from the first event", "reason", err)
		return nil
	}
	if err != nil || b.app.json {
		return err
	}
	_, err = fmt.Fprintf(b.app.Stdout, "The models begin from snapshot %s, at event %s.\n", m.Name, grouped(m.StreamSequence))
	return err
}

func (b *beginning) put(ctx context.Context, w *engine.Worker) (*snapshotstore.Manifest, error) {
	p := &copied{}
	stop := b.app.showing(ctx, "bringing the snapshot", "byte", p.done)
	defer stop()
	from := engine.BeginFrom{Snapshot: b.wish, Wish: b.wish}
	if b.wish == engine.Latest || snapshotstore.NamePattern.MatchString(b.wish) {
		return w.Begin(ctx, from, p.report)
	}
	f, err := os.Open(b.wish)
	if errors.Is(err, os.ErrNotExist) {
		return nil, notFound("there is no file %s to begin from; a name of a snapshot has letters, digits, - and _ alone", b.wish)
	}
	if err != nil {
		return nil, failed("the snapshot to begin from cannot be read: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	from.File = f
	m, err := w.Begin(ctx, from, func(done, _ int64) { p.report(done, info.Size()) })
	return m, errors.Join(unsound(err), f.Close())
}

// passOver decides about a directory that is not empty.
func (b *beginning) passOver(w *engine.Worker) error {
	origin, err := w.Origin()
	if err != nil {
		return err
	}
	if b.wish != engine.Latest && b.wish != origin {
		return engine.ErrNotEmpty
	}
	b.logger.Info("the data directory has a state, so that --from-snapshot is passed over", "data", b.data, "from-snapshot", b.wish)
	return nil
}
