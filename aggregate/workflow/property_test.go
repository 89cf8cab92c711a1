package workflow_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/aggregate/workflow/workflowtest"
)

// TestRandomHistories applies histories over few ids, so that everything collides, and checks after every event: the rows are the
// oracle's; the state is whole; no row that was put was changed; and a state that applies every event twice has the same rows.
// At the end, a second run has the same rows and anomalies.
func TestRandomHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		history := rapid.SliceOfN(steps, 1, 50).Draw(rt, "history")
		var once, twice, again workflowtest.State
		want := newOracle()
		for i, s := range history {
			want.apply(s)
			e := event(t, s.fact(), i+1)
			apply(t, &once, e)
			apply(t, &twice, e)
			apply(t, &twice, e)
			if err := once.Check(); err != nil {
				rt.Fatalf("after event %d, %v: %v", i, s.fact(), err)
			}
			if diff := cmp.Diff(want.lines(), summary(&once)); diff != "" {
				rt.Fatalf("rows after event %d, %v (-oracle +got):\n%s", i, s.fact(), diff)
			}
			if diff := cmp.Diff(once.Lines(), twice.Lines()); diff != "" {
				rt.Fatalf("rows after event %d, %v (-once +twice):\n%s", i, s.fact(), diff)
			}
		}
		for i, s := range history {
			apply(t, &again, event(t, s.fact(), i+1))
		}
		if diff := cmp.Diff(once.Lines(), again.Lines()); diff != "" {
			rt.Fatalf("rows of two runs:\n%s", diff)
		}
		if diff := cmp.Diff(once.Anomalies, again.Anomalies); diff != "" {
			rt.Fatalf("anomalies of two runs:\n%s", diff)
		}
	})
}

// summary says of a state what the oracle knows, too.
func summary(s *workflowtest.State) []string {
	var out []string
	for _, p := range s.Processes() {
		state, executed := "", "-"
		if p.CurrentState != nil {
			state = *p.CurrentState
		}
		if p.StepsExecuted != nil {
			executed = strconv.FormatUint(*p.StepsExecuted, 10)
		}
		completion := ""
		if p.CompletionStatus != nil {
			completion, _ = p.CompletionStatus.Text()
		}
		out = append(out, fmt.Sprintf("process %s of %s %s started=%v active=%q state=%s completion=%s executed=%s events=%d",
			p.InstanceID, p.WorkflowID, p.Status, p.Started, p.ActiveSteps, state, completion, executed, p.Events))
	}
	for _, d := range s.Definitions() {
		metadata := map[string]int{}
		for key, v := range d.Metadata {
			metadata[key], _ = strconv.Atoi(string(v))
		}
		out = append(out, fmt.Sprintf("workflow %s known=%v metadata=%v", d.ID, d.Known, metadata))
	}
	for _, one := range s.Steps() {
		out = append(out, fmt.Sprintf("step %s/%s %q", one.WorkflowID, one.ID, one.Dependencies))
	}
	slices.Sort(out)
	return out
}
