package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// progress shows how far catching up with the stream has come. What it learns comes from the worker's observer.
type progress struct {
	screen *screen
	to     eventlog.Seq // the end of the stream at the start
	begun  time.Time

	mu    sync.Mutex // protects the fields below
	from  eventlog.Seq
	at    map[string]eventlog.Seq // of the projections that move
	ended chan struct{}           // closed when all of them have caught up
}

// begin takes the positions that are committed, and the end of the stream. It is called before the worker runs.
func (p *progress) begin(s *screen, at map[string]eventlog.Seq, to eventlog.Seq) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.screen, p.to, p.begun, p.at, p.ended = s, to, time.Now(), at, make(chan struct{})
	p.from = p.position()
	p.check()
}

// observe makes the worker's observer tell the progress.
func (p *progress) observe(o *engine.Observer) {
	o.Committed = func(c engine.Commit) { p.moved(c.Projections, c.To) }
	o.CaughtUp = p.moved
	o.StateChanged = func(name string, state engine.State, _ string) {
		switch state {
		case engine.Paused, engine.Failed, engine.Diverged:
			p.forget(name)
		}
	}
}

func (p *progress) moved(names []string, to eventlog.Seq) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range names {
		if _, moving := p.at[name]; moving {
			p.at[name] = to
		}
	}
	p.check()
}

// forget leaves out a projection that does not move.
func (p *progress) forget(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.at, name)
	p.check()
}

// check ends the progress when all have caught up. p.mu must be held.
func (p *progress) check() {
	if p.position() < p.to {
		return
	}
	select {
	case <-p.ended:
	default:
		close(p.ended)
	}
}

// position is where the last of the projections stands. p.mu must be held.
func (p *progress) position() eventlog.Seq {
	low := p.to
	for _, at := range p.at {
		low = min(low, at)
	}
	return low
}

// done returns how many events were taken of how many.
func (p *progress) done() (n, of int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int64(p.position() - p.from), int64(p.to - p.from)
}

// run shows the progress until everything is caught up with or ctx ends.
func (p *progress) run(ctx context.Context) {
	m := &meter{screen: p.screen, what: "catching up", unit: "event", done: p.done, ended: p.ended}
	if !m.run(ctx) {
		return
	}
	if n, of := p.done(); n == of {
		fmt.Fprintf(p.screen, "caught up with %s in %s\n", plural(of, "event"), secondsText(time.Since(p.begun).Seconds()))
	}
}
