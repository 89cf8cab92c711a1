package workflow

import (
	"maps"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// definition returns the workflow that an event belongs to, after comparing it with the envelope.
func (s scope) definition(a Address) (string, *eventlog.FieldError) {
	workflow := s.workflow(a)
	if workflow == "" {
		return "", refused("workflow_id")
	}
	if a.Aggregate != "" && a.Aggregate != workflow && a.Aggregate != a.Instance {
		s.Anomaly(AggregateMismatch, a.Aggregate)
	}
	return workflow, nil
}

// touch stamps a workflow's row, which is made where a part came before it.
func (s scope) touch(workflow string) { s.change(workflow, func(*Definition) bool { return true }) }

// change puts a workflow's row where it was changed.
func (s scope) change(workflow string, by func(*Definition) bool) {
	next := Definition{ID: workflow}
	row, ok := s.Definition(workflow)
	if ok {
		next = *row
	}
	if !by(&next) {
		return
	}
	if !ok {
		s.Anomaly(UnknownWorkflow, workflow)
	}
	next.UpdatedAt = s.at
	s.PutDefinition(&next)
}

func (c *WorkflowCreated) apply(s scope) *eventlog.FieldError {
	workflow, err := s.definition(c.Address)
	if err != nil {
		return err
	}
	next := Definition{ID: workflow, CreatedAt: s.at}
	if row, ok := s.Definition(workflow); ok {
		next = *row
		if row.Known {
			s.Anomaly(DuplicateWorkflow, workflow)
		} else {
			next.CreatedAt = s.at
		}
	}
	next.Known = true
	next.Name, next.Version, next.Description, next.Tags, next.CreatedBy = c.Name, c.Version, c.Description, c.Tags, c.CreatedBy
	next.Metadata = c.Metadata
	next.UpdatedAt = s.at
	s.PutDefinition(&next)
	return nil
}

func (c *WorkflowValidated) apply(s scope) *eventlog.FieldError {
	workflow, err := s.definition(c.Address)
	if err != nil {
		return err
	}
	s.change(workflow, func(d *Definition) bool {
		d.Validation, d.ValidatedBy, d.ValidatedAt = c.Result, c.By, s.at
		return true
	})
	return nil
}

func (c *PropertyChanged) apply(s scope) *eventlog.FieldError {
	workflow, err := s.definition(c.Address)
	if err != nil {
		return err
	}
	switch c.Of {
	case Metadata:
		s.change(workflow, func(d *Definition) bool { return c.change(s, &d.Metadata) })
	case Variable:
		s.change(workflow, func(d *Definition) bool { return c.change(s, &d.Variables) })
	case Configuration:
		s.changeStep(workflow, c.Step, func(step *Step) bool { return c.change(s, &step.Config) })
	}
	return nil
}

// change makes *at a map with the property's new value, and tells whether there is one. The map that it was is not changed.
func (c *PropertyChanged) change(s scope, at *map[string]eventlog.Value) bool {
	_, ok := (*at)[c.Key]
	if c.Value == nil && !ok {
		s.Anomaly(AbsentKey, c.Key)
		return false
	}
	next := make(map[string]eventlog.Value, len(*at)+1)
	maps.Copy(next, *at)
	next[c.Key] = c.Value
	if c.Value == nil {
		delete(next, c.Key)
	}
	if len(next) == 0 {
		next = nil
	}
	*at = next
	return true
}

// changeStep puts a step's row where it was changed. A step that is not defined is left so.
func (s scope) changeStep(workflow, step string, by func(*Step) bool) {
	row, ok := s.Step(workflow, step)
	if !ok {
		s.Anomaly(UnknownStep, step)
		return
	}
	next := *row
	if !by(&next) {
		return
	}
	next.UpdatedAt = s.at
	s.PutStep(&next)
	s.touch(workflow)
}

func (c *StepAdded) apply(s scope) *eventlog.FieldError {
	workflow, err := s.definition(c.Address)
	if err != nil {
		return err
	}
	next := Step{
		WorkflowID: workflow, ID: c.Step, Name: c.Name, Description: c.Description, StepType: c.StepType, Config: c.Config,
		Dependencies: c.Dependencies, EstimatedMinutes: c.EstimatedMinutes, AssignedTo: c.AssignedTo,
		CreatedAt: s.at, UpdatedAt: s.at,
	}
	if row, ok := s.Step(workflow, c.Step); ok {
		s.Anomaly(DuplicateStep, c.Step)
		next.CreatedAt, next.Approval = row.CreatedAt, row.Approval
	}
	s.PutStep(&next)
	s.touch(workflow)
	return nil
}

func (c *StepRemoved) apply(s scope) *eventlog.FieldError {
	workflow, err := s.definition(c.Address)
	if err != nil {
		return err
	}
	if _, ok := s.Step(workflow, c.Step); !ok {
		s.Anomaly(UnknownStep, c.Step)
		return nil
	}
	s.DeleteStep(workflow, c.Step)
	s.touch(workflow)
	return nil
}

func (c *StepAssigned) apply(s scope) *eventlog.FieldError {
	workflow, err := s.definition(c.Address)
	if err != nil {
		return err
	}
	s.changeStep(workflow, c.Step, func(step *Step) bool {
		step.AssignedTo = c.AssignedTo
		return true
	})
	return nil
}

func (c *DependencyChanged) apply(s scope) *eventlog.FieldError {
	workflow, err := s.definition(c.Address)
	if err != nil {
		return err
	}
	s.changeStep(workflow, c.Step, func(step *Step) bool {
		if !c.Removed {
			step.Dependencies = with(step.Dependencies, c.On)
			return true
		}
		before := len(step.Dependencies)
		step.Dependencies = without(step.Dependencies, c.On)
		if len(step.Dependencies) == before {
			s.Anomaly(AbsentKey, c.On)
			return false
		}
		return true
	})
	return nil
}

func (c *StateAdded) apply(s scope) *eventlog.FieldError {
	workflow, err := s.definition(c.Address)
	if err != nil {
		return err
	}
	next := MachineState{WorkflowID: workflow, ID: c.ID, StateType: c.StateType, CreatedAt: s.at}
	if row, ok := s.MachineState(workflow, c.ID); ok {
		s.Anomaly(DuplicateState, c.ID)
		next.CreatedAt = row.CreatedAt
	}
	s.PutMachineState(&next)
	s.touch(workflow)
	return nil
}

func (c *Linked) apply(s scope) *eventlog.FieldError {
	workflow, err := s.definition(c.Address)
	if err != nil {
		return err
	}
	s.PutLink(&Link{
		WorkflowID: workflow, Kind: c.Kind, From: c.From, To: c.Next, Label: c.Label, Condition: c.Condition, CreatedAt: s.at,
	})
	s.touch(workflow)
	return nil
}
