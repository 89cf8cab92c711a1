package conceptmodel_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/conceptmodel"
)

const (
	benchEntities   = 10_000
	benchDimensions = 384
)

// embeddingOf is an embedding as the document's code prints it, float32 widened to float64. The numbers only
// depend on i and salt.
func embeddingOf(seq, i, salt int) eventlog.Record {
	values := make([]float64, benchDimensions)
	for j := range values {
		values[j] = float64(float32(math.Sin(float64(i*7919+j*104729+salt)) / 10))
	}
	raw, err := json.Marshal(values)
	if err != nil {
		panic(err)
	}
	return event(seq, "embedding_calculated", fmt.Sprintf(`{"entity_id":"entity-%06d","entity_type":"Concept",`+
		`"embedding_model":"all-MiniLM-L6-v2","embedding_vector":%s,"confidence_score":0.949999988079071,"computation_time_ms":12}`,
		i, raw))
}

// embedded stores 10,000 embeddings of 384 dimensions.
func embedded(b *testing.B) *models {
	b.Helper()
	m := open(b, b.TempDir())
	for i := range benchEntities {
		m.apply(embeddingOf(i+1, i, 0))
	}
	m.commit()
	return m
}

// BenchmarkFindSimilar searches 10,000 embeddings of 384 dimensions, opening a view each time.
func BenchmarkFindSimilar(b *testing.B) {
	m := embedded(b)
	for _, metric := range []string{"Cosine", "Euclidean", "Manhattan"} {
		b.Run(metric, func(b *testing.B) {
			params := fmt.Sprintf(`{"entity_id":"entity-000042","similarity_threshold":-1.0,"max_results":10,"similarity_type":%q}`, metric)
			b.ReportAllocs()
			for b.Loop() {
				got := m.ask("conceptual.find_similar", projection.Request{Params: eventlog.Value(params)})
				if got.Error != nil || len(got.Data.([]conceptmodel.SimilarityMatch)) != 10 {
					b.Fatal(got)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEntities, "ns/vector")
		})
	}
}

// BenchmarkApplyEmbeddings applies new vectors to 10,000 known entities: the fold's own part, of inputs that are
// read outside of the clock.
func BenchmarkApplyEmbeddings(b *testing.B) {
	m := embedded(b)
	const batch = 1000
	var inputs []projection.Input
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if i%batch == 0 {
			b.StopTimer()
			m.commit()
			inputs = inputs[:0]
			for j := range batch {
				inputs = append(inputs, m.ready.Prepare(embeddingOf(benchEntities+i+j+1, (i+j)%benchEntities, 1), false))
			}
			b.StartTimer()
		}
		if err := m.fold.Apply(&inputs[i%batch]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.StopTimer()
	m.commit()
}

// BenchmarkDecodeEmbedding measures what the projection does in parallel.
func BenchmarkDecodeEmbedding(b *testing.B) {
	r := embeddingOf(1, 1, 0)
	e, err := eventlog.Decode(&r)
	if err != nil {
		b.Fatal(err)
	}
	decoder := conceptmodel.New().(projection.Decoder)
	b.ReportAllocs()
	b.SetBytes(int64(len(e.Payload)))
	for b.Loop() {
		if _, err := decoder.Decode(&e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCommitEmbeddings stores batches of 1,000 new vectors, apart from decoding and applying.
func BenchmarkCommitEmbeddings(b *testing.B) {
	m := open(b, b.TempDir())
	const batch = 1000
	seq := 1
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		for range batch {
			m.apply(embeddingOf(seq, seq, 0))
			seq++
		}
		b.StartTimer()
		m.commit()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/embedding")
}
