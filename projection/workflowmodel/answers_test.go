package workflowmodel_test

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

// questions are asked after the life of some processes; testdata/answers holds what each must be answered with.
var questions = []struct {
	name, subject, params string
	offset, limit         int
}{
	{name: "status", subject: "workflow.get_process_status", params: `{"process_instance_ids":["proc-1"]}`},
	{name: "status-of-many", subject: "workflow.get_process_status",
		params: `{"process_instance_ids":["proc-4",{"id":"proc-2"},"wf-review","order-77","proc-3","proc-2"]}`},
	{name: "status-second-page", subject: "workflow.get_process_status",
		params: `{"process_instance_ids":["nobody","proc-3","nobody"]}`, offset: 1, limit: 1},
	{name: "status-with-history", subject: "workflow.get_process_status",
		params: `{"process_instance_ids":["proc-1"],"include_history":true,"include_metrics":false}`},
	{name: "status-with-metrics", subject: "workflow.get_process_status",
		params: `{"process_instance_ids":["proc-1","proc-2"],"include_metrics":true}`},
	{name: "status-with-both", subject: "workflow.get_process_status",
		params: `{"process_instance_ids":["order-77"],"include_history":true,"include_metrics":true}`},
	{name: "status-of-none", subject: "workflow.get_process_status", params: `{"process_instance_ids":[]}`},
	{name: "status-unknown", subject: "workflow.get_process_status", params: `{"process_instance_ids":["proc-1","no","nobody"]}`},
	{name: "status-without-ids", subject: "workflow.get_process_status"},
	{name: "status-wrong-id", subject: "workflow.get_process_status", params: `{"process_instance_ids":["proc-1",7]}`},
	{name: "status-wrong-flag", subject: "workflow.get_process_status",
		params: `{"process_instance_ids":["proc-1"],"include_history":"yes"}`},
	{name: "parameters-wrong", subject: "workflow.get_process_status", params: `[1]`},

	{name: "active", subject: "workflow.list_active_processes"},
	{name: "active-page", subject: "workflow.list_active_processes", params: `{}`, offset: 1, limit: 1},
	{name: "active-of-workflow", subject: "workflow.list_active_processes", params: `{"workflow_id":"wf-loan"}`},
	{name: "active-of-actor", subject: "workflow.list_active_processes", params: `{"actor":"user-7"}`},
	{name: "active-of-both", subject: "workflow.list_active_processes", params: `{"workflow_id":"wf-loan","actor":"user-1"}`},
	{name: "active-after", subject: "workflow.list_active_processes",
		params: `{"started_after":{"secs_since_epoch":1737626501,"nanos_since_epoch":123456789}}`},
	{name: "active-not-before", subject: "workflow.list_active_processes",
		params: `{"started_after":"2025-01-23T10:01:41.123456788Z","workflow_id":"wf-loan"}`},
	{name: "active-of-nobody", subject: "workflow.list_active_processes", params: `{"actor":"nobody"}`},
	{name: "active-wrong-time", subject: "workflow.list_active_processes", params: `{"started_after":"yesterday"}`},
	{name: "active-wrong-actor", subject: "workflow.list_active_processes", params: `{"actor":""}`},

	{name: "definition", subject: "workflow.get_definition", params: `{"workflow_id":"wf-review"}`},
	{name: "definition-of-states", subject: "workflow.get_definition", params: `{"workflow_id":{"id":"wf-order"}}`},
	{name: "definition-placeholder", subject: "workflow.get_definition", params: `{"workflow_id":"wf-late"}`},
	{name: "definition-unknown", subject: "workflow.get_definition", params: `{"workflow_id":"wf-loan"}`},
	{name: "definition-without-id", subject: "workflow.get_definition", params: `{}`},

	{name: "history", subject: "workflow.get_step_history", params: `{"process_instance_id":"proc-2"}`},
	{name: "history-of-step", subject: "workflow.get_step_history",
		params: `{"process_instance_id":"proc-1","step_id":"step-intake"}`},
	{name: "history-of-decision", subject: "workflow.get_step_history",
		params: `{"process_instance_id":"proc-1","step_id":"step-decide"}`},
	{name: "history-page", subject: "workflow.get_step_history", params: `{"process_instance_id":"proc-2"}`, offset: 2, limit: 1},
	{name: "history-of-unknown", subject: "workflow.get_step_history", params: `{"process_instance_id":"nobody"}`},
	{name: "history-without-id", subject: "workflow.get_step_history", params: `{"step_id":"a"}`},
}

func TestAnswers(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life(t)...)
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
