package conceptual_test

import (
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/aggregate/conceptual/conceptualtest"
)

// embedding384 is an embedding as the document's code prints it: float32 widened to 17 digits.
var embedding384 = fact{"embedding_calculated", `{"computation_time_ms":12,"confidence_score":0.949999988079071,` +
	`"embedding_model":"all-MiniLM-L6-v2","embedding_vector":[` + strings.Repeat(`0.03999999910593033,-0.6000000238418579,`, 191) +
	`0.5,0.25],"entity_id":"concept-0042","entity_type":"Concept"}`}

func BenchmarkDecodeEmbedding384(b *testing.B) { benchmarkDecode(b, embedding384) }
func BenchmarkDecodeSimilarity(b *testing.B)   { benchmarkDecode(b, everyEvent[3]) }
func BenchmarkDecodeRecalibrated(b *testing.B) { benchmarkDecode(b, everyEvent[5]) }

func benchmarkDecode(b *testing.B, f fact) {
	e := event(b, f, 1)
	b.ReportAllocs()
	b.SetBytes(int64(len(e.Payload)))
	for b.Loop() {
		if c, err := conceptual.Decode(e); c == nil || err != nil {
			b.Fatal(c, err)
		}
	}
}

func BenchmarkApplySimilarity(b *testing.B) {
	e := event(b, everyEvent[3], 1)
	c, err := conceptual.Decode(e)
	if err != nil {
		b.Fatal(err)
	}
	s := &costless{}
	b.ReportAllocs()
	for b.Loop() {
		conceptual.Apply(s, e, c)
	}
	if s.row == nil {
		b.Fatal("nothing was put")
	}
}

// costless is a state that costs nothing, so that only the rules are measured.
type costless struct {
	conceptualtest.State

	row *conceptual.Similarity
}

func (s *costless) PutSimilarity(row *conceptual.Similarity) { s.row = row }
