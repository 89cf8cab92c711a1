package engine_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	bolt "go.etcd.io/bbolt"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/graphmodel"
)

var (
	benchEvents = flag.Int("events", 100_000, "events in the workloads of the benchmarks; the yardstick is 1,000,000")
	benchRounds = flag.Int("rounds", 3, "rounds of each contestant; the median counts")
)

// The shape of workload A: updates of a hot set.
const (
	graphsA = 97
	nodesA  = 10_000
)

// workloadA returns the i-th event of workload A, of about 300 bytes: first each node is created, then they are updated
// over and over.
func workloadA(i int) (subject string, body []byte) {
	node := i % nodesA * 7919 % nodesA
	graph := node % graphsA
	if i < nodesA {
		return "event.graph.node_created", fmt.Appendf(nil, `{"event_id":"e-%d","event_type":"node_created","aggregate_id":"g-%d",`+
			`"aggregate_type":"Graph","sequence":%d,"timestamp":{"secs_since_epoch":1737626400,"nanos_since_epoch":5},"correlation_id":null,`+
			`"causation_id":null,"actor":"bench","payload":{"graph_id":"g-%d","node_id":"n-%d","node_type":{"Concept":{"name":"n"}},`+
			`"position":{"x":0.0,"y":0.0,"z":0.0},"components":[],"metadata":{"rank":1}},"metadata":{}}`, i, graph, i, graph, node)
	}
	return "event.graph.node_updated", fmt.Appendf(nil, `{"event_id":"e-%d","event_type":"node_updated","aggregate_id":"g-%d",`+
		`"aggregate_type":"Graph","sequence":%d,"timestamp":{"secs_since_epoch":1737626400,"nanos_since_epoch":5},"correlation_id":null,`+
		`"causation_id":null,"actor":"bench","payload":{"graph_id":"g-%d","node_id":"n-%d",`+
		`"changes":{"position":{"x":%d.5,"y":2.0,"z":3.0},"metadata":{"rank":%d}}},"metadata":{}}`, i, graph, i, graph, node, i%1000, i)
}

// BenchmarkWorkloadA catches up with workload A in turn by the worker and by a plain loop: fetch, encoding/json, one synced
// transaction for every 1,000 events that puts each entity and the checkpoint. It reports medians, and their ratio.
//
//	go test ./engine -run '^$' -bench WorkloadA -benchtime 1x -events 1000000
func BenchmarkWorkloadA(b *testing.B) {
	server := embeddedtest.Start(b)
	last := publishWorkload(b, server.URL(), workloadA, *benchEvents)
	for b.Loop() {
		var worker, plain, raw []float64
		for range *benchRounds {
			raw = append(raw, rawRead(b, server.URL(), last))
			worker = append(worker, catchUp(b, server.URL(), last))
			plain = append(plain, plainLoop(b, server.URL(), last))
		}
		b.ReportMetric(median(raw), "raw_ev/s")
		b.ReportMetric(median(worker), "worker_ev/s")
		b.ReportMetric(median(plain), "plain_ev/s")
		b.ReportMetric(median(worker)/median(plain), "worker/plain")
		b.ReportMetric(median(worker)/median(raw), "worker/raw")
		b.ReportMetric(0, "ns/op")
	}
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func publishWorkload(b *testing.B, url string, next func(int) (string, []byte), n int) eventlog.Seq {
	nc := embeddedtest.Connect(b, url)
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	_, err = js.CreateStream(b.Context(), jetstream.StreamConfig{Name: streamName, Subjects: []string{"event.>"}, AllowDirect: true})
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		subject, body := next(i)
		if _, err := js.PublishAsync(subject, body); err != nil {
			b.Fatal(err)
		}
	}
	<-js.PublishAsyncComplete()
	s, err := js.Stream(b.Context(), streamName)
	if err != nil {
		b.Fatal(err)
	}
	if got := s.CachedInfo().State.Msgs; got != uint64(n) {
		b.Fatalf("%d events are stored, want %d", got, n)
	}
	return eventlog.Seq(n)
}

func benchLog(b *testing.B, url string) *natslog.Log {
	log, err := natslog.Open(b.Context(), natslog.Config{URL: url, Stream: streamName})
	if err != nil {
		b.Fatal(err)
	}
	return log
}

// rawRead reads everything and throws it away, and returns events a second.
func rawRead(b *testing.B, url string, last eventlog.Seq) float64 {
	log := benchLog(b, url)
	defer log.Close()
	begun := time.Now()
	cursor, err := log.Read(b.Context(), 1, last)
	if err != nil {
		b.Fatal(err)
	}
	defer cursor.Close()
	for through := eventlog.Seq(0); through < last; {
		batch, err := cursor.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		through = batch.Through
	}
	return float64(last) / time.Since(begun).Seconds()
}

