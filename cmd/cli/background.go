package cli

import (
	"context"
	"errors"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// background is a worker that runs beside what the command does.
type background struct {
	*node

	cancel context.CancelFunc
	ended  chan error
}

// startBackground opens a worker and lets it run until stop is called.
func startBackground(ctx context.Context, at *site, c engine.Config) (*background, error) {
	b := &background{ended: make(chan error, 1)}
	var err error
	if b.node, err = openNode(ctx, at, c, nil); err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(ctx)
	b.cancel = cancel
	go func() { b.ended <- b.worker.Run(running) }()
	return b, nil
}

// waitFor waits until every projection holds an event.
func (b *background) waitFor(ctx context.Context, seq eventlog.Seq) error {
	for _, name := range b.names {
		if err := b.worker.WaitFor(ctx, name, seq); err != nil {
			return err
		}
	}
	return nil
}

// seen returns how many messages the first projection has folded, counted in the transactions that folded them.
func (b *background) seen() (uint64, error) {
	v, err := b.worker.View(b.names[0])
	if err != nil {
		return 0, err
	}
	defer v.Close()
	n := v.Counts().Seen()
	return n, v.Err()
}

// stop lets the worker commit what it applied, and closes everything. It is idempotent.
func (b *background) stop() error {
	if b.cancel == nil {
		return nil
	}
	b.cancel()
	b.cancel = nil
	return errors.Join(<-b.ended, b.close())
}
