package natslog

import (
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// intake is what one consumer has delivered and the reader has not taken. The client library's goroutine fills it, the
// reader empties it.
type intake struct {
	stream    string
	consumer  string
	heartbeat time.Duration
	send      func(pull) error // asks the server for more
	wake      chan struct{}    // holds one token while there may be something to take

	mu      sync.Mutex // guards what follows
	window  window
	records []eventlog.Record
	bytes   int
	number  uint64       // of the last delivery
	last    eventlog.Seq // of the last delivery
	pending uint64       // behind the last delivery
	quiet   quiet
	heard   time.Time // when the server gave the last sign
	err     error     // why the cursor is lost
}

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
	in.heard = time.Now()
	switch {
	case in.err != nil:
	case msg.Reply != "":
		in.err = in.deliver(msg)
	default:
		in.err = in.status(msg)
	}
	p, ask := in.shortfall()
	in.mu.Unlock()
	in.ask(p, ask)
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
	in.records = append(in.records, r)
	in.bytes += size
	return nil
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

// take empties the intake, and asks the server for more where there is room now.
func (in *intake) take() taken {
	in.mu.Lock()
	t := taken{records: in.records, pending: in.pending, quiet: in.quiet, err: in.err}
	if n := len(in.records); n > 0 {
		in.records = make([]eventlog.Record, 0, n)
	}
	in.bytes, in.quiet = 0, quiet{}
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
	p, ok := in.window.next(len(in.records), in.bytes)
	if ok {
		in.heard = time.Now() // the server's next heartbeat counts from here
	}
	return p, ok
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
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// silence returns how long the server may still keep silent before its heartbeats count as lost. While no request waits
// at the server it has nothing to say, and the answer is a heartbeat.
func (in *intake) silence() time.Duration {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.window.asked <= 0 {
		return in.heartbeat
	}
	return time.Until(in.heard.Add(2*in.heartbeat + in.heartbeat/2))
}

// requiet puts back a claim that came with records: once the reader has those, it is to be looked at.
func (in *intake) requiet(q quiet) {
	if !q.claimed {
		return
	}
	in.mu.Lock()
	if len(in.records) == 0 && !in.quiet.claimed {
		in.quiet = q
	}
	in.mu.Unlock()
	select {
	case in.wake <- struct{}{}:
	default:
	}
}
