package workflowmodel_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/workflowmodel"
)

// busy stores a process with a start and this many steps after it.
func busy(t testing.TB, steps int) *models {
	t.Helper()
	m := open(t, t.TempDir())
	m.apply(event(1, "process_started", `{"process_instance_id":"busy","workflow_id":"w"}`))
	for i := range steps {
		m.step(i)
	}
	m.commit()
	return m
}

func (m *models) step(i int) {
	m.t.Helper()
	m.apply(event(i+2, "step_completed", fmt.Sprintf(
		`{"process_instance_id":"busy","step_id":"s%06d","next_steps":[],"execution_time_ms":18446744073709551615}`, i)))
}

// TestBounds asks for just as much as an answer may hold, and for one more.
func TestBounds(t *testing.T) {
	const most = workflowmodel.MaxParts
	m := busy(t, most-1)
	ask := func(params string) *projection.QueryError {
		return m.ask("workflow.get_process_status", projection.Request{Params: eventlog.Value(params)}).Error
	}
	const history = `{"process_instance_ids":["busy"],"include_history":true}`
	const metrics = `{"process_instance_ids":["busy"],"include_metrics":true}`
	if err := ask(history); err != nil {
		t.Errorf("a history of %d events: %v", most, err)
	}
	m.step(most)
	m.commit()
	if err := ask(history); err == nil || err.Code != projection.TooLarge {
		t.Errorf("a history of one more: %+v, want %s", err, projection.TooLarge)
	}
	if err := ask(metrics); err != nil {
		t.Errorf("metrics of %d steps: %v", most, err)
	}
	m.step(most + 1)
	m.commit()
	if err := ask(metrics); err == nil || err.Code != projection.TooLarge {
		t.Errorf("metrics of one more: %+v, want %s", err, projection.TooLarge)
	}
	if got := m.ask("workflow.get_step_history", projection.Request{
		Params: eventlog.Value(`{"process_instance_id":"busy"}`), Offset: most - 1, Limit: 5,
	}); got.Error != nil || *got.Total != most+1 || len(got.Data.([]workflowmodel.HistoryEntry)) != 2 {
		t.Errorf("the last page of a long history: %+v", got)
	}
}

// TestSumsDoNotOverflow adds up times that no number holds.
func TestSumsDoNotOverflow(t *testing.T) {
	m := busy(t, 2)
	m.apply(event(9, "step_failed", `{"process_instance_id":"busy","step_id":"s000000","execution_time_ms":2}`))
	m.commit()
	got := m.ask("workflow.get_process_status", projection.Request{
		Params: eventlog.Value(`{"process_instance_ids":["busy"],"include_metrics":true}`),
	})
	if got.Error != nil {
		t.Fatal(got.Error)
	}
	sums := got.Data.([]workflowmodel.Process)[0].Metrics
	if total, step := sums.ExecutionTimeMS, sums.Steps[0].ExecutionTimeMS; total != 1<<64-1 || step != 1<<64-1 {
		t.Errorf("the sums are %d, and %d of one step", total, step)
	}
}

// TestPages puts the pages of the active processes together and finds every process once, by start and then by id.
func TestPages(t *testing.T) {
	const processes, limit = 60, 7
	m := open(t, t.TempDir())
	var want []string
	for i := range processes {
		id := fmt.Sprintf("p%03d", processes-i)
		kind := "process_started"
		if i >= processes-5 {
			kind = "process_paused" // of an unknown start: they come last, by id
		}
		m.apply(event(i+1, kind, fmt.Sprintf(`{"process_instance_id":%q,"workflow_id":"w","initiator":"me"}`, id)))
		want = append(want, id)
	}
	for i, j := processes-5, processes-1; i < j; i, j = i+1, j-1 {
		want[i], want[j] = want[j], want[i]
	}
	m.commit()
	for params, n := range map[string]int{
		`{}`: processes, `{"workflow_id":"w"}`: processes, `{"actor":"me"}`: processes - 5,
		`{"workflow_id":"w","actor":"me"}`: processes - 5, `{"started_after":0}`: processes - 5,
	} {
		var ids []string
		for offset := 0; offset < processes+limit; offset += limit {
			got := m.ask("workflow.list_active_processes", projection.Request{Params: eventlog.Value(params), Offset: offset, Limit: limit})
			if got.Error != nil || *got.Total != n {
				t.Fatalf("%s at %d: %+v, want a total of %d", params, offset, got, n)
			}
			for _, p := range got.Data.([]workflowmodel.Process) {
				ids = append(ids, p.ProcessInstanceID)
			}
		}
		if fmt.Sprint(ids) != fmt.Sprint(want[:n]) {
			t.Errorf("%s: the pages hold %q, want %q", params, ids, want[:n])
		}
	}
}

// TestEndedQuestions asks with a context that is over.
func TestEndedQuestions(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life(t)...)
	m.commit()
	why := errors.New("the asker went away")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for subject, params := range map[string]string{
		"workflow.get_process_status":    `{"process_instance_ids":["proc-1"],"include_history":true}`,
		"workflow.list_active_processes": `{}`,
		"workflow.get_definition":        `{"workflow_id":"wf-review"}`,
		"workflow.get_step_history":      `{"process_instance_id":"proc-1"}`,
	} {
		m.view(func(v *projection.View) {
			_, err := query(t, v, subject).Answer(ctx, v, projection.Request{Params: eventlog.Value(params), Limit: 50})
			if !errors.Is(err, why) {
				t.Errorf("%s answered %v, want the reason why it was ended", subject, err)
			}
		})
	}
}

// TestOwner asks to whom events belong, decoded and not.
func TestOwner(t *testing.T) {
	p := workflowmodel.New()
	for _, c := range []struct{ kind, payload, want string }{
		{"step_started", `{"process_instance_id":"i","workflow_id":"w","step_id":"s"}`, "i"},
		{"step_started", `{"workflow_id":"w","step_id":"s"}`, "w"},
		{"step_started", `{"step_id":"s"}`, ""},
		{"step_started", `{"process_instance_id":"i"}`, "i"}, // refused by Decode, and belongs all the same
		{"task_assigned", `{"workflow_id":"random","step_id":"s","assigned_to":"me"}`, ""},
		{"step_added", `{"workflow_id":"w","step_id":"s"}`, "w"},
		{"unheard_of", `{"workflow_id":"w"}`, ""},
	} {
		r := event(1, c.kind, c.payload)
		e, err := eventlog.Decode(&r)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := p.(projection.Decoder).Decode(&e)
		owned := p.(projection.Owned)
		if got := owned.Owner(&projection.Event{Event: &e, Decoded: decoded}); got != c.want {
			t.Errorf("%s %s (%v) belongs to %q, want %q", c.kind, c.payload, err, got, c.want)
		}
		if got := owned.Owner(&projection.Event{Event: &e}); got != c.want {
			t.Errorf("%s %s, not decoded, belongs to %q, want %q", c.kind, c.payload, got, c.want)
		}
	}
}
