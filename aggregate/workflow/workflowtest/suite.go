package workflowtest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestState runs a state through what workflow.State promises. open returns an empty one, which need not be closed by the suite;
// it is called once a case.
func TestState(t *testing.T, open func(t *testing.T) workflow.State) {
	t.Helper()
	for _, c := range stateCases {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

var stateCases = []struct {
	name string
	run  func(t *testing.T, s workflow.State)
}{
	{"nothing is found in an empty state", emptyState},
	{"a row is returned as it was put", rowsReturn},
	{"a row that is put again replaces the first", rowsReplace},
	{"the same id in two workflows is two rows", workflowsAreApart},
	{"a process is found by its workflow, and by whether it has ended", instancesFound},
	{"a process is found by its active steps, as they are now", activeFound},
	{"a workflow is found by its steps, as they are now", definersFound},
	{"links are found by their ends", linksFound},
	{"ids may hold any character", hostileIDs},
	{"an anomaly changes no row", anomalyApart},
}

func emptyState(t *testing.T, s workflow.State) {
	wantNone(t, "Process", first(s.Process("i")))
	wantNone(t, "Definition", first(s.Definition("w")))
	wantNone(t, "Step", first(s.Step("w", "s")))
	wantNone(t, "MachineState", first(s.MachineState("w", "s")))
	s.DeleteStep("w", "s")
	wantIDs(t, s.Instances("w", false))
	wantIDs(t, s.Instances("w", true))
	wantIDs(t, s.ActiveAt("s", ""))
	wantIDs(t, s.ActiveAt("s", "w"))
	wantIDs(t, s.Definers("s"))
	if s.HasLink("w", workflow.Transition) {
		t.Error("HasLink finds a link")
	}
}

func rowsReturn(t *testing.T, s workflow.State) {
	s.PutProcess(fullProcess())
	s.PutDefinition(fullDefinition())
	s.PutStep(fullStep())
	s.PutMachineState(fullState())
	wantRow(t, fullProcess())(s.Process("i"))
	wantRow(t, fullDefinition())(s.Definition("w"))
	wantRow(t, fullStep())(s.Step("w", "s"))
	wantRow(t, fullState())(s.MachineState("w", "s"))
}

func rowsReplace(t *testing.T, s workflow.State) {
	rowsReturn(t, s)
	p, d := &workflow.Process{InstanceID: "i", Status: workflow.UnknownStart}, &workflow.Definition{ID: "w"}
	step, state := &workflow.Step{WorkflowID: "w", ID: "s"}, &workflow.MachineState{WorkflowID: "w", ID: "s"}
	s.PutProcess(p)
	s.PutDefinition(d)
	s.PutStep(step)
	s.PutMachineState(state)
	wantRow(t, p)(s.Process("i"))
	wantRow(t, d)(s.Definition("w"))
	wantRow(t, step)(s.Step("w", "s"))
	wantRow(t, state)(s.MachineState("w", "s"))
	wantIDs(t, s.ActiveAt("a", ""))
	wantIDs(t, s.Instances("w", false))
}

func workflowsAreApart(t *testing.T, s workflow.State) {
	for _, w := range []string{"v", "w"} {
		s.PutStep(&workflow.Step{WorkflowID: w, ID: "s", Name: &w})
		s.PutMachineState(&workflow.MachineState{WorkflowID: w, ID: "s", StateType: &w})
	}
	s.DeleteStep("v", "s")
	wantNone(t, "Step", first(s.Step("v", "s")))
	wantRow(t, &workflow.Step{WorkflowID: "w", ID: "s", Name: new("w")})(s.Step("w", "s"))
	wantRow(t, &workflow.MachineState{WorkflowID: "v", ID: "s", StateType: new("v")})(s.MachineState("v", "s"))
}

func instancesFound(t *testing.T, s workflow.State) {
	s.PutProcess(&workflow.Process{InstanceID: "1", WorkflowID: "w", Status: workflow.Running, Started: true})
	s.PutProcess(&workflow.Process{InstanceID: "2", WorkflowID: "w", Status: workflow.Failed})
	s.PutProcess(&workflow.Process{InstanceID: "3", WorkflowID: "v", Status: workflow.Paused})
	s.PutProcess(&workflow.Process{InstanceID: "4", Status: workflow.UnknownStart})
	wantIDs(t, s.Instances("w", false), "1")
	wantIDs(t, s.Instances("w", true), "2")
	wantIDs(t, s.Instances("v", false), "3")
	s.PutProcess(&workflow.Process{InstanceID: "1", WorkflowID: "w", Status: workflow.Completed, Started: true})
	wantIDs(t, s.Instances("w", false))
	wantIDs(t, s.Instances("w", true), "1", "2")
	s.PutProcess(&workflow.Process{InstanceID: "4", WorkflowID: "w", Status: workflow.Cancelled})
	if got := s.Instances("w", true); len(got) != 2 || got[0] == got[1] {
		t.Errorf("Instances = %q of three, want two of them", got)
	}
}

func activeFound(t *testing.T, s workflow.State) {
	put := func(id, workflowID string, steps ...string) {
		s.PutProcess(&workflow.Process{InstanceID: id, WorkflowID: workflowID, Status: workflow.UnknownStart, ActiveSteps: steps})
	}
	put("1", "w", "a", "b")
	put("2", "v", "b")
	put("3", "", "c")
	wantIDs(t, s.ActiveAt("a", ""), "1")
	wantIDs(t, s.ActiveAt("b", ""), "1", "2")
	wantIDs(t, s.ActiveAt("b", "v"), "2")
	wantIDs(t, s.ActiveAt("c", ""), "3")
	wantIDs(t, s.ActiveAt("c", "w"))
	put("1", "v", "b", "c")
	wantIDs(t, s.ActiveAt("a", ""))
	wantIDs(t, s.ActiveAt("b", "w"))
	wantIDs(t, s.ActiveAt("b", "v"), "1", "2")
	wantIDs(t, s.ActiveAt("c", ""), "1", "3")
}

func definersFound(t *testing.T, s workflow.State) {
	s.PutStep(&workflow.Step{WorkflowID: "v", ID: "s"})
	s.PutStep(&workflow.Step{WorkflowID: "v", ID: "s"})
	s.PutStep(&workflow.Step{WorkflowID: "v", ID: "other"})
	wantIDs(t, s.Definers("s"), "v")
	s.PutStep(&workflow.Step{WorkflowID: "w", ID: "s"})
	wantIDs(t, s.Definers("s"), "v", "w")
	s.DeleteStep("v", "s")
	s.DeleteStep("v", "s")
	wantIDs(t, s.Definers("s"), "w")
}

func linksFound(t *testing.T, s workflow.State) {
	for _, label := range []string{"", "x"} {
		s.PutLink(&workflow.Link{WorkflowID: "w", Kind: workflow.Transition, From: "a", To: "b", Label: label})
	}
	for _, c := range []struct {
		workflow string
		kind     workflow.LinkKind
		ends     []string
		want     bool
	}{
		{"w", workflow.Transition, nil, true},
		{"w", workflow.Transition, []string{"a"}, true},
		{"w", workflow.Transition, []string{"a", "b"}, true},
		{"w", workflow.Transition, []string{"b"}, false},
		{"w", workflow.Transition, []string{"a", "a"}, false},
		{"w", workflow.Connection, nil, false},
		{"v", workflow.Transition, nil, false},
	} {
		if got := s.HasLink(c.workflow, c.kind, c.ends...); got != c.want {
			t.Errorf("HasLink(%q, %q, %q) = %v", c.workflow, c.kind, c.ends, got)
		}
	}
}

func hostileIDs(t *testing.T, s workflow.State) {
	ids := []string{"a", "a\x00", "a\x00b", "a/b", "a.b", "\x00", "ä", "\U0010ffff", "a b"}
	for i, id := range ids {
		s.PutProcess(&workflow.Process{
			InstanceID: id, WorkflowID: id, Status: workflow.UnknownStart, ActiveSteps: []string{id}, Events: uint64(i),
		})
		s.PutStep(&workflow.Step{WorkflowID: id, ID: id})
		s.PutLink(&workflow.Link{WorkflowID: id, Kind: workflow.Connection, From: id, To: id})
	}
	for i, id := range ids {
		if p, ok := s.Process(id); !ok || p.Events != uint64(i) {
			t.Errorf("Process(%q) = %+v", id, p)
		}
		wantIDs(t, s.Instances(id, false), id)
		wantIDs(t, s.ActiveAt(id, ""), id)
		wantIDs(t, s.ActiveAt(id, id), id)
		wantIDs(t, s.Definers(id), id)
		if !s.HasLink(id, workflow.Connection, id, id) || s.HasLink(id, workflow.Connection, "a\x00\x00") {
			t.Errorf("HasLink is wrong at %q", id)
		}
	}
}

func anomalyApart(t *testing.T, s workflow.State) {
	s.Anomaly(workflow.UnknownInstance, "i")
	emptyState(t, s)
}

func first[T any](row *T, ok bool) any {
	if !ok {
		return nil
	}
	return *row
}

func wantNone(t *testing.T, what string, got any) {
	t.Helper()
	if got != nil {
		t.Errorf("%s found %+v", what, got)
	}
}

func wantRow[T any](t *testing.T, want *T) func(*T, bool) {
	return func(got *T, ok bool) {
		t.Helper()
		switch {
		case !ok:
			t.Errorf("nothing found, want %+v", *want)
		case !reflect.DeepEqual(got, want):
			t.Errorf("got %+v, want %+v", *got, *want)
		}
	}
}

func wantIDs(t *testing.T, got []string, want ...string) {
	t.Helper()
	got = slices.Sorted(slices.Values(got))
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func fullProcess() *workflow.Process {
	return &workflow.Process{
		InstanceID: "i", WorkflowID: "w", Status: workflow.Paused, Started: true, Stepped: true,
		CompletionStatus: eventlog.Value(`{"Other":1.0}`), StartNode: new("a"), CurrentState: new("x"),
		ActiveSteps: []string{"a", "b"}, Initiator: new("me"), StartedAt: 1, CompletedAt: -2, UpdatedAt: 1<<63 - 1,
		StepsExecuted: new(uint64(0)), TotalExecutionTimeMS: new(uint64(1<<64 - 1)), InputData: eventlog.Value(`{}`),
		Context: eventlog.Value(`[]`), FinalOutput: eventlog.Value(`"o"`), Error: eventlog.Value(`1e400`), Reason: new(""),
		Events: 1<<64 - 1, LastSequence: 7,
	}
}

func fullDefinition() *workflow.Definition {
	return &workflow.Definition{
		ID: "w", Known: true, Name: new("name"), Version: eventlog.Value(`"1.0.0"`), Description: new(""),
		Tags: eventlog.Value(`["t"]`), CreatedBy: new("me"), Metadata: map[string]eventlog.Value{"": eventlog.Value("null")},
		Variables: map[string]eventlog.Value{"v": eventlog.Value("1")}, Validation: eventlog.Value(`"Ok"`),
		ValidatedBy: new("you"), ValidatedAt: 3, CreatedAt: 1, UpdatedAt: 2,
	}
}

func fullStep() *workflow.Step {
	return &workflow.Step{
		WorkflowID: "w", ID: "s", Name: new("n"), Description: new("d"), StepType: eventlog.Value(`{"Custom":"c"}`),
		Config: map[string]eventlog.Value{"k": eventlog.Value("{}")}, Dependencies: []string{"a", "b"},
		EstimatedMinutes: new(uint64(0)), AssignedTo: new("me"), CreatedAt: 1, UpdatedAt: 2,
		Approval: &workflow.Approval{Status: workflow.ApprovalGranted, Approver: new("x"), By: new("y"), Message: new("m"), At: 2},
	}
}

func fullState() *workflow.MachineState {
	return &workflow.MachineState{WorkflowID: "w", ID: "s", StateType: new("final"), CreatedAt: 5}
}
