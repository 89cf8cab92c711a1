package cli

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
)

// node is a worker that serves on a site.
type node struct {
	log     *natslog.Log
	worker  *engine.Worker
	service *engine.Service
	names   []string
}

// openNode opens everything that a worker needs. Nothing is projected until run is called. begin is called with the worker before it
// is held against the stream; nil for nothing.
func openNode(ctx context.Context, at *site, c engine.Config, begin func(context.Context, *engine.Worker) error) (*node, error) {
	if err := refuseTaken(ctx, at, c.Name); err != nil {
		return nil, err
	}
	log, err := at.openLog(ctx, c.Name, c.Decoder, c.Logger)
	if err != nil {
		return nil, err
	}
	n := &node{log: log}
	for _, p := range c.Projections {
		n.names = append(n.names, p.Name())
	}
	c.Log = log
	if n.worker, err = engine.Open(c); err != nil {
		return nil, errors.Join(err, n.close())
	}
	if begin != nil {
		if err := begin(ctx, n.worker); err != nil {
			return nil, errors.Join(err, n.close())
		}
	}
	if err := n.refuseGap(ctx, c.AcceptGap); err != nil {
		return nil, errors.Join(err, n.close())
	}
	n.service, err = engine.Serve(ctx, engine.ServiceConfig{Conn: at.conn, Worker: n.worker, Logger: c.Logger})
	if err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

// takenWait is how long a worker of the same name has to answer.
const takenWait = 500 * time.Millisecond

// refuseTaken refuses a name that is served already, before the stream is opened: opening removes what earlier runs of the name
// left there.
func refuseTaken(ctx context.Context, at *site, name string) error {
	ctx, cancel := context.WithTimeout(ctx, takenWait)
	defer cancel()
	answer, err := engine.NewClient(at.conn, name).Ask(ctx, "query.projection.status", nil)
	if err != nil {
		return nil //nolint:nilerr // nobody answers; who comes at the same moment is refused when the name is claimed
	}
	var st engine.Status
	if err := json.Unmarshal(answer.Data, &st); err != nil {
		return refused("worker %q is already served on %s; stop it, or run this one under another --name", name, at.url)
	}
	return refused("worker %q is already served on %s by process %d since %s; stop it, or run this one under another --name",
		name, at.url, st.Worker.PID, st.Worker.StartedAt.Format(time.RFC3339))
}

// refuseGap refuses to begin where nothing was applied yet and the stream no longer holds its beginning.
func (n *node) refuseGap(ctx context.Context, accept bool) error {
	if accept {
		return nil
	}
	bounds, err := n.log.Bounds(ctx)
	if err != nil {
		return err
	}
	at, err := n.committed()
	if err != nil {
		return err
	}
	for _, seq := range at {
		if seq > 0 || bounds.First <= 1 {
			return nil
		}
	}
	return &engine.GapError{Stream: bounds.Stream, From: 1, To: bounds.First - 1}
}

// committed returns how far each projection is committed.
func (n *node) committed() (map[string]eventlog.Seq, error) {
	out := map[string]eventlog.Seq{}
	for _, name := range n.names {
		v, err := n.worker.View(name)
		if err != nil {
			return nil, err
		}
		out[name] = v.At().Seq
		v.Close()
	}
	return out, nil
}

// close stops answering and lets everything go. The worker must have ended. It is idempotent.
func (n *node) close() error {
	var errs []error
	if n.service != nil {
		errs = append(errs, n.service.Close())
	}
	if n.worker != nil {
		errs = append(errs, n.worker.Close())
	}
	return errors.Join(append(errs, n.log.Close())...)
}
