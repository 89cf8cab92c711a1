package conceptmodel

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// distance turns a score back into the distance that it was made from.
func distance(score float32) float64 { return 1/float64(score) - 1 }

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Max(1, math.Abs(b)) }

func TestNumbersOfTheSources(t *testing.T) {
	circle := []axis{{weight: 1, around: 360}}
	for _, c := range []struct {
		name string
		by   metric
		x, y []float64
		axes []axis
		want float64 // the cosine, or the distance
	}{
		{"3-4-5", euclidean, []float64{0, 0}, []float64{3, 4}, nil, 5},
		{"3-4-5 over axes", euclidean, []float64{0, 0}, []float64{3, 4}, axesOf(make([]conceptual.Dimension, 2)), 5},
		{"3+4", manhattan, []float64{0, 0}, []float64{3, -4}, nil, 7},
		{"long ones, in groups and what is left", euclidean, make([]float64, 7), []float64{1, 1, 1, 1, 1, 1, 2}, nil, math.Sqrt(10)},
		{"the same by sums", manhattan, make([]float64, 7), []float64{1, 1, 1, 1, 1, 1, 2}, nil, 8},
		{"cosine of equals", cosine, []float64{1, 2, 3, 4, 5}, []float64{2, 4, 6, 8, 10}, nil, 1},
		{"cosine of opposites", cosine, []float64{1, 0}, []float64{-1, 0}, nil, -1},
		{"cosine of a right angle", cosine, []float64{1, 0}, []float64{0, 1}, nil, 0},
		{"circle, the short way", euclidean, []float64{350}, []float64{20}, circle, 30},
		{"circle, past the range", manhattan, []float64{-10}, []float64{740}, circle, 30},
		{"circle, half way", weightedEuclidean, []float64{0}, []float64{180}, circle, 180},
	} {
		got := newMeasure(c.by, c.x, c.axes).score(c.y)
		if c.by == cosine && !near(float64(got), c.want) || c.by != cosine && !near(distance(got), c.want) {
			t.Errorf("%s: score %v, want %v", c.name, got, c.want)
		}
	}
}

// TestTrap75WeightIsOutsideOfTheSquare holds the choice: √(2·1²+1·1²), where the older code has √((2·1)²+(1·1)²) = √5.
func TestTrap75WeightIsOutsideOfTheSquare(t *testing.T) {
	axes := axesOf([]conceptual.Dimension{{Weight: new(float32(2))}, {}})
	if got := newMeasure(weightedEuclidean, []float64{0, 0}, axes).score([]float64{1, 1}); !near(distance(got), math.Sqrt(3)) {
		t.Errorf("distance %v, want √3", distance(got))
	}
	axes = axesOf([]conceptual.Dimension{{Weight: new(float32(-2))}, {}})
	if got := newMeasure(weightedEuclidean, []float64{0, 0}, axes).score([]float64{1, 1}); got != 1 {
		t.Errorf("a sum below zero has the score %v, want that of no distance", got)
	}
}

func TestTrap76CircularDimensionsWrap(t *testing.T) {
	degrees := &conceptual.Range{End: 360}
	for _, c := range []struct {
		d    conceptual.Dimension
		want float64
	}{
		{conceptual.Dimension{Kind: "Circular", Range: degrees}, 20},
		{conceptual.Dimension{Kind: "Continuous", Range: degrees}, 340},
		{conceptual.Dimension{Kind: "Circular"}, 340},
		{conceptual.Dimension{Kind: "Circular", Range: &conceptual.Range{Start: 1, End: 1}}, 340},
		{conceptual.Dimension{Kind: "Circular", Range: &conceptual.Range{Start: 2, End: 1}}, 340},
		{conceptual.Dimension{Kind: "Circular", Range: &conceptual.Range{Start: -50, End: 50}}, 40},
	} {
		if got := axesOf([]conceptual.Dimension{c.d})[0].apart(350, 10); got != c.want {
			t.Errorf("%+v: %v, want %v", c.d, got, c.want)
		}
	}
}

func TestTrap78VectorsWithoutDirection(t *testing.T) {
	zero, one, huge := []float64{0, 0}, []float64{1, 0}, []float64{1e300, 1e300}
	for _, pair := range [][2][]float64{{zero, one}, {one, zero}, {zero, zero}, {{}, {}}, {huge, huge}, {one, {math.Copysign(0, -1), 1}}} {
		got := newMeasure(cosine, pair[0], nil).score(pair[1])
		if got != 0 || math.Signbit(float64(got)) {
			t.Errorf("%v and %v: %v, want 0", pair[0], pair[1], got)
		}
	}
	if got := newMeasure(euclidean, zero, nil).score(huge); got != 0 {
		t.Errorf("an endless distance has the score %v, want 0", got)
	}
}

// TestScores holds the loops against the plainest ones, for every length.
func TestScores(t *testing.T) {
	numbers := rapid.Float64Range(-10, 10)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 13).Draw(t, "n")
		x, y := rapid.SliceOfN(numbers, n, n).Draw(t, "x"), rapid.SliceOfN(numbers, n, n).Draw(t, "y")
		var dot, xx, yy, square, absolute float64
		for i := range x {
			dot, xx, yy = dot+x[i]*y[i], xx+x[i]*x[i], yy+y[i]*y[i]
			square, absolute = square+(x[i]-y[i])*(x[i]-y[i]), absolute+math.Abs(x[i]-y[i])
		}
		want := map[metric]float64{
			cosine: dot / math.Sqrt(xx*yy), euclidean: 1 / (1 + math.Sqrt(square)), manhattan: 1 / (1 + absolute),
		}
		if xx*yy < 1e-200 {
			delete(want, cosine)
		}
		for by, score := range want {
			if got := newMeasure(by, x, nil).score(y); !near(float64(got), score) {
				t.Fatalf("metric %d of %v and %v is %v, want %v", by, x, y, got, score)
			}
		}
	})
}

func TestInOrder(t *testing.T) {
	dimensions := []conceptual.Dimension{{Name: "a"}, {ID: new("id-b"), Name: "b"}}
	for _, c := range []struct {
		places string
		want   []float64
	}{
		{``, []float64{1, 2}},
		{`{"a":1,"id-b":0}`, []float64{2, 1}},
		{`{"a":1,"b":0}`, []float64{2, 1}},
		{`{"a":1}`, []float64{1, 2}},
		{`{"a":1,"b":2}`, []float64{1, 2}},
		{`{"a":1,"b":-1}`, []float64{1, 2}},
		{`[]`, []float64{1, 2}},
	} {
		p := &conceptual.Point{Coordinates: []float64{1, 2}}
		if c.places != "" {
			p.DimensionMap = eventlog.Value(c.places)
		}
		if got := inOrder(p, dimensions); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.places, got, c.want)
		}
	}
}

// TestNearest holds the heap against sorting everything.
func TestNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(0, 6).Draw(t, "most")
		scores := rapid.SliceOfN(rapid.SampledFrom([]float32{-1, 0, 0.25, 0.5, 1}), 0, 20).Draw(t, "scores")
		names := rapid.Permutation([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r",
			"s", "t"}).Draw(t, "names")
		var all []ranked
		n := nearest{most: most}
		for i, score := range scores {
			r := ranked{score, names[i]}
			all = append(all, r)
			if n.wants(score) {
				n.take(r)
			}
		}
		slices.SortFunc(all, func(a, b ranked) int {
			if a.before(b) {
				return -1
			}
			return 1
		})
		if got := n.sorted(); !slices.Equal(got, all[:min(most, len(all))]) {
			t.Fatalf("%v, want the first %d of %v", got, most, all)
		}
	})
}
