package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestRandomHistories applies histories over few ids, so that everything collides, and checks after every event:
// the rows are the oracle's; counts and adjacency are the rows'; no row that was put was changed; and a state that
// applies every event twice has the same rows. At the end, a second run has the same rows and anomalies.
func TestRandomHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		history := rapid.SliceOfN(steps, 1, 60).Draw(rt, "history")
		var once, twice, again graphtest.State
		want := newOracle()
		for i, s := range history {
			want.apply(s, i+1)
			e := s.event(t, i)
			apply(t, &once, e)
			apply(t, &twice, e)
			apply(t, &twice, e)
			if err := once.Check(); err != nil {
				rt.Fatalf("after event %d, %v: %v", i, s.fact(), err)
			}
			if diff := cmp.Diff(want.lines(), timeless(once.Lines())); diff != "" {
				rt.Fatalf("rows after event %d, %v (-oracle +got):\n%s", i, s.fact(), diff)
			}
			if diff := cmp.Diff(once.Lines(), twice.Lines()); diff != "" {
				rt.Fatalf("rows after event %d, %v (-once +twice):\n%s", i, s.fact(), diff)
			}
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

// TestRandomComponentUpdates does the same for lists of component updates.
func TestRandomComponentUpdates(t *testing.T) {
	data := rapid.SampledFrom([]string{`"V"`, `{"V":1}`, `{"L":{"t":1}}`, `17`, `{"a":1,"b":2}`, `"M"`})
	types := rapid.SampledFrom([]string{`"V"`, `"L"`, `"M"`, `"a"`})
	update := rapid.Custom(func(t *rapid.T) string {
		d, typ := data.Draw(t, "data"), types.Draw(t, "type")
		return rapid.SampledFrom([]string{
			`{"Add":` + d + `}`,
			`{"Remove":` + typ + `}`,
			`{"Replace":{"component_type":` + typ + `,"new_data":` + d + `}}`,
			`{"Modify":{"component_type":` + typ + `,"changes":[` + d + `]}}`,
			`{"Other":` + d + `}`,
		}).Draw(t, "update")
	})
	rapid.Check(t, func(rt *rapid.T) {
		initial := strings.Join(rapid.SliceOfN(data, 0, 5).Draw(rt, "components"), ",")
		var once, twice graphtest.State
		for _, s := range []*graphtest.State{&once, &twice} {
			apply(t, s, event(t, fact{"node_created", `{"graph_id":"g","node_id":"a","components":[` + initial + `]}`}, 1))
		}
		for i, list := range rapid.SliceOfN(rapid.SliceOfN(update, 1, 4), 1, 8).Draw(rt, "updates") {
			e := event(t, updates(strings.Join(list, ",")), eventlog.Time(i+2))
			apply(t, &once, e)
			apply(t, &twice, e)
			apply(t, &twice, e)
			if err := once.Check(); err != nil {
				rt.Fatalf("after %s: %v", e.Payload, err)
			}
			if diff := cmp.Diff(once.Lines(), twice.Lines()); diff != "" {
				rt.Fatalf("rows after %s (-once +twice):\n%s", e.Payload, diff)
			}
			if n, _ := once.Node("g", "a"); len(n.Modifications) > graph.MaxModifications {
				rt.Fatalf("%d modifications", len(n.Modifications))
			}
		}
	})
}

func (s step) event(t testing.TB, at int) *eventlog.Event {
	t.Helper()
	e := event(t, s.fact(), eventlog.Time(at+1))
	e.AggregateID = s.envelope
	return e
}

// timeless drops the times of lines, and sorts them.
func timeless(lines []string) []string {
	var out []string
	for _, l := range lines {
		row, _, _ := strings.Cut(l, " @")
		out = append(out, row)
	}
	slices.Sort(out)
	return out
}
