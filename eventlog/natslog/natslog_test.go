package natslog_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/eventlogtest"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
)

func TestMain(m *testing.M) {
	embeddedtest.ServeIfAsked()
	os.Exit(m.Run())
}

// streams makes streams of one server, each with subjects of its own.
type streams struct {
	url string
	nc  *nats.Conn
	js  jetstream.JetStream
	n   int
}

func newStreams(t *testing.T, url string) *streams {
	t.Helper()
	nc := embeddedtest.Connect(t, url, nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond))
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return &streams{url: url, nc: nc, js: js}
}

// stream is a stream and the tools to fill and to hurt it.
type stream struct {
	*streams
	name   string
	prefix string // what its subjects begin with
	cfg    jetstream.StreamConfig
}

// create makes a stream of the next name. Every subject below its prefix is its own.
func (s *streams) create(t testing.TB, edit func(*jetstream.StreamConfig)) *stream {
	t.Helper()
	s.n++
	out := &stream{streams: s, name: fmt.Sprintf("S%d", s.n)}
	out.prefix = fmt.Sprintf("s%d.", s.n)
	out.cfg = jetstream.StreamConfig{
		Name: out.name, Subjects: []string{out.prefix + ">"}, AllowDirect: true, Storage: jetstream.FileStorage,
	}
	if edit != nil {
		edit(&out.cfg)
	}
	out.make(t)
	return out
}

func (s *stream) make(t testing.TB) {
	t.Helper()
	embeddedtest.CreateStream(t, s.js, s.cfg)
}

func (s *stream) handle(t testing.TB) jetstream.Stream {
	t.Helper()
	out, err := s.js.Stream(context.WithoutCancel(t.Context()), s.name)
	if err != nil {
		t.Fatalf("stream %s: %v", s.name, err)
	}
	return out
}

// open opens a log on the stream until the test ends.
func (s *stream) open(t testing.TB, edit func(*natslog.Config)) *natslog.Log {
	t.Helper()
	cfg := natslog.Config{URL: s.url, Stream: s.name, Worker: "w", Heartbeat: 500 * time.Millisecond}
	if edit != nil {
		edit(&cfg)
	}
	l, err := natslog.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("Log.Close: %v", err)
		}
	})
	return l
}

// append stores one message and returns it as stored.
func (s *stream) append(t testing.TB, subject string, header eventlog.Header, body []byte) eventlog.Record {
	t.Helper()
	msg := &nats.Msg{Subject: s.prefix + subject, Header: nats.Header(header), Data: body}
	ack, err := s.js.PublishMsg(t.Context(), msg)
	if err != nil {
		t.Errorf("publish to %s: %v", subject, err)
		return eventlog.Record{}
	}
	return s.stored(t, ack.Sequence, header, body)
}

// stored returns a record as the server has it, but with what was published.
func (s *stream) stored(t testing.TB, seq uint64, header eventlog.Header, body []byte) eventlog.Record {
	t.Helper()
	raw, err := s.handle(t).GetMsg(t.Context(), seq)
	if err != nil {
		t.Errorf("get %d: %v", seq, err)
		return eventlog.Record{}
	}
	return eventlog.Record{
		Seq: eventlog.Seq(seq), Time: eventlog.Moment(raw.Time), Subject: raw.Subject, Header: header, Body: body,
	}
}

// publish stores n small messages and waits for all acknowledgements.
func (s *stream) publish(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		_, err := s.js.PublishAsync(fmt.Sprintf("%st%d", s.prefix, i%7), fmt.Appendf(nil, `{"n":%d}`, i),
			jetstream.WithStallWait(10*time.Second))
		if err != nil {
			t.Fatalf("publish: %v", err)
		}
	}
	select {
	case <-s.js.PublishAsyncComplete():
	case <-time.After(20 * time.Second):
		t.Fatal("publish: no acknowledgements")
	}
}

// fill stores n small messages and returns them as stored, by way of the client's own consumer.
func (s *stream) fill(t testing.TB, n int) []eventlog.Record {
	t.Helper()
	before := s.handle(t).CachedInfo().State.LastSeq
	s.publish(t, n)
	return s.stock(t, before+1, n)
}

