package conceptual_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// step is a random event: every member is drawn, and its kind says which of them count.
type step struct {
	kind, space, a, b, model, category string

	vector  []float32
	score   float32
	listed  bool
	members []string
	stale   []string
	changes []change
	point   []float64
	name    string
	number  float64
}

// change is a random change of a dimension.
type change struct {
	kind, name string
	weight     float32
}

var (
	spaceIDs  = rapid.SampledFrom([]string{"s", "t"})
	entityIDs = rapid.SampledFrom([]string{"a", "b", "c", "d"})
	entities  = rapid.SliceOfN(entityIDs, 0, 4)
	weights   = rapid.SampledFrom([]float32{0.5, 1, 2})
	changes   = rapid.Custom(func(t *rapid.T) change {
		return change{
			kind: rapid.SampledFrom([]string{"Add", "Add", "Remove", "ModifyWeight", "ModifyRange", "Odd"}).Draw(t, "change"),
			name: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "dimension"), weight: weights.Draw(t, "weight"),
		}
	})
)

var steps = rapid.Custom(func(t *rapid.T) step {
	return step{
		kind: rapid.SampledFrom([]string{
			"embedding_calculated", "embedding_calculated", "similarity_computed", "category_formed", "space_created",
			"space_recalibrated", "space_recalibrated", "concept_added", "concept_moved", "properties_added", "relation_added",
			"batch_progress",
		}).Draw(t, "kind"),
		space:    spaceIDs.Draw(t, "space"),
		a:        entityIDs.Draw(t, "a"),
		b:        entityIDs.Draw(t, "b"),
		model:    rapid.SampledFrom([]string{"m", "n"}).Draw(t, "model"),
		category: rapid.SampledFrom([]string{"k", "l"}).Draw(t, "category"),
		vector:   rapid.SliceOfN(weights, 0, 3).Draw(t, "vector"),
		score:    weights.Draw(t, "score"),
		listed:   rapid.Bool().Draw(t, "listed"),
		members:  entities.Draw(t, "members"),
		stale:    entities.Draw(t, "stale"),
		changes:  rapid.SliceOfN(changes, 0, 4).Draw(t, "changes"),
		point:    rapid.SliceOfN(rapid.SampledFrom([]float64{0.1, 2.5}), 1, 2).Draw(t, "point"),
		name:     rapid.SampledFrom([]string{"p", "q"}).Draw(t, "name"),
		number:   rapid.SampledFrom([]float64{0.25, 3.5}).Draw(t, "number"),
	}
})

// fact writes the step as a producer would.
func (s step) fact() fact {
	p := map[string]any{"space_id": s.space}
	switch s.kind {
	case "embedding_calculated":
		p["entity_id"], p["embedding_model"], p["embedding_vector"] = s.a, s.model, s.vector
	case "similarity_computed":
		p["entity_a"], p["entity_b"], p["similarity_score"], p["similarity_type"] = s.a, s.b, s.score, s.model
	case "category_formed":
		p["category_id"], p["member_count"] = s.category, len(s.members)
		if s.listed {
			p["member_entities"] = s.members
		}
	case "space_created":
		p["name"] = s.name
	case "space_recalibrated":
		p["affected_entities"], p["dimension_changes"] = s.stale, s.dimensionChanges()
	case "concept_added", "concept_moved":
		p["concept_id"], p["position"] = s.a, s.point
	case "properties_added":
		p["concept_id"], p["properties"] = s.a, [][]any{{s.name, s.number}}
	case "relation_added":
		p["source_concept"], p["target_concept"], p["strength"] = s.a, s.b, s.number
	}
	text, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return fact{s.kind, string(text)}
}

func (s step) dimensionChanges() []any {
	out := []any{}
	for _, c := range s.changes {
		content := any(map[string]any{
			"name": c.name, "weight": c.weight, "new_weight": c.weight, "new_range": map[string]any{"start": 0, "end": c.weight},
		})
		if c.kind == "Remove" {
			content = c.name
		}
		out = append(out, map[string]any{c.kind: content})
	}
	return out
}

// oracle is the rules once more, as plainly as they can be said.
type oracle struct {
	known      map[string]*string // name by space; nil is a space that was only mentioned
	dimensions map[string][]oracleDimension
	vectors    map[[2]string][]float32
	stale      map[[2]string]bool
	pairs      map[[3]string]float32
	members    map[string][]string // nil is a category that was never listed
	concepts   map[string]bool     // whether it was added
	properties map[string]map[string]float64
	points     map[[2]string][]float64
	relations  map[[2]string]float64
}

