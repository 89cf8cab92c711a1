package cli

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/engine"
)

// clientSettings are what a command needs that asks a running worker: where it is, and its name. Where it listens itself is
// looked at too, since that is where a worker with a server of its own can be asked.
func clientSettings() []setting { return join(connectionSettings, nameSettings) }

// asker asks one worker over one connection.
type asker struct {
	conn    *nats.Conn
	client  *engine.Client
	name    string
	timeout time.Duration
}

// asker connects as the settings say.
func (s *settings) asker(timeout time.Duration) (*asker, error) {
	conn, err := s.connect("projector (command)", nats.NoReconnect())
	if err != nil {
		return nil, err
	}
	name := s.text("name")
	return &asker{conn: conn, client: engine.NewClient(conn, name), name: name, timeout: timeout}, nil
}

func (k *asker) close() { k.conn.Close() }

const statusSubject = "query.projection.status"

// ask sends one request and waits for the answer.
func (k *asker) ask(ctx context.Context, subject string, params []byte) (engine.Reply, error) {
	timed, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	answer, err := k.client.Ask(timed, subject, params)
	switch {
	case ctx.Err() != nil:
		return answer, ctx.Err()
	case errors.Is(err, engine.ErrNoWorker):
		return answer, k.nobody(timed, subject)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
		return answer, failed("worker %q did not answer %s within %s; see: projector status", k.name, subject, k.timeout)
	case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrDisconnected):
		return answer, failed("the connection to NATS ended before worker %q answered %s", k.name, subject)
	}
	return answer, err
}

// nobody says whether there is no worker, or one that does not know the subject.
func (k *asker) nobody(ctx context.Context, subject string) error {
	if subject != statusSubject {
		if _, err := k.client.Ask(ctx, statusSubject, nil); err == nil {
			return wrongUsage("worker %q does not answer %s; see: projector query --help", k.name, subject)
		}
	}
	return failed("no worker %q runs on %s; start one with: projector run", k.name, k.conn.ConnectedUrlRedacted())
}

// askOnce connects, sends one request and waits for the answer.
func (s *settings) askOnce(ctx context.Context, timeout time.Duration, subject string, params []byte) (engine.Reply, error) {
	k, err := s.asker(timeout)
	if err != nil {
		return engine.Reply{}, err
	}
	defer k.close()
	return k.ask(ctx, subject, params)
}
