package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/snapshotstore"
	"github.com/thecowboyai/cim-projector/snapshotstore/natsshelf"
)

// natsShelf is the value of --shelf for an object store of the NATS that the worker is on; everything else is a directory.
const natsShelf = "nats"

// shelfSettings say where copies of the snapshots are kept, and what an empty data directory begins from.
var shelfSettings = []setting{
	{name: "shelf", usage: "keep copies of the snapshots in this `PLACE`: a directory, or nats for an object store of the NATS server"},
	{name: "from-snapshot", usage: "begin an empty data directory from this `SNAPSHOT`: a name, latest, or an exported file"},
}

// openShelf returns the shelf that the settings name for a worker, nil for none. It is opened when it is used first, so that a worker
// starts where its shelf cannot be reached.
func openShelf(s *settings, at *site, logger *slog.Logger) (snapshotstore.Shelf, io.Closer, error) {
	place, name := s.text("shelf"), s.text("name")
	switch {
	case place == "":
		return nil, io.NopCloser(nil), nil
	case place == natsShelf && at.server != nil:
		logger.Warn("the shelf is on the worker's own NATS server, and is lost with this machine; name a NATS server of yours with --nats, " +
			"or a directory elsewhere")
	case place != natsShelf:
		if err := outside(place, s.text("data")); err != nil {
			return nil, nil, err
		}
	}
	late := &lateShelf{open: func(ctx context.Context) (snapshotstore.Shelf, io.Closer, error) {
		if place == natsShelf {
			shelf, err := createBucket(ctx, at.conn, name)
			return shelf, nil, err
		}
		return openFolder(place, name)
	}}
	return late, late, nil
}

// outside refuses a shelf in the data directory.
func outside(place, data string) error {
	place, err := filepath.Abs(place)
	if err != nil {
		return err
	}
	if data, err = filepath.Abs(data); err != nil {
		return err
	}
	in, err := filepath.Rel(data, place)
	if err == nil && in != ".." && !strings.HasPrefix(in, ".."+string(filepath.Separator)) {
		return wrongUsage("the shelf %s is in the data directory %s, and would be lost with it; name a directory elsewhere", place, data)
	}
	return nil
}

func createBucket(ctx context.Context, conn *nats.Conn, worker string) (*natsshelf.Shelf, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, err
	}
	return natsshelf.Create(ctx, js, natsshelf.Config{Worker: worker})
}

// openFolder opens a worker's folder of a directory.
func openFolder(dir, worker string) (snapshotstore.Shelf, io.Closer, error) {
	whole, err := snapshotstore.OpenDirShelf(dir)
	if err != nil {
		return nil, nil, err
	}
	shelf, err := snapshotstore.ShelfFolder(whole, worker)
	if err != nil {
		return nil, nil, errors.Join(err, whole.Close())
	}
	return shelf, whole, nil
}

// existingShelf opens a worker's shelf to look at it. Nothing is made where there is none.
func (s *settings) existingShelf(ctx context.Context, place string) (snapshotstore.Shelf, func() error, error) {
	name := s.text("name")
	if place != natsShelf {
		if _, err := os.Stat(filepath.Join(place, name)); errors.Is(err, os.ErrNotExist) {
			return nil, nil, notFound("worker %q has nothing on a shelf in %s", name, place)
		}
		shelf, closer, err := openFolder(place, name)
		if err != nil {
			return nil, nil, err
		}
		return shelf, closer.Close, nil
	}
	conn, err := s.connect("projector (command)", nats.NoReconnect())
	if err != nil {
		return nil, nil, err
	}
	end := func() error { conn.Close(); return nil }
	js, err := jetstream.New(conn)
	if err == nil {
		var shelf *natsshelf.Shelf
		if shelf, err = natsshelf.Open(ctx, js, name); err == nil {
			return shelf, end, nil
		}
	}
	if errors.Is(err, natsshelf.ErrNoBucket) {
		err = notFound("worker %q has no shelf on %s", name, conn.ConnectedUrlRedacted())
	}
	return nil, nil, errors.Join(err, end())
}

// shelvedSnapshots lists what a shelf has, and what is wrong with what cannot be read there.
func (s *settings) shelvedSnapshots(ctx context.Context, timeout time.Duration, place string) (out []shownSnapshot, err error) {
	if place == "" {
		return nil, wrongUsage("--shelf names no place; use nats, or the directory that run --shelf names")
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	shelf, end, err := s.existingShelf(ctx, place)
	if err != nil {
		return nil, err
	}
	all, err := snapshotstore.Shelved(ctx, shelf)
	for _, m := range all {
		out = append(out, shownOf(m))
	}
	return out, errors.Join(err, end())
}

// lateShelf is a shelf that is opened when it is used first, and tried again where that fails.
type lateShelf struct {
	open func(context.Context) (snapshotstore.Shelf, io.Closer, error)

	mu     sync.Mutex // protects the fields below, and is held while the shelf is opened
	shelf  snapshotstore.Shelf
	closer io.Closer
	closed bool
}

var (
	_ snapshotstore.Shelf = (*lateShelf)(nil)

	errShelfClosed = errors.New("the shelf is closed")
)

func (l *lateShelf) opened(ctx context.Context) (snapshotstore.Shelf, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errShelfClosed
	}
	if l.shelf == nil {
		shelf, closer, err := l.open(ctx)
		if err != nil {
			return nil, fmt.Errorf("the shelf cannot be reached: %w", err)
		}
		l.shelf, l.closer = shelf, closer
	}
	return l.shelf, nil
}

// Put stores a file: see snapshotstore.Shelf.
func (l *lateShelf) Put(ctx context.Context, name string, content io.Reader) error {
	shelf, err := l.opened(ctx)
	if err != nil {
		return err
	}
	return shelf.Put(ctx, name, content)
}

// Open opens a file: see snapshotstore.Shelf.
func (l *lateShelf) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	shelf, err := l.opened(ctx)
	if err != nil {
		return nil, err
	}
	return shelf.Open(ctx, name)
}

// List lists files: see snapshotstore.Shelf.
func (l *lateShelf) List(ctx context.Context, prefix string) ([]snapshotstore.ShelfItem, error) {
	shelf, err := l.opened(ctx)
	if err != nil {
		return nil, err
	}
	return shelf.List(ctx, prefix)
}

// Remove removes a file: see snapshotstore.Shelf.
func (l *lateShelf) Remove(ctx context.Context, name string) error {
	shelf, err := l.opened(ctx)
	if err != nil {
		return err
	}
	return shelf.Remove(ctx, name)
}

// Sweep removes what broken-off puts left, where the shelf has to be told.
func (l *lateShelf) Sweep(ctx context.Context, idle time.Duration) (int, error) {
	shelf, err := l.opened(ctx)
	if err != nil {
		return 0, err
	}
	if s, ok := shelf.(interface {
		Sweep(ctx context.Context, idle time.Duration) (int, error)
	}); ok {
		return s.Sweep(ctx, idle)
	}
	return 0, nil
}

// Close lets the shelf go. It is idempotent.
func (l *lateShelf) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.closer == nil {
		return nil
	}
	closer := l.closer
	l.closer = nil
	return closer.Close()
}
