package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// ServiceName is the name under which `nats micro` sees every worker.
const ServiceName = "cim-projector"

// ServiceConfig is what a service is made of.
type ServiceConfig struct {
	// Conn is the connection to serve on. The service does not close it.
	Conn *nats.Conn

	// Worker answers.
	Worker *Worker

	// Logger takes faults. nil = none.
	Logger *slog.Logger
}

// Service answers questions and commands over NATS: on the subjects that CIM names (query.>), which workers share, and on
// the same below "projector.<name>.", which belong to one worker.
type Service struct {
	conn   *nats.Conn
	worker *Worker
	logger *slog.Logger
	claim  *nameClaim
	micro  micro.Service

	base      context.Context //nolint:containedctx // of all requests; ends with Close
	end       context.CancelFunc
	working   chan struct{}  // one token for each request that is being answered
	held      chan struct{}  // one token for each request at all
	calls     sync.WaitGroup // the goroutines of requests
	jobs      *jobs          // long work that requests began
	transfers *transfers     // files on their way
	close     sync.Once
	err       error // of closing
}

// Limits on what is answered at once: reading, and waiting for a position.
const (
	mostWorking = 64
	mostHeld    = 4096
)

// endpoint is one subject that is served.
type endpoint struct {
	subject string
	handle  func(context.Context, call) (reply, error)
	past    bool // it can be asked about a state of the past
}

