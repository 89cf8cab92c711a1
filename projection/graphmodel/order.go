package graphmodel

import (
	"cmp"
	"math"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

const (
	// maxRanked is how far into a list that is sorted by distance a page may reach: its ids are held while all nodes go by.
	maxRanked = 50_000

	// maxCriteria is how many points distances may be measured from, one after the other.
	maxCriteria = 4
)

// order is the points that distances are measured from: each orders what stands equally far from those before it.
type order [][3]float64

// ranked is a node and its place in an order.
type ranked struct {
	distances [maxCriteria]float64 // squared
	id        string
}

func (o order) rank(n *graph.Node) ranked {
	r := ranked{id: n.ID}
	for i := range o {
		r.distances[i] = squaredDistance(&o[i], n.Position)
	}
	return r
}

func compareRanked(a, b ranked) int {
	return cmp.Or(slices.Compare(a.distances[:], b.distances[:]), cmp.Compare(a.id, b.id))
}

// nearest sorts and returns the first few.
func nearest(all []ranked, keep int) []ranked {
	slices.SortFunc(all, compareRanked)
	clear(all[min(keep, len(all)):]) // the ids behind are not held any longer
	return all[:min(keep, len(all))]
}

// squaredDistance is infinite for a node without a position. Each product is rounded by itself, so that every platform sorts
// alike.
func squaredDistance(from *[3]float64, to *graph.Point) float64 {
	if to == nil {
		return math.Inf(1)
	}
	x, y, z := float64(to.X)-from[0], float64(to.Y)-from[1], float64(to.Z)-from[2]
	return float64(x*x) + float64(y*y) + float64(z*z)
}

// order reads sort_by: one criterion, or a list of them. None is the order by id, which is nil.
func (p params) order(name string) order {
	v := p.Value(name)
	if !v.IsArray() {
		if v.IsNull() {
			return nil
		}
		at, err := p.criterion(name, v)
		p.Refuse(name, err)
		return order{at}
	}
	var out order
	p.List(name, func(i int, v eventlog.Value) *eventlog.FieldError {
		at, err := p.criterion(ask.Place(name, i), v)
		if out = append(out, at); len(out) > maxCriteria {
			p.Fail(projection.Fail(projection.BadRequest, "%s has more than %d criteria", name, maxCriteria))
		}
		return err
	})
	return out
}

func (p params) criterion(place string, v eventlog.Value) (at [3]float64, err *eventlog.FieldError) {
	tag, content, err := ask.Variant(v)
	if err != nil {
		return at, err
	}
	if tag != "ByDistance" {
		p.Unsupported(place, tag, "ByDistance")
		return at, nil
	}
	at, err = readOrigin(content)
	return at, err.InIfAny(tag)
}

// readOrigin reads a point that distances are measured from. z may be left out, and is then 0.
func readOrigin(v eventlog.Value) (at [3]float64, err *eventlog.FieldError) {
	p, err := readPoint(v)
	if err != nil {
		return at, err
	}
	for i, axis := range p {
		switch {
		case axis != nil:
			at[i] = float64(*axis)
		case i < 2:
			return at, eventlog.Refuse(eventlog.CodeMissingField, axisNames[i])
		}
	}
	return at, nil
}
