package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// How progress is shown: not at all where it takes only moments; then as a bar on a terminal, and as lines elsewhere.
const (
	quietFor  = time.Second
	barEvery  = 150 * time.Millisecond
	lineEvery = 3 * time.Second
)

// meter shows how far something has come.
type meter struct {
	screen *screen
	what   string               // such as "catching up"
	unit   string               // one of what is counted; "" where nothing is
	done   func() (n, of int64) // of = 0 where nobody knows
	ended  <-chan struct{}      // closed at the end
	begun  time.Time
}

// showing shows progress on standard error until stop is called, which waits until nothing is shown any more.
func (a *app) showing(ctx context.Context, what, unit string, done func() (n, of int64)) (stop func()) {
	ended, shown := make(chan struct{}), make(chan struct{})
	m := &meter{screen: newScreen(a.Stderr), what: what, unit: unit, ended: ended, done: done}
	go func() {
		defer close(shown)
		m.run(ctx)
	}()
	return func() {
		close(ended)
		<-shown
	}
}

// run shows the progress until it ends or ctx does, and tells whether anything was shown.
func (m *meter) run(ctx context.Context) bool {
	m.begun = time.Now()
	quiet := time.NewTimer(quietFor)
	defer quiet.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-m.ended:
		return false
	case <-quiet.C:
	}
	if _, of := m.done(); m.screen.terminal && of > 0 {
		m.bar(ctx, of)
	} else {
		m.lines(ctx)
	}
	return true
}

func (m *meter) lines(ctx context.Context) {
	for going := true; going; going = m.wait(ctx, lineEvery) {
		fmt.Fprintln(m.screen, m.line(m.done()))
	}
}

func (m *meter) line(n, of int64) string {
	if m.unit == "" {
		return fmt.Sprintf("%s: %s so far", m.what, secondsText(time.Since(m.begun).Seconds()))
	}
	rate := grouped(int64(float64(n) / time.Since(m.begun).Seconds()))
	if of == 0 {
		return fmt.Sprintf("%s: %s, %s a second", m.what, plural(n, m.unit), rate)
	}
	return fmt.Sprintf("%s: %s of %s (%d %%), %s a second", m.what, grouped(n), plural(of, m.unit), n*100/of, rate)
}

func (m *meter) bar(ctx context.Context, of int64) {
	shown := mpb.New(mpb.WithOutput(m.screen.to), mpb.WithWidth(40))
	bar := shown.AddBar(of, mpb.PrependDecorators(decor.Name(m.what+" "), decor.CountersNoUnit("%d / %d "+m.unit+"s")),
		mpb.AppendDecorators(decor.Percentage(), decor.AverageETA(decor.ET_STYLE_GO, decor.WC{W: 8})))
	m.screen.show(shown)
	for going := true; going; going = m.wait(ctx, barEvery) {
		n, _ := m.done()
		bar.SetCurrent(n)
	}
	bar.Abort(true)
	m.screen.show(nil)
	shown.Wait()
}

// wait waits until it is time to look again, and tells whether there is reason to.
func (m *meter) wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-m.ended:
		return false
	case <-t.C:
		return true
	}
}
