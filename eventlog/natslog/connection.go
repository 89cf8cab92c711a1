package natslog

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// reconnectWait is how long the client waits between two attempts to reach a server again. Readers back off themselves.
const reconnectWait = 250 * time.Millisecond

// connect opens the log's own connection. It ends early when ctx does.
func (l *Log) connect(ctx context.Context) (*nats.Conn, error) {
	dial := &dialer{ctx: ctx}
	options := []nats.Option{
		nats.Name("natslog " + l.cfg.Worker),
		nats.Timeout(l.cfg.RequestTimeout),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.SetCustomDialer(dial),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { l.denials.report(err) }),
		nats.ReconnectHandler(func(*nats.Conn) { l.denials.forget() }),
	}
	nc, err := nats.Connect(l.cfg.URL, append(options, l.cfg.Options...)...)
	dial.connected()
	if err != nil {
		return nil, fmt.Errorf("natslog: connect to %s: %w", l.cfg.URL, l.classify(ctx, err))
	}
	return nc, nil
}

// dialer binds the first attempt to connect to a context: dialing as well as the handshake.
type dialer struct {
	mu   sync.Mutex      // guards what follows
	ctx  context.Context // nil once connected
	stop []func() bool
}

// Dial connects to one address.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	d.mu.Lock()
	ctx := d.ctx
	d.mu.Unlock()
	plain := net.Dialer{Timeout: nats.DefaultTimeout}
	if ctx == nil {
		return plain.Dial(network, address)
	}
	conn, err := plain.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	// The error of closing is of no use: whoever reads from the connection gets one.
	d.stop = append(d.stop, context.AfterFunc(ctx, func() { _ = conn.Close() }))
	return conn, nil
}

// connected gives later attempts free of the context.
func (d *dialer) connected() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ctx = nil
	for _, stop := range d.stop {
		stop()
	}
}

// denials passes on what the server does not allow. It reports that to the connection, not to the request, which would
// only time out.
type denials struct {
	mu      sync.Mutex // guards what follows
	inbox   error      // why no answer can be received; nil = it can
	waiting map[*waiter]struct{}
}

// waiter is a request, or a cursor, that a denial of its subject ends.
type waiter struct {
	subject string
	end     func(error)
}

var deniedSubject = regexp.MustCompile(`(Publish|Subscription) to "([^"]+)"`)

// report takes an error from the client's error handler.
func (d *denials) report(err error) {
	denied := deniedSubject.FindStringSubmatch(err.Error())
	if denied == nil {
		return
	}
	cause := &PermissionError{Denied: denied[0], err: err}
	d.mu.Lock()
	defer d.mu.Unlock()
	all := denied[1] == "Subscription"
	if all {
		d.inbox = cause
	}
	for w := range d.waiting {
		if all || w.subject == denied[2] {
			w.end(cause)
		}
	}
}

// forget drops what an earlier connection was not allowed.
func (d *denials) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inbox = nil
}

// watch calls end, from another goroutine and perhaps several times, when subject or the inbox is denied. end must not
// wait. The function returned ends the watch.
func (d *denials) watch(subject string, end func(error)) func() {
	w := &waiter{subject: subject, end: end}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inbox != nil {
		end(d.inbox)
	}
	if d.waiting == nil {
		d.waiting = make(map[*waiter]struct{})
	}
	d.waiting[w] = struct{}{}
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.waiting, w)
	}
}
