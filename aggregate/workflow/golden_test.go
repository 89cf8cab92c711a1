package workflow_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// vectorStates is testdata/want.json.
type vectorStates struct {
	Docs map[string]vectorProcess `json:"docs"`
	Cim  vectorMachine            `json:"cim-graph"`
}

type vectorProcess struct {
	WorkflowID       string           `json:"workflow_id"`
	Status           workflow.Status  `json:"status"`
	CompletionStatus string           `json:"completion_status"`
	Initiator        string           `json:"initiator"`
	StepsCompleted   []string         `json:"steps_completed_in_order"`
	Decisions        []vectorDecision `json:"decisions"`
	StepsExecuted    uint64           `json:"steps_executed"`
	TotalTime        uint64           `json:"total_execution_time_ms"`
	ActiveSteps      []string         `json:"active_steps"`
	StartedAt        int64            `json:"started_at_unix_ms"`
	CompletedAt      int64            `json:"completed_at_unix_ms"`
	FinalOutput      map[string]bool  `json:"final_output"`
}

type vectorDecision struct {
	Node       string  `json:"node"`
	Chosen     string  `json:"chosen"`
	Confidence float32 `json:"confidence_f32"`
}

type vectorMachine struct {
	Definition  string                `json:"definition"`
	States      []string              `json:"states"`
	Transitions [][3]string           `json:"transitions"`
	Instances   map[string]string     `json:"instances"`
	Anomalies   []workflowtest.Record `json:"anomalies"`
}

func TestVectors(t *testing.T) {
	var want, got vectorStates
	raw, err := os.ReadFile("testdata/want.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	got.Docs = readProcesses(t, vectors(t, "testdata/docs.jsonl", 5))
	got.Cim = readMachine(vectors(t, "testdata/cim-graph.jsonl", 6))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

type vector struct {
	Subject string            `json:"subject"`
	Headers map[string]string `json:"headers"`
	Message json.RawMessage   `json:"message"`
}

// vectors folds a file of vectors.
func vectors(t *testing.T, file string, n int) *workflowtest.State {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, seq := &workflowtest.State{}, eventlog.Seq(0)
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		seq++
		apply(t, s, read(t, v, seq))
		if err := s.Check(); err != nil {
			t.Fatalf("after event %s: %v", seq, err)
		}
	}
	if int(seq) != n {
		t.Fatalf("%s has %d events, want %d", file, seq, n)
	}
	return s
}

// read makes the event of a vector.
func read(t *testing.T, v vector, seq eventlog.Seq) *eventlog.Event {
	t.Helper()
	r := eventlog.Record{
		Seq: seq, Time: eventlog.Time(seq), Subject: v.Subject, Header: eventlog.Header{}, Body: v.Message,
	}
	for name, value := range v.Headers {
		r.Header[name] = []string{value}
	}
	e, err := eventlog.Decode(&r)
	if err != nil {
		t.Fatal(err)
	}
	return &e
}

func readProcesses(t *testing.T, s *workflowtest.State) map[string]vectorProcess {
	t.Helper()
	out := map[string]vectorProcess{}
	for _, p := range s.Processes() {
		v := vectorProcess{
			WorkflowID: p.WorkflowID, Status: p.Status, Initiator: *p.Initiator, ActiveSteps: append([]string{}, p.ActiveSteps...),
			StepsExecuted: *p.StepsExecuted, TotalTime: *p.TotalExecutionTimeMS,
			StartedAt: int64(p.StartedAt) / 1e6, CompletedAt: int64(p.CompletedAt) / 1e6,
		}
		v.CompletionStatus, _ = p.CompletionStatus.Text()
		if err := json.Unmarshal(p.FinalOutput, &v.FinalOutput); err != nil {
			t.Fatal(err)
		}
		out[p.InstanceID] = v
	}
	for _, e := range s.Entries() {
		v := out[e.InstanceID]
		switch e.Type {
		case "step_completed":
			v.StepsCompleted = append(v.StepsCompleted, e.StepID)
		case "decision_reached":
			v.Decisions = append(v.Decisions, vectorDecision{e.StepID, *e.ChosenPath, *e.Confidence})
		}
		out[e.InstanceID] = v
	}
	if len(s.Anomalies) > 0 {
		t.Errorf("anomalies %v", s.Anomalies)
	}
	return out
}

func readMachine(s *workflowtest.State) vectorMachine {
	out := vectorMachine{Instances: map[string]string{}, Anomalies: s.Anomalies}
	for _, d := range s.Definitions() {
		version, _ := d.Version.Text()
		out.Definition += *d.Name + " " + version
	}
	for _, m := range s.MachineStates() {
		out.States = append(out.States, m.ID)
	}
	for _, l := range s.Links() {
		out.Transitions = append(out.Transitions, [3]string{l.From, l.To, l.Label})
	}
	for _, p := range s.Processes() {
		out.Instances[p.InstanceID] = *p.CurrentState
	}
	return out
}
