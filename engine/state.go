package engine

import (
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// State is what a projection is doing.
type State string

// The states of a projection.
const (
	Starting    State = "starting"     // looking at the stream and at what is stored
	CatchingUp  State = "catching_up"  // applying history
	Live        State = "live"         // applying events as they come
	Idle        State = "idle"         // everything is applied, and nothing has come for a while
	Paused      State = "paused"       // stopped by a person until resumed
	Rebuilding  State = "rebuilding"   // a new generation is being made
	Diverged    State = "diverged"     // the stream is not the history that was projected
	Failed      State = "failed"       // stopped by a fault, which the reason names
	WaitingNATS State = "waiting_nats" // the stream cannot be reached
	WaitingDisk State = "waiting_disk" // nothing can be stored
	Stalled     State = "stalled"      // events are waiting, and none was applied for a while
)

// stopped tells whether a projection in this state moves on by itself.
func (s State) stopped() bool { return s == Paused || s == Diverged || s == Failed }

const (
	idleAfter  = 5 * time.Second
	stallAfter = 30 * time.Second
	rateOver   = 10 * time.Second
)

// entry is what the board shows of one projection.
type entry struct {
	state     State
	reason    string
	since     time.Time
	lastError string
	committed eventlog.Seq
	pending   uint64    // events known to be waiting behind the last applied one
	open      bool      // the last record delivered belongs to an atomic batch that is not complete
	moved     time.Time // of the last commit
	rate      rate
}

// board is what the worker knows of its projections, for status and for those who wait. It is safe for concurrent use.
type board struct {
	observer *Observer

	mu      sync.Mutex // protects the fields below
	entries map[string]*entry
	changed chan struct{} // closed and replaced at each change
}

func newBoard(o *Observer) *board {
	return &board{observer: o, entries: map[string]*entry{}, changed: make(chan struct{})}
}

func (b *board) add(name string, at eventlog.Seq) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.entries[name] = &entry{state: Starting, since: now, moved: now, committed: at}
}

// place puts a projection at another position, which may be lower.
func (b *board) place(name string, at eventlog.Seq) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[name]
	e.committed, e.moved, e.pending, e.open, e.lastError = at, time.Now(), 0, false, ""
	b.wake()
}

// set gives projections another state. err is kept as the last error when it is not nil.
func (b *board) set(names []string, s State, reason string, err error) {
	for _, name := range b.change(names, s, reason, err) {
		b.observer.stateChanged(name, s, reason)
	}
}

func (b *board) change(names []string, s State, reason string, err error) (changed []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range names {
		e := b.entries[name]
		if err != nil {
			e.lastError = err.Error()
		}
		if e.state == s && e.reason == reason {
			continue
		}
		if e.state != s {
			e.since = time.Now()
		}
		e.state, e.reason = s, reason
		changed = append(changed, name)
	}
	if len(changed) > 0 {
		b.wake()
	}
	return changed
}

// moved takes a commit in.
func (b *board) moved(names []string, to eventlog.Seq, records int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	for _, name := range names {
		e := b.entries[name]
		e.committed, e.moved = to, now
		e.rate.add(now, records)
	}
	b.wake()
}

// waiting takes in how many events are known to be behind the last applied one.
func (b *board) waiting(names []string, pending uint64, open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range names {
		b.entries[name].pending, b.entries[name].open = pending, open
	}
}

// wake tells those who wait to look again. b.mu must be held.
func (b *board) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// look returns a projection's entry as it is now, and a channel that closes at the next change.
func (b *board) look(name string) (entry, bool, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.entries[name]
	if !ok {
		return entry{}, false, b.changed
	}
	return *e, true, b.changed
}

// shown is the state with what only time tells: a live projection that has had nothing to do is idle, one that has and does
// nothing is stalled.
func (e *entry) shown(now time.Time, lag uint64) State {
	switch quiet := now.Sub(e.moved); {
	case e.state == Live && lag == 0 && quiet >= idleAfter:
		return Idle
	case (e.state == Live || e.state == CatchingUp) && lag > 0 && quiet >= stallAfter && now.Sub(e.since) >= stallAfter:
		return Stalled
	}
	return e.state
}

// rate is events a second over the last seconds, kept as one count for each of them.
type rate struct {
	counts [rateOver / time.Second]int
	second int64
}

func (r *rate) add(now time.Time, n int) {
	r.turn(now)
	r.counts[r.second%int64(len(r.counts))] += n
}

func (r *rate) turn(now time.Time) {
	for s := now.Unix(); r.second < s; {
		r.second = max(r.second+1, s-int64(len(r.counts)))
		r.counts[r.second%int64(len(r.counts))] = 0
	}
}

// perSecond is the mean over the window.
func (r *rate) perSecond(now time.Time) float64 {
	r.turn(now)
	sum := 0
	for _, n := range r.counts {
		sum += n
	}
	return float64(sum) / float64(len(r.counts))
}
