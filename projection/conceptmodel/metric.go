package conceptmodel

import (
	"math"
	"strings"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// metric is a way to compare two lists of numbers.
type metric int

const (
	cosine metric = iota
	euclidean
	manhattan
	weightedEuclidean
)

// metrics are by name, in lower case and without underscores: "WeightedEuclidean" and "weighted_euclidean" are one.
var metrics = map[string]metric{
	"cosine":            cosine,
	"euclidean":         euclidean,
	"manhattan":         manhattan,
	"weightedeuclidean": weightedEuclidean,
}

func (p params) metric(names ...string) metric {
	name, v := p.First(names...)
	if v.IsNull() {
		return cosine
	}
	tag, _, err := ask.Variant(v)
	if err != nil {
		p.Refuse(name, err)
		return cosine
	}
	found, ok := metrics[strings.ReplaceAll(strings.ToLower(tag), "_", "")]
	if !ok {
		p.Unsupported(name, tag, "Cosine", "Euclidean", "Manhattan", "WeightedEuclidean")
	}
	return found
}

// axis is what a distance needs to know of one dimension.
type axis struct {
	weight float64 // 1 where none is known
	around float64 // the length of a circle; 0 where the dimension is none
}

// axesOf returns the axes of a space's dimensions.
func axesOf(dimensions []conceptual.Dimension) []axis {
	out := make([]axis, len(dimensions))
	for i, d := range dimensions {
		out[i].weight = 1
		if d.Weight != nil {
			out[i].weight = float64(*d.Weight)
		}
		if d.Kind == "Circular" && d.Range != nil {
			out[i].around = max(0, float64(d.Range.End)-float64(d.Range.Start))
		}
	}
	return out
}

// apart is how far two values lie from each other: around a circle, the shorter way.
func (a axis) apart(x, y float64) float64 {
	d := math.Abs(x - y)
	if a.around > 0 {
		d = math.Mod(d, a.around)
		d = min(d, a.around-d)
	}
	return d
}

// measure compares many lists of numbers with one. Each product is rounded by itself, and sums are made in one
// order, so that every platform ranks alike.
type measure struct {
	metric metric
	target []float64
	norm   float64 // of the target
	axes   []axis  // for distances over dimensions; nil where the numbers are no dimensions
}

func newMeasure(by metric, target []float64, axes []axis) *measure {
	_, square := products(target, target)
	return &measure{metric: by, target: target, norm: math.Sqrt(square), axes: axes}
}

// score returns how similar a list of the same length is: the cosine itself, or 1/(1+d) for a distance d. It is 0
// where a vector has no direction, and where numbers are too large to be compared.
func (m *measure) score(values []float64) float32 {
	var out float64
	switch {
	case m.metric == cosine:
		dot, square := products(m.target, values)
		out = dot / (m.norm * math.Sqrt(square))
		out = max(-1, min(1, out))
	case m.axes != nil:
		out = 1 / (1 + m.overAxes(values))
	case m.metric == manhattan:
		out = 1 / (1 + absolutes(m.target, values))
	default:
		out = 1 / (1 + math.Sqrt(squares(m.target, values)))
	}
	if math.IsNaN(out) || out == 0 { // which can be negative
		return 0
	}
	return float32(out)
}

// overAxes is a distance over dimensions. The weight stands outside of the square: √Σ w·d².
func (m *measure) overAxes(values []float64) float64 {
	var sum float64
	for i, a := range m.axes {
		d := a.apart(m.target[i], values[i])
		switch m.metric {
		case manhattan:
			sum += d
		case weightedEuclidean:
			sum += float64(a.weight * float64(d*d))
		default:
			sum += float64(d * d)
		}
	}
	if m.metric == manhattan {
		return sum
	}
	return math.Sqrt(max(0, sum)) // negative weights can make it negative
}

// products returns Σ x·y and Σ y·y. Four sums run side by side, which a processor can add at once; written out,
// since an array of sums would be kept in memory.
func products(x, y []float64) (dot, square float64) {
	var d0, d1, d2, d3, s0, s1, s2, s3 float64
	y = y[:len(x)]
	for len(x) >= 4 {
		a, b := (*[4]float64)(x), (*[4]float64)(y)
		d0 += float64(a[0] * b[0])
		d1 += float64(a[1] * b[1])
		d2 += float64(a[2] * b[2])
		d3 += float64(a[3] * b[3])
		s0 += float64(b[0] * b[0])
		s1 += float64(b[1] * b[1])
		s2 += float64(b[2] * b[2])
		s3 += float64(b[3] * b[3])
		x, y = x[4:], y[4:]
	}
	for i := range x {
		d0 += float64(x[i] * y[i])
		s0 += float64(y[i] * y[i])
	}
	return (d0 + d1) + (d2 + d3), (s0 + s1) + (s2 + s3)
}

// squares returns Σ (x-y)².
func squares(x, y []float64) float64 {
	var s0, s1, s2, s3 float64
	y = y[:len(x)]
	for len(x) >= 4 {
		a, b := (*[4]float64)(x), (*[4]float64)(y)
		e0, e1, e2, e3 := a[0]-b[0], a[1]-b[1], a[2]-b[2], a[3]-b[3]
		s0 += float64(e0 * e0)
		s1 += float64(e1 * e1)
		s2 += float64(e2 * e2)
		s3 += float64(e3 * e3)
		x, y = x[4:], y[4:]
	}
	for i := range x {
		e := x[i] - y[i]
		s0 += float64(e * e)
	}
	return (s0 + s1) + (s2 + s3)
}

// absolutes returns Σ |x-y|.
func absolutes(x, y []float64) float64 {
	var s0, s1, s2, s3 float64
	y = y[:len(x)]
	for len(x) >= 4 {
		a, b := (*[4]float64)(x), (*[4]float64)(y)
		s0 += math.Abs(a[0] - b[0])
		s1 += math.Abs(a[1] - b[1])
		s2 += math.Abs(a[2] - b[2])
		s3 += math.Abs(a[3] - b[3])
		x, y = x[4:], y[4:]
	}
	for i := range x {
		s0 += math.Abs(x[i] - y[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// widen returns a vector as float64, in buffer where it is large enough.
func widen(v conceptual.Vector, buffer []float64) []float64 {
	if cap(buffer) < v.Len() {
		buffer = make([]float64, v.Len())
	}
	buffer = buffer[:v.Len()]
	v.Widen(buffer)
	return buffer
}

// inOrder returns a point's coordinates in the order of the dimensions, where its map says which is which and
// knows them all, and else as they are.
func inOrder(p *conceptual.Point, dimensions []conceptual.Dimension) []float64 {
	if p.DimensionMap == nil || len(p.Coordinates) != len(dimensions) {
		return p.Coordinates
	}
	places := map[string]uint64{}
	err := p.DimensionMap.Object(func(name string, v eventlog.Value) *eventlog.FieldError {
		i, err := v.Uint64()
		places[name] = i
		return err
	})
	if err != nil {
		return p.Coordinates
	}
	out := make([]float64, len(dimensions))
	for i, d := range dimensions {
		at, ok := places[d.Name]
		if !ok && d.ID != nil {
			at, ok = places[*d.ID]
		}
		if !ok || at >= uint64(len(p.Coordinates)) {
			return p.Coordinates
		}
		out[i] = p.Coordinates[at]
	}
	return out
}
