package workflowmodel_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
	"github.com/thecowboyai/cim-projector/projection/workflowmodel"
)

// TestLife looks at what became of every event of the life of some processes.
func TestLife(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life(t)...)
	m.apply(record(100, "event.graph.node_created", []byte(`{"event_type":"node_created","payload":{}}`)))
	m.apply(record(101, "event.workflow.process_started", []byte(`no JSON`)))
	m.commit()
	m.check()
	m.view(func(v *projection.View) {
		want := projection.Counts{Applied: 32, OtherSubject: 1, UnknownType: 1, Undecodable: 1, DeadLetters: 2, Anomalies: 4}
		if got := v.Counts(); got != want {
			t.Errorf("Counts = %+v, want %+v", got, want)
		}
		var letters []string
		v.Letters("", func(l *projection.Letter) bool {
			letters = append(letters, fmt.Sprintf("%s %s %s %s", l.Seq, l.Type, l.Code, l.Field))
			return true
		})
		wantLetters := []string{
			"32 task_assigned missing_field payload.process_instance_id", "33 step_completed wrong_type payload.step_id",
		}
		if diff := cmp.Diff(wantLetters, letters); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(inMemory(t, life(t)).Lines(), workflowmodel.Rows(v).Lines()); diff != "" {
			t.Errorf("rows (-in memory +stored):\n%s", diff)
		}
		wantAnomalies := []workflowtest.Record{
			{Code: workflow.UnknownInstance, Subject: "proc-3"},
			{Code: workflow.WorkflowMismatch, Subject: "random-4711"},
			{Code: workflow.EventAfterEnd, Subject: "proc-1"},
			{Code: workflow.UnknownWorkflow, Subject: "wf-late"},
		}
		if diff := cmp.Diff(wantAnomalies, workflowmodel.Rows(v).Anomalies); diff != "" {
			t.Errorf("anomalies (-want +got):\n%s", diff)
		}
	})
}

// TestReopen goes on in another process's store after every event.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	for _, r := range life(t) {
		m := open(t, dir)
		m.apply(r)
		m.commit()
		m.check()
		m.close()
	}
	m := open(t, dir)
	m.view(func(v *projection.View) {
		if diff := cmp.Diff(inMemory(t, life(t)).Lines(), workflowmodel.Rows(v).Lines()); diff != "" {
			t.Errorf("rows (-in memory +stored):\n%s", diff)
		}
	})
}

