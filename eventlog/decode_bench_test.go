package eventlog_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

const documentBody = `{"event_id":"d0c50000-0000-0000-0000-000000000002","event_type":"node_created","aggregate_id":"graph-123",` +
	`"aggregate_type":"Graph","sequence":2,"timestamp":{"secs_since_epoch":1737626400,"nanos_since_epoch":500000000},` +
	`"correlation_id":"00000000-0000-0000-0000-0000000000c0","causation_id":null,"actor":"user-123",` +
	`"payload":{"components":[{"Metadata":{"importance":0.9}}],"conceptual_point":null,"graph_id":"graph-123",` +
	`"metadata":{"rank":0},"node_id":"node-a","node_type":{"Concept":{"category":"AI/ML","name":"Neural Networks"}},` +
	`"position":{"x":0.0,"y":-1.5,"z":0.0}},"metadata":{}}`

// BenchmarkDecodeDocument is the hot path: the document's envelope, as every producer of ours writes it.
func BenchmarkDecodeDocument(b *testing.B) {
	r := eventlog.Record{
		Seq: 2, Time: 1, Subject: "event.graph.node_created", Body: []byte(documentBody),
		Header: eventlog.Header{"Nats-Msg-Id": {"d0c50000-0000-0000-0000-000000000002"}},
	}
	b.SetBytes(int64(len(r.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := eventlog.Decode(&r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeProducers takes one message of every producer after the other.
func BenchmarkDecodeProducers(b *testing.B) {
	cases := envelopeCases(b)
	records := make([]*eventlog.Record, 0, len(cases))
	for i := range cases {
		if cases[i].Refused == nil {
			records = append(records, cases[i].record())
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := eventlog.Decode(records[i%len(records)]); err != nil {
			b.Fatal(err)
		}
	}
}
