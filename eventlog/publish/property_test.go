package publish_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

// TestAggregateOrder publishes events of random aggregates, in two runs that overlap, in batches of random size: every
// event is stored once, those of one aggregate in their order, and every batch is whole.
func TestAggregateOrder(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	stream, err := s.js.Stream(t.Context(), "EVENTS")
	if err != nil {
		t.Fatal(err)
	}
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		if err := stream.Purge(t.Context()); err != nil {
			rt.Fatal(err)
		}
		order := rapid.SliceOfN(rapid.IntRange(0, 4), 1, 60).Draw(rt, "aggregates")
		list := make([]publish.Event, len(order))
		numbers := make(map[int]int)
		for i, a := range order {
			aggregate := fmt.Sprintf("%d-%d", run, a)
			list[i] = publish.Event{
				Subject: "event." + aggregate, Aggregate: aggregate, ID: fmt.Sprintf("%d-%d", run, i), Body: fmt.Append(nil, numbers[a]),
			}
			numbers[a]++
		}
		first := rapid.IntRange(0, len(list)).Draw(rt, "first run")
		for _, part := range [][]publish.Event{list[:first], list} {
			size := rapid.SampledFrom([]int{0, 2, 3, 7, 100}).Draw(rt, "batch")
			report, err := s.publisher(t, inBatches(size)).Publish(t.Context(), publish.Events(part...))
			if err != nil || report.Stored != len(part) || report.Accepted+report.Duplicates != uint64(len(part)) {
				rt.Fatalf("Publish: %+v, %v", report, err)
			}
		}
		requireOrdered(t, s.stored(t), len(list), len(numbers))
		s.groups(t)
	})
}

// TestSmallerServerLimit publishes batches that are larger than what the server is configured to take.
func TestSmallerServerLimit(t *testing.T) {
	ns, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
		JetStreamLimits: server.JSLimitOpts{MaxBatchSize: 30},
	})
	if err != nil {
		t.Fatal(err)
	}
	go ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	s := connectAtomic(t, ns.ClientURL())
	report, err := s.publisher(t, inBatches(100)).Publish(t.Context(), publish.Events(numbered(250, 7)...))
	want := publish.Report{Accepted: 250, Batches: 10, Stored: 250, Stream: "EVENTS", Last: 250}
	if err != nil || report != want {
		t.Fatalf("Publish: %+v, %v, want %+v", report, err, want)
	}
	requireOrdered(t, s.stored(t), 250, 7)
	requireGroups(t, s, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25)
}
