package agentmodel_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/agentmodel"
)

// busy gives an agent n tasks and collaborations.
func (m *models) busy(from, to int) {
	m.t.Helper()
	for i := from; i < to; i++ {
		m.apply(
			event(2*i+1, fact{"agent.task_assigned", "a", fmt.Sprintf(`{"agent_id":"a","task_id":"t%06d"}`, i)}),
			event(2*i+2, fact{"agent.collaboration_initiated", "", fmt.Sprintf(
				`{"collaboration_id":"c%06d","participating_agents":["a"]}`, i)}),
		)
	}
	m.commit()
}

// TestBounds asks for just as much as an answer may hold, and for one more.
func TestBounds(t *testing.T) {
	const most = agentmodel.MaxBeside
	m := open(t, t.TempDir())
	m.busy(0, most)
	questions := []string{
		`{"agent_id":"a","include_tasks":true,"include_collaborations":false}`,
		`{"agent_id":"a"}`,
	}
	for _, params := range questions {
		if got := m.ask("agent.get_status", projection.Request{Params: eventlog.Value(params)}); got.Error != nil {
			t.Errorf("%s with %d: %v", params, most, got.Error)
		}
	}
	m.busy(most, most+1)
	for _, params := range questions {
		got := m.ask("agent.get_status", projection.Request{Params: eventlog.Value(params)})
		if got.Error == nil || got.Error.Code != projection.TooLarge {
			t.Errorf("%s with one more: %+v, want %s", params, got.Error, projection.TooLarge)
		}
	}
	got := m.ask("agent.get_status", projection.Request{
		Params: eventlog.Value(`{"agent_id":"a","include_collaborations":false}`),
	})
	if got.Error != nil {
		t.Errorf("the agent alone: %v", got.Error)
	}
}

// crowd stores n agents that can all do the same, each with a task.
func crowd(t testing.TB, n int) *models {
	t.Helper()
	m := open(t, t.TempDir())
	for i := range n {
		m.apply(
			event(3*i+1, fact{"agent.registered", "", fmt.Sprintf(`{"agent_id":"a%06d","capabilities":["x",{"y":%d}]}`, i, i%2)}),
			event(3*i+2, fact{"agent.task_assigned", "", fmt.Sprintf(`{"agent_id":"a%06d","task_id":"t"}`, i)}),
			event(3*i+3, fact{"system.node_joined", "", fmt.Sprintf(`{"node_id":"n%06d"}`, i)}),
		)
	}
	m.commit()
	return m
}

// TestPages puts the pages of every list together and finds everything once, in order.
func TestPages(t *testing.T) {
	const agents, limit = 100, 7
	m := crowd(t, agents)
	m.busy(1000, 1000+agents)
	for _, c := range []struct {
		subject, params, id string
		want                func(i int) string
		total               int
	}{
		{"agent.list", `{"status":"registered"}`, "agent_id", numbered("a%06d"), agents},
		{"agent.list", `{"capability":"x"}`, "agent_id", numbered("a%06d"), agents},
		{"agent.find_capable", `{"capabilities":["y","x"]}`, "agent_id", numbered("a%06d"), agents},
		{"agent.find_capable", `{"capabilities":[{"y":1}]}`, "agent_id", odd("a%06d"), agents / 2},
		{"agent.list_active_tasks", `{}`, "agent_id", func(i int) string {
			if i < agents {
				return "a"
			}
			return fmt.Sprintf("a%06d", i-agents)
		}, 2 * agents},
		{"agent.list_active_tasks", `{"agent_id":"a"}`, "task_id", later("t%06d"), agents},
		{"agent.list_collaborations", `{"agent_id":"a"}`, "collaboration_id", later("c%06d"), agents},
		{"agent.list_collaborations", `{}`, "collaboration_id", later("c%06d"), agents},
		{"system.list_nodes", `{}`, "node_id", numbered("n%06d"), agents},
	} {
		var ids []string
		for offset := 0; offset < c.total+limit; offset += limit {
			ids = append(ids, page(t, m, c.subject, c.params, c.id, offset, limit, c.total)...)
		}
		if len(ids) != c.total {
			t.Errorf("%s %s: %d on all pages, want %d", c.subject, c.params, len(ids), c.total)
		}
		for i, id := range ids {
			if id != c.want(i) {
				t.Fatalf("%s %s: item %d is %s, want %s", c.subject, c.params, i, id, c.want(i))
			}
		}
	}
}

