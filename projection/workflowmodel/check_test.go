package workflowmodel_test

import (
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
	"github.com/thecowboyai/cim-projector/projection/workflowmodel"
)

var key = projection.MakeKey

// TestCheckFinds proves that Check is not blind.
func TestCheckFinds(t *testing.T) {
	for _, c := range []struct {
		name, want string
		do         func(d *workflowmodel.Damage)
	}{
		{"a process under another key", `process "other" stands under the key`, func(d *workflowmodel.Damage) {
			d.Process("proc-1", func(p *workflow.Process) { p.InstanceID = "other" })
		}},
		{"a process that counts another history", `process "proc-1" counts 7 events`, func(d *workflowmodel.Damage) {
			d.Process("proc-1", func(p *workflow.Process) { p.Events = 7 })
		}},
		{"a process that ends at another event", `up to 3 and has 6 up to 31`, func(d *workflowmodel.Damage) {
			d.Process("proc-1", func(p *workflow.Process) { p.LastSequence = 3 })
		}},
		{"a process without a history", `process "proc-3" counts 1 events and has none`, func(d *workflowmodel.Damage) {
			d.DeleteEntry("proc-3", 11)
		}},
		{"a history without a process", `belong to process "proc-3", which has no row`, func(d *workflowmodel.Damage) {
			d.DeleteProcess("proc-3")
		}},
		{"an event under another key", `event 3 of process "proc-1" stands under the key`, func(d *workflowmodel.Damage) {
			d.PutEntry(key("proc-1").Uint(99), &workflow.Entry{InstanceID: "proc-1", Sequence: 3})
		}},
		{"an empty list that is stored", `event 3 of process "proc-1" has an empty list`, func(d *workflowmodel.Damage) {
			d.PutEntry(key("proc-1").Uint(3), &workflow.Entry{InstanceID: "proc-1", Sequence: 3, NextSteps: []string{}})
		}},
		{"active steps of a process that has ended", `process "proc-1" is completed and has active steps`, func(d *workflowmodel.Damage) {
			d.Process("proc-1", func(p *workflow.Process) { p.ActiveSteps = []string{"a"} })
		}},
		{"active steps that are not sorted", `no sorted set`, func(d *workflowmodel.Damage) {
			d.Process("proc-2", func(p *workflow.Process) { p.ActiveSteps = []string{"step-score", "step-docs"} })
		}},
		{"no active steps that are stored", `no sorted set`, func(d *workflowmodel.Damage) {
			d.Process("proc-1", func(p *workflow.Process) { p.ActiveSteps = []string{} })
		}},
		{"running without a start", `process "proc-3" is running, though`, func(d *workflowmodel.Damage) {
			d.Process("proc-3", func(p *workflow.Process) { p.Status = workflow.Running })
		}},
		{"running with an end", `process "proc-2" is paused, and has ended at`, func(d *workflowmodel.Damage) {
			d.Process("proc-2", func(p *workflow.Process) { p.CompletedAt = 5 })
		}},
		{"an active step that is in no index", `process "proc-2" is not in an index`, func(d *workflowmodel.Damage) {
			d.Process("proc-2", func(p *workflow.Process) { p.ActiveSteps = []string{"step-docs", "step-score", "z"} })
		}},
		{"an active step that is in the index alone", `the index of active steps has process "proc-2"`, func(d *workflowmodel.Damage) {
			d.Place(workflowmodel.ByStep, key("z", "wf-loan", "proc-2"), "proc-2", true)
		}},
		{"no index of active processes", `process "order-77" is not in an index`, func(d *workflowmodel.Damage) { d.Displace(workflowmodel.Active) }},
		{"no index by workflow", `process "proc-1" is not in an index`, func(d *workflowmodel.Damage) { d.Displace(workflowmodel.ByWorkflow) }},
		{"no index by initiator", `process "proc-1" is not in an index`, func(d *workflowmodel.Damage) { d.Displace(workflowmodel.ByInitiator) }},
		{"no index by step", `process "proc-2" is not in an index`, func(d *workflowmodel.Damage) { d.Displace(workflowmodel.ByStep) }},
		{"an ended process among the active ones", `an index has process "proc-1"`, func(d *workflowmodel.Damage) {
			d.Place(workflowmodel.Active, key().Uint(1).Text("proc-1"), "proc-1", true)
		}},
		{"a process in an index that is gone", `an index has process "gone"`, func(d *workflowmodel.Damage) {
			d.Place(workflowmodel.ByInitiator, key("me").Uint(0).Uint(1).Text("gone"), "gone", true)
		}},
		{"a process in an index that says another start", `process "proc-3" is not in an index, or wrongly`, func(d *workflowmodel.Damage) {
			d.Place(workflowmodel.Active, key().Uint(1<<64-1).Text("proc-3"), "proc-3", true)
		}},
		{"a workflow under another key", `workflow "x" stands under the key`, func(d *workflowmodel.Damage) {
			d.PutDefinition(key("y"), &workflow.Definition{ID: "x"})
		}},
		{"an empty object that is stored", `workflow "x" has an empty object`, func(d *workflowmodel.Damage) {
			d.PutDefinition(key("x"), &workflow.Definition{ID: "x", Metadata: map[string]eventlog.Value{}})
		}},
		{"parts without their workflow", `step "draft" belongs to workflow "wf-review", which has no row`, func(d *workflowmodel.Damage) {
			d.DeleteDefinition("wf-review")
		}},
		{"a step that is in no index", `step "x" of workflow "wf-review" is not in the index`, func(d *workflowmodel.Damage) {
			d.PutStep(key("wf-review", "x"), &workflow.Step{WorkflowID: "wf-review", ID: "x"})
		}},
		{"a step whose index is gone", `step "draft" of workflow "wf-review" is not in the index`, func(d *workflowmodel.Damage) {
			d.DeleteDefiner("draft", "wf-review")
		}},
		{"a step that is in the index alone", `the index of steps has workflow "wf-review"`, func(d *workflowmodel.Damage) {
			d.DeleteStep(key("wf-review", "draft"))
		}},
		{"half a key in the index of steps", `the index of steps has workflow "wf-review"`, func(d *workflowmodel.Damage) {
			d.PutDefiner(key("draft"), "wf-review")
		}},
		{"a step under another key", `step "draft" of workflow "wf-review" stands under the key`, func(d *workflowmodel.Damage) {
			d.PutStep(key("wf-review", "x"), &workflow.Step{WorkflowID: "wf-review", ID: "draft"})
		}},
		{"dependencies that are not sorted", `step "draft" of workflow "wf-review" has dependencies`, func(d *workflowmodel.Damage) {
			d.PutStep(key("wf-review", "draft"), &workflow.Step{WorkflowID: "wf-review", ID: "draft", Dependencies: []string{"b", "a"}})
		}},
		{"a state under another key", `state "new" of workflow "wf-order" stands under the key`, func(d *workflowmodel.Damage) {
			d.PutState(key("wf-order", "x"), &workflow.MachineState{WorkflowID: "wf-order", ID: "new"})
		}},
		{"a link under another key", `link "a->b" of workflow "wf-order" stands under the key`, func(d *workflowmodel.Damage) {
			d.PutLink(key("wf-order", "x"), &workflow.Link{WorkflowID: "wf-order", Kind: workflow.Transition, From: "a", To: "b"})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := problems(t, c.do); !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("Check = %q, want a sentence with %q", got, c.want)
			}
		})
	}
	if got := problems(t, func(*workflowmodel.Damage) {}); got != nil {
		t.Errorf("undamaged: Check = %q, want nothing", got)
	}
}

func TestCheckEnds(t *testing.T) {
	got := problems(t, func(d *workflowmodel.Damage) {
		for i := range 3 * workflowmodel.MaxProblems {
			d.Place(workflowmodel.Active, key().Uint(uint64(i)).Text("gone"), "gone", true)
		}
	})
	if len(got) != workflowmodel.MaxProblems {
		t.Errorf("%d problems, want %d", len(got), workflowmodel.MaxProblems)
	}
}

// problems is what Check says after the life of some processes and some damage.
func problems(t *testing.T, do func(d *workflowmodel.Damage)) []string {
	t.Helper()
	store, err := projection.Open(projection.Config{
		Dir: t.TempDir(), Worker: "test", Projections: []projection.Projection{workflowmodel.NewDamaged(do)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	history := life(t)
	projectiontest.Commit(t, store.GroupOf(workflowmodel.Name), append(history, event(len(history)+1, "damage", `{}`))...)
	v, err := store.View(workflowmodel.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	return v.Check()
}
