package natslog

import (
	"strconv"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// intake is what one consumer has delivered and the reader has not taken. The client library's goroutine fills it, the
// reader empties it.
type intake struct {
	stream   string
	consumer string
	send     func(pull) error // asks the server for more
	wake     chan struct{}    // holds one token while there may be something to take

	mu      sync.Mutex // guards what follows
	window  window
	full    []chunk      // the oldest first
	chunk   chunk        // being filled
	size    int          // of the next chunk
	held    int          // messages in full and chunk
	bytes   int          // bytes in full and chunk
	number  uint64       // of the last delivery
	last    eventlog.Seq // of the last delivery
	pending uint64       // behind the last delivery
	quiet   quiet
	signs   uint64 // how often the server was heard of
	err     error  // why the cursor is lost
}

// chunk is what the reader takes at once. A slice that grew with all that is held would be copied again and again.
type chunk struct {
	records []eventlog.Record
	bytes   int
}

// A chunk is made for twice the records of the one before, within these limits.
const (
	minChunk = 16
	maxChunk = 512
)

// quiet is a claim of the server that its consumer has nothing more to deliver.
type quiet struct {
	claimed bool
	passed  eventlog.Seq // as far as the consumer has looked; 0 where that was not said
}

// taken is what the reader gets at once.
type taken struct {
	records []eventlog.Record
	pending uint64
	quiet   quiet
	err     error
}

// handle takes one message off the wire. It runs in the subscription's goroutine.
func (in *intake) handle(msg *nats.Msg) {
	in.mu.Lock()
	in.signs++
	switch {
	case in.err != nil:
	case msg.Reply != "":
		in.err = in.deliver(msg)
	default:
		in.err = in.status(msg)
	}
	p, ask := in.shortfall()
	ready := in.err != nil || len(in.full) > 0
	in.mu.Unlock()
	in.ask(p, ask)
	if ready || isLast(msg.Sub) {
		in.signal()
	}
}

// isLast tells whether the message being handled is the last one received so far. Waking the reader for each of many
// would cost more than reading them.
func isLast(sub *nats.Subscription) bool {
	if sub == nil {
		return true
	}
	queued, _, err := sub.Pending() // the one being handled is counted
	return err != nil || queued <= 1
}

// signal wakes the reader.
func (in *intake) signal() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// deliver takes a stored message; mu must be held.
func (in *intake) deliver(msg *nats.Msg) error {
	d, ok := parseDelivery(msg.Reply)
	switch {
	case !ok || d.consumer != in.consumer || d.stream != in.stream:
		return errForeign
	case d.number != in.number+1 || eventlog.Seq(d.sequence) <= in.last:
		return errGap
	}
	size := msg.Size()
	in.window.received(size)
	in.number, in.last, in.pending = d.number, eventlog.Seq(d.sequence), d.pending
	in.quiet = quiet{claimed: d.pending == 0}
	r := eventlog.Record{Seq: in.last, Time: eventlog.Time(d.time), Subject: msg.Subject, Body: msg.Data}
	if len(msg.Header) > 0 {
		r.Header = eventlog.Header(msg.Header)
	}
	in.hold(r, size)
	return nil
}

// hold puts a record behind those that wait for the reader; mu must be held.
func (in *intake) hold(r eventlog.Record, size int) {
	if in.chunk.records == nil {
		in.chunk.records = make([]eventlog.Record, 0, max(in.size, minChunk))
	}
	in.chunk.records = append(in.chunk.records, r)
	in.chunk.bytes += size
	in.held++
	in.bytes += size
	if len(in.chunk.records) == maxChunk {
		in.full, in.chunk, in.size = append(in.full, in.chunk), chunk{}, maxChunk
	}
}

// status takes a message of the server's own; mu must be held. A request that ends in the ordinary way says what is left
// of it. Everything else is the end of the consumer, or of our trust in it.
func (in *intake) status(msg *nats.Msg) error {
	code := msg.Header.Get("Status")
	if code == "100" {
		return in.beat(msg)
	}
	messages, err := strconv.Atoi(msg.Header.Get("Nats-Pending-Messages"))
	bytes, errBytes := strconv.Atoi(msg.Header.Get("Nats-Pending-Bytes"))
	if err != nil || errBytes != nil || code != "408" && code != "409" {
		return &statusError{code: code, text: msg.Header.Get("Description")}
	}
	in.window.ended(max(messages, 0), max(bytes, 0), code == "409")
	return nil
}

// beat takes a heartbeat; mu must be held. It says which delivery was the last one, and how far the consumer has looked.
func (in *intake) beat(msg *nats.Msg) error {
	number, err := strconv.ParseUint(msg.Header.Get("Nats-Last-Consumer"), 10, 64)
	passed, errPassed := strconv.ParseUint(msg.Header.Get("Nats-Last-Stream"), 10, 64)
	switch {
	case err != nil || errPassed != nil:
		return nil // an older server: a sign of life and no more
	case number != in.number:
		return errGap
	}
	in.quiet = quiet{claimed: true, passed: eventlog.Seq(passed)}
	return nil
}

// take gives the reader the oldest chunk, and asks the server for more where there is room now.
func (in *intake) take() taken {
	in.mu.Lock()
	c := in.chunk
	if len(in.full) > 0 {
		c, in.full = in.full[0], in.full[1:]
	} else if len(c.records) > 0 {
		in.chunk, in.size = chunk{}, min(maxChunk, max(minChunk, 2*len(c.records)))
	}
	in.held -= len(c.records)
	in.bytes -= c.bytes
	t := taken{records: c.records, pending: in.pending + uint64(in.held), err: in.err}
	if in.held == 0 {
		t.quiet, in.quiet = in.quiet, quiet{}
	}
	p, ask := in.shortfall()
	in.mu.Unlock()
	in.ask(p, ask)
	return t
}

// start asks the server for the first messages. pending is how many the new consumer says that it has.
func (in *intake) start(pending uint64) {
	in.mu.Lock()
	in.pending, in.quiet = pending, quiet{claimed: pending == 0}
	in.mu.Unlock()
	for range 2 {
		in.mu.Lock()
		p, ask := in.shortfall()
		in.mu.Unlock()
		in.ask(p, ask)
	}
}

// shortfall returns the request to send, if there is one; mu must be held.
func (in *intake) shortfall() (pull, bool) {
	if in.err != nil {
		return pull{}, false
	}
	return in.window.next(in.held, in.bytes)
}

// ask sends a request.
func (in *intake) ask(p pull, ask bool) {
	if !ask {
		return
	}
	if err := in.send(p); err != nil {
		in.fail(err)
	}
}

// fail ends the intake for a reason from outside.
func (in *intake) fail(err error) {
	in.mu.Lock()
	if in.err == nil {
		in.err = err
	}
	in.mu.Unlock()
	in.signal()
}

// signals returns how often the server was heard of, and whether it has a request to send heartbeats for.
func (in *intake) signals() (uint64, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.signs, in.window.asked > 0
}

// requiet puts back a claim that came with records: once the reader has those, it is to be looked at.
func (in *intake) requiet(q quiet) {
	if !q.claimed {
		return
	}
	in.mu.Lock()
	if in.held == 0 && !in.quiet.claimed {
		in.quiet = q
	}
	in.mu.Unlock()
	in.signal()
}
