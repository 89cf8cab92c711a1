package publish_test

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

// An application stores what it decided as one atomic batch, provided that nobody has stored anything since it read.
func ExamplePublisher_Publish() {
	store := func(ctx context.Context, conn *nats.Conn, read eventlog.Seq) error {
		p, err := publish.New(publish.Config{Conn: conn, Stream: "EVENTS", AtomicBatch: 100, ExpectLast: &read})
		if err != nil {
			return err
		}
		report, err := p.Publish(ctx, publish.Events(
			publish.Event{Subject: "event.graph.graph_created", ID: "e1", Aggregate: "g", Body: []byte(`{"name":"roads"}`)},
			publish.Event{Subject: "event.graph.node_added", ID: "e2", Aggregate: "g", Body: []byte(`{"node":"n1"}`)},
		))
		if err != nil {
			return err // a *publish.ConflictError inside it says where the stream is
		}
		fmt.Println(report.Accepted, "events in", report.Batches, "batch; the last is", uint64(report.Last))
		return nil
	}
	withStream(store)
	// Output: 2 events in 1 batch; the last is 2
}

// Envelopes that are made one after the other are published as they come.
func ExamplePublisher_PublishSeq() {
	store := func(ctx context.Context, conn *nats.Conn, _ eventlog.Seq) error {
		p, err := publish.New(publish.Config{Conn: conn})
		if err != nil {
			return err
		}
		report, err := p.PublishSeq(ctx, func(yield func(publish.Event, error) bool) {
			for i := range 3 {
				envelope := fmt.Sprintf(`{"event_type":"node_created","aggregate_type":"Graph","event_id":"e%d",`+
					`"aggregate_id":"g","payload":{"node_id":"n%d"}}`, i, i)
				if !yield(publish.FromEnvelope([]byte(envelope))) {
					return
				}
			}
		})
		fmt.Println(report.Accepted, "events up to number", report.Stored)
		return err
	}
	withStream(store)
	// Output: 3 events up to number 3
}