// inMemory folds a history into the plainest state that there is.
func inMemory(t testing.TB, history []eventlog.Record) *workflowtest.State {
	t.Helper()
	s := &workflowtest.State{}
	for i := range history {
		e, err := eventlog.Decode(&history[i])
		if err != nil {
			continue
		}
		if change, refused := workflow.Decode(&e); refused == nil {
			_ = workflow.Apply(s, &e, change) // what is nobody's changes nothing
		}
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return s
}

// payloads are templates: %[1]s is a process, %[2]s a workflow, %[3]s and %[4]s are steps or states, %[5]d is a number.
var payloads = []struct{ kind, payload string }{
	{"process_started", `{"process_instance_id":%[1]s,"workflow_id":%[2]s,"start_node":%[3]s,"initiator":"u%[5]d"}`},
	{"process_started", `{"process_instance_id":%[1]s,"workflow_id":%[2]s,"start_node":%[3]s}`},
	{"process_started", `{"workflow_id":%[2]s,"started_by":"u%[5]d"}`},
	{"process_started", `{"workflow_id":%[1]s,"definition_id":%[2]s,"initial_state":%[3]s}`},
	{"process_completed", `{"process_instance_id":%[1]s,"steps_executed":%[5]d,"completion_status":"Success"}`},
	{"process_completed", `{"workflow_id":%[2]s,"completion_status":"Failed"}`},
	{"process_failed", `{"workflow_id":%[2]s,"failed_step":%[3]s,"error":%[5]d}`},
	{"process_cancelled", `{"execution_id":%[1]s}`},
	{"process_paused", `{"process_instance_id":%[1]s,"reason":"r%[5]d"}`},
	{"process_resumed", `{"workflow_id":%[2]s}`},
	{"step_started", `{"workflow_id":%[2]s,"step_id":%[3]s}`},
	{"step_started", `{"process_instance_id":%[1]s,"step_id":%[3]s}`},
	{"step_completed", `{"process_instance_id":%[1]s,"workflow_id":%[2]s,"step_id":%[3]s,"next_steps":[%[4]s,%[3]s],` +
		`"execution_time_ms":%[5]d}`},
	{"step_completed", `{"step_id":%[3]s,"next_step":%[4]s}`},
	{"step_failed", `{"step_id":%[3]s}`},
	{"step_approval_granted", `{"workflow_id":%[2]s,"step_id":%[3]s,"approved_by":"u%[5]d"}`},
	{"task_assigned", `{"workflow_id":"random","step_id":%[3]s,"assigned_to":"u%[5]d"}`},
	{"decision_reached", `{"process_instance_id":%[1]s,"decision_node":%[3]s,"chosen_path":%[4]s,"confidence":0.%[5]d}`},
	{"state_transitioned", `{"instance_id":%[1]s,"from_state":%[3]s,"to_state":%[4]s}`},
	{"workflow_created", `{"workflow_id":%[2]s,"name":"n%[5]d","metadata":{"k%[5]d":1}}`},
	{"workflow_metadata_added", `{"workflow_id":%[2]s,"key":"k%[5]d","value":[%[5]d]}`},
	{"workflow_metadata_removed", `{"workflow_id":%[2]s,"key":"k%[5]d"}`},
	{"step_added", `{"workflow_id":%[2]s,"step_id":%[3]s,"dependencies":[%[4]s],"config":{"k":%[5]d}}`},
	{"step_added", `{"workflow_id":%[2]s,"step_id":%[4]s}`},
	{"step_removed", `{"workflow_id":%[2]s,"step_id":%[3]s}`},
	{"step_dependency_removed", `{"step_id":%[3]s,"dependency_step_id":%[4]s}`},
	{"step_configuration_removed", `{"workflow_id":%[2]s,"step_id":%[3]s,"key":"k"}`},
	{"transition_added", `{"workflow_id":%[2]s,"from_state":%[3]s,"to_state":%[4]s,"trigger":"t%[5]d"}`},
	{"state_added", `{"workflow_id":%[2]s,"state_id":%[3]s}`},
	{"step_completed", `{"process_instance_id":%[1]s}`},
	{"unheard_of", `{"process_instance_id":%[1]s}`},
}

// ids are few, so that events meet each other, and some are both a process's and a workflow's.
var (
	processIDs  = []string{"i", "j", "w", "i\x00"}
	workflowIDs = []string{"w", "v", "i"}
	stepIDs     = []string{"a", "b", "c", "a\x00b"}
)

func drawHistory(t *rapid.T) []eventlog.Record {
	quoted := func(ids []string) string {
		return strings.ReplaceAll(fmt.Sprintf("%q", rapid.SampledFrom(ids).Draw(t, "id")), `\x00`, `\u0000`)
	}
	n := rapid.SampledFrom([]int{36, 24, 12, 6, 3, 1}).Draw(t, "events")
	out := make([]eventlog.Record, n)
	for i := range out {
		// What is drawn leans to small numbers: taken from the place in the history, it comes by all events.
		p := payloads[(11*i+rapid.IntRange(0, len(payloads)-1).Draw(t, "payload"))%len(payloads)]
		payload := fmt.Sprintf(p.payload+"%.0[1]s%.0[2]s%.0[3]s%.0[4]s%.0[5]s", quoted(processIDs), quoted(workflowIDs),
			quoted(stepIDs), quoted(stepIDs), rapid.IntRange(0, 3).Draw(t, "number"))
		out[i] = event(i+1, p.kind, payload)
	}
	return out
}

// TestLaws folds random histories in every way that must not make a difference.
func TestLaws(t *testing.T) {
	projectiontest.Laws(t, workflowmodel.New(), rapid.Custom(drawHistory))
}

// TestIndexesFollow changes, one by one, what indexes are made of.
func TestIndexesFollow(t *testing.T) {
	const heard = `{"process_instance_id":"i"}`
	for name, last := range map[string][]eventlog.Record{
		"the workflow":     {event(3, "process_paused", `{"process_instance_id":"i","workflow_id":"w"}`)},
		"the start":        {event(3, "process_started", heard)},
		"the initiator":    {event(3, "process_started", heard), event(4, "process_started", `{"process_instance_id":"i","initiator":"me"}`)},
		"the end":          {event(3, "process_failed", heard)},
		"the active steps": {event(3, "step_completed", `{"process_instance_id":"i","step_id":"a","next_steps":["b"]}`)},
	} {
		m := open(t, t.TempDir())
		m.apply(event(1, "step_started", `{"process_instance_id":"i","step_id":"a"}`), event(2, "process_paused", heard))
		m.apply(last...)
		m.commit()
		m.check()
		if t.Failed() {
			t.Fatalf("after a change of %s", name)
		}
	}
}

// TestOrderOfStarts lists processes that started before and after 1970.
func TestOrderOfStarts(t *testing.T) {
	m := open(t, t.TempDir())
	for i, year := range []string{"1971", "1969", "1960", "2100"} {
		m.apply(record(eventlog.Seq(i+1), "event.workflow.process_started", fmt.Appendf(nil,
			`{"event_type":"process_started","timestamp":"%s-01-01T00:00:00Z","payload":{"process_instance_id":"p%s"}}`, year, year)))
	}
	m.commit()
	var got []string
	a := m.ask("workflow.list_active_processes", projection.Request{})
	for _, p := range a.Data.([]workflowmodel.Process) {
		got = append(got, p.ProcessInstanceID)
	}
	if diff := cmp.Diff([]string{"p1960", "p1969", "p1971", "p2100"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// TestAnyHistory holds the tables against the state in memory after any history, committed anywhere.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		history := drawHistory(rt)
		m := open(t, t.TempDir())
		defer m.close()
		for _, r := range history {
			m.apply(r)
			if rapid.IntRange(0, 4).Draw(rt, "commit") == 0 {
				m.commit()
			}
		}
		m.commit()
		m.check()
		want := inMemory(t, history)
		m.view(func(v *projection.View) {
			got := workflowmodel.Rows(v)
			if diff := cmp.Diff(want.Lines(), got.Lines()); diff != "" {
				rt.Fatalf("rows (-in memory +stored):\n%s", diff)
			}
			if diff := cmp.Diff(want.Anomalies, got.Anomalies); diff != "" {
				rt.Fatalf("anomalies (-in memory +stored):\n%s", diff)
			}
			active(rt, t, v, want)
		})
		if t.Failed() {
			rt.Fatal("a check failed")
		}
	})
}

// active holds every list of active processes against all processes that are in memory.
func active(rt *rapid.T, t *testing.T, v *projection.View, s *workflowtest.State) {
	for _, workflowID := range append(workflowIDs, "") {
		for _, actor := range []string{"", "u1"} {
			want := 0
			for _, p := range s.Processes() {
				if !p.Status.Ended() && (workflowID == "" || p.WorkflowID == workflowID) &&
					(actor == "" || p.Initiator != nil && *p.Initiator == actor) {
					want++
				}
			}
			params := fmt.Sprintf(`{"workflow_id":%q,"actor":%q}`, workflowID, actor)
			params = strings.ReplaceAll(params, `""`, `null`)
			a, err := query(t, v, "workflow.list_active_processes").Answer(t.Context(), v, projection.Request{
				Params: eventlog.Value(params), Limit: 1000,
			})
			if err != nil || a.Total != want || len(a.Data.([]workflowmodel.Process)) != want {
				rt.Fatalf("%s: %d active processes, %v; want %d", params, a.Total, err, want)
			}
		}
	}
}
