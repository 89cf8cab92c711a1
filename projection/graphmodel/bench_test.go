package graphmodel_test

import (
	"fmt"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/graphmodel"
)

const (
	benchGraphs = 97
	benchNodes  = 10_000
	benchCommit = 10_000 // events
)

// hotSet stores 97 graphs with 10,000 nodes together.
func hotSet(b *testing.B) (m *models, next int) {
	b.Helper()
	m = open(b, b.TempDir())
	for i := range benchNodes {
		m.apply(event(i+1, "node_created", graphID(i), fmt.Sprintf(
			`{"graph_id":%q,"node_id":%q,"node_type":{"Concept":{"name":"n"}},"position":{"x":1.0,"y":2.0,"z":3.0},`+
				`"components":[],"metadata":{"k":1}}`,
			graphID(i), nodeID(i))))
	}
	m.commit()
	return m, benchNodes + 1
}

func graphID(i int) string { return fmt.Sprintf("6f1d2b3c-0000-4000-8000-%012d", i%benchGraphs) }
func nodeID(i int) string  { return fmt.Sprintf("9a8b7c6d-0000-4000-8000-%012d", i%benchNodes) }
func moveOf(seq, i int) eventlog.Record {
	return event(seq, "node_moved", graphID(i%benchNodes), fmt.Sprintf(
		`{"graph_id":%q,"node_id":%q,"new_position":{"x":%d.5,"y":2.0,"z":3.0}}`, graphID(i%benchNodes), nodeID(i), seq%1000))
}

// benchmarkApply measures decoding the payload and applying, of inputs whose envelopes are read and whose batches are committed
// outside of the clock.
func benchmarkApply(b *testing.B, record func(seq, i int) eventlog.Record) {
	m, seq := hotSet(b)
	var inputs []projection.Input
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if i%benchCommit == 0 {
			b.StopTimer()
			m.commit()
			inputs = inputs[:0]
			for j := range benchCommit {
				inputs = append(inputs, m.ready.Prepare(record(seq, i+j), false))
				seq++
			}
			b.StartTimer()
		}
		if err := m.fold.Apply(&inputs[i%benchCommit]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.StopTimer()
	m.commit()
	m.check()
}

// BenchmarkApplyMoves applies node_moved to a hot set: the fold's own part of workload A.
func BenchmarkApplyMoves(b *testing.B) { benchmarkApply(b, moveOf) }

// BenchmarkApplyCreates applies node_created and edge_created by turns: the fold's own part of workload B.
func BenchmarkApplyCreates(b *testing.B) {
	benchmarkApply(b, func(seq, i int) eventlog.Record {
		g := graphID(i / 2)
		if i%2 == 0 {
			return event(seq, "node_created", g, fmt.Sprintf(
				`{"graph_id":%q,"node_id":"new-%d","node_type":"Concept","position":{"x":1.0,"y":2.0,"z":3.0},`+
					`"components":[],"metadata":{}}`, g, seq))
		}
		return event(seq, "edge_created", g, fmt.Sprintf(
			`{"graph_id":%q,"edge_id":"edge-%d","source_node":"new-%d","target_node":%q,"edge_type":"Flow","weight":0.5,`+
				`"properties":{}}`,
			g, seq, seq-1, nodeID(i/2)))
	})
}

// BenchmarkDecodeMoves measures what the projection does in parallel.
func BenchmarkDecodeMoves(b *testing.B) {
	r := moveOf(1, 1)
	e, err := eventlog.Decode(&r)
	if err != nil {
		b.Fatal(err)
	}
	decoder := graphmodel.New().(projection.Decoder)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decoder.Decode(&e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQueryGetNode opens a view and answers from it.
func BenchmarkQueryGetNode(b *testing.B) {
	m, _ := hotSet(b)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		got := m.ask("graph.get_node", projection.Request{
			Params: eventlog.Value(fmt.Sprintf(`{"graph_id":%q,"node_id":%q}`, graphID(i%benchNodes), nodeID(i))),
		})
		if got.Error != nil {
			b.Fatal(got.Error)
		}
	}
}

// BenchmarkQueryFindNodes filters all nodes of one graph of 10,000.
func BenchmarkQueryFindNodes(b *testing.B) {
	m := star(b, benchNodes)
	b.ReportAllocs()
	for b.Loop() {
		got := m.ask("graph.find_nodes", projection.Request{
			Params: eventlog.Value(`{"graph_id":"star","filters":[{"ByMetadata":{"key":"i","value":5000}}]}`),
		})
		if got.Error != nil || *got.Total != 1 {
			b.Fatal(got)
		}
	}
}
