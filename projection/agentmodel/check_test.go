package agentmodel_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/agentmodel"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

var key = projection.MakeKey

// TestCheckFinds proves that Check is not blind.
func TestCheckFinds(t *testing.T) {
	newAgent := func(change func(a *agent.Agent)) func(d *agentmodel.Damage) {
		return func(d *agentmodel.Damage) {
			a := &agent.Agent{ID: "new", Status: agent.Active}
			change(a)
			d.PutAgent(key("new"), a)
		}
	}
	for _, c := range []struct {
		name, want string
		do         func(d *agentmodel.Damage)
	}{
		{"an agent under another key", `agent "gone" stands under the key`, func(d *agentmodel.Damage) {
			d.PutAgent(key("new"), &agent.Agent{ID: "gone", Status: agent.Active})
		}},
		{"an agent without a status", `agent "new" has the status ""`, newAgent(func(a *agent.Agent) { a.Status = "" })},
		{"capabilities that are not sorted", `the capabilities of agent "new" are no set`, newAgent(func(a *agent.Agent) {
			a.Capabilities = []agent.Capability{{Name: "y"}, {Name: "x"}}
		})},
		{"an empty list that is stored", `agent "new" has an empty list`, newAgent(func(a *agent.Agent) {
			a.CommunicationPatterns = []eventlog.Value{}
		})},
		{"a capability that is not indexed", `agent "new" is not found by its capability "x"`, newAgent(func(a *agent.Agent) {
			a.Capabilities = []agent.Capability{{Name: "x"}}
		})},
		{"a capability whose entry is gone", `agent "curator" is not found by its capability "cluster"`,
			func(d *agentmodel.Damage) { d.Index("capability", false, key("cluster", "curator")) }},
		{"an entry of a capability that was removed", `agent "curator" is found by the capability "embed"`,
			func(d *agentmodel.Damage) { d.Index("capability", true, key("embed", "curator")) }},
		{"an entry of an agent that is not there", `agent "nobody" is found by the capability "embed"`,
			func(d *agentmodel.Damage) { d.Index("capability", true, key("embed", "nobody")) }},
		{"an entry under half a key", "an entry of the index capability stands under the key",
			func(d *agentmodel.Damage) { d.Index("capability", true, key("embed")) }},
		{"an entry under too long a key", "an entry of the index active task stands under the key",
			func(d *agentmodel.Damage) { d.Index("active_task", true, key("curator", "task-1", "x")) }},

		{"tasks that are counted and not there", `agent "new" counts 1 active and 0 completed tasks and has none`,
			newAgent(func(a *agent.Agent) { a.ActiveTasks = 1 })},
		{"a task that is counted and gone", `agent "curator" counts 1 active and 1 completed tasks and has 1 and 0`,
			func(d *agentmodel.Damage) { d.DeleteTask(key("curator", "task-2")) }},
		{"a task that is not counted", `agent "curator" counts 1 active and 1 completed tasks and has 1 and 2`,
			func(d *agentmodel.Damage) {
				d.PutTask(key("curator", "task-3"), &agent.Task{AgentID: "curator", ID: "task-3", Status: agent.Completed})
			}},
		{"a task of an agent that is not there", `1 tasks belong to agent "deployed", which has no row`,
			func(d *agentmodel.Damage) { d.DeleteAgent(key("deployed")) }},
		{"a task under another key", `task "task-1" of agent "curator" stands under the key`, func(d *agentmodel.Damage) {
			d.PutTask(key("curator", "task-0"), &agent.Task{AgentID: "curator", ID: "task-1", Status: agent.Assigned})
		}},
		{"a task without a status", `task "task-2" of agent "curator" has the status ""`, func(d *agentmodel.Damage) {
			d.PutTask(key("curator", "task-2"), &agent.Task{AgentID: "curator", ID: "task-2"})
		}},
		{"an empty object that is stored", `task "task-2" of agent "curator" has an empty object`, func(d *agentmodel.Damage) {
			d.PutTask(key("curator", "task-2"), &agent.Task{
				AgentID: "curator", ID: "task-2", Status: agent.Completed, Parameters: map[string]eventlog.Value{},
			})
		}},
		{"an active task that is not indexed",
			`task "task-1" of agent "curator" is assigned, and found among the active ones: false`,
			func(d *agentmodel.Damage) { d.Index("active_task", false, key("curator", "task-1")) }},
		{"a completed task that is", `task "task-2" of agent "curator" is completed, and found among the active ones: true`,
			func(d *agentmodel.Damage) { d.Index("active_task", true, key("curator", "task-2")) }},
		{"an active task that is not there", `task "task-9" of agent "curator" is found among the active ones, and is none`,
			func(d *agentmodel.Damage) { d.Index("active_task", true, key("curator", "task-9")) }},

		{"a collaboration under another key", `collaboration "collab-1" stands under the key`, func(d *agentmodel.Damage) {
			d.PutCollaboration(key("collab-3"), &agent.Collaboration{ID: "collab-1"})
		}},
		{"a participant that is there twice", `the participants of collaboration "collab-2" are no set`,
			func(d *agentmodel.Damage) {
				d.PutCollaboration(key("collab-2"), &agent.Collaboration{ID: "collab-2", Participants: []string{"a", "a"}})
			}},
		{"an empty context that is stored", `collaboration "collab-3" has an empty object`, func(d *agentmodel.Damage) {
			d.PutCollaboration(key("collab-3"), &agent.Collaboration{ID: "collab-3", SharedContext: map[string]eventlog.Value{}})
		}},
		{"a participant whose entry is gone", `collaboration "collab-1" is not found by its participant "stranger"`,
			func(d *agentmodel.Damage) { d.Index("collaborator", false, key("stranger", "collab-1")) }},
		{"an entry of somebody who takes no part", `collaboration "collab-1" is found by agent "gone"`,
			func(d *agentmodel.Damage) { d.Index("collaborator", true, key("gone", "collab-1")) }},

		{"a node under another key", `node "sysnode-1" stands under the key`,
			func(d *agentmodel.Damage) { d.PutNode(key("sysnode-3"), &agent.Node{ID: "sysnode-1"}) }},
		{"capabilities of a node that are no set", `the capabilities of node "sysnode-1" are no set`, func(d *agentmodel.Damage) {
			d.PutNode(key("sysnode-1"), &agent.Node{ID: "sysnode-1", Capabilities: []agent.Capability{}})
		}},
		{"a metric under another key", `metric "cpu" stands under the key`,
			func(d *agentmodel.Damage) { d.PutMetric(key("gpu"), &agent.Metric{Name: "cpu"}) }},
		{"a metric that is not counted", `3 metrics have rows, 2 are counted`,
			func(d *agentmodel.Damage) { d.PutMetric(key("gpu"), &agent.Metric{Name: "gpu"}) }},
		{"metrics that are counted and not there", `2 metrics have rows, 7 are counted`,
			func(d *agentmodel.Damage) { d.Metrics(7) }},
		{"an empty list of a metric", `metric "cpu" has an empty list`, func(d *agentmodel.Damage) {
			d.PutMetric(key("cpu"), &agent.Metric{Name: "cpu", RecommendedActions: []eventlog.Value{}})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := problems(t, c.do); !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("Check = %q, want a sentence with %q", got, c.want)
			}
		})
	}
	for name, do := range map[string]func(d *agentmodel.Damage){
		"undamaged":                     func(*agentmodel.Damage) {},
		"an entry that is there anyway": func(d *agentmodel.Damage) { d.Index("capability", true, key("Rank", "curator")) },
		"the folded metric":             func(d *agentmodel.Damage) { d.PutMetric(key(""), &agent.Metric{Count: 1}) },
	} {
		if got := problems(t, do); got != nil {
			t.Errorf("%s: Check = %q, want nothing", name, got)
		}
	}
}

func TestCheckEnds(t *testing.T) {
	for _, table := range []string{"capability", "active_task", "collaborator"} {
		got := problems(t, func(d *agentmodel.Damage) {
			for i := range 3 * agentmodel.MaxProblems {
				d.Index(table, true, key("x", fmt.Sprint(i)))
			}
		})
		if len(got) != agentmodel.MaxProblems {
			t.Errorf("%d problems with %s, want %d", len(got), table, agentmodel.MaxProblems)
		}
	}
}

// problems is what Check says after the life of some agents and some damage.
func problems(t *testing.T, do func(d *agentmodel.Damage)) []string {
	t.Helper()
	store, err := projection.Open(projection.Config{
		Dir: t.TempDir(), Worker: "test", Projections: []projection.Projection{agentmodel.NewDamaged(do)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	projectiontest.Commit(t, store.GroupOf(agentmodel.Name), append(life(), event(100, fact{"agent.damage", "x", `{}`}))...)
	v, err := store.View(agentmodel.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	return v.Check()
}
