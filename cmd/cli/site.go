package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
	"github.com/thecowboyai/cim-projector/eventlog/streams"
	"github.com/thecowboyai/cim-projector/projection"
)

// site is the NATS that a worker works on: a server of its own, or one of the user's.
type site struct {
	server *embedded.Server // nil on a NATS of the user's own
	conn   *nats.Conn       // for requests and answers
	url    string           // for people
	read   natslog.Config   // how the stream is read
}

// ownSite starts a server in this process, with the stream in it.
func ownSite(ctx context.Context, c embedded.Config, stream string) (*site, error) {
	server, err := embedded.Start(ctx, c)
	if errors.Is(err, embedded.ErrDirectoryInUse) {
		return nil, &projection.LockedError{Dir: filepath.Dir(c.Dir), Holder: holder(filepath.Dir(c.Dir))}
	}
	if errors.Is(err, embedded.ErrAddressInUse) {
		return nil, addressInUse(c, err)
	}
	if err != nil {
		return nil, err
	}
	s := &site{server: server, url: server.URL()}
	s.read = natslog.Config{URL: server.URL(), Stream: stream}
	s.conn, err = nats.Connect("", server.InProcess(), nats.Name("projector"), nats.MaxReconnects(-1))
	if err == nil {
		err = ensureStream(ctx, s.conn, stream)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// addressInUse says what can be done about an address that cannot be listened on.
func addressInUse(c embedded.Config, err error) error {
	address := net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return failed("another server listens on %s; choose another address with --listen, or use that server with --nats nats://%s",
			address, address)
	}
	return fmt.Errorf("the address %s cannot be used, choose another with --listen: %w", address, err)
}

// holder reads who holds a data directory, as far as can be told.
func holder(dir string) projection.Holder {
	var out projection.Holder
	if raw, err := os.ReadFile(filepath.Join(dir, "LOCK")); err == nil {
		_ = json.Unmarshal(raw, &out) // an unreadable holder is an unknown one
	}
	return out
}

// foreignSite connects to a NATS of the user's own, as the settings say.
func foreignSite(s *settings, logger *slog.Logger) (*site, error) {
	conn, err := s.connect("projector "+s.text("name"), nats.MaxReconnects(-1),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				logger.Warn("the connection to NATS is interrupted", "err", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { logger.Info("the connection to NATS is back") }))
	if err != nil {
		return nil, err
	}
	out := &site{conn: conn, url: conn.ConnectedUrlRedacted()}
	if s.text("context") != "" {
		out.read = natslog.Config{Conn: conn, Stream: s.text("stream")}
		return out, nil
	}
	options, err := s.natsOptions()
	if err != nil {
		return nil, errors.Join(err, out.close())
	}
	out.read = natslog.Config{URL: s.serverURL(), Options: options, Stream: s.text("stream")}
	return out, nil
}

// openLog opens the stream for a worker.
func (s *site) openLog(ctx context.Context, worker string, d *eventlog.Decoder, logger *slog.Logger) (*natslog.Log, error) {
	c := s.read
	c.Worker, c.Logger = worker, logger
	log, err := natslog.Open(ctx, c)
	if missing, ok := errors.AsType[*natslog.StreamMissingError](err); ok {
		return nil, missingStream(missing.Stream, s.url)
	}
	if err != nil {
		return nil, err
	}
	if d == nil {
		d = eventlog.StandardDecoder()
	}
	name, subjects := log.Stream()
	for _, w := range append(log.Warnings(), streams.Unread(name, subjects, d)...) {
		logger.Warn(w)
	}
	return log, nil
}

// close ends the connection, and the server where it is the projector's own.
func (s *site) close() error {
	if s.conn != nil {
		s.conn.Close()
	}
	if s.server != nil {
		return s.server.Close()
	}
	return nil
}
