package workflow

// instance returns the process that an event belongs to, or "" where neither the event nor the state tells.
func (s scope) instance(a Address) string {
	if a.Instance != "" {
		return a.Instance
	}
	if a.Aggregate != "" {
		if _, ok := s.Process(a.Aggregate); ok {
			return a.Aggregate
		}
	}
	switch {
	case a.Task:
		return s.ofTask(a)
	case a.Workflow != "":
		return s.ofWorkflow(a.Workflow, a.Step)
	case a.Aggregate != "":
		return s.ofWorkflow(a.Aggregate, a.Step)
	}
	return s.ofStep(a.Step)
}

// ofWorkflow returns the process of a workflow that an event means which names the workflow alone: the workflow itself, where it is
// its own process; the only process that has not ended; the only one of these in which the step is active; the only one that
// has ended. Where no process of it is known, the workflow is taken for its own process.
func (s scope) ofWorkflow(workflow, step string) string {
	if _, ok := s.Process(workflow); ok {
		return workflow
	}
	open := s.Instances(workflow, false)
	if len(open) > 1 && step != "" {
		return only(s.ActiveAt(step, workflow))
	}
	if len(open) > 0 {
		return only(open)
	}
	if ended := s.Instances(workflow, true); len(ended) > 0 {
		return only(ended)
	}
	return workflow
}

// ofStep returns the only process in which a step is active, or that of the only workflow which defines it.
func (s scope) ofStep(step string) string {
	if instance := only(s.ActiveAt(step, "")); instance != "" {
		return instance
	}
	if workflow := only(s.Definers(step)); workflow != "" {
		return s.ofWorkflow(workflow, step)
	}
	return ""
}

// ofTask returns the process of a task by its step. The workflow that the event names may be invented, and counts only where it is
// known and the step is not.
func (s scope) ofTask(a Address) string {
	if instance := s.ofStep(a.Step); instance != "" {
		return instance
	}
	if s.knows(a.Workflow) {
		return s.ofWorkflow(a.Workflow, a.Step)
	}
	return ""
}

// knows tells whether a workflow has a row of either kind.
func (s scope) knows(workflow string) bool {
	if workflow == "" {
		return false
	}
	if _, ok := s.Definition(workflow); ok {
		return true
	}
	_, ok := s.Process(workflow)
	return ok
}

// workflow returns the workflow that an event of a definition belongs to, or "": the one that it names, the envelope's aggregate, or
// the only one that defines the step.
func (s scope) workflow(a Address) string {
	switch {
	case a.Workflow != "":
		return a.Workflow
	case a.Aggregate != "":
		return a.Aggregate
	}
	return only(s.Definers(a.Step))
}

// only returns the one id in a list, or "" where there is another number of them.
func only(ids []string) string {
	if len(ids) == 1 {
		return ids[0]
	}
	return ""
}