// Serve takes the worker's name on the NATS behind the connection and answers from then on. It fails with a NameTakenError
// when another process has the name.
func Serve(ctx context.Context, c ServiceConfig) (*Service, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	claim, err := takeName(ctx, c.Conn, c.Worker.config.Name)
	if err != nil {
		return nil, err
	}
	s := &Service{
		conn: c.Conn, worker: c.Worker, logger: c.Logger, claim: claim,
		working: make(chan struct{}, mostWorking), held: make(chan struct{}, mostHeld),
	}
	s.base, s.end = context.WithCancel(context.WithoutCancel(ctx))
	s.transfers = newTransfers(c.Worker.config.Data)
	s.jobs = &jobs{publish: s.tellJob, refine: func(err error) *projection.QueryError { return s.queryError("the job", err) }}
	if err := s.register(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.calls.Go(func() { s.transfers.keep(s.base) })
	c.Worker.folder.announce(s.announce)
	return s, nil
}

var semver = regexp.MustCompile(`^\d+\.\d+\.\d+`)

func (s *Service) register() (err error) {
	version := strings.TrimPrefix(s.worker.config.Version, "v")
	if !semver.MatchString(version) {
		version = "0.0.0"
	}
	s.micro, err = micro.AddService(s.conn, micro.Config{
		Name: ServiceName, Version: version, Description: "read models of a CIM event stream",
		Metadata: map[string]string{"worker": s.worker.config.Name, "build": s.worker.config.Version},
	})
	if err != nil {
		return fmt.Errorf("engine: register the service: %w", err)
	}
	for _, e := range s.endpoints() {
		for _, prefix := range []string{"", "projector." + s.worker.config.Name + "."} {
			if prefix == "" && !strings.HasPrefix(e.subject, "query.") && s.worker.config.Name != defaultName {
				continue // a command is for one worker: without a name, for the one of the default name
			}
			name := strings.NewReplacer(".", "-", "*", "any").Replace(prefix + e.subject)
			err := s.micro.AddEndpoint(name, s.handler(e), micro.WithEndpointSubject(prefix+e.subject))
			if err != nil {
				return fmt.Errorf("engine: serve %s: %w", prefix+e.subject, err)
			}
		}
	}
	return s.conn.Flush()
}

// endpoints returns everything that is served: the projections' queries, and the worker's own.
func (s *Service) endpoints() []endpoint {
	out := append(s.builtin(), s.snapshotEndpoints()...)
	for _, p := range s.worker.config.Projections {
		querier, ok := p.(projection.Querier)
		if !ok {
			continue
		}
		for _, q := range querier.Queries() {
			out = append(out, endpoint{subject: "query." + q.Subject, handle: s.query(p, q), past: true})
		}
	}
	return out
}

// handler answers each request in a goroutine of its own: handlers of one endpoint would otherwise wait for each other.
func (s *Service) handler(e endpoint) micro.Handler {
	return micro.HandlerFunc(func(r micro.Request) {
		select {
		case s.held <- struct{}{}:
		default:
			s.fail(r, projection.Fail(projection.Unavailable, "%d requests are being answered; ask again later", mostHeld))
			return
		}
		s.calls.Go(func() {
			defer func() { <-s.held }()
			s.serve(e, r)
		})
	})
}

func (s *Service) serve(e endpoint, r micro.Request) {
	defer func() {
		if p := recover(); p != nil {
			s.logger.Error("a query panicked", "subject", e.subject, "panic", p)
			s.fail(r, projection.Fail(projection.Internal, "%s failed", e.subject))
		}
	}()
	c, bad := parseCall(r.Data(), nats.Header(r.Headers()))
	if bad != nil {
		s.fail(r, bad)
		return
	}
	if c.asOf != (AsOf{}) && !e.past {
		s.fail(r, projection.Fail(projection.BadRequest, "%s is about the present, and cannot be asked as of the past", e.subject))
		return
	}
	c.subject = r.Subject()
	ctx, cancel := context.WithTimeout(s.base, c.limit())
	defer cancel()
	out, err := e.handle(ctx, c)
	if err != nil {
		s.fail(r, s.queryError(e.subject, err))
		return
	}
	s.respond(r, out)
}

// queryError turns any error into one for the asker; faults on this side are logged, and their text is kept here.
func (s *Service) queryError(subject string, err error) *projection.QueryError {
	var q *projection.QueryError
	var diverged *DivergedError
	var unprovable *UnprovableError
	switch {
	case errors.As(err, &q):
		return q
	case errors.Is(err, context.DeadlineExceeded):
		return projection.Fail(projection.Timeout, "%s was not answered in time", subject)
	case errors.Is(err, context.Canceled), errors.Is(err, errStopped):
		return projection.Fail(projection.Unavailable, "the worker is stopping")
	case errors.Is(err, ErrUnknownProjection), errors.Is(err, snapshotstore.ErrNoName), errors.Is(err, projection.ErrNoUndo):
		return projection.Fail(projection.NotFound, "%s", err)
	case errors.Is(err, eventlog.ErrUnavailable), errors.Is(err, eventlog.ErrCursorLost), errors.Is(err, projection.ErrNotOpen),
		errors.Is(err, projection.ErrCutting):
		return projection.Fail(projection.Unavailable, "%s", err)
	case errors.As(err, &diverged), errors.As(err, &unprovable):
		return projection.Fail(projection.Refused, "%s", err)
	case errors.Is(err, snapshotstore.ErrBadName):
		return projection.Fail(projection.BadRequest, "%s", err)
	case errors.Is(err, snapshotstore.ErrNameUsed), errors.Is(err, projection.ErrHeld), errors.Is(err, ErrRestoring),
		errors.Is(err, projection.ErrOtherVersion):
		return projection.Fail(projection.Refused, "%s", err)
	}
	s.logger.Error("a query failed", "subject", subject, "err", err)
	return projection.Fail(projection.Internal, "%s failed: %s", subject, err)
}

// Close stops answering, waits for the requests that are being answered, and gives the name back. It is idempotent.
func (s *Service) Close() error {
	s.close.Do(func() {
		if s.micro != nil {
			s.err = s.micro.Stop()
		}
		s.end()
		s.calls.Wait()
		s.jobs.group.Wait()
		s.worker.folder.announce(nil)
		s.err = errors.Join(s.err, s.transfers.close(), s.claim.release())
	})
	return s.err
}
