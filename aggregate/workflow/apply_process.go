package workflow

import (
	"cmp"
	"slices"

	"github.com/thecowboyai/cim-projector/eventlog"
)

func (c *ProcessStarted) apply(s scope) *eventlog.FieldError {
	p := &Process{InstanceID: cmp.Or(c.Instance, c.Workflow, c.Aggregate), Status: Running}
	if row, ok := s.Process(p.InstanceID); ok {
		*p = *row
	}
	if !p.Started && c.Workflow != "" {
		p.WorkflowID = c.Workflow // an event before it may have taken the process for its own workflow
	}
	s.belong(p, c.Address)
	if p.Started {
		s.Anomaly(DuplicateStart, p.InstanceID)
	} else {
		c.begin(p, s.at)
	}
	p.StartNode = cmp.Or(p.StartNode, c.StartNode)
	p.Initiator = cmp.Or(p.Initiator, c.Initiator)
	p.InputData = given(p.InputData, c.InputData)
	p.Context = given(p.Context, c.Context)
	s.record(p, c.Entry)
	return nil
}

// begin makes a process one whose start is known. What came before its start in the log is not undone by it: an end stands, and
// the start node is active only where no step was heard of.
func (c *ProcessStarted) begin(p *Process, at eventlog.Time) {
	p.Started = true
	p.StartedAt = at
	if p.Status == UnknownStart {
		p.Status = Running
	}
	if c.StartNode != nil && !p.Stepped && !p.Status.Ended() {
		p.ActiveSteps = with(p.ActiveSteps, *c.StartNode)
	}
	p.CurrentState = cmp.Or(p.CurrentState, c.CurrentState)
}

// given returns the first value that is there.
func given(a, b eventlog.Value) eventlog.Value {
	if a != nil {
		return a
	}
	return b
}

func (c *StepReported) apply(s scope) *eventlog.FieldError {
	p, err := s.process(c.Address)
	if err != nil {
		return err
	}
	if s.open(p) {
		p.Stepped = true
		p.ActiveSteps = with(without(p.ActiveSteps, c.Leaves), c.Enters...)
	}
	s.record(p, c.Entry)
	if c.Approval != nil {
		s.approve(p.WorkflowID, c)
	}
	return nil
}

// approve writes the approval into the step's definition, where there is one.
func (s scope) approve(workflow string, c *StepReported) {
	if _, ok := s.Step(workflow, c.Step); !ok {
		return
	}
	s.changeStep(workflow, c.Step, func(step *Step) bool {
		approval := *c.Approval
		if approval.Approver == nil && step.Approval != nil {
			approval.Approver = step.Approval.Approver
		}
		step.Approval = &approval
		return true
	})
}

// apply writes the assignee into the step's definition, and the event into the history of the process. A task can be given out
// before its process starts: that starts none.
func (c *TaskAssigned) apply(s scope) *eventlog.FieldError {
	instance := s.instance(c.Address)
	if instance == "" {
		return refused("process_instance_id")
	}
	if _, ok := s.Process(instance); !ok && c.Instance == "" {
		s.changeStep(instance, c.Step, c.assign)
		return nil
	}
	p, err := s.process(c.Address)
	if err != nil {
		return err
	}
	s.open(p)
	s.record(p, c.Entry)
	if _, ok := s.Step(p.WorkflowID, c.Step); ok {
		s.changeStep(p.WorkflowID, c.Step, c.assign)
	}
	return nil
}

func (c *TaskAssigned) assign(step *Step) bool {
	step.AssignedTo = c.Entry.Assignee
	return true
}

func (c *ProcessHeld) apply(s scope) *eventlog.FieldError {
	p, err := s.process(c.Address)
	if err != nil {
		return err
	}
	if s.open(p) {
		c.hold(s, p)
	}
	s.record(p, c.Entry)
	return nil
}

// hold pauses or resumes. A process whose start is unknown may have been either before.
func (c *ProcessHeld) hold(s scope, p *Process) {
	if (p.Status == Paused) == c.Paused && p.Status != UnknownStart {
		s.Anomaly(IllegalTransition, p.InstanceID)
	}
	switch {
	case c.Paused:
		p.Status, p.Reason = Paused, c.Entry.Reason
	case p.Started:
		p.Status, p.Reason = Running, nil
	default:
		p.Status, p.Reason = UnknownStart, nil
	}
	p.CurrentState = cmp.Or(c.CurrentState, p.CurrentState)
}

func (c *ProcessEnded) apply(s scope) *eventlog.FieldError {
	p, err := s.process(c.Address)
	if err != nil {
		return err
	}
	if s.open(p) {
		c.end(s, p)
	}
	s.record(p, c.Entry)
	return nil
}

func (c *ProcessEnded) end(s scope, p *Process) {
	if c.Status == Completed && len(p.ActiveSteps) > 0 {
		s.Anomaly(ActiveAtEnd, p.InstanceID)
	}
	p.ActiveSteps = nil
	p.Status = c.Status
	p.CompletedAt = s.at
	p.CompletionStatus = c.CompletionStatus
	p.FinalOutput = c.FinalOutput
	p.StepsExecuted = c.StepsExecuted
	p.TotalExecutionTimeMS = c.TotalExecutionTimeMS
	p.Error = c.Entry.Error
	p.Reason = c.Entry.Reason
	p.CurrentState = cmp.Or(c.CurrentState, p.CurrentState)
}

func (c *StateTransitioned) apply(s scope) *eventlog.FieldError {
	p, err := s.process(c.Address)
	if err != nil {
		return err
	}
	if s.open(p) {
		if !c.Stated {
			c.compare(s, p)
		}
		p.CurrentState = c.Entry.ToState
	}
	s.record(p, c.Entry)
	return nil
}

// compare holds a transition against the state that is left, and against the definition.
func (c *StateTransitioned) compare(s scope, p *Process) {
	from, to := cmp.Or(c.Entry.FromState, p.CurrentState), c.Entry.ToState
	if from != nil && p.CurrentState != nil && *from != *p.CurrentState {
		s.Anomaly(StateMismatch, p.InstanceID)
	}
	if from != nil && s.HasLink(p.WorkflowID, Transition) && !s.HasLink(p.WorkflowID, Transition, *from, *to) {
		s.Anomaly(UndefinedTransition, p.InstanceID)
	}
}

func (c *StateExited) apply(s scope) *eventlog.FieldError {
	p, err := s.process(c.Address)
	if err != nil {
		return err
	}
	s.open(p)
	s.record(p, c.Entry)
	return nil
}

// with returns a sorted set with some more members. The set itself is not changed.
func with(set []string, more ...string) []string {
	for _, id := range more {
		i, ok := slices.BinarySearch(set, id)
		if !ok {
			set = slices.Insert(slices.Clone(set), i, id)
		}
	}
	return set
}

// without returns a sorted set without a member; nil where it was the last. The set itself is not changed.
func without(set []string, id string) []string {
	i, ok := slices.BinarySearch(set, id)
	switch {
	case !ok:
		return set
	case len(set) == 1:
		return nil
	}
	return slices.Delete(slices.Clone(set), i, i+1)
}
