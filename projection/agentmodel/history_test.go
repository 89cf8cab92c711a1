package agentmodel_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/agentmodel"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

// TestLife looks at what became of every event of the life of some agents.
func TestLife(t *testing.T) {
	m := open(t, t.TempDir())
	m.apply(life()...)
	m.apply(event(100, fact{"graph.node_joined", "g", `{"node_id":"n"}`}))
	broken := event(101, fact{"agent.registered", "a", `{}`})
	broken.Body = []byte(`no JSON`)
	m.apply(broken)
	m.commit()
	m.check()
	m.view(func(v *projection.View) {
		want := projection.Counts{Applied: 24, OtherSubject: 1, UnknownType: 1, Undecodable: 1, DeadLetters: 1, Anomalies: 3}
		if got := v.Counts(); got != want {
			t.Errorf("Counts = %+v, want %+v", got, want)
		}
		v.Letters("", func(l *projection.Letter) bool {
			if l.Seq != 25 || l.Code != eventlog.CodeWrongType || l.Field != "payload.task_id" || l.AggregateID != "curator" {
				t.Errorf("letter %+v", l)
			}
			return true
		})
		if diff := cmp.Diff(inMemory(t, life()).Lines(), agentmodel.Rows(v).Lines()); diff != "" {
			t.Errorf("rows (-in memory +stored):\n%s", diff)
		}
		anomalies := []agenttest.Record{
			{Code: agent.UnknownAgent, Subject: "stranger"}, {Code: agent.UnknownAgent, Subject: "placeholder"},
			{Code: agent.ValueNotFinite, Subject: "cpu"},
		}
		if diff := cmp.Diff(anomalies, agentmodel.Rows(v).Anomalies); diff != "" {
			t.Errorf("anomalies (-want +got):\n%s", diff)
		}
	})
}

// TestReopen goes on in another process's store after every event.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	for _, r := range life() {
		m := open(t, dir)
		m.apply(r)
		m.commit()
		m.check()
		m.close()
	}
	m := open(t, dir)
	m.view(func(v *projection.View) {
		if diff := cmp.Diff(inMemory(t, life()).Lines(), agentmodel.Rows(v).Lines()); diff != "" {
			t.Errorf("rows (-in memory +stored):\n%s", diff)
		}
	})
}

