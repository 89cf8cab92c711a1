package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Reasons for which Start refuses.
var (
	ErrAddressInUse   = errors.New("address in use")
	ErrDirectoryInUse = errors.New("directory in use")
)

// lockName is the file in the directory whose lock is the right to use it.
const lockName = "LOCK"

// Server is a running nats-server. It is safe for concurrent use.
type Server struct {
	nats  *server.Server
	lock  *flock.Flock
	close sync.Once
	err   error // of Close
}

// Start runs a server and returns when clients can connect to it. It stops trying when ctx ends; a large store may
// need minutes to be recovered. It fails with ErrDirectoryInUse or ErrAddressInUse where someone else is there first.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s := &Server{lock: lock}
	if err := s.run(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// run starts the server and waits until it is ready.
func (s *Server) run(ctx context.Context, cfg Config) error {
	if err := addressFree(cfg); err != nil {
		return err
	}
	srv, err := server.NewServer(cfg.options())
	if err != nil {
		return fmt.Errorf("embedded: start on %s: %w", cfg.address(), err)
	}
	s.nats = srv
	log := newLogger(cfg.Logger)
	srv.SetLoggerV2(log, false, false, false)
	started := make(chan struct{})
	go func() {
		defer close(started)
		srv.Start()
	}()
	select {
	case <-started:
	case <-log.fatal:
		<-started // a server that cannot start says so and returns
	case <-ctx.Done():
		srv.Shutdown()
		<-started
		return fmt.Errorf("embedded: start on %s: %w", cfg.address(), ctx.Err())
	}
	return s.ready(ctx, cfg, log)
}

// ready waits for the listener, which comes up within moments once the server has started.
func (s *Server) ready(ctx context.Context, cfg Config, log *logger) error {
	for {
		select {
		case <-log.fatal:
			return fmt.Errorf("embedded: start on %s with store %s: %w", cfg.address(), cfg.Dir, log.cause())
		case <-ctx.Done():
			return fmt.Errorf("embedded: start on %s: %w", cfg.address(), ctx.Err())
		default:
		}
		if s.nats.ReadyForConnections(25 * time.Millisecond) {
			return nil
		}
	}
}

// lockDir makes the directory and takes its lock.
func lockDir(dir string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded: make the store's directory: %w", err)
	}
	lock := flock.New(filepath.Join(dir, lockName))
	held, err := lock.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("embedded: lock the store's directory: %w", err)
	case !held:
		return nil, fmt.Errorf("embedded: %w: another server stores in %s; stop that one or choose another directory",
			ErrDirectoryInUse, dir)
	}
	return lock, nil
}

// addressFree finds out whether the address can be listened on, before the server opens its store: it would recover all
// of it only to fail then.
func addressFree(cfg Config) error {
	if cfg.Port == FreePort {
		return nil
	}
	l, err := net.Listen("tcp", cfg.address())
	if err != nil {
		return fmt.Errorf("embedded: %w: listen on %s: %w; choose another port, or -1 for a free one",
			ErrAddressInUse, cfg.address(), err)
	}
	return l.Close()
}

// URL returns the address for clients, over TCP.
func (s *Server) URL() string { return s.nats.ClientURL() }

// Port returns the port that the server listens on.
func (s *Server) Port() int { return s.nats.Addr().(*net.TCPAddr).Port }

// InProcess returns the option with which a client of this process connects without a socket.
func (s *Server) InProcess() nats.Option { return nats.InProcessServer(s.nats) }

// Close stops the server, waits until it has, and gives the directory free. It is idempotent.
func (s *Server) Close() error {
	s.close.Do(func() {
		if s.nats != nil {
			s.nats.Shutdown()
			s.nats.WaitForShutdown()
		}
		if err := s.lock.Close(); err != nil {
			s.err = fmt.Errorf("embedded: give the store's directory free: %w", err)
		}
	})
	return s.err
}
