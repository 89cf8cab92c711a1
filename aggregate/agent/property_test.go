package agent_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestRandomHistories applies histories over few ids, so that everything collides, and checks after every event:
// counts are the rows'; no row that was put was changed; and a state that applies every event twice has the same
// rows, counters apart. At the end the rows are what the history as a whole says, and a second run has the same rows
// and anomalies.
func TestRandomHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		history := rapid.SliceOfN(steps, 1, 60).Draw(rt, "history")
		var once, twice, again agenttest.State
		for i, s := range history {
			e := s.event(t, i)
			apply(t, &once, e)
			apply(t, &twice, e)
			apply(t, &twice, e)
			if err := once.Check(); err != nil {
				rt.Fatalf("after event %d, %v: %v", i, s.fact(), err)
			}
			if diff := cmp.Diff(uncounted(once.Lines()), uncounted(twice.Lines())); diff != "" {
				rt.Fatalf("rows after event %d, %v (-once +twice):\n%s", i, s.fact(), diff)
			}
		}
		if diff := cmp.Diff(expected(history), found(&once)); diff != "" {
			rt.Fatalf("rows (-expected +got):\n%s", diff)
		}
		for i, s := range history {
			apply(t, &again, s.event(t, i))
		}
		if diff := cmp.Diff(once.Lines(), again.Lines()); diff != "" {
			rt.Fatalf("rows of two runs:\n%s", diff)
		}
		if diff := cmp.Diff(once.Anomalies, again.Anomalies); diff != "" {
			rt.Fatalf("anomalies of two runs:\n%s", diff)
		}
	})
}

func (s step) event(t testing.TB, at int) *eventlog.Event {
	t.Helper()
	e := event(t, s.fact(), eventlog.Time(at+1))
	e.AggregateID = s.envelope
	return e
}

// uncounted drops the counters of activity and metrics from lines.
func uncounted(lines []string) []string {
	var out []string
	for _, l := range lines {
		before, rest, counted := strings.Cut(l, " Activity={")
		if counted {
			_, rest, _ = strings.Cut(rest, "}")
		} else if before, rest, counted = strings.Cut(l, " Count="); counted {
			_, rest, _ = strings.Cut(rest, " ")
		}
		out = append(out, before+rest)
	}
	return out
}
