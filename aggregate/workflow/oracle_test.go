package workflow_test

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
	kind, process, workflow, step, state string

	next   []string
	status string
	value  int
}

var steps = rapid.Custom(func(t *rapid.T) step {
	ids := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	return step{
		kind: ids("kind", "process_started", "process_started", "process_paused", "process_resumed", "process_completed",
			"process_failed", "process_cancelled", "step_started", "step_completed", "step_completed", "step_failed", "step_skipped",
			"decision_reached", "state_transitioned", "step_added", "step_removed", "step_dependency_added",
			"step_dependency_removed", "workflow_created", "workflow_metadata_added", "workflow_metadata_removed"),
		process:  ids("process", "i", "j"),
		workflow: ids("workflow", "v", "w"),
		step:     ids("step", "f", "e", "d", "c", "b", "a"),
		state:    ids("state", "x", "y"),
		next:     rapid.SliceOfN(rapid.SampledFrom([]string{"f", "e", "d", "c", "b", "a"}), 0, 3).Draw(t, "next"),
		status:   ids("status", "Success", "Failed", "Aborted"),
		value:    rapid.IntRange(0, 2).Draw(t, "value"),
	}
})

// fact writes the step as a producer would.
func (s step) fact() fact {
	p := map[string]any{
		"process_instance_id": s.process, "workflow_id": s.workflow, "step_id": s.step, "start_node": s.step, "next_steps": s.next,
		"decision_node": s.step, "completion_status": s.status, "steps_executed": s.value, "to_state": s.state,
		"dependency_step_id": s.state, "key": s.state, "value": s.value,
	}
	if s.kind == "decision_reached" && len(s.next) > 0 {
		p["chosen_path"] = s.next[0]
	}
	text, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return fact{s.kind, string(text)}
}

// oracle is the rules once more, as plainly as they can be said, over processes that are named by their events.
type oracle struct {
	processes   map[string]*oracleProcess
	definitions map[string]*oracleDefinition
}

type oracleProcess struct {
	workflow, state, completion string

	started, stepped, paused bool
	ended                    string // the status that it ended with
	active                   map[string]bool
	events                   int
	executed                 *int
}

type oracleDefinition struct {
	known    bool
	metadata map[string]int
	steps    map[string]map[string]bool // with dependencies
}

func newOracle() *oracle {
	return &oracle{map[string]*oracleProcess{}, map[string]*oracleDefinition{}}
}

func (o *oracle) apply(s step) {
	switch {
	case strings.HasPrefix(s.kind, "workflow_"), strings.HasPrefix(s.kind, "step_dependency"), s.kind == "step_added", s.kind == "step_removed":
		o.define(s)
		return
	}
	p := o.processes[s.process]
	if p == nil {
		p = &oracleProcess{workflow: s.workflow, active: map[string]bool{}}
		o.processes[s.process] = p
	}
	p.events++
	if s.kind == "process_started" {
		p.start(s)
	} else if p.ended == "" {
		p.goOn(s)
	}
}

func (p *oracleProcess) start(s step) {
	if p.started {
		return
	}
	p.started, p.workflow = true, s.workflow
	if !p.stepped && p.ended == "" {
		p.active[s.step] = true
	}
}

func (p *oracleProcess) goOn(s step) {
	switch s.kind {
	case "process_paused", "process_resumed":
		p.paused = s.kind == "process_paused"
	case "process_completed":
		p.ended = map[string]string{"Success": "completed", "Failed": "failed", "Aborted": "cancelled"}[s.status]
		p.completion, p.executed = s.status, &s.value
	case "process_failed", "process_cancelled":
		p.ended = strings.TrimPrefix(s.kind, "process_")
	case "state_transitioned":
		p.state = s.state
	case "step_started":
		p.stepped, p.active[s.step] = true, true
	default:
		p.stepped = true
		delete(p.active, s.step)
		for i, next := range s.next {
			if s.kind == "step_completed" || s.kind == "decision_reached" && i == 0 {
				p.active[next] = true
			}
		}
	}
	if p.ended != "" {
		p.active = nil
	}
}

func (o *oracle) define(s step) {
	d := o.definitions[s.workflow]
	missing := d == nil
	if missing {
		d = &oracleDefinition{metadata: map[string]int{}, steps: map[string]map[string]bool{}}
	}
	dependencies, defined := d.steps[s.step]
	switch s.kind {
	case "workflow_created":
		d.known, d.metadata = true, map[string]int{}
	case "workflow_metadata_added":
		d.metadata[s.state] = s.value
	case "workflow_metadata_removed":
		delete(d.metadata, s.state)
		if missing {
			return
		}
	case "step_added":
		d.steps[s.step] = map[string]bool{}
	case "step_removed":
		delete(d.steps, s.step)
	case "step_dependency_added":
		if defined {
			dependencies[s.state] = true
		}
	case "step_dependency_removed":
		delete(dependencies, s.state)
	}
	if strings.HasPrefix(s.kind, "step_") && s.kind != "step_added" && missing {
		return
	}
	o.definitions[s.workflow] = d
}

// lines are what summary makes of a state.
func (o *oracle) lines() []string {
	var out []string
	for id, p := range o.processes {
		status := "running"
		switch {
		case p.ended != "":
			status = p.ended
		case p.paused:
			status = "paused"
		case !p.started:
			status = "unknown_start"
		}
		executed := "-"
		if p.executed != nil {
			executed = fmt.Sprint(*p.executed)
		}
		out = append(out, fmt.Sprintf("process %s of %s %s started=%v active=%q state=%s completion=%s executed=%s events=%d",
			id, p.workflow, status, p.started, slices.Sorted(maps.Keys(p.active)), p.state, p.completion, executed, p.events))
	}
	for id, d := range o.definitions {
		out = append(out, fmt.Sprintf("workflow %s known=%v metadata=%v", id, d.known, d.metadata))
		for name, dependencies := range d.steps {
			out = append(out, fmt.Sprintf("step %s/%s %q", id, name, slices.Sorted(maps.Keys(dependencies))))
		}
	}
	slices.Sort(out)
	return out
}