func numbered(format string) func(int) string {
	return func(i int) string { return fmt.Sprintf(format, i) }
}

func later(format string) func(int) string {
	return func(i int) string { return fmt.Sprintf(format, 1000+i) }
}

func odd(format string) func(int) string {
	return func(i int) string { return fmt.Sprintf(format, 2*i+1) }
}

// page returns the ids on one page, and expects a total.
func page(t *testing.T, m *models, subject, params, id string, offset, limit, total int) (ids []string) {
	t.Helper()
	got := m.ask(subject, projection.Request{Params: eventlog.Value(params), Offset: offset, Limit: limit})
	if got.Error != nil || *got.Total != total {
		t.Fatalf("%s %s at %d: %+v, want a total of %d", subject, params, offset, got, total)
	}
	var items []map[string]any
	if err := json.Unmarshal([]byte(text(t, got.Data)), &items); err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		ids = append(ids, item[id].(string))
	}
	return ids
}

// TestQuestionsEndWithTheirContext asks with a context that has ended.
func TestQuestionsEndWithTheirContext(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life()...)
	m.commit()
	why := errors.New("the asker went away")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for subject, params := range map[string]string{
		"agent.get_status": `{"agent_id":"curator"}`, "agent.list": `{}`, "agent.find_capable": `{"capabilities":["cluster"]}`,
		"agent.list_active_tasks": `{}`, "agent.list_collaborations": `{"agent_id":"curator"}`, "system.list_nodes": `{}`,
		"system.list_thresholds": `{}`,
	} {
		m.view(func(v *projection.View) {
			_, err := query(t, v, subject).Answer(ctx, v, projection.Request{Params: eventlog.Value(params), Limit: 50})
			if !errors.Is(err, why) {
				t.Errorf("%s answered %v, want the reason why it was ended", subject, err)
			}
		})
	}
}

// TestFoldedMetrics asks for thresholds where there are more than have a row.
func TestFoldedMetrics(t *testing.T) {
	m := open(t, t.TempDir())
	for i := range 1003 {
		m.apply(event(i+1, fact{"system.performance_threshold_exceeded", "", fmt.Sprintf(
			`{"metric_name":"m%04d","current_value":1,"threshold_value":1}`, i)}))
		if i%100 == 0 {
			m.commit()
		}
	}
	m.commit()
	got := m.ask("system.list_thresholds", projection.Request{Limit: 2})
	if got.Error != nil || *got.Total != 1001 {
		t.Fatalf("%+v", got)
	}
	first := got.Data.([]agentmodel.Threshold)[0]
	if !first.Folded || first.Count != 3 || first.MetricName != nil || first.CurrentValue != nil {
		t.Errorf("the first is %+v, want three folded ones", first)
	}
}

// TestDocumentsVectors asks what the document's own events lead to.
func TestDocumentsVectors(t *testing.T) {
	raw, err := os.ReadFile("../../aggregate/agent/testdata/docs.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	m := open(t, t.TempDir())
	seq := eventlog.Seq(0)
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		var line struct {
			Subject string
			Message json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		seq++
		m.apply(eventlog.Record{Seq: seq, Time: eventlog.Time(seq), Subject: line.Subject, Body: line.Message})
	}
	m.commit()
	got := m.ask("agent.get_status", projection.Request{
		Params: eventlog.Value(`{"agent_id":"agent-1","include_tasks":true}`),
	}).Data.(agentmodel.AgentStatus)
	if len(got.Tasks) != 1 || got.Tasks[0].TaskID != "task-1" || got.Tasks[0].Deadline.Unix() != 1737630000 {
		t.Errorf("tasks %+v", got.Tasks)
	}
	if !slices.Equal(got.Collaborations, []string{"collab-1"}) || text(t, got.Capabilities) != "[\n  \"cluster\"\n]\n" {
		t.Errorf("collaborations %v, capabilities %s", got.Collaborations, got.Capabilities)
	}
	for subject, want := range map[string]int{"agent.list": 1, "system.list_nodes": 1, "system.list_thresholds": 1} {
		if diff := cmp.Diff(want, *m.ask(subject, projection.Request{}).Total); diff != "" {
			t.Errorf("%s (-want +got):\n%s", subject, diff)
		}
	}
}
