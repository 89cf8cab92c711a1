package natslog_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/eventlogtest"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
)

// collect reads a bounded range to its end.
func collect(t testing.TB, l eventlog.Log, from, to eventlog.Seq) []eventlog.Record {
	t.Helper()
	c, err := l.Read(t.Context(), from, to)
	if err != nil {
		t.Fatalf("Read(%s, %s): %v", from, to, err)
	}
	defer c.Close()
	var out []eventlog.Record
	for {
		b, err := c.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		out = append(out, b.Records...)
	}
}

// TestLargeMessages reads more bytes than a cursor may hold, in messages of nearly the largest size.
func TestLargeMessages(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	var want []eventlog.Record
	for i := range 12 {
		body := bytes.Repeat([]byte{byte(i)}, 900<<10)
		want = append(want, s.append(t, "large", nil, body), s.append(t, "small", nil, []byte("{}")))
	}
	l := s.open(t, func(cfg *natslog.Config) { cfg.MaxBytes = 3 << 20 })
	eventlogtest.RequireEqual(t, collect(t, l, 1, eventlog.Seq(len(want))), want)
}

// TestLargeHeaders reads headers of nearly 64 KiB, the most that the server stores.
func TestLargeHeaders(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	var want []eventlog.Record
	for i := range 5 {
		header := eventlog.Header{}
		for j := range 60 {
			header[fmt.Sprintf("Header-%d", j)] = []string{strings.Repeat(string(rune('a'+i)), 1000)}
		}
		want = append(want, s.append(t, "headers", header, []byte("{}")))
	}
	l := s.open(t, nil)
	eventlogtest.RequireEqual(t, collect(t, l, 1, 5), want)
	got, err := l.Seek(t.Context(), 3)
	if err != nil {
		t.Fatalf("Seek: %v", err)
	}
	eventlogtest.RequireEqual(t, []eventlog.Record{got}, want[2:3])
}

// TestServerHeadersOfItsOwn reads a message that was stored with the headers which a direct get adds.
func TestServerHeadersOfItsOwn(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	header := eventlog.Header{
		"Nats-Stream": {"OTHER"}, "Nats-Subject": {"other.x"}, "Nats-Sequence": {"77"},
		"Nats-Time-Stamp": {"2001-02-03T04:05:06Z", "2002-02-03T04:05:06Z"}, "Nats-Last-Sequence": {"76"},
	}
	msg := &nats.Msg{Subject: s.prefix + "republished", Header: nats.Header(header), Data: []byte("{}")}
	if _, err := s.js.PublishMsg(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	want := s.stock(t, 1, 1)
	want[0].Header = header
	l := s.open(t, nil)
	got, err := l.Seek(t.Context(), 1)
	if err != nil {
		t.Fatalf("Seek: %v", err)
	}
	eventlogtest.RequireEqual(t, []eventlog.Record{got}, want)
	eventlogtest.RequireEqual(t, collect(t, l, 1, 1), want)
}

// TestSlowReader lets the server fill a cursor whose reader takes nothing, and looks at how much it was sent.
func TestSlowReader(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	const n = 5000
	s.publish(t, n)
	l := s.open(t, func(cfg *natslog.Config) { cfg.Batch = 400 })
	c, err := l.Read(t.Context(), 1, 0)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	defer c.Close()
	name, started := s.consumers(t)[0], time.Now()
	delivered := func() uint64 {
		consumer, err := s.handle(t).Consumer(t.Context(), name)
		if err != nil {
			t.Fatalf("consumer: %v", err)
		}
		return consumer.CachedInfo().Delivered.Consumer
	}
	for delivered() < 800 { // two requests of 400: everything that may wait
		if time.Since(started) > outagePatience {
			t.Fatalf("the server sent %d messages, want 800", delivered())
		}
	}
	for range 20 {
		if got := delivered(); got != 800 {
			t.Fatalf("the server sent %d messages to a reader that took none, want 800", got)
		}
	}
	var got []eventlog.Record
	for len(got) < n {
		b, err := c.Next(t.Context())
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		if len(b.Records) > 1200 {
			t.Fatalf("a batch of %d, though at most 800 may wait and 400 be on their way", len(b.Records))
		}
		got = append(got, b.Records...)
	}
	eventlogtest.RequireEqual(t, got, s.stock(t, 1, n))
}

// TestTrap08HolesEverywhere stops and reopens at every batch of a stream full of holes.
func TestTrap08HolesEverywhere(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	s.publish(t, 200)
	random := rand.New(rand.NewPCG(1, 2))
	held := make([]bool, 201)
	for seq := eventlog.Seq(2); seq <= 200; seq++ {
		held[seq] = random.IntN(3) == 0
		if !held[seq] {
			s.delete(t, seq)
		}
	}
	l := s.open(t, nil)
	for from := eventlog.Seq(1); from <= 200; from += 9 {
		to := from + eventlog.Seq(random.IntN(60))
		var got, want []eventlog.Seq
		for _, r := range collect(t, l, from, to) {
			got = append(got, r.Seq)
		}
		for seq := from; seq <= min(to, 200); seq++ {
			if held[seq] || seq == 1 {
				want = append(want, seq)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("Read(%s, %s) = %v, want %v", from, to, got, want)
		}
	}
}
