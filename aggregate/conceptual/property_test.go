package conceptual_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual/conceptualtest"
)

// TestRandomHistories applies histories over few ids, so that everything collides, and checks after every event:
// the rows are the oracle's; counts are the rows'; no row that was put was changed. At the end, a second run has
// the same rows and anomalies.
func TestRandomHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		history := rapid.SliceOfN(steps, 1, 50).Draw(rt, "history")
		var once, again conceptualtest.State
		want := newOracle()
		for i, s := range history {
			want.apply(s)
			apply(t, &once, event(t, s.fact(), i+1))
			if err := once.Check(); err != nil {
				rt.Fatalf("after event %d, %v: %v", i, s.fact(), err)
			}
			if diff := cmp.Diff(want.lines(), plainly(&once)); diff != "" {
				rt.Fatalf("rows after event %d, %v (-oracle +got):\n%s", i, s.fact(), diff)
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

// TestTwiceIsOnce applies each event twice, and expects the rows of applying it once.
func TestTwiceIsOnce(t *testing.T) {
	var once, twice conceptualtest.State
	for i, f := range everyEvent {
		e := event(t, f, i+1)
		apply(t, &once, e)
		apply(t, &twice, e)
		apply(t, &twice, e)
		if diff := cmp.Diff(once.Lines(), twice.Lines()); diff != "" {
			t.Errorf("rows after %s (-once +twice):\n%s", f.kind, diff)
		}
	}
}

// plainly is the state as the oracle says it.
func plainly(s *conceptualtest.State) []string {
	var out []string
	for _, p := range s.Spaces() {
		var dimensions []oracleDimension
		for _, d := range p.Dimensions {
			one := oracleDimension{name: d.Name, weight: *d.Weight}
			if d.Range != nil {
				one.end = d.Range.End
			}
			dimensions = append(dimensions, one)
		}
		text := "mentioned"
		if p.Known {
			text = *p.Name
		}
		out = append(out, "space "+p.ID+" "+fmt.Sprint(text, p.ConceptCount, len(dimensions), dimensions))
	}
	for _, e := range s.Embeddings() {
		v, _ := s.Vector(e.EntityID, e.Model)
		out = append(out, fmt.Sprint("embedding ", [2]string{e.EntityID, e.Model}, v.Floats()))
	}
	for _, m := range s.Stale() {
		out = append(out, fmt.Sprint("stale ", [2]string{m.SpaceID, m.EntityID}))
	}
	for _, p := range s.Similarities() {
		out = append(out, fmt.Sprint("similarity ", [3]string{p.A, p.B, p.Kind}, p.Score))
	}
	for _, c := range s.Categories() {
		members := c.Members
		if c.Listed {
			members = append([]string{""}, members...)
		}
		out = append(out, fmt.Sprint("category ", c.ID, c.Listed, strings.Join(members, " ")))
	}
	return plainConcepts(s, out)
}

func plainConcepts(s *conceptualtest.State, out []string) []string {
	for _, c := range s.Concepts() {
		properties := map[string]string{}
		for name, v := range c.Properties {
			properties[name] = string(v)
		}
		out = append(out, fmt.Sprint("concept ", c.ID, c.Known, properties))
	}
	for _, p := range s.Placements() {
		out = append(out, fmt.Sprint("placement ", [2]string{p.SpaceID, p.ConceptID}, p.Point.Coordinates))
	}
	for _, r := range s.Relations() {
		out = append(out, fmt.Sprint("relation ", [2]string{r.Source, r.Target}, *r.Strength))
	}
	slices.Sort(out)
	return out
}
