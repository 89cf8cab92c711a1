package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// How progress is shown: not at all where catching up takes only moments; then as a bar, or as lines.
const (
	quietFor  = time.Second
	barEvery  = 150 * time.Millisecond
	lineEvery = 3 * time.Second
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
	select {
	case <-ctx.Done():
		return
	case <-p.ended:
		return
	case <-time.After(quietFor):
	}
	if p.screen.terminal {
		p.bar(ctx)
	} else {
		p.lines(ctx)
	}
	if n, of := p.done(); n == of {
		fmt.Fprintf(p.screen, "caught up: %s in %s\n", plural(of, "event"), secondsText(time.Since(p.begun).Seconds()))
	}
}

func (p *progress) lines(ctx context.Context) {
	tick := time.NewTicker(lineEvery)
	defer tick.Stop()
	for {
		n, of := p.done()
		rate := int64(float64(n) / time.Since(p.begun).Seconds())
		fmt.Fprintf(p.screen, "catching up: %s of %s (%d %%), %s a second\n", grouped(n), plural(of, "event"), n*100/of, grouped(rate))
		select {
		case <-ctx.Done():
			return
		case <-p.ended:
			return
		case <-tick.C:
		}
	}
}

func (p *progress) bar(ctx context.Context) {
	_, of := p.done()
	shown := mpb.New(mpb.WithOutput(p.screen.to), mpb.WithWidth(40))
	bar := shown.AddBar(of, mpb.BarRemoveOnComplete(), mpb.PrependDecorators(decor.Name("catching up "), decor.CountersNoUnit("%d / %d")),
		mpb.AppendDecorators(decor.Percentage(), decor.AverageETA(decor.ET_STYLE_GO, decor.WC{W: 8})))
	p.screen.show(shown)
	tick := time.NewTicker(barEvery)
	defer tick.Stop()
	for going := true; going; {
		n, _ := p.done()
		bar.SetCurrent(n)
		select {
		case <-ctx.Done():
			going = false
		case <-p.ended:
			going = false
		case <-tick.C:
		}
	}
	bar.Abort(true)
	p.screen.show(nil)
	shown.Wait()
}
