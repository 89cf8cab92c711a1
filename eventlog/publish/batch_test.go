package publish_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

// groups reads the whole stream and returns how many records each group has. A batch that is not whole fails the test.
func (s *target) groups(t *testing.T) []int {
	t.Helper()
	var sizes []int
	var assembler eventlog.Assembler
	for _, r := range s.stored(t) {
		err := assembler.Add(r, func(g eventlog.Group) error {
			if g.Broken {
				return fmt.Errorf("the batch that ends at %s is broken", g.Last())
			}
			sizes = append(sizes, len(g.Records))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seq, open := assembler.Open(); open {
		t.Fatalf("the batch that begins at %s is not whole", seq)
	}
	return sizes
}

// inBatches edits a configuration to batches of n.
func inBatches(n int) func(*publish.Config) {
	return func(cfg *publish.Config) { cfg.AtomicBatch = n }
}

// requireGroups fails where the stream's groups have other sizes.
func requireGroups(t *testing.T, s *target, want ...int) {
	t.Helper()
	if got := s.groups(t); !slices.Equal(got, want) {
		t.Errorf("the groups hold %d records, want %d", got, want)
	}
}

func TestAtomicBatches(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	const n, aggregates = 2501, 7
	report, err := s.publisher(t, inBatches(1000)).Publish(t.Context(), publish.Events(numbered(n, aggregates)...))
	want := publish.Report{Accepted: n, Batches: 3, Stored: n, Stream: "EVENTS", Last: n}
	if err != nil || report != want {
		t.Fatalf("Publish: %+v, %v, want %+v", report, err, want)
	}
	requireOrdered(t, s.stored(t), n, aggregates)
	requireGroups(t, s, 1000, 1000, 501)
	for i, r := range s.stored(t) {
		if got, want := r.Header.Get("Nats-Msg-Id"), fmt.Sprintf("id-%d", i); got != want {
			t.Fatalf("%s has the id %q, want %q", r.Seq, got, want)
		}
	}
}

// TestBatchEndsBetweenAggregates publishes batches of four: one does not end within the events of an aggregate, unless it
// holds only those.
func TestBatchEndsBetweenAggregates(t *testing.T) {
	for order, want := range map[string][]int{
		"aabbbc":    {2, 4},
		"aaaaaab":   {4, 3},
		"abcdefgh":  {4, 4},
		"aaabbbccc": {3, 3, 3},
		"------":    {4, 2}, // of no aggregate
		"aaaab":     {4, 1},
	} {
		s := connectAtomic(t, embeddedtest.Start(t).URL())
		var list []publish.Event
		for i, name := range order {
			e := publish.Event{Subject: "event.x", ID: fmt.Sprint(i), Aggregate: strings.Trim(string(name), "-")}
			list = append(list, e)
		}
		if _, err := s.publisher(t, inBatches(4)).Publish(t.Context(), publish.Events(list...)); err != nil {
			t.Fatal(err)
		}
		if got := s.groups(t); !slices.Equal(got, want) {
			t.Errorf("%s: the groups hold %d records, want %d", order, got, want)
		}
	}
}

// TestBatchBytes publishes events that only three at a time are within the limit in bytes, and one that is over it.
func TestBatchBytes(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	list := numbered(8, 8)
	for i := range list {
		list[i].Body = make([]byte, 1000)
	}
	list[6].Body = make([]byte, 5000)
	p := s.publisher(t, func(cfg *publish.Config) { cfg.AtomicBatch, cfg.MaxBytes = 100, 3500 })
	if _, err := p.Publish(t.Context(), publish.Events(list...)); err != nil {
		t.Fatal(err)
	}
	requireGroups(t, s, 3, 3, 1, 1)
}

// TestAtomicDisabled publishes a batch to a stream that takes none.
func TestAtomicDisabled(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	report, err := s.publisher(t, inBatches(10)).Publish(t.Context(), publish.Events(numbered(20, 3)...))
	failed, ok := errors.AsType[*publish.Error](err)
	if !ok || !errors.Is(err, publish.ErrAtomicDisabled) || failed.Line != 1 || failed.Through != 10 {
		t.Errorf("Publish: %v, want ErrAtomicDisabled for lines 1 to 10", err)
	}
	if report != (publish.Report{}) || len(s.stored(t)) != 0 {
		t.Errorf("report %+v, want nothing stored", report)
	}
}

// TestRecordedBatchHeaders publishes events that were part of a batch elsewhere: here they are none.
func TestRecordedBatchHeaders(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	r := eventlog.Record{Subject: "event.a", Header: eventlog.Header{
		"Nats-Batch-Id": {"b"}, "Nats-Batch-Sequence": {"2"}, "Nats-Batch-Commit": {"1"}, "Nats-Msg-Id": {"m"},
	}}
	if _, err := s.publisher(t, nil).Publish(t.Context(), publish.Events(publish.FromRecord(&r))); err != nil {
		t.Fatal(err)
	}
	got := s.stored(t)
	if len(got) != 1 || len(got[0].Header) != 1 || got[0].Header.Get("Nats-Msg-Id") != "m" {
		t.Errorf("the stream holds %v, want one event with nothing but its id", got)
	}
}

// TestFallback publishes batches with events that are stored already, or that occur twice.
func TestFallback(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	list := numbered(40, 4)
	if _, err := s.publisher(t, nil).Publish(t.Context(), publish.Events(list[13])); err != nil {
		t.Fatal(err)
	}
	// Event 14 is moved to the end of its aggregate, so that what is stored already is in order.
	list[13].Aggregate = "alone"
	list[35] = list[31]
	list[35].Line = 36
	var fallbacks []publish.Fallback
	p := s.publisher(t, func(cfg *publish.Config) {
		cfg.AtomicBatch = 10
		cfg.OnFallback = func(f publish.Fallback) { fallbacks = append(fallbacks, f) }
	})
	report, err := p.Publish(t.Context(), publish.Events(list...))
	want := publish.Report{
		Accepted: 38, Duplicates: 2, Batches: 2, Fallbacks: 2, Stored: 40, Stream: "EVENTS", Last: 39,
	}
	if err != nil || report != want {
		t.Errorf("Publish: %+v, %v, want %+v", report, err, want)
	}
	if got, want := fmt.Sprint(fallbacks), "[{11 20 [14]} {31 40 [36]}]"; got != want {
		t.Errorf("fallbacks %s, want %s", got, want)
	}
	requireGroups(t, s, slices.Concat([]int{1, 10}, slices.Repeat([]int{1}, 9), []int{10}, slices.Repeat([]int{1}, 9))...)
}

// TestRepeatedBatches publishes everything twice: nothing is stored again.
func TestRepeatedBatches(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	for _, want := range []publish.Report{
		{Accepted: 50, Batches: 5, Stored: 50, Stream: "EVENTS", Last: 50},
		{Duplicates: 50, Fallbacks: 5, Stored: 50, Stream: "EVENTS", Last: 50},
	} {
		report, err := s.publisher(t, inBatches(10)).Publish(t.Context(), publish.Events(numbered(50, 3)...))
		if err != nil || report != want {
			t.Errorf("Publish: %+v, %v, want %+v", report, err, want)
		}
	}
	requireOrdered(t, s.stored(t), 50, 3)
}

// TestBadEventInBatch publishes an event that cannot be sent: what is before it is stored, whole, and it is named.
func TestBadEventInBatch(t *testing.T) {
	for name, edit := range map[string]func(*publish.Event){
		"body over the limit": func(e *publish.Event) { e.Body = make([]byte, 1<<20) },
		"wildcard":            func(e *publish.Event) { e.Subject = "event.*" },
	} {
		for _, bad := range []int{0, 1, 24} {
			s := connectAtomic(t, embeddedtest.Start(t).URL())
			list := numbered(30, 30)
			edit(&list[bad])
			report, err := s.publisher(t, inBatches(10)).Publish(t.Context(), publish.Events(list...))
			failed, ok := errors.AsType[*publish.Error](err)
			if !ok || failed.Line != bad+1 || failed.Stored != bad || report.Stored != bad || failed.Through != 0 {
				t.Errorf("%s: %v, report %+v, want line %d refused", name, err, report, bad+1)
			}
			if got := len(s.stored(t)); got != bad {
				t.Errorf("%s: %d events are stored, want %d", name, got, bad)
			}
			s.groups(t)
		}
	}
}

// TestRefusedBatch publishes a batch that the server refuses for one of its events: nothing of it is stored.
func TestRefusedBatch(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	list := numbered(30, 30)
	list[14].Header = eventlog.Header{"Nats-Expected-Last-Subject-Sequence": {"99"}}
	report, err := s.publisher(t, inBatches(10)).Publish(t.Context(), publish.Events(list...))
	failed, ok := errors.AsType[*publish.Error](err)
	if !ok || failed.Line != 11 || failed.Through != 20 || failed.Stored != 10 || report.Stored != 10 {
		t.Errorf("Publish: %v, report %+v, want lines 11 to 20 refused", err, report)
	}
	requireGroups(t, s, 10)
}

// TestBatchOfTwoStreams publishes a batch whose events lead to two streams: neither stores anything of it.
func TestBatchOfTwoStreams(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	cfg := jetstream.StreamConfig{Name: "OTHER", Subjects: []string{"other.>"}, AllowAtomicPublish: true}
	if _, err := s.js.CreateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	list := numbered(10, 10)
	list[5].Subject = "other.x"
	p := s.publisher(t, func(cfg *publish.Config) { cfg.AtomicBatch, cfg.Attempts = 10, 2 })
	report, err := p.Publish(t.Context(), publish.Events(list...))
	if !errors.Is(err, publish.ErrIncomplete) || report != (publish.Report{Retries: 1}) {
		t.Errorf("Publish: %v, report %+v, want ErrIncomplete", err, report)
	}
	requireGroups(t, s)
}

// TestOlderServer publishes a batch to what answers as servers do that know no batches: it stores its first event only.
func TestOlderServer(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	answered := make(chan struct{}, 10)
	_, err := s.nc.Subscribe("old", func(m *nats.Msg) {
		if err := m.Respond([]byte(`{"stream":"OLD","seq":1}`)); err != nil {
			t.Error(err)
		}
		answered <- struct{}{}
	})
	if err != nil {
		t.Fatal(err)
	}
	list := []publish.Event{{Subject: "old", ID: "a"}, {Subject: "old", ID: "b"}}
	if _, err := s.publisher(t, inBatches(10)).Publish(t.Context(), publish.Events(list...)); !errors.Is(err, publish.ErrNotAtomic) {
		t.Errorf("Publish: %v, want ErrNotAtomic", err)
	}
	if err := s.nc.Flush(); err != nil || len(answered) != 1 {
		t.Errorf("%d events were sent, %v, want one", len(answered), err)
	}
}

// TestOtherAcknowledgement publishes a batch to what acknowledges another batch, or fewer events: that is no success.
func TestOtherAcknowledgement(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	for _, format := range []string{
		`{"stream":"EVENTS","seq":2,"batch":"%s","count":1}`, `{"stream":"EVENTS","seq":2,"batch":"other-%s","count":2}`,
	} {
		sub, err := s.nc.Subscribe("odd", func(m *nats.Msg) {
			var answer []byte
			if m.Header.Get("Nats-Batch-Commit") != "" {
				answer = fmt.Appendf(nil, format, m.Header.Get("Nats-Batch-Id"))
			}
			if err := m.Respond(answer); err != nil {
				t.Error(err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		list := []publish.Event{{Subject: "odd", ID: "a"}, {Subject: "odd", ID: "b"}}
		report, err := s.publisher(t, inBatches(10)).Publish(t.Context(), publish.Events(list...))
		if _, ok := errors.AsType[*publish.Error](err); !ok || report != (publish.Report{}) {
			t.Errorf("Publish with the answer %s: %+v, %v, want an error", format, report, err)
		}
		if err := sub.Unsubscribe(); err != nil {
			t.Error(err)
		}
	}
}

func TestValidateBatches(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	for _, cfg := range []publish.Config{{AtomicBatch: -1}, {AtomicBatch: publish.MaxAtomicBatch + 1}, {SkipThrough: -1}} {
		cfg.Conn = s.nc
		if _, err := publish.New(cfg); err == nil {
			t.Errorf("New accepts AtomicBatch %d and SkipThrough %d", cfg.AtomicBatch, cfg.SkipThrough)
		}
	}
}
