package workflowtest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// Check returns everything that is wrong with the state: a row that was changed after it was put, even if it has been replaced
// or deleted since; a process that does not count its history or does not end it; an ended process with active steps; a status
// that its other fields do not allow; a history or part without its process or workflow; a set that is not sorted; an empty list or
// map that is not nil.
func (s *State) Check() error {
	errs := slices.Clone(s.changed)
	errs = append(errs, all(s.processes), all(s.entries), all(s.definitions), all(s.steps), all(s.states), all(s.links))
	events, last := map[string]uint64{}, map[string]eventlog.Seq{}
	for _, e := range s.Entries() {
		events[e.InstanceID]++
		last[e.InstanceID] = e.Sequence
	}
	for _, p := range s.Processes() {
		if p.Events != events[p.InstanceID] || p.LastSequence != last[p.InstanceID] {
			errs = append(errs, fmt.Errorf("process %q counts %d events up to %s, but has %d up to %s",
				p.InstanceID, p.Events, p.LastSequence, events[p.InstanceID], last[p.InstanceID]))
		}
		errs = append(errs, Sound(p))
		delete(events, p.InstanceID)
	}
	if len(events) > 0 {
		errs = append(errs, fmt.Errorf("histories without their process: %v", events))
	}
	return errors.Join(append(errs, s.parts())...)
}

// Sound returns what is wrong with a process in itself.
func Sound(p *workflow.Process) error {
	switch {
	case !slices.IsSorted(p.ActiveSteps) || len(slices.Compact(slices.Clone(p.ActiveSteps))) != len(p.ActiveSteps):
		return fmt.Errorf("process %q has active steps that are no sorted set: %q", p.InstanceID, p.ActiveSteps)
	case p.Status.Ended() && p.ActiveSteps != nil:
		return fmt.Errorf("process %q has ended with active steps: %q", p.InstanceID, p.ActiveSteps)
	case p.Started && p.Status == workflow.UnknownStart || !p.Started && p.Status == workflow.Running:
		return fmt.Errorf("process %q is %s, started %v", p.InstanceID, p.Status, p.Started)
	case !p.Status.Ended() && p.CompletedAt != 0 || !p.Started && p.StartedAt != 0:
		return fmt.Errorf("process %q is %s, started %v, at %d and %d", p.InstanceID, p.Status, p.Started, p.StartedAt, p.CompletedAt)
	}
	return nil
}

// parts looks for parts of a definition without a row of their workflow.
func (s *State) parts() error {
	var errs []error
	of := func(what, id, workflowID string) {
		if _, ok := s.Definition(workflowID); !ok {
			errs = append(errs, fmt.Errorf("%s %q belongs to workflow %q, which has no row", what, id, workflowID))
		}
	}
	for _, one := range s.Steps() {
		of("step", one.ID, one.WorkflowID)
		if !slices.IsSorted(one.Dependencies) {
			errs = append(errs, fmt.Errorf("step %q has dependencies that are not sorted: %q", one.ID, one.Dependencies))
		}
	}
	for _, one := range s.MachineStates() {
		of("state", one.ID, one.WorkflowID)
	}
	for _, one := range s.Links() {
		of("link", one.From+"->"+one.To, one.WorkflowID)
	}
	return errors.Join(errs...)
}

func all[K comparable, T any](r rows[K, T]) error {
	var errs []error
	for k, one := range r {
		errs = append(errs, unchanged(k, one), canonical(k, reflect.ValueOf(one.row).Elem()))
	}
	return errors.Join(errs...)
}

func unchanged[K any, T any](key K, r kept[T]) error {
	if !reflect.DeepEqual(r.row, r.copy) {
		return fmt.Errorf("%T %v was changed after it was put: %+v was %+v", *r.row, key, *r.row, *r.copy)
	}
	return nil
}

// canonical returns whether a row holds an empty list or map that is not nil.
func canonical[K any](key K, row reflect.Value) error {
	for i := range row.NumField() {
		f := row.Field(i)
		if k := f.Kind(); (k == reflect.Slice || k == reflect.Map) && !f.IsNil() && f.Len() == 0 {
			return fmt.Errorf("%s %v has an empty %s that is not nil", row.Type(), key, row.Type().Field(i).Name)
		}
	}
	return nil
}
