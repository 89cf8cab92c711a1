package agentmodel_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

var update = flag.Bool("update", false, "write the answers under testdata anew")

// questions are asked after the life of some agents; testdata/answers holds what each must be answered with.
var questions = []struct {
	name, subject, params string
	offset, limit         int
}{
	{name: "status", subject: "agent.get_status", params: `{"agent_id":"curator"}`},
	{name: "status-with-tasks", subject: "agent.get_status",
		params: `{"agent_id":{"id":"curator"},"include_tasks":true,"include_collaborations":false,"surplus":[]}`},
	{name: "status-suspended", subject: "agent.get_status", params: `{"agent_id":"deployed"}`},
	{name: "status-deregistered", subject: "agent.get_status", params: `{"agent_id":"gone","include_tasks":true}`},
	{name: "status-placeholder", subject: "agent.get_status", params: `{"agent_id":"placeholder"}`},
	{name: "status-participant", subject: "agent.get_status", params: `{"agent_id":"stranger"}`},
	{name: "status-without-id", subject: "agent.get_status"},
	{name: "status-wrong-id", subject: "agent.get_status", params: `{"agent_id":7}`},
	{name: "status-empty-id", subject: "agent.get_status", params: `{"agent_id":""}`},
	{name: "status-wrong-flag", subject: "agent.get_status", params: `{"agent_id":"curator","include_tasks":"yes"}`},
	{name: "parameters-wrong", subject: "agent.get_status", params: `[1]`},

	{name: "list-page", subject: "agent.list", offset: 2, limit: 1},
	{name: "list-behind-the-end", subject: "agent.list", params: `{}`, offset: 9, limit: 1},
	{name: "list-by-status", subject: "agent.list", params: `{"status":"deregistered","capability":null}`},
	{name: "list-by-capability", subject: "agent.list", params: `{"capability":{"Rank":{"depth": 3}}}`},
	{name: "list-by-both", subject: "agent.list", params: `{"capability":"cluster","status":"unknown"}`},
	{name: "list-by-nothing-known", subject: "agent.list", params: `{"capability":"levitate"}`},
	{name: "list-wrong-status", subject: "agent.list", params: `{"status":"asleep"}`},
	{name: "list-wrong-capability", subject: "agent.list", params: `{"capability":""}`},

	{name: "capable", subject: "agent.find_capable", params: `{"capabilities":["cluster"]}`},
	{name: "capable-of-all", subject: "agent.find_capable", params: `{"capabilities":["Rank",7,"cluster"]}`},
	{name: "capable-page", subject: "agent.find_capable", params: `{"capabilities":["cluster"]}`, offset: 1, limit: 1},
	{name: "capable-deregistered", subject: "agent.find_capable",
		params: `{"capabilities":["cluster"],"status":"deregistered"}`},
	{name: "capable-other-content", subject: "agent.find_capable", params: `{"capabilities":[{"Rank":{"depth":4}}]}`},
	{name: "capable-of-nothing", subject: "agent.find_capable", params: `{"capabilities":[ ]}`},
	{name: "capable-unasked", subject: "agent.find_capable"},
	{name: "capable-wrong", subject: "agent.find_capable", params: `{"capabilities":["cluster",null]}`},
	{name: "capable-no-list", subject: "agent.find_capable", params: `{"capabilities":"cluster"}`},

	{name: "tasks", subject: "agent.list_active_tasks"},
	{name: "tasks-page", subject: "agent.list_active_tasks", params: `{}`, offset: 1, limit: 1},
	{name: "tasks-of-agent", subject: "agent.list_active_tasks", params: `{"agent_id":"curator"}`},
	{name: "tasks-of-agent-behind-the-end", subject: "agent.list_active_tasks", params: `{"agent_id":"curator"}`, offset: 1},
	{name: "tasks-of-nobody", subject: "agent.list_active_tasks", params: `{"agent_id":"nobody"}`},
	{name: "tasks-wrong-id", subject: "agent.list_active_tasks", params: `{"agent_id":[]}`},

	{name: "collaborations", subject: "agent.list_collaborations"},
	{name: "collaborations-of-agent", subject: "agent.list_collaborations",
		params: `{"agent_id":"curator"}`, offset: 1, limit: 1},
	{name: "collaborations-of-participant", subject: "agent.list_collaborations", params: `{"agent_id":"stranger"}`},
	{name: "collaborations-wrong-id", subject: "agent.list_collaborations", params: `{"agent_id":1}`},

	{name: "nodes", subject: "system.list_nodes"},
	{name: "nodes-page", subject: "system.list_nodes", params: `{}`, offset: 1, limit: 1},
	{name: "thresholds", subject: "system.list_thresholds"},
	{name: "thresholds-page", subject: "system.list_thresholds", params: `{}`, limit: 1},
}

func TestAnswers(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life()...)
	m.commit()
	m.check()
	for _, q := range questions {
		t.Run(q.name, func(t *testing.T) {
			got := text(t, m.ask(q.subject, projection.Request{
				Params: eventlog.Value(q.params), Offset: q.offset, Limit: q.limit,
			}))
			wantFile(t, filepath.Join("testdata", "answers", q.name+".json"), got)
		})
	}
}

func wantFile(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestEveryAnswerIsAskedFor keeps files of questions that are gone from staying.
func TestEveryAnswerIsAskedFor(t *testing.T) {
	asked := map[string]bool{}
	for _, q := range questions {
		asked[q.name] = true
	}
	files, err := filepath.Glob("testdata/answers/*.json")
	if err != nil || len(files) != len(questions) {
		t.Errorf("%d files for %d questions, %v", len(files), len(questions), err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".json"); !asked[name] {
			t.Errorf("%s belongs to no question", f)
		}
	}
}
