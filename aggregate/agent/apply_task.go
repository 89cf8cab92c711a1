package agent

func (c *TaskAssignment) apply(s scope) {
	agent := s.agent(c.Agent)
	next := Task{
		AgentID:    c.Agent,
		ID:         c.Task,
		Type:       c.Type,
		Kind:       c.Kind,
		Parameters: c.Parameters,
		Priority:   c.Priority,
		Deadline:   c.Deadline,
		Assigner:   c.Assigner,
		Status:     Assigned,
		AssignedAt: s.time(c.At),
	}
	row, ok := s.Task(c.Agent, c.Task)
	switch {
	case !ok:
		agent.ActiveTasks++
	case row.Status == Completed:
		s.Anomaly(CompletedTask, c.Task)
		next.Status, next.CompletedAt = Completed, row.CompletedAt
	default:
		s.Anomaly(DuplicateTask, c.Task)
	}
	if ok && !row.AssignedAt.IsZero() {
		next.AssignedAt = row.AssignedAt
	}
	s.PutTask(&next)
	s.update(&agent)
}

func (c *TaskCompletion) apply(s scope) {
	agent := s.agent(c.Agent)
	next := Task{AgentID: c.Agent, ID: c.Task}
	row, ok := s.Task(c.Agent, c.Task)
	switch {
	case !ok:
		s.Anomaly(UnknownTask, c.Task)
	case row.Status == Completed:
		s.Anomaly(CompletedTask, c.Task)
		return
	default:
		next = *row
		agent.ActiveTasks -= min(1, agent.ActiveTasks) // a failing store can forget the row that held it
	}
	agent.CompletedTasks++
	next.Status, next.CompletedAt = Completed, s.time(c.At)
	s.PutTask(&next)
	s.update(&agent)
}