// inMemory folds a history into the plainest state that there is.
func inMemory(t testing.TB, history []eventlog.Record) *agenttest.State {
	t.Helper()
	s := &agenttest.State{}
	for i := range history {
		e, err := eventlog.Decode(&history[i])
		if err != nil {
			continue
		}
		if change, refused := agent.Decode(&e); refused == nil {
			agent.Apply(s, &e, change)
		}
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return s
}

// ids are few, so that events meet each other.
var (
	agentIDs = []string{"a", "b", "a\x00"}
	taskIDs  = []string{"t", "u", "t\x00a"}
	words    = []string{"x", "y", "z", "x\x00"}
)

// templates are events: %[1]s and %[2]s are agents, %[3]s is a task, %[4]s and %[5]s are capabilities, %[6]d is a
// number.
var templates = []struct{ subject, payload string }{
	{"agent.registered", `{"agent_id":%[1]s,"name":"n%[6]d","capabilities":[%[4]s,{"x":%[6]d}]}`},
	{"agent.registered", `{"agent_id":%[1]s,"agent_type":{"T":%[6]d}}`},
	{"agent.deregistered", `{"agent_id":%[1]s,"reason":%[6]d}`},
	{"agent.capability_updated", `{"agent_id":%[1]s,"added_capabilities":[%[4]s,%[6]d],"removed_capabilities":[%[5]s]}`},
	{"agent.capability_updated", `{"agent_id":%[1]s,"removed_capabilities":[%[4]s,{"x":%[6]d}]}`},
	{"agent.model_configured", `{"agent_id":%[1]s,"config":%[6]d}`},
	{"agent.agent_activated", `{"agent_id":%[1]s}`},
	{"agent.agent_suspended", `{"agent_id":%[1]s,"reason":%[6]d}`},
	{"agent.message_sent", `{"agent_id":%[1]s}`},
	{"agent.task_assigned", `{"agent_id":%[1]s,"task_id":%[3]s,"priority":%[6]d,"task_parameters":{"k%[6]d":1}}`},
	{"agent.task_assigned", `{"agent_id":%[2]s,"task_id":%[3]s}`},
	{"agent.task_completed", `{"agent_id":%[1]s,"task_id":%[3]s}`},
	{"agent.collaboration_initiated", `{"collaboration_id":%[3]s,"participating_agents":[%[1]s,%[2]s]}`},
	{"agent.collaboration_initiated", `{"collaboration_id":%[3]s,"participating_agents":[%[1]s]}`},
	{"agent.collaboration_initiated", `{"collaboration_id":%[3]s}`},
	{"system.node_joined", `{"node_id":%[1]s,"capabilities":[%[4]s,%[5]s]}`},
	{"system.performance_threshold_exceeded", `{"metric_name":%[4]s,"current_value":%[6]d.5,"threshold_value":null}`},
	{"agent.task_completed", `{"agent_id":%[1]s}`},
	{"agent.unheard_of", `{"agent_id":%[1]s}`},
}

func drawHistory(t *rapid.T) []eventlog.Record {
	quoted := func(ids []string) string {
		return strings.ReplaceAll(fmt.Sprintf("%q", rapid.SampledFrom(ids).Draw(t, "id")), `\x00`, `\u0000`)
	}
	n := rapid.IntRange(1, 60).Draw(t, "events")
	out := make([]eventlog.Record, n)
	for i := range out {
		p := rapid.SampledFrom(templates).Draw(t, "event")
		payload := fmt.Sprintf(p.payload+"%.0[1]s%.0[2]s%.0[3]s%.0[4]s%.0[5]s%.0[6]s", quoted(agentIDs), quoted(agentIDs),
			quoted(taskIDs), quoted(words), quoted(words), rapid.IntRange(0, 3).Draw(t, "number"))
		out[i] = event(i+1, fact{p.subject, rapid.SampledFrom([]string{"", "a"}).Draw(t, "aggregate"), payload})
	}
	return out
}

// TestLaws folds random histories in every way that must not make a difference.
func TestLaws(t *testing.T) {
	projectiontest.Laws(t, agentmodel.New(), rapid.Custom(drawHistory))
}

// TestAnyHistory holds the tables against the state in memory after some histories, committed anywhere. Every store
// costs the disk more than its history does, so there are fewer than rapid would draw.
func TestAnyHistory(t *testing.T) {
	histories := rapid.Custom(drawHistory)
	for seed := range 25 {
		history := histories.Example(seed)
		m := open(t, t.TempDir())
		for i, r := range history {
			m.apply(r)
			if (i+seed)%7 == 0 {
				m.commit()
			}
		}
		m.commit()
		m.check()
		want := inMemory(t, history)
		m.view(func(v *projection.View) {
			got := agentmodel.Rows(v)
			if diff := cmp.Diff(want.Lines(), got.Lines()); diff != "" {
				t.Errorf("rows of seed %d (-in memory +stored):\n%s", seed, diff)
			}
			if diff := cmp.Diff(want.Anomalies, got.Anomalies); diff != "" {
				t.Errorf("anomalies of seed %d (-in memory +stored):\n%s", seed, diff)
			}
		})
		m.close()
	}
}

// TestOwner asks to whom events belong, decoded and not.
func TestOwner(t *testing.T) {
	p := agentmodel.New()
	for _, c := range []struct{ subject, payload, want string }{
		{"agent.registered", `{"agent_id":"a"}`, "a"},
		{"agent.message_sent", `{}`, "envelope"},
		{"agent.task_assigned", `{"agent_id":"a"}`, "a"}, // refused by Decode, and belongs all the same
		{"agent.collaboration_initiated", `{"collaboration_id":"c","participating_agents":["a"]}`, "c"},
		{"system.node_joined", `{"node_id":"n"}`, "n"},
		{"system.performance_threshold_exceeded", `{"metric_name":"m"}`, agent.ThresholdOwner},
		{"agent.unheard_of", `{"agent_id":"a"}`, ""},
	} {
		r := event(1, fact{c.subject, "envelope", c.payload})
		e, err := eventlog.Decode(&r)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := p.(projection.Decoder).Decode(&e)
		owned := p.(projection.Owned)
		if got := owned.Owner(&projection.Event{Event: &e, Decoded: decoded}); got != c.want {
			t.Errorf("%s %s (%v) belongs to %q, want %q", c.subject, c.payload, err, got, c.want)
		}
		if got := owned.Owner(&projection.Event{Event: &e}); got != c.want {
			t.Errorf("%s %s, not decoded, belongs to %q, want %q", c.subject, c.payload, got, c.want)
		}
	}
}
