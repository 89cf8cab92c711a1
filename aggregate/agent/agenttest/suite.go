package agenttest

import (
	"math"
	"reflect"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestState runs a state through what agent.State promises. open returns an empty one, which need not be closed by the
// suite; it is called once a case.
func TestState(t *testing.T, open func(t *testing.T) agent.State) {
	t.Helper()
	for _, c := range stateCases {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

var stateCases = []struct {
	name string
	run  func(t *testing.T, s agent.State)
}{
	{"nothing is found in an empty state", emptyState},
	{"a row is returned as it was put", rowsReturn},
	{"a row that is put again replaces the first", rowsReplace},
	{"the same id is another row in each table", tablesAreApart},
	{"the same task of two agents is two rows", tasksAreApart},
	{"metrics with a name are counted once", metricsCounted},
	{"ids may hold any character", hostileIDs},
	{"an anomaly changes no row", anomalyApart},
}

func emptyState(t *testing.T, s agent.State) {
	found := map[string]bool{}
	_, found["Agent"] = s.Agent("a")
	_, found["Task"] = s.Task("a", "t")
	_, found["Collaboration"] = s.Collaboration("c")
	_, found["Node"] = s.Node("n")
	_, found["Metric"] = s.Metric("m")
	_, found["the folded Metric"] = s.Metric("")
	for name, ok := range found {
		if ok {
			t.Errorf("%s finds a row", name)
		}
	}
	if n := s.Metrics(); n != 0 {
		t.Errorf("Metrics = %d", n)
	}
}

func rowsReturn(t *testing.T, s agent.State) {
	s.PutAgent(fullAgent())
	s.PutTask(fullTask())
	s.PutCollaboration(fullCollaboration())
	s.PutNode(fullNode())
	s.PutMetric(fullMetric())
	wantRow(t, fullAgent())(s.Agent("a"))
	wantRow(t, fullTask())(s.Task("a", "t"))
	wantRow(t, fullCollaboration())(s.Collaboration("c"))
	wantRow(t, fullNode())(s.Node("n"))
	wantRow(t, fullMetric())(s.Metric("m"))
}

func rowsReplace(t *testing.T, s agent.State) {
	rowsReturn(t, s)
	a, task := &agent.Agent{ID: "a", Status: agent.Unknown}, &agent.Task{AgentID: "a", ID: "t", Status: agent.Completed}
	c, n, m := &agent.Collaboration{ID: "c", Participants: []string{"z"}}, &agent.Node{ID: "n"}, &agent.Metric{Name: "m"}
	s.PutAgent(a)
	s.PutTask(task)
	s.PutCollaboration(c)
	s.PutNode(n)
	s.PutMetric(m)
	wantRow(t, a)(s.Agent("a"))
	wantRow(t, task)(s.Task("a", "t"))
	wantRow(t, c)(s.Collaboration("c"))
	wantRow(t, n)(s.Node("n"))
	wantRow(t, m)(s.Metric("m"))
}

func tablesAreApart(t *testing.T, s agent.State) {
	s.PutAgent(&agent.Agent{ID: "x", Kind: "agent"})
	s.PutCollaboration(&agent.Collaboration{ID: "x", Kind: "collaboration"})
	s.PutNode(&agent.Node{ID: "x", Kind: "node"})
	s.PutMetric(&agent.Metric{Name: "x", Source: "metric"})
	wantRow(t, &agent.Agent{ID: "x", Kind: "agent"})(s.Agent("x"))
	wantRow(t, &agent.Collaboration{ID: "x", Kind: "collaboration"})(s.Collaboration("x"))
	wantRow(t, &agent.Node{ID: "x", Kind: "node"})(s.Node("x"))
	wantRow(t, &agent.Metric{Name: "x", Source: "metric"})(s.Metric("x"))
}

func tasksAreApart(t *testing.T, s agent.State) {
	for _, id := range []string{"a", "b"} {
		s.PutTask(&agent.Task{AgentID: id, ID: "t", Kind: id, Status: agent.Assigned})
	}
	for _, id := range []string{"a", "b"} {
		wantRow(t, &agent.Task{AgentID: id, ID: "t", Kind: id, Status: agent.Assigned})(s.Task(id, "t"))
	}
}

func metricsCounted(t *testing.T, s agent.State) {
	for i, c := range []struct {
		name string
		want uint64
	}{{"m", 1}, {"m", 1}, {"", 1}, {"n", 2}, {"", 2}, {"m", 2}} {
		s.PutMetric(&agent.Metric{Name: c.name, Count: uint64(i)}) //nolint:gosec // an index
		if got := s.Metrics(); got != c.want {
			t.Errorf("Metrics = %d after row %d, want %d", got, i, c.want)
		}
	}
}

func hostileIDs(t *testing.T, s agent.State) {
	ids := []string{"a", "a\x00", "a\x00b", "a/b", "a.b", "\x00", "ä", "\U0010ffff", "a b"}
	for _, x := range ids {
		s.PutAgent(&agent.Agent{ID: x, Kind: x})
		s.PutNode(&agent.Node{ID: x, Kind: x})
		for _, y := range ids {
			s.PutTask(&agent.Task{AgentID: x, ID: y, Kind: x + "|" + y, Status: agent.Assigned})
		}
	}
	for _, x := range ids {
		wantRow(t, &agent.Agent{ID: x, Kind: x})(s.Agent(x))
		wantRow(t, &agent.Node{ID: x, Kind: x})(s.Node(x))
		for _, y := range ids {
			wantRow(t, &agent.Task{AgentID: x, ID: y, Kind: x + "|" + y, Status: agent.Assigned})(s.Task(x, y))
		}
	}
}

func anomalyApart(t *testing.T, s agent.State) {
	s.Anomaly(agent.UnknownAgent, "a")
	emptyState(t, s)
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

func fullAgent() *agent.Agent {
	return &agent.Agent{
		ID: "a", Known: true, Type: eventlog.Value(`{"Custom":"x"}`), Kind: "Custom", Name: new("name"), Description: new(""),
		PersonID: new("p"),
		Capabilities: []agent.Capability{
			{Content: eventlog.Value(`7`)}, {Name: "embed"}, {Name: "rank", Content: eventlog.Value(`null`)},
		},
		CommunicationPatterns: []eventlog.Value{eventlog.Value(`"RequestReply"`), eventlog.Value(`null`)},
		ResourceRequirements:  eventlog.Value(`{}`), PerformanceMetrics: eventlog.Value(`{"p99":1e400}`),
		Status: agent.Suspended, StatusSince: -3, StatusReason: eventlog.Value(`"why"`),
		ModelConfig:          eventlog.Value(`{"k":[1.0]}`),
		ModelConfigurationID: new("mc"), SystemPrompt: eventlog.Value(`"be kind"`), ActiveTasks: 1<<64 - 1, CompletedTasks: 2,
		Activity: agent.Activity{
			Conversations: 1, MessagesSent: 2, ChunksReceived: 3, ResponsesCompleted: 4, ResponsesFailed: 5,
			Tokens: math.MaxUint64, LastAt: 6,
		},
		RegisteredAt: 1, UpdatedAt: 1<<63 - 1,
	}
}

func fullTask() *agent.Task {
	return &agent.Task{
		AgentID: "a", ID: "t", Type: eventlog.Value(`"Categorize"`), Kind: "Categorize",
		Parameters: map[string]eventlog.Value{"": eventlog.Value(`18446744073709551615`), "k": eventlog.Value(`null`)},
		Priority:   eventlog.Value(`3`), Deadline: new(eventlog.Time(0)), Assigner: new("user"), Status: agent.Assigned,
		AssignedAt: 1, CompletedAt: 2,
	}
}

func fullCollaboration() *agent.Collaboration {
	return &agent.Collaboration{
		ID: "c", Type: eventlog.Value(`"PeerReview"`), Kind: "PeerReview", Participants: []string{"a", "b"},
		SharedContext:       map[string]eventlog.Value{"k": eventlog.Value(`[]`)},
		CoordinationPattern: eventlog.Value(`"RoundRobin"`), InitiatedAt: 1, UpdatedAt: 2,
	}
}

func fullNode() *agent.Node {
	return &agent.Node{
		ID: "n", Type: eventlog.Value(`"Leaf"`), Kind: "Leaf", Capabilities: []agent.Capability{{Name: "storage"}},
		Capacity: eventlog.Value(`{"cpu":8}`), Address: new("10.0.0.5:4222"), FirstJoinedAt: 1, JoinedAt: 2,
	}
}

func fullMetric() *agent.Metric {
	return &agent.Metric{
		Name: "m", Count: 3, Source: "n", CurrentValue: new(75.5), ThresholdValue: new(math.Copysign(0, -1)),
		Severity: eventlog.Value(`"Warning"`), AffectedComponents: []eventlog.Value{eventlog.Value(`"GraphSummary"`)},
		RecommendedActions: []eventlog.Value{eventlog.Value(`"scale out"`)}, LastAt: 4,
	}
}
