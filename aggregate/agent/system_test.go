package agent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestNodeJoined(t *testing.T) {
	full := fact{"node_joined", `{"node_id":"n","node_type":"Leaf","capabilities":["z","storage","z"],
		"resource_capacity":{"cpu": 8},"network_address":"10.0.0.5:4222"}`}
	runAll(t, []scenario{
		{
			name: "all attributes are kept", when: []fact{full},
			then: []string{`node n Type="Leaf" Kind=Leaf Capabilities=[storage,z] Capacity={"cpu":8} Address=10.0.0.5:4222 ` +
				`FirstJoinedAt=1 JoinedAt=1`},
		},
		{
			name: "a restart overwrites them", given: []fact{full},
			when: []fact{{"node_joined", `{"node_id":{"value":"n"},"joined_at":"1970-01-01T00:00:00.000000042Z"}`}},
			then: []string{"node n FirstJoinedAt=1 JoinedAt=42"}, anomalies: record(agent.DuplicateNode, "n"),
		},
	})
}

func TestThresholdExceeded(t *testing.T) {
	full := everyEvent[len(everyEvent)-1]
	const attributes = `CurrentValue=75.5 ThresholdValue=60 Severity="Warning" AffectedComponents=["G"] ` +
		`RecommendedActions=["scale out"]`
	runAll(t, []scenario{
		{
			name: "one row a metric", when: []fact{full, {"performance_threshold_exceeded",
				`{"metric_name":"cpu","current_value":-1e300,"threshold_value":0}`}},
			then: []string{"metric cpu Count=1 CurrentValue=-1e+300 ThresholdValue=0 LastAt=2",
				"metric lag Count=1 " + attributes + " LastAt=1"},
		},
		{
			name: "with the last of them, whole", given: []fact{full, full},
			when: []fact{{"performance_threshold_exceeded", `{"metric_name":"lag","current_value":1,"threshold_value":0.1}`}},
			then: []string{"metric lag Count=3 CurrentValue=1 ThresholdValue=0.1 LastAt=3"},
		},
	})
}

// TestMetricsAreBounded sends metrics of more names than have rows.
func TestMetricsAreBounded(t *testing.T) {
	var s agenttest.State
	exceed := func(name string, at int) {
		f := fact{"performance_threshold_exceeded", fmt.Sprintf(`{"metric_name":%q,"current_value":1,"threshold_value":1}`, name)}
		apply(t, &s, event(t, f, eventlog.Time(at)))
	}
	long := strings.Repeat("x", agent.MaxMetricBytes+1)
	exceed(long, 1)
	exceed(long[1:], 2)
	for i := range agent.MaxMetrics {
		exceed(fmt.Sprint("m", i), i+3)
	}
	exceed("late", 5000)
	exceed("m0", 5001)
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if n := s.Metrics(); n != agent.MaxMetrics {
		t.Errorf("%d metrics have rows, want %d", n, agent.MaxMetrics)
	}
	for name, want := range map[string]agent.Metric{
		"": {Count: 3, LastAt: 5000},
		"m0": {
			Name: "m0", Count: 2, CurrentValue: new(1.0), ThresholdValue: new(1.0), LastAt: 5001,
		},
	} {
		if got, ok := s.Metric(name); !ok || !cmp.Equal(want, *got) {
			t.Errorf("metric %q is %+v, want %+v", name, got, want)
		}
	}
	for _, name := range []string{long, "late", fmt.Sprint("m", agent.MaxMetrics-1)} {
		if _, ok := s.Metric(name); ok {
			t.Errorf("metric %q has a row of its own", name)
		}
	}
}