type oracleDimension struct {
	name   string
	weight float32
	end    float32
}

func newOracle() *oracle {
	return &oracle{
		map[string]*string{}, map[string][]oracleDimension{}, map[[2]string][]float32{}, map[[2]string]bool{},
		map[[3]string]float32{}, map[string][]string{}, map[string]bool{}, map[string]map[string]float64{},
		map[[2]string][]float64{}, map[[2]string]float64{},
	}
}

// mention gives a key that is not there its zero value, and leaves any other as it is.
func mention[V any](m map[string]V, key string) {
	if _, ok := m[key]; !ok {
		var zero V
		m[key] = zero
	}
}

func (o *oracle) apply(s step) {
	switch s.kind {
	case "embedding_calculated":
		o.vectors[[2]string{s.a, s.model}] = s.vector
		maps.DeleteFunc(o.stale, func(k [2]string, _ bool) bool { return k[1] == s.a })
	case "similarity_computed":
		o.pairs[[3]string{min(s.a, s.b), max(s.a, s.b), s.model}] = s.score
	case "category_formed":
		mention(o.members, s.category)
		if s.listed {
			o.members[s.category] = slices.Compact(slices.Sorted(slices.Values(append([]string{""}, s.members...))))
		}
	case "space_created":
		o.known[s.space] = &s.name
	case "space_recalibrated":
		mention(o.known, s.space)
		for _, c := range s.changes {
			o.dimensions[s.space] = changed(o.dimensions[s.space], c)
		}
		for _, e := range s.stale {
			o.stale[[2]string{s.space, e}] = true
		}
	case "concept_added", "concept_moved":
		mention(o.known, s.space)
		o.points[[2]string{s.space, s.a}] = s.point
		if s.kind == "concept_added" {
			o.concepts[s.a] = true
		}
	case "properties_added":
		mention(o.concepts, s.a)
		if o.properties[s.a] == nil {
			o.properties[s.a] = map[string]float64{}
		}
		o.properties[s.a][s.name] = s.number
	case "relation_added":
		o.relations[[2]string{s.a, s.b}] = s.number
	}
}

func changed(all []oracleDimension, c change) []oracleDimension {
	var out []oracleDimension
	found := false
	for _, d := range all {
		if d.name == c.name {
			found = true
			switch c.kind {
			case "Remove":
				continue
			case "Add":
				d = oracleDimension{name: c.name, weight: c.weight}
			case "ModifyWeight":
				d.weight = c.weight
			case "ModifyRange":
				d.end = c.weight
			}
		}
		out = append(out, d)
	}
	if !found && c.kind == "Add" {
		out = append(out, oracleDimension{name: c.name, weight: c.weight})
	}
	return out
}

// lines are those of conceptualtest.State.Lines without times, sequences and what only repeats the rest, sorted.
func (o *oracle) lines() []string {
	var out []string
	for id, name := range o.known {
		out = append(out, "space "+id+" "+o.spaceText(id, name))
	}
	for k, v := range o.vectors {
		out = append(out, fmt.Sprint("embedding ", k, v))
	}
	for k := range o.stale {
		out = append(out, fmt.Sprint("stale ", k))
	}
	for k, v := range o.pairs {
		out = append(out, fmt.Sprint("similarity ", k, v))
	}
	for k, v := range o.members {
		out = append(out, fmt.Sprint("category ", k, v != nil, strings.Join(v, " ")))
	}
	for k, v := range o.concepts {
		out = append(out, fmt.Sprint("concept ", k, v, o.properties[k]))
	}
	for k, v := range o.points {
		out = append(out, fmt.Sprint("placement ", k, v))
	}
	for k, v := range o.relations {
		out = append(out, fmt.Sprint("relation ", k, v))
	}
	slices.Sort(out)
	return out
}

func (o *oracle) spaceText(id string, name *string) string {
	n := 0
	for k := range o.points {
		if k[0] == id {
			n++
		}
	}
	text := "mentioned"
	if name != nil {
		text = *name
	}
	return fmt.Sprint(text, n, len(o.dimensions[id]), o.dimensions[id])
}
