package workflow

import "github.com/thecowboyai/cim-projector/eventlog"

func decodeWorkflowCreated(r *reader, e *eventlog.Event) Change {
	return &WorkflowCreated{
		DefinitionAddress: r.definition(e, ""),
		Name:              r.optionalText("name"),
		Version:           r.opaque("version"),
		Description:       r.optionalText("description"),
		Tags:              r.opaque("tags"),
		CreatedBy:         r.optionalID("created_by"),
		Metadata:          r.opaqueMap("metadata"),
	}
}

func decodeWorkflowValidated(r *reader, e *eventlog.Event) Change {
	return &WorkflowValidated{
		DefinitionAddress: r.definition(e, ""),
		Result:            r.opaque("validation_result"),
		By:                r.optionalID("validated_by"),
	}
}

// decodeProperty reads a key, and its value where it was set.
func decodeProperty(of PropertyKind, removed bool) func(r *reader, e *eventlog.Event) Change {
	return func(r *reader, e *eventlog.Event) Change {
		step := ""
		if of == Configuration {
			step = r.requiredID("step_id")
		}
		c := &PropertyChanged{DefinitionAddress: r.definition(e, step), Of: of, Key: r.requiredID("key")}
		if removed {
			return c
		}
		if c.Value = r.opaque("value"); c.Value == nil {
			c.Value = eventlog.Value("null")
		}
		return c
	}
}

// decodeStepAdded reads a step, whose description some producers put into a member of its own.
func decodeStepAdded(r *reader, e *eventlog.Event) Change {
	inner := reader{m: r.m}
	names := []string{"step_id"}
	whole := r.m.first("step")
	if whole.value.IsObject() {
		m, err := readMembers(whole.value)
		if err != nil {
			r.fail(whole.name, err)
			return nil
		}
		inner.m, names = m, []string{"step_id", "id"}
	} else {
		whole.name = ""
	}
	c := inner.stepAdded(names)
	if inner.err != nil {
		r.fail(whole.name, inner.err)
		return nil
	}
	c.DefinitionAddress = r.definition(e, c.Step)
	return c
}

func (r *reader) stepAdded(idNames []string) *StepAdded {
	return &StepAdded{
		DefinitionAddress: DefinitionAddress{Address{Step: r.requiredID(idNames...)}},
		Name:              r.optionalText("name"),
		Description:       r.optionalText("description"),
		StepType:          r.opaque("step_type"),
		Config:            r.opaqueMap("config"),
		Dependencies:      r.set("dependencies"),
		EstimatedMinutes:  r.optionalNumber("estimated_duration_minutes"),
		AssignedTo:        r.optionalID("assigned_to"),
	}
}

func decodeStepRemoved(r *reader, e *eventlog.Event) Change {
	return &StepRemoved{r.definition(e, r.requiredID("step_id"))}
}

func decodeStepAssigned(r *reader, e *eventlog.Event) Change {
	return &StepAssigned{
		DefinitionAddress: r.definition(e, r.requiredID("step_id")),
		AssignedTo:        r.optionalID("new_assignee"),
	}
}

func decodeDependency(r *reader, e *eventlog.Event) Change {
	return &DependencyChanged{
		DefinitionAddress: r.definition(e, r.requiredID("step_id")),
		On:                r.requiredID("dependency_step_id"),
		Removed:           e.Type == "step_dependency_removed",
	}
}

func decodeStepsConnected(r *reader, e *eventlog.Event) Change {
	return &Linked{
		DefinitionAddress: r.definition(e, ""),
		Kind:              Connection,
		From:              r.requiredID("from_step"),
		Next:              r.requiredID("to_step"),
		Label:             r.id("edge_id"),
		Condition:         r.opaque("condition"),
	}
}

func decodeStateAdded(r *reader, e *eventlog.Event) Change {
	return &StateAdded{
		DefinitionAddress: r.definition(e, ""),
		ID:                r.requiredID("state_id"),
		StateType:         r.optionalText("state_type"),
	}
}

func decodeTransitionAdded(r *reader, e *eventlog.Event) Change {
	return &Linked{
		DefinitionAddress: r.definition(e, ""),
		Kind:              Transition,
		From:              r.requiredID("from_state"),
		Next:              r.requiredID("to_state"),
		Label:             r.id("trigger"),
		Condition:         r.opaque("condition"),
	}
}