// catchUp projects everything into an empty data directory and returns events a second, after it looked that every event is
// there.
func catchUp(b *testing.B, url string, last eventlog.Seq) float64 {
	log := benchLog(b, url)
	defer log.Close()
	begun := time.Now()
	w, err := engine.Open(engine.Config{Data: b.TempDir(), Log: log, Projections: []projection.Projection{graphmodel.New()}})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	if err := w.WaitFor(ctx, "graph", last); err != nil {
		b.Fatal(err)
	}
	rate := float64(last) / time.Since(begun).Seconds()
	v, err := w.View("graph")
	if err != nil {
		b.Fatal(err)
	}
	if got := v.Counts(); got.Applied != uint64(last) {
		b.Fatalf("counts %+v, want %d applied", got, last)
	}
	v.Close()
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return rate
}

// plainLoop is what one writes in an afternoon.
func plainLoop(b *testing.B, url string, last eventlog.Seq) float64 {
	begun := time.Now()
	nc := embeddedtest.Connect(b, url)
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	consumer, err := js.CreateConsumer(b.Context(), streamName, jetstream.ConsumerConfig{AckPolicy: jetstream.AckNonePolicy})
	if err != nil {
		b.Fatal(err)
	}
	db, err := bolt.Open(filepath.Join(b.TempDir(), "plain.db"), 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for seq := uint64(0); seq < uint64(last); {
		batch, err := consumer.Fetch(1000)
		if err != nil {
			b.Fatal(err)
		}
		err = db.Update(func(tx *bolt.Tx) error {
			seq, err = plainBatch(tx, batch, seq)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return float64(last) / time.Since(begun).Seconds()
}

// plainEnvelope is the document's envelope, plainPayload what the workload's payloads hold, plainEntity what is kept of a node.
type (
	plainEnvelope struct {
		EventID       string `json:"event_id"`
		EventType     string `json:"event_type"`
		AggregateID   string `json:"aggregate_id"`
		AggregateType string `json:"aggregate_type"`
		Sequence      uint64 `json:"sequence"`
		Timestamp     struct {
			Secs  uint64 `json:"secs_since_epoch"`
			Nanos uint32 `json:"nanos_since_epoch"`
		} `json:"timestamp"`
		CorrelationID *string         `json:"correlation_id"`
		CausationID   *string         `json:"causation_id"`
		Actor         *string         `json:"actor"`
		Payload       json.RawMessage `json:"payload"`
		Metadata      map[string]any  `json:"metadata"`
	}
	plainPayload struct {
		plainEntity
		Changes plainEntity `json:"changes"`
	}
	plainEntity struct {
		GraphID    string                     `json:"graph_id"`
		NodeID     string                     `json:"node_id"`
		NodeType   json.RawMessage            `json:"node_type"`
		Position   *struct{ X, Y, Z float32 } `json:"position"`
		Components []json.RawMessage          `json:"components"`
		Metadata   map[string]json.RawMessage `json:"metadata"`
		UpdatedAt  int64                      `json:"updated_at"`
	}
)

func plainBatch(tx *bolt.Tx, batch jetstream.MessageBatch, seq uint64) (uint64, error) {
	rows, err := tx.CreateBucketIfNotExists([]byte("rows"))
	if err != nil {
		return seq, err
	}
	for m := range batch.Messages() {
		var envelope plainEnvelope
		var payload plainPayload
		if err := json.Unmarshal(m.Data(), &envelope); err != nil {
			return seq, err
		}
		if err := json.Unmarshal(envelope.Payload, &payload); err != nil {
			return seq, err
		}
		if err := plainPut(rows, &envelope, &payload); err != nil {
			return seq, err
		}
		seq++
	}
	return seq, rows.Put([]byte("checkpoint"), binary.BigEndian.AppendUint64(nil, seq))
}

// plainPut keeps the same of a node as the worker does: what it was created with, and what was changed since.
func plainPut(rows *bolt.Bucket, e *plainEnvelope, p *plainPayload) error {
	key := []byte(p.GraphID + "/" + p.NodeID)
	entity := p.plainEntity
	if e.EventType == "node_updated" {
		if err := json.Unmarshal(rows.Get(key), &entity); err != nil {
			return err
		}
		entity.Position = p.Changes.Position
		for name, v := range p.Changes.Metadata {
			entity.Metadata[name] = v
		}
	}
	entity.UpdatedAt = int64(e.Timestamp.Secs)*1e9 + int64(e.Timestamp.Nanos)
	raw, err := json.Marshal(&entity)
	if err != nil {
		return err
	}
	return rows.Put(key, raw)
}
