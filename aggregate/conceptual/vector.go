package conceptual

import (
	"encoding/binary"
	"math"
)

// Vector is a list of float32 values as rows hold it: four bytes each, little-endian. Beside a list of numbers it
// takes four fifths of the bytes, and a twentieth of the time to read. It is never changed once it was made.
type Vector []byte

const componentBytes = 4

// MakeVector returns the vector of these values.
func MakeVector(values ...float32) Vector {
	out := make(Vector, 0, componentBytes*len(values))
	for _, v := range values {
		out = out.with(v)
	}
	return out
}

func (v Vector) with(value float32) Vector {
	return binary.LittleEndian.AppendUint32(v, math.Float32bits(value))
}

// Len returns the number of values.
func (v Vector) Len() int { return len(v) / componentBytes }

// At returns the i-th value. It panics where there is none.
func (v Vector) At(i int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(v[componentBytes*i:]))
}

// Floats returns the values.
func (v Vector) Floats() []float32 {
	out := make([]float32, v.Len())
	for i := range out {
		out[i] = v.At(i)
	}
	return out
}

// Widen puts the values into a list of at least as many, as float64.
func (v Vector) Widen(into []float64) {
	raw := []byte(v)
	for i := range into[:v.Len()] {
		into[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw)))
		raw = raw[componentBytes:]
	}
}

// Valid tells whether the bytes are a whole number of values, all of them finite.
func (v Vector) Valid() bool {
	if len(v)%componentBytes != 0 {
		return false
	}
	for i := range v.Len() {
		if f := float64(v.At(i)); math.IsNaN(f) || math.IsInf(f, 0) {
			return false
		}
	}
	return true
}
