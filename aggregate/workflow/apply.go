package workflow

import "github.com/thecowboyai/cim-projector/eventlog"

// Apply changes the state by what an event says. Every change that can be told to belong to a process or definition has a
// result in every state, and what the state did not expect is an anomaly. The only refusal is a change of which neither the event
// nor the state tells whose it is: it changes nothing, and the error has the code missing_field. The result depends on nothing
// but the arguments and what the state answers. A nil change, as Decode returns it for unknown types, changes nothing.
func Apply(s State, e *eventlog.Event, c Change) *eventlog.FieldError {
	if c == nil {
		return nil
	}
	return c.apply(scope{State: s, at: e.Occurred})
}

// scope is the state, seen by one event.
type scope struct {
	State

	at eventlog.Time
}

// refused says that nobody knows whose change it is.
func refused(field string) *eventlog.FieldError {
	return eventlog.Refuse(eventlog.CodeMissingField, "payload."+field)
}

// process returns a copy of the row of the process that an event belongs to, to be changed and recorded. Where there is none, it
// is made: its start is lost, or still to come.
func (s scope) process(a Address) (*Process, *eventlog.FieldError) {
	instance := s.instance(a)
	if instance == "" {
		return nil, refused("process_instance_id")
	}
	p := &Process{InstanceID: instance, Status: UnknownStart}
	if row, ok := s.Process(instance); ok {
		*p = *row
	} else {
		s.Anomaly(UnknownInstance, instance)
	}
	s.belong(p, a)
	return p, nil
}

// belong gives a process its workflow, where it has none, and compares what the event says with what is known.
func (s scope) belong(p *Process, a Address) {
	if p.WorkflowID == "" && !a.Task {
		p.WorkflowID = a.Workflow
	}
	if a.Workflow != "" && a.Workflow != p.WorkflowID && a.Workflow != p.InstanceID {
		s.Anomaly(WorkflowMismatch, a.Workflow)
	}
	switch a.Aggregate {
	case "", p.InstanceID, p.WorkflowID, a.Workflow:
	default:
		s.Anomaly(AggregateMismatch, a.Aggregate)
	}
}

// record puts a process with one more event in its history.
func (s scope) record(p *Process, entry Entry) {
	entry.InstanceID = p.InstanceID
	if p.Events == 0 || entry.Sequence != p.LastSequence {
		p.Events++
	}
	p.LastSequence = entry.Sequence
	p.UpdatedAt = s.at
	s.PutProcess(p)
	s.PutEntry(&entry)
}

// open tells whether a process can still change, and records the anomaly where it cannot.
func (s scope) open(p *Process) bool {
	if p.Status.Ended() {
		s.Anomaly(EventAfterEnd, p.InstanceID)
		return false
	}
	return true
}
