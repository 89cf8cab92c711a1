package natslog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog/embedded"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
)

// benchMessages is how many messages of about 300 B the benchmark's stream holds.
const benchMessages = 500_000

// BenchmarkRead reads the whole stream over TCP from a server in this process: through a cursor, and with the client
// library's own Consume. Compare within one run only.
func BenchmarkRead(b *testing.B) {
	server, err := embedded.Start(b.Context(), embedded.Config{Dir: b.TempDir(), Port: embedded.FreePort})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := server.Close(); err != nil {
			b.Error(err)
		}
	})
	nc := embeddedtest.Connect(b, server.URL())
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	s := (&streams{url: server.URL(), nc: nc, js: js}).create(b, nil)
	fillBench(b, s)
	l := s.open(b, func(cfg *natslog.Config) { cfg.Heartbeat = 0 })
	for round := range 2 { // interleaved, so that a noisy moment does not hit one side only
		b.Run(fmt.Sprintf("cursor/%d", round), func(b *testing.B) { perMessage(b, func() { readCursor(b, l) }) })
		b.Run(fmt.Sprintf("consume-5000/%d", round), func(b *testing.B) { perMessage(b, func() { readConsume(b, s) }) })
	}
}

func fillBench(b *testing.B, s *stream) {
	b.Helper()
	body := []byte(`{"event_type":"node_moved","pad":"` + strings.Repeat("x", 260) + `"}`)
	for i := range benchMessages {
		if err := s.nc.Publish(fmt.Sprintf("%sa%d", s.prefix, i%10_000), body); err != nil {
			b.Fatal(err)
		}
		if i%1000 == 999 { // without acknowledgements the server drops what it cannot take at once
			if _, err := s.js.Publish(b.Context(), s.prefix+"sync", body); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// perMessage reports the rate of whole reads.
func perMessage(b *testing.B, read func()) {
	b.ReportAllocs()
	rounds := 0
	for b.Loop() {
		read()
		rounds++
	}
	b.ReportMetric(float64(rounds)*benchMessages/b.Elapsed().Seconds(), "msgs/s")
}

func readCursor(b *testing.B, l *natslog.Log) {
	c, err := l.Read(b.Context(), 1, 0)
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; n < benchMessages; {
		batch, err := c.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		n += len(batch.Records)
	}
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
}

func readConsume(b *testing.B, s *stream) {
	consumer, err := s.js.CreateConsumer(b.Context(), s.name, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	n := 0
	consuming, err := consumer.Consume(func(jetstream.Msg) {
		if n++; n == benchMessages {
			close(done)
		}
	}, jetstream.PullMaxMessages(5000))
	if err != nil {
		b.Fatal(err)
	}
	<-done
	consuming.Stop()
	<-consuming.Closed()
	if err := s.js.DeleteConsumer(b.Context(), s.name, consumer.CachedInfo().Name); err != nil {
		b.Fatal(err)
	}
}
