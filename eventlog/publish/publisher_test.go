package publish_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/eventlogtest"
	"github.com/thecowboyai/cim-projector/eventlog/filelog"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

func TestMain(m *testing.M) {
	embeddedtest.ServeIfAsked()
	os.Exit(m.Run())
}

// target is a server with the stream EVENTS.
type target struct {
	nc *nats.Conn
	js jetstream.JetStream
}

func connect(t *testing.T, url string) *target {
	t.Helper()
	return connectWith(t, url, jetstream.StreamConfig{AllowDirect: true})
}

// connectAtomic is connect with a stream that takes atomic batches.
func connectAtomic(t *testing.T, url string) *target {
	t.Helper()
	return connectWith(t, url, jetstream.StreamConfig{AllowDirect: true, AllowAtomicPublish: true})
}

func connectWith(t *testing.T, url string, cfg jetstream.StreamConfig) *target {
	t.Helper()
	nc := embeddedtest.Connect(t, url, nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Name, cfg.Subjects = "EVENTS", []string{"event.>"}
	if _, err := js.CreateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	return &target{nc: nc, js: js}
}

// reconnect is a connection to a server that has the stream.
func reconnect(t *testing.T, url string) *target {
	t.Helper()
	nc := embeddedtest.Connect(t, url)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return &target{nc: nc, js: js}
}

func (s *target) publisher(t *testing.T, edit func(*publish.Config)) *publish.Publisher {
	t.Helper()
	cfg := publish.Config{Conn: s.nc, Stream: "EVENTS"}
	if edit != nil {
		edit(&cfg)
	}
	p, err := publish.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// stored reads the whole stream.
func (s *target) stored(t *testing.T) []eventlog.Record {
	t.Helper()
	l, err := natslog.Open(t.Context(), natslog.Config{Conn: s.nc, Stream: "EVENTS"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Bounds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Read(t.Context(), b.First, b.Last+1)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var out []eventlog.Record
	for {
		batch, err := c.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, batch.Records...)
	}
}

// events is a source from memory. read is called with the line of each event as it is given out.
type events struct {
	list []publish.Event
	read func(line int)
	next int
}

func (e *events) Next(ctx context.Context) (publish.Event, error) {
	if ctx.Err() != nil {
		return publish.Event{}, ctx.Err()
	}
	if e.next == len(e.list) {
		return publish.Event{}, io.EOF
	}
	e.next++
	if e.read != nil {
		e.read(e.next)
	}
	return e.list[e.next-1], nil
}

// numbered makes n events of some aggregates; each body is its aggregate and its number there.
func numbered(n, aggregates int) []publish.Event {
	out := make([]publish.Event, n)
	for i := range out {
		aggregate := fmt.Sprintf("a%d", i%aggregates)
		out[i] = publish.Event{
			Line: i + 1, Subject: "event.graph." + aggregate, ID: fmt.Sprintf("id-%d", i), Aggregate: aggregate,
			Body: fmt.Appendf(nil, "%d", i/aggregates),
		}
	}
	return out
}

// requireOrdered fails where the stream does not hold every event once, and those of an aggregate in order.
func requireOrdered(t *testing.T, records []eventlog.Record, n, aggregates int) {
	t.Helper()
	if len(records) != n {
		t.Fatalf("the stream holds %d events, want %d", len(records), n)
	}
	next := make(map[string]int)
	for _, r := range records {
		if want := fmt.Sprint(next[r.Subject]); string(r.Body) != want {
			t.Fatalf("%s holds event %s of %s, want %s", r.Seq, r.Body, r.Subject, want)
		}
		next[r.Subject]++
	}
	if len(next) != aggregates {
		t.Fatalf("the stream holds %d aggregates, want %d", len(next), aggregates)
	}
}

func TestPublish(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	const n, aggregates = 3000, 7
	for round, want := range []publish.Report{
		{Accepted: n, Stored: n, Stream: "EVENTS", Last: n},
		{Duplicates: n, Stored: n, Stream: "EVENTS", Last: n},
	} {
		got, err := s.publisher(t, nil).Publish(t.Context(), &events{list: numbered(n, aggregates)})
		if err != nil {
			t.Fatalf("Publish: %v", err)
		}
		if got != want {
			t.Errorf("round %d: report %+v, want %+v", round, got, want)
		}
		requireOrdered(t, s.stored(t), n, aggregates)
	}
}

// TestOrderWithoutAggregate publishes events that name none: they keep the order of the source.
func TestOrderWithoutAggregate(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	list := numbered(500, 1)
	for i := range list {
		list[i].Aggregate, list[i].ID = "", ""
	}
	if _, err := s.publisher(t, nil).Publish(t.Context(), &events{list: list}); err != nil {
		t.Fatalf("Publish: %v", err)
	}
	requireOrdered(t, s.stored(t), 500, 1)
}

// TestHeaders publishes headers as they are, and an id only where none is given.
func TestHeaders(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	list := []publish.Event{
		{Line: 1, Subject: "event.a", ID: "from-event", Header: eventlog.Header{"Nats-Msg-Id": {"from-header"}, "X": {"1", "2"}}},
		{Line: 2, Subject: "event.b", ID: "from-event", Header: eventlog.Header{"X": {"3"}}},
		{Line: 3, Subject: "event.c"},
	}
	if _, err := s.publisher(t, nil).Publish(t.Context(), &events{list: list}); err != nil {
		t.Fatalf("Publish: %v", err)
	}
	got := s.stored(t)
	want := slices.Clone(got)
	want[0].Header = eventlog.Header{"Nats-Msg-Id": {"from-header"}, "X": {"1", "2"}}
	want[1].Header = eventlog.Header{"Nats-Msg-Id": {"from-event"}, "X": {"3"}}
	want[2].Header = nil
	eventlogtest.RequireEqual(t, got, want)
	if list[1].Header["Nats-Msg-Id"] != nil {
		t.Error("the caller's header was changed")
	}
}

// TestFailedEvent publishes one event that cannot be stored: its aggregate stops there, and it is named.
func TestFailedEvent(t *testing.T) {
	tests := []struct {
		name string
		edit func(*publish.Event)
		want error
	}{
		{"expectation that fails", func(e *publish.Event) {
			e.Header = eventlog.Header{"Nats-Expected-Last-Sequence": {"99999"}}
		}, nil},
		{"body over the limit", func(e *publish.Event) { e.Body = make([]byte, 2<<20) }, nats.ErrMaxPayload},
		{"subject with a wildcard", func(e *publish.Event) { e.Subject = "event.graph.*" }, nil},
		{"subject of no stream", func(e *publish.Event) { e.Subject = "elsewhere" }, publish.ErrNoStream},
		{"header with a line break", func(e *publish.Event) { e.Header = eventlog.Header{"X": {"a\nb"}} }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := connect(t, embeddedtest.Start(t).URL())
			list := numbered(300, 3)
			test.edit(&list[100]) // aggregate a1
			p := s.publisher(t, func(cfg *publish.Config) { cfg.Attempts = 2 })
			report, err := p.Publish(t.Context(), &events{list: list})
			failed, ok := errors.AsType[*publish.Error](err)
			if !ok || failed.Line != 101 || failed.Stored != 100 || report.Stored != 100 ||
				test.want != nil && !errors.Is(err, test.want) {
				t.Fatalf("Publish: %v (report %+v), want line 101 refused and 100 stored", err, report)
			}
			got := s.stored(t)
			if uint64(len(got)) != report.Accepted || len(got) < 100 || len(got) >= 300 {
				t.Errorf("the stream holds %d events, report %+v", len(got), report)
			}
			for _, r := range got {
				if r.Subject == "event.graph.a1" && len(r.Body) == 2 && string(r.Body) > "33" {
					t.Errorf("event %s of a1 was stored, though 33 failed", r.Body)
				}
			}
		})
	}
}

func TestOtherStream(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	p := s.publisher(t, func(cfg *publish.Config) { cfg.Stream = "OTHER" })
	_, err := p.Publish(t.Context(), &events{list: numbered(1, 1)})
	if !errors.Is(err, publish.ErrOtherStream) {
		t.Errorf("Publish: %v, want ErrOtherStream", err)
	}
}

// TestBoundedInFlight publishes to a subject where nothing answers: the source is not read further than the limit.
func TestBoundedInFlight(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	mute, err := s.nc.SubscribeSync("mute.>")
	if err != nil {
		t.Fatal(err)
	}
	list := numbered(100, 50)
	for i := range list {
		list[i].Subject = "mute.x"
	}
	read := 0
	p := s.publisher(t, func(cfg *publish.Config) { cfg.InFlight, cfg.Attempts, cfg.AckTimeout = 10, 1, 50*time.Millisecond })
	report, err := p.Publish(t.Context(), &events{list: list, read: func(line int) { read = line }})
	if failed, ok := errors.AsType[*publish.Error](err); !ok || failed.Line != 1 || !errors.Is(err, publish.ErrNoAck) {
		t.Errorf("Publish: %v, want line 1 without acknowledgement", err)
	}
	if report != (publish.Report{}) {
		t.Errorf("report %+v, want nothing stored", report)
	}
	if read > 11 { // ten, and one that the reader has ready
		t.Errorf("%d events were read, though ten may be on their way", read)
	}
	if n, _, err := mute.Pending(); err != nil || n > 10 {
		t.Errorf("%d events were sent, %v, though ten may be on their way", n, err)
	}
}

// TestSentAgainOnlyWithID publishes to a subject where nothing answers: an event that may have been stored is sent again
// where its id lets the server drop it, and only there.
func TestSentAgainOnlyWithID(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	for id, want := range map[string]int{"": 1, "id": 3} {
		mute, err := s.nc.SubscribeSync("mute")
		if err != nil {
			t.Fatal(err)
		}
		p := s.publisher(t, func(cfg *publish.Config) { cfg.Attempts, cfg.AckTimeout = 3, 20*time.Millisecond })
		source := &events{list: []publish.Event{{Line: 1, Subject: "mute", ID: id}}}
		if _, err := p.Publish(t.Context(), source); !errors.Is(err, publish.ErrNoAck) {
			t.Errorf("Publish with id %q: %v, want ErrNoAck", id, err)
		}
		if got, _, err := mute.Pending(); err != nil || got != want {
			t.Errorf("an event with id %q was sent %d times, %v, want %d", id, got, err, want)
		}
		if err := mute.Unsubscribe(); err != nil {
			t.Error(err)
		}
	}
}

// TestKilledServer kills the server twice while events are on their way.
func TestKilledServer(t *testing.T) {
	server := embeddedtest.StartProcess(t)
	s := connect(t, server.URL())
	const n, aggregates = 6000, 11
	source := &events{list: numbered(n, aggregates), read: func(line int) {
		if line == n/3 || line == 2*n/3 {
			server.Kill()
			server.Restart(t)
		}
	}}
	p := s.publisher(t, func(cfg *publish.Config) { cfg.AckTimeout, cfg.Attempts = 300*time.Millisecond, 50 })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	report, err := p.Publish(ctx, source)
	if err != nil {
		t.Fatalf("Publish: %v", err)
	}
	if report.Accepted+report.Duplicates != n || report.Stored != n {
		t.Errorf("report %+v, want %d events", report, n)
	}
	requireOrdered(t, s.stored(t), n, aggregates)
}

func TestContextEnds(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	source := &events{list: numbered(1000, 3), read: func(line int) {
		if line == 500 {
			cancel()
		}
	}}
	if _, err := s.publisher(t, nil).Publish(ctx, source); !errors.Is(err, context.Canceled) {
		t.Errorf("Publish: %v, want context.Canceled", err)
	}
	goleak.VerifyNone(t, before)
}

func TestValidateReportsEverything(t *testing.T) {
	_, err := publish.New(publish.Config{InFlight: -1})
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 2 {
		t.Errorf("New = %v, want two problems", err)
	}
}

// TestLines publishes JSON Lines, with a line that cannot be read in the middle.
func TestLines(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	in := strings.Join([]string{
		`{"event_type":"graph.graph_created","aggregate_type":"Graph","event_id":"e1","aggregate_id":"g","payload":{}}`,
		``,
		`{"subject":"event.graph.node_created","message":{"event_type":"node_created","event_id":"e2","aggregate_id":"g","payload":1}}`,
		`{"oops"`,
		`{"subject":"event.graph.never","message":1}`,
	}, "\n")
	report, err := s.publisher(t, nil).Publish(t.Context(), publish.NewReader("in", strings.NewReader(in), 0))
	failed, ok := errors.AsType[*publish.InputError](err)
	if bad, isLine := errors.AsType[*filelog.LineError](err); !ok || failed.Stored != 3 || !isLine || bad.Line != 4 {
		t.Fatalf("Publish: %v, want line 4 refused and 3 stored", err)
	}
	if report.Accepted != 2 || report.Stored != 3 {
		t.Errorf("report %+v, want two events up to line 3", report)
	}
	got := s.stored(t)
	if len(got) != 2 || got[0].Subject != "event.graph.graph_created" || got[0].Header.Get("Nats-Msg-Id") != "e1" ||
		got[1].Header.Get("Nats-Msg-Id") != "e2" {
		t.Errorf("the stream holds %v", got)
	}
}
