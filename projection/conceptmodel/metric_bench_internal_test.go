package conceptmodel

import (
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
)

// BenchmarkScore compares two vectors of 384 dimensions, without a store.
func BenchmarkScore(b *testing.B) {
	values := make([]float32, 384)
	for i := range values {
		values[i] = float32(i%17) / 7
	}
	v := conceptual.MakeVector(values...)
	buffer := make([]float64, len(values))
	for _, c := range []struct {
		name string
		by   metric
	}{{"Cosine", cosine}, {"Euclidean", euclidean}, {"Manhattan", manhattan}} {
		b.Run(c.name, func(b *testing.B) {
			m := newMeasure(c.by, widen(v, nil), nil)
			for b.Loop() {
				if got := m.score(widen(v, buffer)); got < 0.99 {
					b.Fatal(got)
				}
			}
		})
	}
}
