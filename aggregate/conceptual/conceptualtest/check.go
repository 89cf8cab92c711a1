package conceptualtest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
)

// Check returns everything that is wrong with the state: a row that was changed after it was put, even if it has
// been replaced since, a count that is not the number of rows, a placement without its space's row, a vector that
// is not what its embedding says, a list or map that is empty and not nil, a list that is not sorted.
func (s *State) Check() error {
	errs := []error{
		checkTable(&s.spaces), checkTable(&s.concepts), checkTable(&s.placements), checkTable(&s.embeddings),
		checkTable(&s.vectors), checkTable(&s.similarities), checkTable(&s.categories), checkTable(&s.relations),
		checkTable(&s.stale), s.checkCounts(), s.checkVectors(),
	}
	for _, c := range s.Categories() {
		if !slices.IsSorted(c.Members) || len(slices.Compact(slices.Clone(c.Members))) != len(c.Members) {
			errs = append(errs, fmt.Errorf("category %q lists %q, which is not sorted, each once", c.ID, c.Members))
		}
	}
	for _, c := range s.Concepts() {
		for i := 1; i < len(c.Inferred); i++ {
			if c.Inferred[i-1].Name >= c.Inferred[i].Name {
				errs = append(errs, fmt.Errorf("concept %q has inferred properties that are not sorted, each once", c.ID))
			}
		}
	}
	for _, p := range s.Similarities() {
		if p.A > p.B {
			errs = append(errs, fmt.Errorf("similarity of %q and %q stands the wrong way", p.A, p.B))
		}
	}
	return errors.Join(errs...)
}

func (s *State) checkCounts() error {
	counts := map[string]uint64{}
	for _, p := range s.Placements() {
		counts[p.SpaceID]++
	}
	var errs []error
	for _, p := range s.Spaces() {
		if p.ConceptCount != counts[p.ID] {
			errs = append(errs, fmt.Errorf("space %q counts %d concepts and has %d", p.ID, p.ConceptCount, counts[p.ID]))
		}
		delete(counts, p.ID)
	}
	if len(counts) > 0 {
		errs = append(errs, fmt.Errorf("placements in spaces without a row: %v", counts))
	}
	return errors.Join(errs...)
}

func (s *State) checkVectors() error {
	var errs []error
	for _, e := range s.Embeddings() {
		v, ok := s.Vector(e.EntityID, e.Model)
		if !ok || !v.Valid() || v.Len() != int(e.Dimensions) {
			errs = append(errs, fmt.Errorf("embedding of %q by %q says %d dimensions and has %v",
				e.EntityID, e.Model, e.Dimensions, v))
		}
	}
	return errors.Join(errs...)
}

func checkTable[T any](t *table[T]) error {
	errs := slices.Clone(t.changed)
	for _, k := range t.keys() {
		r := t.rows[k]
		errs = append(errs, unchanged(k, r))
		if reflect.TypeFor[T]() != reflect.TypeFor[conceptual.Vector]() && !canonical(reflect.ValueOf(*r.row)) {
			errs = append(errs, fmt.Errorf("%T %q has an empty list or map that is not nil: %+v", *r.row, k, *r.row))
		}
	}
	return errors.Join(errs...)
}

// canonical tells whether no list or map in a row is empty without being nil. Coordinates of a point are always a
// list.
func canonical(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return v.IsNil() || canonical(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name == "Coordinates" || v.Type().Field(i).Name == "PrototypePoint" {
				continue
			}
			if !canonical(v.Field(i)) {
				return false
			}
		}
	case reflect.Slice, reflect.Map:
		return v.IsNil() || v.Len() > 0
	}
	return true
}

func unchanged[T any](k Key, r kept[T]) error {
	if !reflect.DeepEqual(r.row, r.copy) {
		return fmt.Errorf("%T %q was changed after it was put: %+v was %+v", *r.row, k, *r.row, *r.copy)
	}
	return nil
}
