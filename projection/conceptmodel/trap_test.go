package conceptmodel_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// TestTrap77RegionsHoldTheirMembersAlone gives a category regions without boundaries, with one that shuts its own member
// out, and none: what belongs to it is what its list says. The region is kept as received.
func TestTrap77RegionsHoldTheirMembersAlone(t *testing.T) {
	for _, region := range []string{`{"boundaries":[]}`, `{"boundaries":[{"normal":[1.0,0.0],"offset":-99.0}]}`, `{}`} {
		m := open(t, t.TempDir())
		m.apply(
			event(1, "embedding_calculated", `{"entity_id":"a","embedding_vector":[1,0]}`),
			event(2, "embedding_calculated", `{"entity_id":"b","embedding_vector":[1,0.1]}`),
			event(3, "embedding_calculated", `{"entity_id":"c","embedding_vector":[1,0.2]}`),
			event(4, "category_formed", fmt.Sprintf(`{"category_id":"k","member_entities":["a"],"convex_region":%s}`, region)),
		)
		m.commit()
		if got := similarIn(t, m, "c", "k"); !slices.Equal(got, []string{"a"}) {
			t.Errorf("%s: %q are in the category, want a alone", region, got)
		}
		m.apply(event(5, "category_formed", `{"category_id":"k","member_entities":["b"]}`))
		m.commit()
		if got := similarIn(t, m, "c", "k"); !slices.Equal(got, []string{"b"}) {
			t.Errorf("%s: %q are in the category later, want b alone", region, got)
		}
		if got := text(t, m.ask(getCategories, projection.Request{}).Data); !holdsRegion(t, got, region) {
			t.Errorf("the region is not %s in %s", region, got)
		}
	}
}

// similarIn returns what is similar to an entity and in a category.
func similarIn(t *testing.T, m *models, target, category string) []string {
	t.Helper()
	params := fmt.Sprintf(`{"target_concept":%q,"filter_criteria":[{"ByCategory":%q}]}`, target, category)
	var rows []struct {
		ID string `json:"entity_id"`
	}
	got := m.ask(findSimilar, projection.Request{Params: eventlog.Value(params)})
	if err := json.Unmarshal([]byte(text(t, got.Data)), &rows); err != nil || got.Error != nil {
		t.Fatalf("%v, %v in %s", got.Error, err, text(t, got))
	}
	var out []string
	for _, row := range rows {
		out = append(out, row.ID)
	}
	return out
}

func holdsRegion(t *testing.T, categories, region string) bool {
	t.Helper()
	var rows []struct {
		Region json.RawMessage `json:"convex_region"`
	}
	if err := json.Unmarshal([]byte(categories), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%v in %s", err, categories)
	}
	var got, want any
	if json.Unmarshal(rows[0].Region, &got) != nil || json.Unmarshal([]byte(region), &want) != nil {
		return false
	}
	return fmt.Sprint(got) == fmt.Sprint(want)
}

// TestTrap85OneNameManyCategories asks by the name of several categories, one of which is in another space, and of one whose id is
// another's name.
func TestTrap85OneNameManyCategories(t *testing.T) {
	m := open(t, t.TempDir())
	for i, p := range []struct{ kind, payload string }{
		{"embedding_calculated", `{"entity_id":"a","embedding_vector":[1,0]}`},
		{"embedding_calculated", `{"entity_id":"b","embedding_vector":[1,0.1]}`},
		{"embedding_calculated", `{"entity_id":"c","embedding_vector":[1,0.2]}`},
		{"embedding_calculated", `{"entity_id":"d","embedding_vector":[1,0.3]}`},
		{"embedding_calculated", `{"entity_id":"e","embedding_vector":[1,0.4]}`},
		{"category_formed", `{"category_id":"k1","category_name":"Same","member_entities":["d","b"],"space_id":"s"}`},
		{"category_formed", `{"category_id":"k2","category_name":"Same","member_entities":["b","c"]}`},
		{"category_formed", `{"category_id":"k3","category_name":"Same","member_entities":["e"],"space_id":"other"}`},
		{"category_formed", `{"category_id":"Id","category_name":"X","member_entities":["c"]}`},
		{"category_formed", `{"category_id":"k4","category_name":"Id","member_entities":["b"]}`},
		{"space_recalibrated", `{"space_id":"s","dimension_changes":[]}`},
	} {
		m.apply(event(i+1, p.kind, p.payload))
	}
	m.commit()
	for category, want := range map[string][]string{"Same": {"b", "c", "d", "e"}, "Id": {"c"}, "k1": {"b", "d"}} {
		if got := similarIn(t, m, "a", category); !slices.Equal(got, want) {
			t.Errorf("in %s: %q, want %q", category, got, want)
		}
	}
	got := m.similar(`{"target_concept":"a","space_id":"s","filter_criteria":{"ByCategory":"Same"}}`)
	if _, other := got["e"]; other || len(got) != 3 {
		t.Errorf("of that name in the space: %v, want b, c and d", got)
	}
}