// stock reads n messages with the client's own consumer.
func (s *stream) stock(t testing.TB, from uint64, n int) []eventlog.Record {
	t.Helper()
	ctx := t.Context()
	consumer, err := s.js.OrderedConsumer(ctx, s.name, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from,
	})
	if err != nil {
		t.Fatalf("ordered consumer: %v", err)
	}
	it, err := consumer.Messages(jetstream.PullMaxMessages(5000))
	if err != nil {
		t.Fatalf("messages: %v", err)
	}
	defer it.Stop()
	out := make([]eventlog.Record, 0, n)
	for len(out) < n {
		msg, err := it.Next()
		if err != nil {
			t.Fatalf("next: %v", err)
		}
		meta, err := msg.Metadata()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, eventlog.Record{
			Seq: eventlog.Seq(meta.Sequence.Stream), Time: eventlog.Moment(meta.Timestamp), Subject: msg.Subject(),
			Header: eventlog.Header(msg.Headers()), Body: msg.Data(),
		})
	}
	return out
}

func (s *stream) delete(t testing.TB, seq eventlog.Seq) {
	t.Helper()
	if err := s.handle(t).DeleteMsg(t.Context(), uint64(seq)); err != nil {
		t.Errorf("delete %s: %v", seq, err)
	}
}

func (s *stream) gap(t testing.TB, n int) {
	t.Helper()
	for range n {
		ack, err := s.js.Publish(t.Context(), s.prefix+"gap", nil)
		if err != nil {
			t.Fatalf("publish: %v", err)
		}
		s.delete(t, eventlog.Seq(ack.Sequence))
	}
}

// consumers returns the names of the stream's consumers.
func (s *stream) consumers(t testing.TB) []string {
	t.Helper()
	var out []string
	list := s.handle(t).ConsumerNames(context.WithoutCancel(t.Context()))
	for name := range list.Name() {
		out = append(out, name)
	}
	if err := list.Err(); err != nil {
		t.Fatalf("consumer names: %v", err)
	}
	return out
}

func (s *stream) deleteConsumers(t testing.TB) {
	t.Helper()
	for _, name := range s.consumers(t) {
		if err := s.js.DeleteConsumer(t.Context(), s.name, name); err != nil {
			t.Errorf("delete consumer %s: %v", name, err)
		}
	}
}

func (s *stream) recreate(t testing.TB) {
	t.Helper()
	if err := s.js.DeleteStream(t.Context(), s.name); err != nil {
		t.Errorf("delete stream: %v", err)
	}
	s.make(t)
}

func (s *stream) dropBefore(t testing.TB, first eventlog.Seq) {
	t.Helper()
	if err := s.handle(t).Purge(t.Context(), jetstream.WithPurgeSequence(uint64(first))); err != nil {
		t.Errorf("purge: %v", err)
	}
}

func (s *stream) fixture(l *natslog.Log) eventlogtest.Fixture {
	return eventlogtest.Fixture{
		Log: l, Append: s.append, Fill: s.fill, Gap: s.gap, Delete: s.delete, DropBefore: s.dropBefore,
		Interrupt: s.deleteConsumers, Recreate: s.recreate,
	}
}

func TestLog(t *testing.T) {
	all := newStreams(t, embeddedtest.Start(t).URL())
	eventlogtest.TestLog(t, func(t *testing.T) eventlogtest.Fixture {
		s := all.create(t, nil)
		return s.fixture(s.open(t, nil))
	})
}

func TestLogWithoutDirectGet(t *testing.T) {
	all := newStreams(t, embeddedtest.Start(t).URL())
	eventlogtest.TestLog(t, func(t *testing.T) eventlogtest.Fixture {
		s := all.create(t, func(cfg *jetstream.StreamConfig) { cfg.AllowDirect = false })
		return s.fixture(s.open(t, func(cfg *natslog.Config) {
			cfg.URL, cfg.Conn = "", s.nc
			cfg.Batch, cfg.MaxBytes = 100, 1 // many small requests
		}))
	})
}

func TestLogInDomain(t *testing.T) {
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Port: embedded.FreePort, Domain: "hub"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	all := newStreams(t, server.URL())
	s := all.create(t, nil)
	records := s.fill(t, 10)
	l := s.open(t, func(cfg *natslog.Config) { cfg.Domain = "hub" })
	eventlogtest.RequireEqual(t, collect(t, l, 1, 10), records)
}
